"""Values that are whole structures, such as a filter's conditions, and lists of ids: read and compared. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from destination_pipedrive.fields.field import ALIAS, PLANNED_KEY, Field
from destination_pipedrive.fields.parsing import BadValue, Lookups, Parts, first, identifier, is_nothing, text


def is_put_off(target: Field) -> bool:
    """True for a field that is to be created once its first choices are known."""
    return target.kind == "set" and target.key.startswith(PLANNED_KEY) and not target.options


def choices_in(parts: Parts) -> list[str]:
    """The names in a list, or in a text with commas, each once; what looks like an id is no name for a new option."""
    value = first(parts, "", ALIAS)
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    found: dict[str, str] = {}
    try:
        for name in (text(each) for each in given if not is_nothing(each)):
            if name and not name.isdigit():
                found.setdefault(name.lower(), name)
    except BadValue:
        return []
    return list(found.values())


def coerce_json(_target: Field, parts: Parts, _: Lookups) -> Any:
    """A JSON object or list, as it is or as text; single keys of it may come in columns of their own."""
    whole = _parsed(parts.get(""))
    keys = {name: value for name, value in parts.items() if name not in ("", ALIAS) and not is_nothing(value)}
    if not keys:
        return whole
    if not isinstance(whole, Mapping | None):
        raise BadValue("needs a JSON object")
    return {**(whole or {}), **{name: _parsed(value, or_text=True) for name, value in keys.items()}}


def coerce_ids(_target: Field, parts: Parts, _: Lookups) -> Any:
    """A list of ids, or text with commas."""
    return list(dict.fromkeys(identifier(each) for each in _listed(first(parts, "", ALIAS))))


def coerce_users(_target: Field, parts: Parts, lookups: Lookups) -> Any:
    """A list of users by id, e-mail address or name."""
    return list(dict.fromkeys(user_id_of(each, lookups) for each in _listed(first(parts, "", ALIAS))))


def coerce_folded(_target: Field, parts: Parts, _: Lookups) -> Any:
    """Text in which upper and lower case are the same."""
    return text(first(parts, "", ALIAS)).lower()


def user_id_of(value: Any, lookups: Lookups) -> int:
    """The id of a user by id, e-mail address or name. Raises BadValue."""
    if not isinstance(value, str) or value.strip().isdigit():
        return identifier(value)
    found = lookups.user_id(value)
    if found is None:
        raise BadValue("names no active user of the account")
    return found


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        value = _parsed(value) if value.lstrip().startswith("[") else value.split(",")
    return [each for each in (value if isinstance(value, list) else [value]) if not is_nothing(each)]


def _parsed(value: Any, or_text: bool = False) -> Any:
    if not isinstance(value, str) or not value.strip():
        return None if is_nothing(value) else value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        if or_text:
            return value
        raise BadValue("needs a JSON object or list") from None


def same_json(current: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there. The server may add keys, and spell ids and names in another way."""
    if isinstance(wanted, Mapping):
        held = current if isinstance(current, Mapping) else {}
        return all(same_json(held.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        is_list = isinstance(current, list) and len(current) == len(wanted)
        return is_list and all(same_json(*pair) for pair in zip(current, wanted, strict=True))
    return _loose(current) == _loose(wanted)


def same_folded(current: Any, wanted: Any) -> bool:
    """Whether two texts are equal but for upper and lower case."""
    return str(current).strip().lower() == str(wanted).strip().lower()


def _loose(value: Any) -> str:
    return "" if value is None else str(value).strip().lower().replace(" ", "_")
