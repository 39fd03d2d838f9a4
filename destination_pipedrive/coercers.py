"""The parts that columns gave to one value of the API, by the kind of its field. Pure.

A coercer takes a target, the parts (``""`` is the value itself, the rest are its derived columns and aliases) and the
account's lookups. It returns the API's value, or None for "nothing there", and raises BadValue with a reason.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from destination_pipedrive.targets import ALIAS, Target
from destination_pipedrive.values import (
    ADDRESS_PARTS,
    BadValue,
    boolean,
    clock_time,
    day,
    identifier,
    integer,
    is_nothing,
    moment,
    number,
    text,
)
from pipedrive_client.normal import domain_of

Parts = Mapping[str, Any]

#: Who may see a record. Source: the request bodies' ``visible_to``.
VISIBILITIES = (1, 3, 5, 7)


#: Numbers of a product's price. Source: the request bodies' ``prices``.
PRICE_NUMBERS = ("price", "cost", "direct_cost")


class Lookups(Protocol):
    """Names of the account that values may use instead of ids."""

    def user_id(self, name: str) -> int | None:
        """The active user of an e-mail address or a name, None when there is none."""

    def stage_ids(self, name: str) -> list[int]:
        """Ids of the stages of a name, one a pipeline that has it."""

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name."""

    def currency(self) -> str:
        """The acting user's default currency."""


@dataclass(frozen=True)
class Named:
    """A link to a row that is known by name or domain instead of an id; resolved just before writing."""

    text: str


def _first(parts: Parts, *names: str) -> Any:
    """The first part that holds something."""
    return next((parts[name] for name in names if not is_nothing(parts.get(name))), None)


def _coerce_text(target: Target, parts: Parts, _: Lookups) -> Any:
    value = text(_first(parts, "", ALIAS))
    if target.longest and len(value) > target.longest:
        raise BadValue(f"is longer than {target.longest} characters")
    return value


def _coerce_domain(target: Target, parts: Parts, lookups: Lookups) -> Any:
    value = _coerce_text(target, parts, lookups)
    domain = domain_of(value)
    if not domain or "." not in domain:
        raise BadValue("needs a web address or domain")
    return value


def _simple(read: Callable[[Any], Any]) -> "Coercer":
    def coerce(_target: Target, parts: Parts, _lookups: Lookups) -> Any:
        return read(_first(parts, "", ALIAS))

    return coerce


def _coerce_choice(target: Target, parts: Parts, _: Lookups) -> Any:
    value = text(_first(parts, "", ALIAS)).lower()
    if value not in target.choices:
        raise BadValue(f"needs one of {', '.join(target.choices)}")
    return value


def _coerce_visible_to(_target: Target, parts: Parts, _: Lookups) -> Any:
    value = integer(_first(parts, "", ALIAS))
    if value not in VISIBILITIES:
        raise BadValue("needs 1, 3, 5 or 7")
    return value


def _coerce_user(_target: Target, parts: Parts, lookups: Lookups) -> Any:
    value = _first(parts, "", "_id", ALIAS)
    if not isinstance(value, str) or value.strip().isdigit():
        return identifier(value)
    found = lookups.user_id(value)
    if found is None:
        raise BadValue("names no active user of the account")
    return found


def _coerce_reference(target: Target, parts: Parts, _: Lookups) -> Any:
    value = _first(parts, "", "_id", ALIAS)
    if isinstance(value, str) and not value.strip().isdigit():
        if target.custom or not target.refers:
            raise BadValue(f"needs the id of one of the {target.refers}" if target.refers else "needs an id")
        return Named(value.strip())
    return identifier(value)


def _coerce_stage(_target: Target, parts: Parts, lookups: Lookups) -> Any:
    value = _first(parts, "", ALIAS)
    return _named_id(value, lookups.stage_ids, "stage") if isinstance(value, str) else identifier(value)


def _coerce_pipeline(_target: Target, parts: Parts, lookups: Lookups) -> Any:
    value = _first(parts, "", ALIAS)
    return _named_id(value, lookups.pipeline_ids, "pipeline") if isinstance(value, str) else identifier(value)


def _named_id(name: str, find: Callable[[str], list[int]], noun: str) -> int:
    found = find(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(f"is the name of {len(found)} {noun}s; use the id")
    if name.strip().isdigit():
        return identifier(name)
    raise BadValue(f"names no {noun} of the account")


def option_id(target: Target, value: Any) -> int | str:
    """The id of an option by label (trimmed, any case) or id; of an object its ``id``. Raises BadValue."""
    if isinstance(value, Mapping):
        value = value.get("id", value.get("label"))
    wanted = str(value).strip().lower()
    by_label = [option.id for option in target.options if option.label.strip().lower() == wanted]
    by_id = [option.id for option in target.options if str(option.id) == wanted]
    if len(by_label) > 1 and not by_id:
        raise BadValue("is the label of several options; use the id", "unknown_option")
    for found in (by_label, by_id) if isinstance(value, str) else (by_id, by_label):
        if len(found) == 1:
            return found[0]
    raise BadValue("is none of the field's options", "unknown_option")


def _coerce_enum(target: Target, parts: Parts, _: Lookups) -> Any:
    return option_id(target, _first(parts, "", "_id", ALIAS))


def _coerce_set(target: Target, parts: Parts, _: Lookups) -> Any:
    value = _first(parts, "", "_ids", ALIAS)
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(option_id(target, each) for each in given if not is_nothing(each)))


