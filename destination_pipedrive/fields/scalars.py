"""The parts that columns gave to one value of the API, by the kind of its field. Pure.

A coercer takes a target, the parts (``""`` is the value itself, the rest are its derived columns and aliases) and the
account's lookups. It returns the API's value, or None for "nothing there", and raises BadValue with a reason.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from destination_pipedrive.fields.compounds import (
    coerce_address,
    coerce_contacts,
    coerce_lead_value,
    coerce_monetary,
    coerce_participants,
    coerce_prices,
    compound,
)
from destination_pipedrive.fields.field import ALIAS, Field
from destination_pipedrive.fields.lists import coerce_folded, coerce_ids, coerce_json, coerce_users, user_id_of
from destination_pipedrive.fields.parsing import (
    PIPELINE,
    VISIBILITIES,
    BadValue,
    Coercer,
    DomainText,
    Lookups,
    Named,
    Parts,
    boolean,
    clock_time,
    day,
    first,
    identifier,
    integer,
    is_nothing,
    moment,
    number,
    text,
)
from pipedrive_client.normal import domain_of


def _coerce_text(target: Field, parts: Parts, _: Lookups) -> Any:
    value = text(first(parts, "", ALIAS))
    if target.longest and len(value) > target.longest:
        raise BadValue(f"is longer than {target.longest} characters")
    return DomainText(value) if target.key == "website" and is_nothing(parts.get("")) else value


def _coerce_currency(target: Field, parts: Parts, lookups: Lookups) -> Any:
    return _coerce_text(target, parts, lookups).upper()


def _coerce_domain(target: Field, parts: Parts, lookups: Lookups) -> Any:
    value = _coerce_text(target, parts, lookups)
    domain = domain_of(value)
    if not domain or "." not in domain:
        raise BadValue("needs a web address or domain")
    return value


def _simple(read: Callable[[Any], Any]) -> Coercer:
    def coerce(_target: Field, parts: Parts, _lookups: Lookups) -> Any:
        return read(first(parts, "", ALIAS))

    return coerce


def _coerce_choice(target: Field, parts: Parts, _: Lookups) -> Any:
    value = text(first(parts, "", ALIAS)).lower()
    if value not in target.choices:
        raise BadValue(f"needs one of {', '.join(target.choices)}", "unknown_option")
    return value


def _coerce_visible_to(_target: Field, parts: Parts, _: Lookups) -> Any:
    value = integer(first(parts, "", ALIAS))
    if value not in VISIBILITIES:
        raise BadValue("needs 1, 3, 5 or 7")
    return value


def _coerce_user(_target: Field, parts: Parts, lookups: Lookups) -> Any:
    return user_id_of(first(parts, "", "_id", ALIAS), lookups)


def _coerce_reference(target: Field, parts: Parts, _: Lookups) -> Any:
    value = first(parts, "", "_id", ALIAS)
    if isinstance(value, str) and not value.strip().isdigit():
        if target.custom or not target.refers:
            raise BadValue(f"needs the id of one of the {target.refers}" if target.refers else "needs an id")
        return Named(value.strip())
    return identifier(value)


def _coerce_stage(_target: Field, parts: Parts, lookups: Lookups) -> Any:
    value = first(parts, "", ALIAS)
    if not isinstance(value, str):
        return identifier(value)
    pipeline = parts.get(PIPELINE)
    way = "use the id" if pipeline else "set `pipeline`, or use the id"
    return _named_id(value, partial(lookups.stage_ids, pipeline=pipeline), "stage", way)


def _coerce_pipeline(_target: Field, parts: Parts, lookups: Lookups) -> Any:
    value = first(parts, "", ALIAS)
    return _named_id(value, lookups.pipeline_ids, "pipeline") if isinstance(value, str) else identifier(value)


def _named_id(name: str, find: Callable[[str], list[int]], noun: str, way: str = "use the id") -> int:
    found = find(name)
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(f"is the name of {len(found)} {noun}s; {way}")
    if name.strip().isdigit():
        return identifier(name)
    raise BadValue(f"names no {noun} of the account")


def option_id(target: Field, value: Any) -> int | str:
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
    label = value.strip() if isinstance(value, str) and not value.strip().isdigit() else ""
    raise BadValue("is none of the field's options", "unknown_option", label)


def _coerce_enum(target: Field, parts: Parts, _: Lookups) -> Any:
    return option_id(target, first(parts, "", "_id", ALIAS))


def _coerce_set(target: Field, parts: Parts, _: Lookups) -> Any:
    value = first(parts, "", "_ids", ALIAS)
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(option_id(target, each) for each in given if not is_nothing(each)))


def _coerce_flag(_target: Field, parts: Parts, _: Lookups) -> Any:
    return int(boolean(first(parts, "", ALIAS)))


def _coerce_spaced(_target: Field, parts: Parts, _: Lookups) -> Any:
    return moment(first(parts, "", ALIAS)).replace("T", " ").removesuffix("Z")


def _coerce_clock(_target: Field, parts: Parts, _: Lookups) -> Any:
    return clock_time(first(parts, "", ALIAS)).removesuffix(":00")


def _coerce_visible_text(target: Field, parts: Parts, lookups: Lookups) -> Any:
    return str(_coerce_visible_to(target, parts, lookups))


def _coerce_lead_labels(target: Field, parts: Parts, lookups: Lookups) -> Any:
    value = first(parts, "", ALIAS)
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    return list(dict.fromkeys(_lead_label(target, text(each), lookups) for each in names if not is_nothing(each)))


def _lead_label(target: Field, name: str, lookups: Lookups) -> int | str:
    """The id of a lead label by name or id. Raises BadValue; a text that looks like an id is no name for a new one."""
    found: list[int | str] = [*lookups.lead_label_ids(name)]
    found = found or [option.id for option in target.options if option.label.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue("is the name of several lead labels; use the id", "unknown_option")
    raise BadValue("names no lead label of the account", "unknown_option", "" if _is_id(name) else name)


def _is_id(name: str) -> bool:
    return name.isdigit() or re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", name) is not None


COERCERS: dict[str, Coercer] = {
    "json": coerce_json,
    "ids": coerce_ids,
    "users": coerce_users,
    "folded": coerce_folded,
    "visible_to_text": _coerce_visible_text,
    "lead_labels": _coerce_lead_labels,
    "lead_value": coerce_lead_value,
    "flag": _coerce_flag,
    "spaced_datetime": _coerce_spaced,
    "clock": _coerce_clock,
    "prices": coerce_prices,
    "participants": coerce_participants,
    "text": _coerce_text,
    "currency": _coerce_currency,
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
    "monetary": coerce_monetary,
    "daterange": compound(day, "until"),
    "time": compound(clock_time, "timezone"),
    "timerange": compound(clock_time, "until", "timezone"),
    "address": coerce_address,
    "contacts": coerce_contacts,
}


def coerce(target: Field, parts: Parts, lookups: Lookups) -> Any:
    """The API's value of a target from the parts that columns gave; None when all are empty. Raises BadValue."""
    if all(is_nothing(value) for value in parts.values()):
        return None
    return COERCERS[target.kind](target, parts, lookups)
