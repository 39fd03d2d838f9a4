"""Custom field values in bodies, checked by type with the API's sentences.

Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields and the v2 migration guide.
"""

from collections.abc import Callable
from typing import Any

from pipedrive_sandbox.model.kinds import is_number, known_currency, parse_clock, parse_date, require_row
from pipedrive_sandbox.model.kinds_nested import ADDRESS_PARTS, read_address
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

Reader = Callable[[Call, Row, Any], Any]

LONGEST_VARCHAR = 255
LONGEST_TEXT = 65_000
DEFAULT_TIMEZONE = {"timezone_id": 178, "timezone_name": "Europe/Tallinn"}
REFERRED = {"user": ("users", "user"), "org": ("organizations", "organization"), "people": ("persons", "person")}


def read_custom_fields(call: Call, value: Any) -> dict[str, Any]:
    """The `custom_fields` object of a body as stored; null clears a field. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError("The value is not a valid 'object'")
    known = call.custom_keys()
    for key in value:
        if key not in known:
            raise ValueError(f"Unknown key '{key}'")
    return {key: read_custom_value(call, known[key], part) for key, part in value.items()}


def read_custom_value(call: Call, definition: Row, value: Any) -> Any:
    """One value as stored. Raises ValueError naming the field code."""
    if value is None:
        return None
    try:
        return READERS[definition["field_type"]](call, definition, value)
    except ValueError as error:
        raise ValueError(f"{error} (field code '{definition['field_code']}')") from None


def _string(_call: Call, definition: Row, value: Any) -> str:
    _refuse_collection(value)
    if not isinstance(value, str) or value == "":
        raise ValueError("Expected non-empty 'string' as value, use null to clear the field")
    longest = LONGEST_TEXT if definition["field_type"] == "text" else LONGEST_VARCHAR
    if len(value) > longest:
        raise ValueError(f"The value must not be longer than {longest} characters")
    return value


def _double(_call: Call, _definition: Row, value: Any) -> float:
    _refuse_collection(value)
    if not is_number(value):
        raise ValueError("Expected 'number' as value")
    return value  # type: ignore[no-any-return]


def _monetary(call: Call, _definition: Row, value: Any) -> dict[str, Any]:
    _require_object(value, "Monetary", ("value", "currency"))
    if not is_number(value.get("value")):
        raise ValueError("Monetary custom field expected 'number' as value")
    return {"value": value["value"], "currency": known_currency(call, value.get("currency"))}


def _enum(_call: Call, definition: Row, value: Any) -> int:
    _refuse_collection(value)
    return _option(definition, value)


def _set(_call: Call, definition: Row, value: Any) -> list[int]:
    if not isinstance(value, list) or not value:
        raise ValueError("Expected non-empty 'array' as value, use null to clear the field")
    return [_option(definition, option) for option in value]


def _option(definition: Row, value: Any) -> int:
    if not is_number(value):
        raise ValueError("Expected 'number' as option id")
    if not any(option["id"] == value for option in definition["options"]):
        raise ValueError(f"The option {value} does not exist")
    return int(value)


def _reference(call: Call, definition: Row, value: Any) -> int:
    collection, noun = REFERRED[definition["field_type"]]
    _refuse_collection(value)
    if not is_number(value):
        raise ValueError(f"Expected 'number' as value for {noun} custom field")
    require_row(call, collection, value)
    return int(value)


def _date(_call: Call, _definition: Row, value: Any) -> str:
    _refuse_collection(value)
    return _plain_date(value)


def _structured(name: str, *parts: str, has_timezone: bool = False) -> Reader:
    """A reader of an object with a `value` and other parts, all dates or, with a time zone, times of day."""
    zone = tuple(DEFAULT_TIMEZONE) if has_timezone else ()
    read = _plain_clock if has_timezone else _plain_date

    def structured(_call: Call, _definition: Row, value: Any) -> dict[str, Any]:
        _require_object(value, name, (*parts, *zone))
        return {part: read(value.get(part)) for part in parts} | {
            key: value.get(key, DEFAULT_TIMEZONE[key]) for key in zone
        }

    return structured


def _address(_call: Call, _definition: Row, value: Any) -> dict[str, Any]:
    _require_object(value, "Address", ("value", *ADDRESS_PARTS, "formatted_address"))
    return read_address(value, (*ADDRESS_PARTS, "formatted_address"))


def _plain_date(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Expected 'string' as date")
    return parse_date(value)


def _plain_clock(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("Expected 'string' as time")
    return parse_clock(value)


def _require_object(value: Any, name: str, keys: tuple[str, ...]) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"{name} custom field value expected 'object'")
    for key in value:
        if key not in keys:
            raise ValueError(f"Parameter '{key}' is not allowed")


def _refuse_collection(value: Any) -> None:
    if isinstance(value, list | dict):
        raise ValueError("Invalid collection")


READERS: dict[str, Reader] = {
    **dict.fromkeys(("varchar", "varchar_auto", "text", "phone"), _string),
    "double": _double,
    "monetary": _monetary,
    "enum": _enum,
    "set": _set,
    **dict.fromkeys(REFERRED, _reference),
    "date": _date,
    "daterange": _structured("Date range", "value", "until"),
    "time": _structured("Time", "value", has_timezone=True),
    "timerange": _structured("Time range", "value", "until", has_timezone=True),
    "address": _address,
}
