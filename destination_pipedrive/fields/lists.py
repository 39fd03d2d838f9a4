"""Types whose value is a list of ids, and those that take any JSON."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from destination_pipedrive.fields.field import Field, FieldType, Reader
from destination_pipedrive.fields.names import id_of, option_id, user_id_of
from destination_pipedrive.fields.parsing import (
    ALIAS,
    BadValue,
    Lookups,
    Parts,
    first,
    from_json,
    identifier,
    is_nothing,
    listed,
    main,
    text,
)
from pipedrive_client.field_types import MANY_IDS
from pipedrive_client.normalization import text_key

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: Between the entries of a list in one text; the second only where each entry is known.
COMMA, SEMICOLON = ",", ";"


def labels_in(field: Field, value: Any) -> list[Any]:
    """The entries of a list of options, or of a text: labels that hold a comma stay whole."""
    if not isinstance(value, str):
        return [each for each in (value if isinstance(value, list) else [value]) if not is_nothing(each)]
    known = field.option_ids
    if text_key(value) in known:
        return [value]
    parsed = from_json(value)
    if not isinstance(parsed, str):
        return labels_in(field, parsed)
    by_semicolon = [each for each in value.split(SEMICOLON) if each.strip()]
    if len(by_semicolon) > 1 and all(text_key(each) in known for each in by_semicolon):
        return by_semicolon
    return _longest_labels(value.split(COMMA), known)


def _longest_labels(pieces: list[str], known: Mapping[str, Any]) -> list[str]:
    """Pieces between commas, those that make a known label together in one."""
    found, start = [], 0
    while start < len(pieces):
        ends = range(len(pieces), start + 1, -1)
        end = next((each for each in ends if text_key(COMMA.join(pieces[start:each])) in known), start + 1)
        found.append(COMMA.join(pieces[start:end]))
        start = end
    return [each for each in found if each.strip()]


def choices_in(field: Field, parts: Parts) -> list[str]:
    """The names in a list, or in a text with commas, each once; of a list that holds anything else none."""
    value = first(parts, "", ALIAS)
    found: dict[str, str] = {}
    try:
        for name in map(text, labels_in(field, value) if value is not None else ()):
            found.setdefault(text_key(name) or "", name)
    except BadValue:
        return []
    return list(found.values())


def merged_ids(current: Any, wanted: list[Any], merging: str) -> list[Any]:
    """The ids to write: those wanted, with those there or without them as ``merging`` says."""
    there = [id_of(each) for each in current] if isinstance(current, list) else []
    if merging == "remove":
        return [each for each in there if each not in wanted]
    return list(dict.fromkeys((*there, *wanted))) if merging == "add" else wanted


@dataclass(frozen=True, kw_only=True)
class IdList(FieldType):
    """A list of ids in no order."""

    merges: str = "replace"

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The ids, each once."""
        return list(dict.fromkeys(map(identifier, listed(main(parts)))))

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both lists hold the same."""
        return isinstance(current, list) and {id_of(each) for each in current} == {id_of(each) for each in wanted}

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """As the rule says; an empty list is what empties the field."""
        return merged_ids(current, wanted, field.merging) or self.cleared

    def translate(self, field: Field, value: Any, one: Reader) -> Any:
        """Each name by itself, unless the whole text is one."""
        whole = one(value) if isinstance(value, str) else value
        return whole if whole != value else [one(each) for each in labels_in(field, value)]


@dataclass(frozen=True, kw_only=True)
class OptionList(IdList):
    """Options of a field by label or id: a set, or labels of records."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The ids, each once. Raises BadValue for what is no option."""
        value = main(parts)
        if value is None:
            return list(dict.fromkeys(option_id(field, each, is_name=False) for each in listed(parts[MANY_IDS])))
        return list(dict.fromkeys(option_id(field, each) for each in labels_in(field, value)))


@dataclass(frozen=True, kw_only=True)
class LeadLabels(IdList):
    """Labels of leads by name or id."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The ids, each once. Raises BadValue for what is no label."""
        value = main(parts)
        whole = text(value) if isinstance(value, str) else ""
        if whole and lookups.lead_label_ids(whole):
            return [_lead_label(field, whole, lookups)]
        return list(dict.fromkeys(_lead_label(field, text(id_of(each)), lookups) for each in labels_in(field, value)))


def _lead_label(field: Field, name: str, lookups: Lookups) -> int | str:
    """The id of a lead label by name or id. Raises BadValue; a text that looks like an id is no name for a new one."""
    found: list[int | str] = [*lookups.lead_label_ids(name)] or [*field.option_ids.get(text_key(name) or "", ())]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue("is the name of several lead labels; use the id", "unknown_option")
    raise BadValue("is not a lead label of the account", "unknown_option", "" if _UUID.fullmatch(name) else name)


@dataclass(frozen=True, kw_only=True)
class UserList(IdList):
    """Users by id, email address or name."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The ids, each once. Raises BadValue for who is no user."""
        return list(dict.fromkeys(user_id_of(each, lookups) for each in listed(main(parts))))


@dataclass(frozen=True, kw_only=True)
class Json(FieldType):
    """A JSON object or list, single keys of which may come in columns of their own."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The object or list. Raises BadValue for text that is neither."""
        whole = _parsed(parts.get(""))
        keys = {name: value for name, value in parts.items() if name not in ("", ALIAS)}
        if not keys:
            return whole
        if not isinstance(whole, Mapping | None):
            raise BadValue("needs a JSON object")
        return {**(whole or {}), **{name: _parsed(value, or_text=True) for name, value in keys.items()}}

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether all that is wanted is there. The server may add keys, and spell ids and names in another way."""
        return same_json(current, wanted)


def _parsed(value: Any, or_text: bool = False) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        if or_text:
            return value
        raise BadValue("needs a JSON object or list") from None


def same_json(current: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there."""
    if isinstance(wanted, Mapping):
        held = current if isinstance(current, Mapping) else {}
        return all(same_json(held.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        is_list = isinstance(current, list) and len(current) == len(wanted)
        return is_list and all(same_json(*pair) for pair in zip(current, wanted, strict=True))
    return _loose(current) == _loose(wanted)


def _loose(value: Any) -> str:
    return "" if value is None else str(value).strip().lower().replace(" ", "_")
