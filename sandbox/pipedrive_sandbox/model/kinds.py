"""Plain kinds of body values: a function returns the value as stored or raises ValueError with the API's sentence."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.resource import Call

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
    # Seen with the real API: times of activities come back without seconds.
    return parse_clock(_string(call, Key("string"), value))[:5]


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


PLAIN_KINDS: dict[str, Kind] = {
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
    "activity_type": _activity_type,
    "object": _object,
    "integers": _integers,
    "array": _array,
}
