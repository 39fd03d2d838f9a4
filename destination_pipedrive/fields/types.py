"""By kind of field, whether a value on the server is the one wanted. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.lists import same_folded, same_json
from destination_pipedrive.fields.parsing import ADDRESS_PARTS, BadValue, DomainText, clock_time, is_nothing, moment
from pipedrive_client.normal import domain_of, email_key

Same = Callable[[Any, Any], bool]


def equal(current: Any, wanted: Any) -> bool:
    """Whether two values are the same as they are."""
    return bool(current == wanted)


def _same_text(current: Any, wanted: Any) -> bool:
    if isinstance(wanted, DomainText):
        return _same_domain(current, wanted)
    return bool(str(current).strip() == wanted)


def _same_number(current: Any, wanted: Any) -> bool:
    try:
        return float(current) == float(wanted)
    except (TypeError, ValueError):
        return False


def _same_domain(current: Any, wanted: Any) -> bool:
    return domain_of(current) == domain_of(wanted)


def _same_day(current: Any, wanted: Any) -> bool:
    return bool(str(current)[:10] == wanted)


def _same_moment(current: Any, wanted: Any) -> bool:
    try:
        return bool(moment(current) == wanted)
    except BadValue:
        return False


def _same_set(current: Any, wanted: Any) -> bool:
    return isinstance(current, list) and {_id(each) for each in current} == {_id(each) for each in wanted}


def _same_id(current: Any, wanted: Any) -> bool:
    return str(_id(current)) == str(_id(wanted))


def _id(value: Any) -> Any:
    return value.get("id", value.get("value")) if isinstance(value, Mapping) else value


def _same_money(current: Any, wanted: Any) -> bool:
    held = current if isinstance(current, Mapping) else {"value": current}
    return _same_number(held.get("value"), wanted["value"]) and held.get("currency") == wanted.get("currency")


def _same_lead_value(current: Any, wanted: Any) -> bool:
    held = current if isinstance(current, Mapping) else {}
    return _same_number(held.get("amount"), wanted["amount"]) and held.get("currency") == wanted.get("currency")


def _same_days(current: Any, wanted: Any) -> bool:
    held = current if isinstance(current, Mapping) else {"value": current}
    return all(_same_day(held.get(part), value) for part, value in wanted.items())


def _same_times(current: Any, wanted: Any) -> bool:
    held = current if isinstance(current, Mapping) else {"value": current}
    return all(
        _clock(held.get(part)) == value if part in ("value", "until") else held.get(part) == value
        for part, value in wanted.items()
    )


def _clock(value: Any) -> str | None:
    try:
        return clock_time(value)
    except BadValue:
        return None


def _same_clock(current: Any, wanted: Any) -> bool:
    return _clock(current) == _clock(wanted)


def _same_flag(current: Any, wanted: Any) -> bool:
    return bool(int(current)) == bool(wanted)


def _same_prices(current: Any, wanted: Any) -> bool:
    held = {each.get("currency"): each for each in current}
    return all(
        each["currency"] in held and all(held[each["currency"]].get(name) == value for name, value in each.items())
        for each in wanted
    )


def _same_participants(current: Any, wanted: Any) -> bool:
    held = {each.get("person_id"): bool(each.get("primary", each.get("primary_flag"))) for each in current}
    return all(
        each["person_id"] in held and each.get("primary", True) in (True, held[each["person_id"]]) for each in wanted
    )


def _same_address(current: Any, wanted: Any) -> bool:
    held = current if isinstance(current, Mapping) else {"value": current}
    whole = {str(held.get(name) or "").strip() for name in ("value", "formatted_address")}
    parts = [name for name in ADDRESS_PARTS if name != "value" and name in wanted]
    return wanted["value"] in whole and all(str(held.get(name) or "").strip() == wanted[name] for name in parts)


def _same_contacts(current: Any, wanted: Any) -> bool:
    def shape(entries: Any) -> list[tuple[Any, ...]]:
        return [(entry.get("value"), bool(entry.get("primary")), entry.get("label")) for entry in entries]

    return shape(current) == shape(wanted)


SAME: dict[str, Same] = {
    "json": same_json,
    "ids": _same_set,
    "users": _same_set,
    "folded": same_folded,
    "lead_value": _same_lead_value,
    "lead_labels": _same_set,
    "visible_to_text": _same_id,
    "clock": _same_clock,
    "flag": _same_flag,
    "prices": _same_prices,
    "participants": _same_participants,
    "spaced_datetime": _same_moment,
    "text": _same_text,
    "domain": _same_domain,
    "number": _same_number,
    "integer": _same_number,
    "date": _same_day,
    "datetime": _same_moment,
    "labels": _same_set,
    "set": _same_set,
    "enum": _same_id,
    "user": _same_id,
    "reference": _same_id,
    "monetary": _same_money,
    "daterange": _same_days,
    "time": _same_times,
    "timerange": _same_times,
    "address": _same_address,
    "contacts": _same_contacts,
}
#: Label of an e-mail address or phone number that comes without one. Source: the v2 migration guide.
DEFAULT_LABEL = "work"


def is_same(target: Field, current: Any, wanted: Any) -> bool:
    """Whether writing ``wanted`` would change nothing."""
    if is_nothing(wanted) or is_nothing(current):
        return is_nothing(wanted) and is_nothing(current)
    return SAME.get(target.kind, equal)(current, wanted)


def completed(target: Field, wanted: Any, current: Any, currency: str = "") -> Any:
    """The whole value to write: contacts merged into those there, parts that were not given kept."""
    if wanted is None:
        return [] if target.kind in ("contacts", "labels", "lead_labels") else None
    if target.kind == "contacts":
        return merged_contacts(wanted, current if isinstance(current, list) else [], target.key)
    if target.kind == "prices":
        # Prices are replaced wholesale: what is there is sent along, of other currencies and of the same one.
        there = {each.get("currency"): _price(each) for each in current or ()}
        given = {each["currency"]: {**there.get(each["currency"], {}), **each} for each in wanted}
        return [*given.values(), *(price for name, price in there.items() if name not in given)]
    held = current if isinstance(current, Mapping) else {}
    if target.kind in ("monetary", "lead_value"):
        return {"currency": held.get("currency") or currency, **wanted}
    if target.kind in ("daterange", "timerange") and "until" not in wanted and held.get("until"):
        wanted = {**wanted, "until": held["until"]}
    if target.kind in ("time", "timerange") and not _has_zone(wanted) and held.get("timezone_id"):
        wanted = {**wanted, "timezone_id": held["timezone_id"]}
    return wanted


def merged_contacts(wanted: list[dict[str, Any]], current: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """E-mails or phones of the server with those wanted added; the primary one stays unless one wanted says so."""
    entries: list[dict[str, Any]] = [_written(entry) for entry in current]
    known = {contact_key(entry.get("value"), kind): entry for entry in entries}
    for given in wanted:
        key = contact_key(given["value"], kind)
        if key in known:
            known[key].update({name: given[name] for name in ("label",) if name in given})
        else:
            known[key] = {"value": given["value"], "primary": False, "label": given.get("label", DEFAULT_LABEL)}
            entries.append(known[key])
    asked = [known[contact_key(given["value"], kind)] for given in wanted if given.get("primary")]
    _mark_primary(entries, asked, len(entries) == len(current))
    return entries


def _written(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in ("value", "primary", "label")}


def _mark_primary(entries: list[dict[str, Any]], asked: list[dict[str, Any]], is_as_it_was: bool) -> None:
    marked = [entry for entry in entries if entry.get("primary")]
    if is_as_it_was and not asked and not marked:
        return  # none was primary before, and that alone is no reason to write
    primary = (asked or marked or entries)[0]
    for entry in entries:
        entry["primary"] = entry is primary


def contact_key(value: Any, kind: str) -> str:
    """By what two e-mails are one (trimmed, lower case), two phones (their digits), two others (trimmed text)."""
    given = str(value or "").strip()
    if kind != "phones":
        return email_key(given) or ""
    digits = "".join(char for char in given if char.isdigit())
    return ("+" if given.startswith("+") else "") + digits if digits else given.lower()


def _price(held: Mapping[str, Any]) -> dict[str, Any]:
    """A price of the server as it may be sent back."""
    kept = {name: held.get(name) for name in ("currency", "price", "cost", "direct_cost", "notes")}
    return {name: value for name, value in kept.items() if value is not None}


def _has_zone(value: Mapping[str, Any]) -> bool:
    return "timezone_id" in value or "timezone_name" in value
