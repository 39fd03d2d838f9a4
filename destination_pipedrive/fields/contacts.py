"""Email addresses, phone numbers and other accounts of people: what a record names is merged into what is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from destination_pipedrive.fields.field import Field, FieldOptions, FieldType, Reader
from destination_pipedrive.fields.parsing import (
    ALIAS,
    BadValue,
    Lookups,
    Parts,
    boolean,
    first,
    from_json,
    is_nothing,
    text,
)
from pipedrive_client.normalization import email_key, is_placeholder, phone_key, text_key

Entry = dict[str, Any]
#: How many texts are remembered with their keys: while a record is on its way, it is asked for them several times.
REMEMBERED = 10_000
#: Label of an email address or phone number that comes without one. Source: the v2 migration guide.
DEFAULT_LABEL = "work"
#: Names under which senders keep the address or number of an entry, and its label; Pipedrive's own ones first.
VALUES = ("value", "email", "email_address", "phone", "phone_number", "number", "address", "account")
LABELS = ("label", "type")


@dataclass(frozen=True, kw_only=True)
class Contacts(FieldType):
    """Email addresses, phone numbers or accounts: a list, a single one, or both."""

    merges: str = "add"
    gathers: bool = True

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The entries, each once; None when all are empty or placeholders. Raises BadValue for what is none."""
        found: dict[str, Entry] = {}
        for name in ("", ALIAS):
            given = parts.get(name)
            for each in () if given is None else _entries(given):
                entry = self._entry(each)
                key = self.key_of(entry["value"], field.rule.default_country)
                if key is None and not is_placeholder(entry["value"]):
                    key = entry["value"]
                if key:
                    found[key] = {**entry, **found[key], **_mark(entry)} if key in found else entry
        return [*found.values()] or None

    def _entry(self, given: Any) -> Entry:
        if not isinstance(given, Mapping):
            return {"value": self.checked(text(given))}
        if not any(name in given for name in VALUES):
            raise BadValue("needs a text, or objects with `value`")
        value = first(given, *VALUES)
        entry: Entry = {"value": "" if is_nothing(value) else self.checked(text(value))}
        primary, label = given.get("primary"), first(given, *LABELS)
        entry |= {} if is_nothing(primary) else {"primary": boolean(primary)}
        return entry | ({} if label is None else {"label": text(label)})

    def checked(self, value: str) -> str:
        """The text of an entry. Raises BadValue for one that cannot be of this type."""
        return value

    def key_of(self, value: Any, country: str = "") -> str | None:
        """By what two entries are one; None for a placeholder."""
        key = text_key(str(value or ""))
        return None if key is None or is_placeholder(key) else key

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both lists hold the same, in the same order."""
        return _shape(current) == _shape(wanted)

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """As the rule says; the primary one stays unless one that is wanted says so."""
        if not current and len(wanted) == 1 and field.merging != "remove":
            return [{"value": wanted[0]["value"], "primary": True, "label": wanted[0].get("label", DEFAULT_LABEL)}]
        if field.merging == "add" and _says_nothing_new(current, wanted):
            return current
        there = [_kept(each) for each in current] if isinstance(current, list) else []
        known = _Known(self, there, field.rule.default_country)
        if field.merging == "remove":
            gone = [known.find(each) for each in wanted]
            return _with_primary([each for each in there if not any(each is one for one in gone)], [], there)
        asked, merged = [], []
        for given in wanted:
            entry = known.find(given)
            if entry is None:
                entry = {"value": given["value"], "primary": False, "label": given.get("label", DEFAULT_LABEL)}
                known.add(entry)
            elif "label" in given:
                entry["label"] = given["label"]
            merged.append(entry)
            asked += [entry] * bool(given.get("primary"))
        whole = (
            merged
            if field.merging == "replace"
            else [*there, *(each for each in merged if not any(each is one for one in there))]
        )
        return _with_primary(whole, asked, there)

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """The keys of all entries."""
        entries = value if isinstance(value, list) else [{"value": value}]
        found = (self.key_of(each.get("value"), country) for each in entries if isinstance(each, Mapping))
        return [each for each in dict.fromkeys(found) if each]

    def is_empty(self, value: Any) -> bool:
        """Also a list whose entries hold nothing."""
        return is_nothing(value) or not any(each.get("value") for each in value if isinstance(each, Mapping))

    def reader(self, options: FieldOptions) -> Reader | None:
        """What marks a flat value as the primary one, where the rule says so."""
        return _as_primary if options.primary else None

    def misuse(self, options: FieldOptions) -> str:
        """Every list of contacts can be merged and has a primary entry."""
        return super().misuse(FieldOptions(format=options.format))


@dataclass(frozen=True, kw_only=True)
class Emails(Contacts):
    """Email addresses."""

    def checked(self, value: str) -> str:
        """Raises BadValue for what is no address; a placeholder is dropped later."""
        return value if is_email_address(value) or is_placeholder(value) else email_address(value)

    def key_of(self, value: Any, country: str = "") -> str | None:
        """The address trimmed, in lower case."""
        key = _email_key(value) if isinstance(value, str) else None
        return value if key == value else key  # one text in memory, not two


@dataclass(frozen=True, kw_only=True)
class Phones(Contacts):
    """Phone numbers."""

    def key_of(self, value: Any, country: str = "") -> str | None:
        """The number in one form, ``country`` that of numbers without one."""
        return phone_key(value, country)


@lru_cache(REMEMBERED)
def _email_key(value: str) -> str | None:
    key = email_key(value)
    return None if key is None or is_placeholder(key) else key


def is_email_address(value: str) -> bool:
    """Whether a text can be an address: something on both sides of one `@`, and no space."""
    name, _, host = value.partition("@")
    return bool(name and host) and "@" not in host and value.split() == [value]


def email_address(value: str) -> str:
    """The address. Raises BadValue for what is none."""
    if not is_email_address(value):
        raise BadValue("needs an email address")
    return value


def _entries(value: Any) -> list[Any]:
    value = from_json(value)
    return [each for each in (value if isinstance(value, list) else [value]) if not is_nothing(each)]


def _says_nothing_new(current: Any, wanted: list[Entry]) -> bool:
    """Whether every entry is there as it is written, which is what most runs find."""
    if not isinstance(current, list) or [bool(each.get("primary")) for each in current].count(True) != 1:
        return False
    there = [{"value": each.get("value")} for each in current]
    return all(map(there.__contains__, wanted))


def _mark(entry: Entry) -> Entry:
    return {"primary": True} if entry.get("primary") else {}


def _as_primary(value: Any) -> Any:
    flat = from_json(value)
    return {"value": flat, "primary": True} if isinstance(flat, str | int | float) and not is_nothing(flat) else flat


class _Known:
    """Entries that are there: found by their text, and only where that differs by the key of it."""

    def __init__(self, type_: Contacts, entries: Iterable[Entry], country: str) -> None:
        self._type, self._country = type_, country
        self._by_text = {each.get("value"): each for each in entries}
        self._by_key: dict[str | None, Entry] = {}

    def find(self, given: Mapping[str, Any]) -> Entry | None:
        """The entry that is the same, or None."""
        found = self._by_text.get(given["value"])
        if found is None and self._by_text:
            if not self._by_key:
                pairs = ((self._type.key_of(text_, self._country), each) for text_, each in self._by_text.items())
                self._by_key = {key: each for key, each in pairs if key}
            found = self._by_key.get(self._type.key_of(given["value"], self._country))
        return found

    def add(self, entry: Entry) -> None:
        """Enter a new one."""
        self._by_text[entry["value"]] = entry
        self._by_key.clear()


def _kept(entry: Mapping[str, Any]) -> Entry:
    return {name: value for name, value in entry.items() if name in ("value", "primary", "label")}


def _with_primary(entries: list[Entry], asked: list[Entry], before: list[Entry]) -> list[Entry]:
    """The entries, one of them primary: the one that was asked for, that was, or the first."""
    marked = [entry for entry in entries if entry.get("primary")]
    if not entries or (len(entries) == len(before) and not asked and not marked):
        return entries  # none was primary before, and that alone is no reason to write
    primary = (asked or marked or entries)[0]
    for entry in entries:
        entry["primary"] = entry is primary
    return entries


def _shape(entries: Any) -> list[tuple[Any, ...]]:
    return [(entry.get("value"), bool(entry.get("primary")), entry.get("label")) for entry in entries]
