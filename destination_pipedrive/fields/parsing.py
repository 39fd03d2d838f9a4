"""Readers of single values. Pure, careful: what is not plainly the type is refused, not guessed.

They raise BadValue with a reason that quotes no data.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import orjson

from pipedrive_client.normalization import composed

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_ID = re.compile(r"\d+(\.0+)?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)? ?([AaPp][Mm])?")
#: Zones as warehouses print them: ``… 10:00:00 UTC``, ``… 10:00:00.000 +0000``, and of a day ``…Z``.
_SPACED_ZONE = re.compile(r" ?(?:UTC|GMT|Z)$| (?=[+-]\d{2}:?\d{0,2}$)", re.IGNORECASE)
_DAY_WITH_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})")
_TRUE = frozenset({"true", "1", "1.0", "yes", "t", "y"})
_FALSE = frozenset({"false", "0", "0.0", "no", "f", "n"})
#: How a reason begins that speaks of the value; all others speak of the field.
_OF_VALUES = ("is ", "names ")
#: Who may see a record. Source: the request bodies' ``visible_to``.
VISIBILITIES = (1, 3, 5, 7)
Parts = Mapping[str, Any]
#: The part of a field that another name of it (``email``, ``owner``, ``labels``) fills.
ALIAS = "alias"
#: The part of a web address that a `domain` column fills.
DOMAIN = "_domain"
#: The part of a stage that names the pipeline in which it is looked for.
PIPELINE = "_pipeline"


class BadValue(ValueError):
    """A value that cannot become the field's type. The text is the reason, without the value.

    ``missing`` is the label of an option that could be created; ``by_record``: another value of a record may help.
    """

    def __init__(self, reason: str, code: str = "invalid_value", missing: str = "", by_record: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing
        self.code = code
        self.by_record = by_record

    def about(self, field: str) -> str:
        """The reason with its subject: what a field needs, or what its value is."""
        reason = str(self)
        return f"the value of `{field}` {reason}" if reason.startswith(_OF_VALUES) else f"`{field}` {reason}"


class Lookups(Protocol):
    """Names of the account that values may use instead of ids."""

    def user_id(self, name: str) -> int | None:
        """The active user of an email address or a name, None when there is none."""

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """Ids of the stages of a name in a pipeline, or in every one that has it."""

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name."""

    def lead_label_ids(self, name: str) -> list[str]:
        """Ids of the lead labels of a name."""

    def activity_type_keys(self, name: str) -> list[str]:
        """Keys of the activity types of a key or a name."""

    def knows(self, kind: str, row_id: int) -> bool:
        """Whether the account has a user, stage or pipeline of this id; true for other kinds."""

    def user_trouble(self, owner: str) -> str:
        """Why an id, email address or name is not that of one active user."""

    def names(self, kind: str) -> list[str]:
        """The names that a field of a kind can take."""

    def currency(self) -> str:
        """The acting user's default currency."""


@dataclass(frozen=True)
class Named:
    """A link to a row that is known by name or domain instead of an id; resolved just before writing."""

    text: str


class DomainText(str):
    """A web address that came as a `domain`: a fuller address with the same domain is the same."""

    __slots__ = ()


def is_nothing(value: Any) -> bool:
    """True for null, empty or blank text, the zero date of old data, an empty list and an empty object."""
    if isinstance(value, str):
        return not value or value.isspace() or value.startswith("0000-00-00")
    return value is None or (not value and isinstance(value, list | dict))


def main(parts: Parts) -> Any:
    """The value itself, under the field's own name or another one of it."""
    return parts[""] if "" in parts else parts.get(ALIAS)


def first(parts: Parts, *names: str) -> Any:
    """The first part that holds something."""
    for name in names:
        value = parts.get(name)
        if not is_nothing(value):
            return value
    return None


def from_json(value: Any) -> Any:
    """A list or an object that comes as text, as warehouses hand it back; everything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def listed(value: Any) -> list[Any]:
    """The entries of a list, of a text with commas, or of a single value; empty ones are left out."""
    value = from_json(value)
    if isinstance(value, str):
        value = value.split(",")
    return [each for each in (value if isinstance(value, list) else [value]) if not is_nothing(each)]


def text(value: Any) -> str:
    """Trimmed text, its accents in one spelling; numbers become their text."""
    if isinstance(value, str):
        return value.strip() if value.isascii() else composed(value.strip())
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
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise BadValue("needs a number of at most 64 bits")
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def integer(value: Any) -> int:
    """A whole number; ``5.0`` and text of digits are read."""
    whole = number(value)
    if not isinstance(whole, int):
        raise BadValue("needs a whole number")
    return whole


def boolean(value: Any) -> bool:
    """A truth value; 1 and 0, and the usual words, are read."""
    word = str(value).strip().lower() if isinstance(value, bool | int | float | str) else ""
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
        zoned = _DAY_WITH_ZONE.fullmatch(given)
        return date.fromisoformat(zoned[1]).isoformat() if zoned else moment(given)[:10]
    except ValueError:
        raise BadValue("needs a date as YYYY-MM-DD") from None


def moment(value: Any) -> str:
    """A time as RFC 3339 UTC with whole seconds; one without a zone is UTC."""
    given = value.strip() if isinstance(value, str) else ""
    try:
        return _utc(_parsed_time(given))
    except (ValueError, OverflowError):
        raise BadValue("needs a time as YYYY-MM-DDTHH:MM:SSZ") from None


def _parsed_time(given: str) -> datetime:
    try:
        return datetime.fromisoformat(given)
    except ValueError:
        return datetime.fromisoformat(_SPACED_ZONE.sub("", given))


def _utc(parsed: datetime) -> str:
    zoned = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    return zoned.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def clock_time(value: Any) -> str:
    """A time of day as ``HH:MM:SS``; with ``AM`` or ``PM`` it counts to twelve."""
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3]) if found else (24, 0, 0)
    half = (found[4] or "").lower() if found else ""
    if half:
        hours = hours % 12 + 12 * (half == "pm") if 1 <= hours <= 12 else 24
    if hours > 23 or minutes > 59 or seconds > 59:
        raise BadValue("needs a time of day as HH:MM or HH:MM:SS")
    return f"{hours:02}:{minutes:02}:{seconds:02}"


def clock_in_utc(value: Any) -> str:
    """A time of day as ``HH:MM``; of a time with a day or a zone that in UTC."""
    try:
        return clock_time(value)[:5]
    except BadValue:
        if not isinstance(value, str) or ":" not in value:
            raise
        given = value.strip()
        try:
            return moment(given if "-" in given[:8] else f"2000-01-01T{given}")[11:16]
        except BadValue:
            raise BadValue("needs a time of day as HH:MM or HH:MM:SS") from None


def is_id(value: Any) -> bool:
    """True for a number and for text that is one, such as ``5`` or ``5.0``."""
    return not isinstance(value, str) or _ID.fullmatch(value.strip()) is not None


def identifier(value: Any) -> int:
    """An id: a whole number above zero, or an object that carries one."""
    value = from_json(value)
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
