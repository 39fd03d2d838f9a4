"""Kinds of body values: each function returns the value as stored or raises ValueError with the API's sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pipedrive_sandbox.call import Call
from pipedrive_sandbox.table import Key

ADDRESS_PARTS = (
    *("country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality"),
    *("route", "street_number", "subpremise", "postal_code"),
)
CONTACT_KEYS = ("value", "primary", "label")
PRICE_KEYS = {"currency": str, "price": float, "cost": float, "direct_cost": float, "notes": str, "product_id": int}
ATTENDEE_KEYS = {"email": str, "name": str, "status": str, "is_organizer": bool, "person_id": int, "user_id": int}
OPTIONS_AT_MOST = 10_000
CURRENCY_LENGTH = 3

Kind = Callable[[Call, Key, Any], Any]


def not_a(kind: str) -> ValueError:
    """The sentence for a value of another type."""
    return ValueError(f"The value is not a valid '{kind}'")


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def parse_date(text: str) -> str:
    """A date as `YYYY-MM-DD`. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise not_a("date")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise not_a("date") from None


def parse_clock(text: str) -> str:
    """A time of day, `HH:MM` or `HH:MM:SS`, as `HH:MM:SS`. Raises ValueError."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", text):
        raise not_a("time")
    return text if len(text) == 8 else text + ":00"


def _string(call: Call, key: Key, value: Any) -> str:
    if call.resource.version == "v1" and is_number(value):
        value = str(value)
    if not isinstance(value, str):
        raise not_a("string")
    if key.least is not None and len(value.strip()) < key.least:
        raise ValueError("The value must not be empty")
    if key.longest is not None and len(value) > key.longest:
        raise ValueError(f"length must be less than or equal to {key.longest} characters long")
    return value


def _integer(call: Call, key: Key, value: Any) -> int:
    if call.resource.version == "v1" and isinstance(value, str) and value.isdigit():
        value = int(value)
    if not is_number(value) or isinstance(value, float):
        raise not_a("integer")
    _require_range(key, value)
    return int(value)


def _number(_call: Call, key: Key, value: Any) -> float:
    if not is_number(value):
        raise not_a("number")
    _require_range(key, value)
    return float(value) if isinstance(value, float) else int(value)


def _boolean(_call: Call, _key: Key, value: Any) -> bool:
    if not isinstance(value, bool):
        raise not_a("boolean")
    return value


def _flag(_call: Call, _key: Key, value: Any) -> bool:
    if value not in (0, 1, "0", "1"):
        raise ValueError("must be 0 or 1")
    return str(value) in ("1", "True")


def _date(call: Call, _key: Key, value: Any) -> str:
    text = _string(call, Key("string"), value)
    # Seen with the real API: an empty date is stored as the zero date.
    return "0000-00-00" if text == "" and call.resource.version == "v2" else parse_date(text)


def _datetime(_call: Call, _key: Key, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        raise not_a("datetime")
    return _real_moment(value[:19])


def _spaced_datetime(_call: Call, _key: Key, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value):
        raise not_a("datetime")
    return _real_moment(value.replace(" ", "T"))


def _real_moment(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise not_a("datetime") from None
    return text + "Z"


def _clock(call: Call, _key: Key, value: Any) -> str:
    return parse_clock(_string(call, Key("string"), value))


def _currency(call: Call, _key: Key, value: Any) -> str:
    return known_currency(call, value)


def known_currency(call: Call, value: Any) -> str:
    """A currency code of the account. Raises ValueError."""
    if not isinstance(value, str):
        raise not_a("string")
    if not any(row["code"] == value and row["active_flag"] for row in call.state.store["currencies"].rows.values()):
        raise ValueError(f"The currency '{value}' is not known")
    return value


def _labels(call: Call, _key: Key, value: Any) -> list[int]:
    if not isinstance(value, list) or not all(is_number(label) for label in value):
        raise not_a("array")
    definition = next((row for row in call.definitions() if row["field_code"] == "label_ids"), None)
    known = {option["id"] for option in (definition or {}).get("options") or ()}
    unknown = [label for label in value if label not in known]
    if unknown:
        raise ValueError(f"The label {unknown[0]} does not exist")
    return list(dict.fromkeys(value))


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
    rows = _objects(value, dict(zip(CONTACT_KEYS, (str, bool, str), strict=True)))
    if any(not isinstance(row.get("value"), str) for row in rows):
        raise ValueError("Parameter 'value' is required")
    if sum(1 for row in rows if row.get("primary")) > 1:
        raise ValueError("Only one value can be primary")
    first = next((position for position, row in enumerate(rows) if row.get("primary")), 0)
    return [
        {"value": row["value"], "primary": position == first, "label": row.get("label", "work")}
        for position, row in enumerate(rows)
    ]


def _participants(call: Call, _key: Key, value: Any) -> list[dict[str, Any]]:
    rows = _objects(value, {"person_id": int, "primary": bool})
    for row in rows:
        require_row(call, "persons", row.get("person_id"))
    if sum(1 for row in rows if row.get("primary")) > 1:
        raise ValueError("Only one participant can be primary")
    first = next((position for position, row in enumerate(rows) if row.get("primary")), 0)
    return [{"person_id": row["person_id"], "primary": position == first} for position, row in enumerate(rows)]


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
    if not isinstance(value, list):
        raise ValueError("must be an array")
    for label in value:
        if call.state.store.find("leadLabels", label) is None:
            raise ValueError(f"holds the unknown label {label}")
    return value


def _activity_type(call: Call, _key: Key, value: Any) -> str:
    rows = call.state.store["activityTypes"].rows.values()
    if not any(row["key_string"] == value and row["active_flag"] for row in rows):
        raise ValueError(f"The activity type '{value}' does not exist")
    return str(value)


def _object(_call: Call, _key: Key, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise not_a("object")
    return value


def _integers(_call: Call, _key: Key, value: Any) -> list[int]:
    if not isinstance(value, list) or not all(is_number(each) for each in value):
        raise not_a("array")
    return value


def _array(_call: Call, _key: Key, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise not_a("array")
    return value


def require_row(call: Call, collection: str, row_id: Any) -> None:
    """Refuse a reference to a row that is unknown, deleted or hidden. Raises ValueError."""
    row = call.state.store.find(collection, row_id) if isinstance(row_id, int | str) else None
    if row is None or row.get("is_deleted") or row.get("invisible"):
        raise ValueError(f"The {collection.rstrip('s')} {row_id} does not exist")


def _require_range(key: Key, value: float) -> None:
    if key.least is not None and value < key.least:
        raise ValueError(f"The value must be greater than or equal to {key.least:g}")
    if key.most is not None and value > key.most:
        raise ValueError(f"The value must be less than or equal to {key.most:g}")


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
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "flag": _flag,
    "date": _date,
    "datetime": _datetime,
    "spaced_datetime": _spaced_datetime,
    "clock": _clock,
    "currency": _currency,
    "labels": _labels,
    "address": _address,
    "contacts": _contacts,
    "participants": _participants,
    "attendees": _attendees,
    "prices": _prices,
    "options": _options,
    "lead_value": _lead_value,
    "lead_labels": _lead_labels,
    "activity_type": _activity_type,
    "object": _object,
    "integers": _integers,
    "array": _array,
}
