"""Kinds of body values that are objects or lists of them."""

from collections.abc import Mapping
from typing import Any

from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.kinds import PLAIN_KINDS, Kind, is_number, known_currency, not_a, require_row
from pipedrive_sandbox.model.resource import Call

ADDRESS_PARTS = (
    *("country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality"),
    *("route", "street_number", "subpremise", "postal_code"),
)
CONTACT_KEYS = {"value": str, "primary": bool, "label": str}
PRICE_KEYS = {"currency": str, "price": float, "cost": float, "direct_cost": float, "notes": str, "product_id": int}
ATTENDEE_KEYS = {"email": str, "name": str, "status": str, "is_organizer": bool, "person_id": int, "user_id": int}
OPTIONS_AT_MOST = 10_000


def _address(_call: Call, _key: Key, value: Any) -> dict[str, Any]:
    return read_address(value, ADDRESS_PARTS)


def read_address(value: Any, parts: tuple[str, ...]) -> dict[str, Any]:
    """An address object; parts that were left out become null. Raises ValueError."""
    if not isinstance(value, dict):
        raise not_a("object")
    _refuse_keys(value, ("value", *parts))
    if not all(part is None or isinstance(part, str) for part in value.values()):
        raise not_a("string")
    if not isinstance(value.get("value"), str):
        raise ValueError("Parameter 'value' is required")
    return {"value": value["value"], **{part: value.get(part) for part in parts}}


def _contacts(_call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    rows = _objects(value, CONTACT_KEYS)
    if any(not isinstance(row.get("value"), str) for row in rows):
        raise ValueError("Parameter 'value' is required")
    kept = [{"value": row["value"], "primary": row.get("primary"), "label": row.get("label", "work")} for row in rows]
    return _with_one_primary(kept, "value")


def _participants(call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    rows = _objects(value, {"person_id": int, "primary": bool})
    for row in rows:
        require_row(call, "persons", row.get("person_id"))
    return _with_one_primary(
        [{"person_id": row["person_id"], "primary": row.get("primary")} for row in rows], "participant"
    )


def _with_one_primary(rows: list[dict[str, Any]], noun: str) -> list[dict[str, Any]]:
    if sum(1 for row in rows if row["primary"]) > 1:
        raise ValueError(f"Only one {noun} can be primary")
    first = next((position for position, row in enumerate(rows) if row["primary"]), 0)
    return [{**row, "primary": position == first} for position, row in enumerate(rows)]


def _attendees(_call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    blank = dict.fromkeys(ATTENDEE_KEYS)
    return [{**blank, "status": "noreply", "is_organizer": False, **row} for row in _objects(value, ATTENDEE_KEYS)]


def _prices(call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    rows = _objects(value, PRICE_KEYS)
    codes = [known_currency(call, row.get("currency")) for row in rows]
    if len(set(codes)) != len(codes):
        raise ValueError("Only one price per currency is allowed")
    return [{"price": 0, "cost": 0, "direct_cost": None, "notes": "", **row} for row in rows]


def _options(_call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    rows = _objects(value, {"label": str})
    if not rows or len(rows) > OPTIONS_AT_MOST or not all((row.get("label") or "").strip() for row in rows):
        raise ValueError("Each option needs a non-empty 'label'")
    return rows


def _lead_value(call: Call, _key: Key, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not is_number(value.get("amount")) or set(value) != {"amount", "currency"}:
        raise ValueError("must hold an amount and a currency")
    return {"amount": value["amount"], "currency": known_currency(call, value["currency"])}


def _lead_labels(call: Call, _key: Key, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise ValueError("must be an array of ids")
    for label in value:
        if call.state.store.find("leadLabels", label) is None:
            raise ValueError(f"holds the unknown label {label}")
    return value


def _objects(value: Any, keys: Mapping[str, type]) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise not_a("array")
    for row in value:
        _refuse_keys(row, tuple(keys))
        for name, part in row.items():
            if part is not None and not _has_type(part, keys[name]):
                raise not_a({str: "string", float: "number", int: "integer", bool: "boolean"}[keys[name]])
    return value


def _has_type(value: Any, wanted: type) -> bool:
    return is_number(value) if wanted in (float, int) else isinstance(value, wanted)


def _refuse_keys(value: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in value:
        if name not in known:
            raise ValueError(f"Parameter '{name}' is not allowed for this request")


KINDS: dict[str, Kind] = {
    **PLAIN_KINDS,
    "address": _address,
    "contacts": _contacts,
    "participants": _participants,
    "attendees": _attendees,
    "prices": _prices,
    "options": _options,
    "lead_value": _lead_value,
    "lead_labels": _lead_labels,
}
