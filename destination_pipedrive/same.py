"""By kind of field, whether a value on the server is the one wanted. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from destination_pipedrive.structures import same_folded, same_json
from destination_pipedrive.values import ADDRESS_PARTS, BadValue, DomainText, clock_time, moment
from pipedrive_client.normal import domain_of

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
