"""One value of the API to one value of a column. Pure, fast on the usual input, honest about the unusual.

A converter returns the value, None for "nothing there", and raises ValueError for what cannot be read as its type.
"""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any

import pendulum

Converter = Callable[[Any], Any]

_TRUE = frozenset({1, "1", "true", "True"})
_FALSE = frozenset({0, "0", "false", "False"})


def utc(value: Any) -> str | None:
    """Any timestamp of the API as RFC 3339 UTC with whole seconds; ``0000-00-00`` and empty text become None.

    v1 sends ``2024-05-01 10:00:00`` meaning UTC, v2 RFC 3339 with or without fractions.
    Source: https://pipedrive.readme.io/docs/core-api-concepts-date-format
    """
    if type(value) is not str:
        raise ValueError("not a text")
    length = len(value)
    if length == 20 and value[10] == "T" and value[19] == "Z" and value[0] != "0":
        return value
    if not value or value.startswith("0000"):
        return None
    if length == 19 and value[10] in " T":
        return f"{value[:10]}T{value[11:]}Z"
    if length > 20 and value[19] == "." and value[-1] == "Z" and value[10] == "T":
        return value[:19] + "Z"
    return _utc_slow(value)


def local(time: str) -> str:
    """A time as ``utc`` gives it in the spelling of v1, ``2024-05-01 10:00:00``."""
    return time.removesuffix("Z").replace("T", " ")


def _utc_slow(value: str) -> str:
    try:
        parsed = pendulum.parse(value, tz="UTC", strict=True)
    except Exception:
        raise ValueError("not a time") from None
    if not isinstance(parsed, pendulum.DateTime):
        raise ValueError("not a time")
    return str(parsed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def date(value: Any) -> str | None:
    """A date as ``YYYY-MM-DD``; ``0000-00-00`` and empty text become None."""
    if type(value) is not str:
        raise ValueError("not a text")
    if not value or value.startswith("0000"):
        return None
    if len(value) >= 10 and value[4] == "-" and value[7] == "-":
        return value[:10]
    raise ValueError("not a date")


def integer(value: Any) -> int | None:
    """A whole number; text and whole floats are read, too."""
    if type(value) is int:
        return value
    if value == "":
        return None
    if isinstance(value, float | str | bool):
        number = float(value)
        if number == int(number):
            return int(value) if isinstance(value, str) and value.lstrip("+-").isdigit() else int(number)
    raise ValueError("not a whole number")


def number(value: Any) -> int | float | None:
    """A number; text is read, too."""
    if type(value) is float or type(value) is int:
        return value
    if value == "":
        return None
    if isinstance(value, str | bool):
        return float(value)
    raise ValueError("not a number")


def boolean(value: Any) -> bool | None:
    """A truth value; v1 sends 0, 1, "0", "1", "true" as well."""
    if type(value) is bool:
        return value
    if value == "":
        return None
    if isinstance(value, int | str):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise ValueError("not true or false")


def text(value: Any) -> str:
    """Text; numbers and truth values become their text."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ValueError("not a text")


def anything(value: Any) -> Any:
    """The value as it is."""
    return value


def converter(schema: Mapping[str, Any]) -> Converter:
    """The converter of a JSON schema property, nested objects and lists included."""
    kinds = schema.get("type", [])
    wanted = [name for name in ([kinds] if isinstance(kinds, str) else kinds) if name != "null"]
    kind = wanted[0] if len(wanted) == 1 else ""
    if kind == "string":
        return {"date-time": utc, "date": date}.get(schema.get("format", ""), text)
    if kind == "array":
        return _array(converter(schema["items"])) if schema.get("items") else _array(anything)
    if kind == "object":
        return _object({name: converter(part) for name, part in schema.get("properties", {}).items()})
    return {"integer": integer, "number": number, "boolean": boolean}.get(kind, anything)


def _array(convert: Converter) -> Converter:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise ValueError("not a list")
        return [None if item is None else convert(item) for item in value]

    return read


def _object(parts: Mapping[str, Converter]) -> Converter:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise ValueError("not an object")
        return {
            name: None if item is None else parts[name](item) if name in parts else item for name, item in value.items()
        }

    return read