def _coerce_monetary(_target: Target, parts: Parts, _: Lookups) -> Any:
    value: Any = parts.get("")
    currency: Any = parts.get("_currency")
    if isinstance(value, Mapping):
        value, currency = value.get("value"), value.get("currency") or currency
    if is_nothing(value):
        return None
    money: dict[str, Any] = {"value": number(value)}
    return money | ({} if is_nothing(currency) else {"currency": text(currency).upper()})


def _compound(read: Callable[[Any], str], *names: str) -> "Coercer":
    def coerce(_target: Target, parts: Parts, _lookups: Lookups) -> Any:
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


def _coerce_address(_target: Target, parts: Parts, _: Lookups) -> Any:
    value, more = _first(parts, "", ALIAS), parts.get("_parts")
    given = {
        **(more if isinstance(more, Mapping) else {}),
        **(value if isinstance(value, Mapping) else {"value": value}),
    }
    if is_nothing(given.get("value")):
        raise BadValue("needs the address as one text (`value`)")
    return {name: text(given[name]) for name in ADDRESS_PARTS if not is_nothing(given.get(name))}


def _coerce_contacts(target: Target, parts: Parts, _: Lookups) -> Any:
    whole = parts.get("")
    given = whole if isinstance(whole, list) else [] if is_nothing(whole) else [whole]
    entries = [_contact(target, each) for each in given if not is_nothing(each)]
    single = parts.get(ALIAS)
    known = {entry["value"].lower() for entry in entries}
    for each in single if isinstance(single, list) else [single]:
        if not is_nothing(each) and text(each).lower() not in known:
            entries.append(_contact(target, each))
    return [entry for entry in entries if entry["value"]] or None


def _contact(target: Target, given: Any) -> dict[str, Any]:
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


Coercer = Callable[[Target, Parts, Lookups], Any]


def _coerce_flag(_target: Target, parts: Parts, _: Lookups) -> Any:
    return int(boolean(_first(parts, "", ALIAS)))


def _coerce_spaced(_target: Target, parts: Parts, _: Lookups) -> Any:
    return moment(_first(parts, "", ALIAS)).replace("T", " ").removesuffix("Z")


def _coerce_clock(_target: Target, parts: Parts, _: Lookups) -> Any:
    return clock_time(_first(parts, "", ALIAS)).removesuffix(":00")


def _coerce_prices(_target: Target, parts: Parts, lookups: Lookups) -> Any:
    value = _first(parts, "", ALIAS)
    given = value if isinstance(value, list) else [{"price": value}]
    return [_price(each, lookups) for each in given if not is_nothing(each)]


def _price(given: Any, lookups: Lookups) -> dict[str, Any]:
    if not isinstance(given, Mapping) or is_nothing(given.get("price")):
        raise BadValue("needs a price, or a list of objects with `price` and `currency`")
    currency = text(given.get("currency") or lookups.currency()).upper()
    numbers = {name: number(given[name]) for name in PRICE_NUMBERS if not is_nothing(given.get(name))}
    notes = {} if is_nothing(given.get("notes")) else {"notes": text(given["notes"])}
    return {"currency": currency, **numbers, **notes}


def _coerce_participants(_target: Target, parts: Parts, _: Lookups) -> Any:
    value = _first(parts, "", ALIAS)
    given = value if isinstance(value, list) else [value]
    return [_participant(each) for each in given if not is_nothing(each)]


def _participant(given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {"person_id": identifier(given)}
    primary = given.get("primary", given.get("primary_flag"))
    found = {"person_id": identifier(given.get("person_id", given))}
    return found | ({"primary": primary} if isinstance(primary, bool) else {})


COERCERS: dict[str, Coercer] = {
    "flag": _coerce_flag,
    "spaced_datetime": _coerce_spaced,
    "clock": _coerce_clock,
    "prices": _coerce_prices,
    "participants": _coerce_participants,
    "text": _coerce_text,
    "domain": _coerce_domain,
    "number": _simple(number),
    "integer": _simple(integer),
    "boolean": _simple(boolean),
    "date": _simple(day),
    "datetime": _simple(moment),
    "choice": _coerce_choice,
    "visible_to": _coerce_visible_to,
    "user": _coerce_user,
    "reference": _coerce_reference,
    "stage": _coerce_stage,
    "pipeline": _coerce_pipeline,
    "enum": _coerce_enum,
    "set": _coerce_set,
    "labels": _coerce_set,
    "monetary": _coerce_monetary,
    "daterange": _compound(day, "until"),
    "time": _compound(clock_time, "timezone"),
    "timerange": _compound(clock_time, "until", "timezone"),
    "address": _coerce_address,
    "contacts": _coerce_contacts,
}


def coerce(target: Target, parts: Parts, lookups: Lookups) -> Any:
    """The API's value of a target from the parts that columns gave; None when all are empty. Raises BadValue."""
    if all(is_nothing(value) for value in parts.values()):
        return None
    return COERCERS[target.kind](target, parts, lookups)
