"""Readers of single values. Pure, careful: what is not plainly the type is refused, not guessed.

They raise BadValue with a reason that quotes no data.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

from destination_pipedrive.fields.field import Field

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_TRUE = frozenset({"true", "1", "yes", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "f", "n"})
#: How a reason begins that speaks of the value; all others speak of the field.
_OF_VALUES = ("is ", "names ")
#: Parts of an address that can be written. Source: the request bodies' ``address``.
ADDRESS_PARTS = [
    "value",
    "country",
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "sublocality",
    "route",
    "street_number",
    "subpremise",
    "postal_code",
]


class BadValue(ValueError):
    """A value that cannot become the field's type. The text is the reason, without the value.

    ``missing`` is the label of an option that could be created.
    """

    def __init__(self, reason: str, code: str = "invalid_value", missing: str = "") -> None:
        super().__init__(reason)
        self.missing = missing
        self.code = code

    def about(self, field: str) -> str:
        """The reason with its subject: what a field needs, or what its value is."""
        reason = str(self)
        return f"the value of `{field}` {reason}" if reason.startswith(_OF_VALUES) else f"`{field}` {reason}"


def is_nothing(value: Any) -> bool:
    """True for null, empty or blank text, the zero date of old data, an empty list and an empty object."""
    if isinstance(value, str):
        return not value.strip() or value.startswith("0000-00-00")
    return value is None or value in ([], {})


class DomainText(str):
    """A web address that came as a `domain`: a fuller address with the same domain is the same."""

    __slots__ = ()


def text(value: Any) -> str:
    """Trimmed text; numbers become their text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"needs text, not {_kind(value)}")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def number(value: Any) -> int | float:
    """A finite number; text such as ``1234.5`` is read, text with separators or units is refused."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value) if re.search(r"[.eE]", value) else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"needs a number such as 1234.5, without separators or units, not {_kind(value)}")
    if value != value or value in (float("inf"), float("-inf")):
        raise BadValue("needs a finite number")
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def integer(value: Any) -> int:
    """A whole number; ``5.0`` and text of digits are read."""
    whole = number(value)
    if not isinstance(whole, int):
        raise BadValue("needs a whole number")
    return whole


def boolean(value: Any) -> bool:
    """A truth value; 1 and 0, and the usual words, are read."""
    word = str(value).strip().lower() if isinstance(value, bool | int | str) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise BadValue("needs true or false")


def day(value: Any) -> str:
    """A date as ``YYYY-MM-DD``; of a time its day in UTC."""
    given = value.strip() if isinstance(value, str) else ""
    try:
        if len(given) == 10:
            return date.fromisoformat(given).isoformat()
        return moment(given)[:10]
    except ValueError:
        raise BadValue("needs a date as YYYY-MM-DD") from None


def moment(value: Any) -> str:
    """A time as RFC 3339 UTC with whole seconds; one without a zone is UTC."""
    try:
        parsed = datetime.fromisoformat(value.strip() if isinstance(value, str) else "")
        zoned = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("needs a time as YYYY-MM-DDTHH:MM:SSZ") from None
    return zoned.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(value: Any) -> str:
    """A time of day as ``HH:MM:SS``."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (24, 0, 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise BadValue("needs a time of day as HH:MM or HH:MM:SS")
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def identifier(value: Any) -> int:
    """An id: a whole number above zero, or an object that carries one."""
    if isinstance(value, Mapping):
        value = value.get("id", value.get("value"))
    try:
        found = integer(value)
    except BadValue:
        raise BadValue("needs an id") from None
    if found <= 0:
        raise BadValue("needs an id above zero")
    return found


def _kind(value: Any) -> str:
    names = {"str": "this text", "dict": "an object", "list": "a list", "bool": "true or false"}
    return names.get(type(value).__name__, f"a {type(value).__name__}")


Parts = Mapping[str, Any]
#: Who may see a record. Source: the request bodies' ``visible_to``.
VISIBILITIES = (1, 3, 5, 7)
#: The part of a stage that names the pipeline in which it is looked for.
PIPELINE = "_pipeline"
#: Numbers of a product's price. Source: the request bodies' ``prices``.
PRICE_NUMBERS = ("price", "cost", "direct_cost")


class Lookups(Protocol):
    """Names of the account that values may use instead of ids."""

    def user_id(self, name: str) -> int | None:
        """The active user of an e-mail address or a name, None when there is none."""

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """Ids of the stages of a name in a pipeline, or in every one that has it."""

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name."""

    def lead_label_ids(self, name: str) -> list[str]:
        """Ids of the lead labels of a name."""

    def knows(self, kind: str, row_id: int) -> bool:
        """Whether the account has a user, stage or pipeline of this id; true for other kinds."""

    def user_trouble(self, owner: str) -> str:
        """Why an id, e-mail address or name is not that of one active user."""

    def names(self, kind: str) -> list[str]:
        """The names that a field of a kind can take."""

    def currency(self) -> str:
        """The acting user's default currency."""


@dataclass(frozen=True)
class Named:
    """A link to a row that is known by name or domain instead of an id; resolved just before writing."""

    text: str


def first(parts: Parts, *names: str) -> Any:
    """The first part that holds something."""
    return next((parts[name] for name in names if not is_nothing(parts.get(name))), None)


Coercer = Callable[[Field, Parts, Lookups], Any]
