"""Coercers of values that have several parts: money, times with a zone, addresses, contacts, prices. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from destination_pipedrive.fields.field import ALIAS, Field
from destination_pipedrive.fields.parsing import (
    ADDRESS_PARTS,
    PRICE_NUMBERS,
    BadValue,
    Coercer,
    Lookups,
    Parts,
    first,
    identifier,
    integer,
    is_nothing,
    number,
    text,
)


def coerce_monetary(_target: Field, parts: Parts, _: Lookups) -> Any:
    """An amount with its currency; the currency is added later where none was given."""
    value: Any = parts.get("")
    currency: Any = parts.get("_currency")
    if isinstance(value, Mapping):
        value, currency = value.get("value"), value.get("currency") or currency
    if is_nothing(value):
        return None
    money: dict[str, Any] = {"value": number(value)}
    return money | ({} if is_nothing(currency) else {"currency": text(currency).upper()})


def coerce_lead_value(_target: Field, parts: Parts, _: Lookups) -> Any:
    """A lead's value: an object with amount and currency, or a number with the currency in a column of its own."""
    value: Any = parts.get("")
    currency: Any = parts.get(ALIAS)
    if isinstance(value, Mapping):
        value, currency = value.get("amount", value.get("value")), value.get("currency") or currency
    if is_nothing(value):
        return None
    return {"amount": number(value)} | ({} if is_nothing(currency) else {"currency": text(currency).upper()})


def compound(read: Callable[[Any], str], *names: str) -> Coercer:
    """A coercer of a range or a time with a zone: ``read`` takes its ends, ``names`` are its derived columns."""

    def coerce(_target: Field, parts: Parts, _lookups: Lookups) -> Any:
        value = parts.get("")
        given = dict(value) if isinstance(value, Mapping) else {"value": value}
        for name in names:
            if not is_nothing(parts.get(f"_{name}")):
                given.setdefault(name, parts[f"_{name}"])
        if is_nothing(given.get("value")):
            return None
        whole: dict[str, Any] = {
            part: read(given[part]) for part in ("value", "until") if not is_nothing(given.get(part))
        }
        return whole | _zone(given)

    return coerce


def _zone(given: Mapping[str, Any]) -> dict[str, Any]:
    zone = next((given[name] for name in ("timezone", "timezone_name", "timezone_id") if given.get(name)), None)
    if zone is None:
        return {}
    return {"timezone_id": integer(zone)} if str(zone).isdigit() else {"timezone_name": text(zone)}


def coerce_address(_target: Field, parts: Parts, _: Lookups) -> Any:
    """An address: one text, with parts where they are given."""
    value, more = first(parts, "", ALIAS), parts.get("_parts")
    given = {
        **(more if isinstance(more, Mapping) else {}),
        **(value if isinstance(value, Mapping) else {"value": value}),
    }
    if is_nothing(given.get("value")):
        raise BadValue("needs the address as one text (`value`)")
    return {name: text(given[name]) for name in ADDRESS_PARTS if not is_nothing(given.get(name))}


def coerce_contacts(target: Field, parts: Parts, _: Lookups) -> Any:
    """E-mails, phones or accounts: a list, a single one, or both."""
    whole = parts.get("")
    given = whole if isinstance(whole, list) else [] if is_nothing(whole) else [whole]
    entries = [_contact(target, each) for each in given if not is_nothing(each)]
    single = parts.get(ALIAS)
    known = {entry["value"].lower() for entry in entries}
    for each in single if isinstance(single, list) else [single]:
        if not is_nothing(each) and text(each).lower() not in known:
            entries.append(_contact(target, each))
    return [entry for entry in entries if entry["value"]] or None


def _contact(target: Field, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        given = {"value": given}
    value = "" if is_nothing(given.get("value")) else text(given["value"])
    if target.key == "emails" and value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise BadValue("needs an e-mail address")
    entry: dict[str, Any] = {"value": value}
    if isinstance(given.get("primary"), bool):
        entry["primary"] = given["primary"]
    if not is_nothing(given.get("label")):
        entry["label"] = text(given["label"])
    return entry


def coerce_prices(_target: Field, parts: Parts, lookups: Lookups) -> Any:
    """Prices of a product: a list, or one number in the acting user's currency."""
    value = first(parts, "", ALIAS)
    given = value if isinstance(value, list) else [{"price": value, "currency": parts.get("currency")}]
    if value is None:
        return None
    return [_price(each, lookups) for each in given if not is_nothing(each)]


def _price(given: Any, lookups: Lookups) -> dict[str, Any]:
    if not isinstance(given, Mapping) or is_nothing(given.get("price")):
        raise BadValue("needs a price, or a list of objects with `price` and `currency`")
    currency = text(given.get("currency") or lookups.currency()).upper()
    numbers = {name: number(given[name]) for name in PRICE_NUMBERS if not is_nothing(given.get(name))}
    notes = {} if is_nothing(given.get("notes")) else {"notes": text(given["notes"])}
    return {"currency": currency, **numbers, **notes}


def coerce_participants(_target: Field, parts: Parts, _: Lookups) -> Any:
    """Persons of an activity: a list of ids or objects, or one id."""
    value = first(parts, "", ALIAS)
    given = value if isinstance(value, list) else [value]
    return [_participant(each) for each in given if not is_nothing(each)]


def _participant(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {"person_id": identifier(given)}
    primary = given.get("primary", given.get("primary_flag"))
    found = {"person_id": identifier(given.get("person_id", given))}
    return found | ({"primary": primary} if isinstance(primary, bool) else {})
