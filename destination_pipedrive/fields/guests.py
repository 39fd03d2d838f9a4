"""Participants and attendees of an activity: who a record names joins those who are there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.contacts import Entry, email_address
from destination_pipedrive.fields.field import Field, FieldType
from destination_pipedrive.fields.parsing import (
    ALIAS,
    BadValue,
    Lookups,
    Parts,
    boolean,
    first,
    identifier,
    is_nothing,
    listed,
    text,
)
from pipedrive_client.normalization import email_key


@dataclass(frozen=True, kw_only=True)
class Participants(FieldType):
    """Persons of an activity: ids or objects. One that is added leaves the others there."""

    merges: str = "add"
    gathers: bool = True

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The persons, each once."""
        found: dict[int, Entry] = {}
        for name in ("", ALIAS):
            for each in listed(parts.get(name)):
                entry = _participant(each)
                found.setdefault(entry["person_id"], entry)
        return [*found.values()]

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both name the same persons, with the same primary one where that is said."""
        held = {each.get("person_id"): _is_primary(each) for each in current}
        return held.keys() == {each["person_id"] for each in wanted} and all(
            each.get("primary", held[each["person_id"]]) == held[each["person_id"]] for each in wanted
        )

    def holds(self, current: Any, wanted: Any) -> bool:
        """Whether all persons that are wanted are among those there."""
        return {each["person_id"] for each in wanted} <= {each.get("person_id") for each in current}

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """As the rule says; the primary one stays unless one that is wanted says so."""
        there = {each.get("person_id"): _is_primary(each) for each in current or ()}
        given = {each["person_id"]: each.get("primary") for each in wanted}
        if field.merging == "remove":
            return [_sent(person, there[person]) for person in there if person not in given]
        asked = next((person for person, primary in given.items() if primary), None)
        people = given if field.merging == "replace" else {**there, **given}
        if not there and asked is None:
            return [{"person_id": person} for person in people]
        first_of = asked if asked is not None else next((person for person in people if there.get(person)), None)
        return [_sent(person, person == first_of) for person in people]


def _participant(given: Any) -> Entry:
    if not isinstance(given, Mapping):
        return {"person_id": identifier(given)}
    primary = given.get("primary", given.get("primary_flag"))
    found = {"person_id": identifier(given.get("person_id", given))}
    return found | ({} if is_nothing(primary) else {"primary": boolean(primary)})


def _is_primary(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("primary", entry.get("primary_flag")))


def _sent(person: Any, primary: bool) -> Entry:
    return {"person_id": person, "primary": primary}


#: What a guest of an activity is known by, and what else is written of one. Source: S2, `attendees` of the bodies.
ATTENDEE_KEYS = ("email", "person_id", "user_id")
ATTENDEE_PARTS = ("name", "status", "is_organizer")


@dataclass(frozen=True, kw_only=True)
class Attendees(FieldType):
    """Guests of an activity: email addresses or objects. One that is added leaves the others there."""

    merges: str = "add"
    gathers: bool = True

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The guests. Raises BadValue for one without an address or an id."""
        return [_attendee(each) for name in ("", ALIAS) for each in listed(parts.get(name))]

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both name the same guests, with all that is wanted of each."""
        held = [_attendee_held(each) for each in current]
        found = [_same_guest(held, each) for each in wanted]
        return len(held) == len(wanted) and all(
            one is not None and _says(one, each) for one, each in zip(found, wanted, strict=True)
        )

    def merge(self, field: Field, current: Any, wanted: Any, currency: str) -> Any:
        """As the rule says; of a guest who is there what is not given stays."""
        there = [_attendee_held(each) for each in current or ()]
        found = [_same_guest(there, each) for each in wanted]
        others = [each for each in there if not any(each is one for one in found)]
        if field.merging == "remove":
            return others
        given = [{**(one or {}), **each} for one, each in zip(found, wanted, strict=True)]
        return given if field.merging == "replace" else [*others, *given]


def _attendee(given: Any) -> Entry:
    given = given if isinstance(given, Mapping) else {"email": given}
    email = first(given, "email", "email_address")
    found: Entry = {} if email is None else {"email": email_address(text(email))}
    found |= {name: identifier(given[name]) for name in ATTENDEE_KEYS[1:] if not is_nothing(given.get(name))}
    found |= {name: text(given[name]) for name in ATTENDEE_PARTS[:2] if not is_nothing(given.get(name))}
    found |= {name: boolean(given[name]) for name in ATTENDEE_PARTS[2:] if not is_nothing(given.get(name))}
    if not any(name in found for name in ATTENDEE_KEYS):
        raise BadValue("needs email addresses, or objects with `email`")
    return found


def _attendee_held(row: Mapping[str, Any]) -> Entry:
    """A guest of the server as it may be sent back."""
    kept = {"email": row.get("email", row.get("email_address"))}
    kept |= {name: row.get(name) for name in (*ATTENDEE_KEYS[1:], *ATTENDEE_PARTS)}
    return {name: value for name, value in kept.items() if value is not None}


def _same_guest(held: Iterable[Entry], wanted: Entry) -> Entry | None:
    """The guest with the same address, or the same person or user."""
    return next((each for each in held if any(_is_same(name, each, wanted) for name in ATTENDEE_KEYS)), None)


def _is_same(name: str, one: Entry, other: Entry) -> bool:
    if name not in one or name not in other:
        return False
    return one[name] == other[name] or (name == "email" and email_key(one[name]) == email_key(other[name]))


def _says(held: Entry, wanted: Entry) -> bool:
    return all(held.get(name) == value or _is_same(name, held, wanted) for name, value in wanted.items())
