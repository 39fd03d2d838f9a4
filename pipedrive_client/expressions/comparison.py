"""How the values of an expression compare: numbers, text, times, names, lists. Pure, and total: nothing raises."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,3})?\s*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")
#: Keys under which the API keeps what a nested value is compared by: references, emails and phones, money.
_FORM_KEYS = ("id", "name", "email", "value", "amount")


@dataclass(frozen=True)
class Named:
    """Something with several names: a user, a stage. It equals any of them."""

    id: Any
    name: str | None = None
    email: str | None = None

    @property
    def forms(self) -> tuple[Any, ...]:
        """What it equals."""
        return tuple(form for form in (self.id, self.name, self.email) if form is not None)


class Moment(str):
    """A point in time as RFC 3339 UTC; compared with a date, only its own date counts."""

    __slots__ = ()

    @classmethod
    def of(cls, time: datetime) -> "Moment":
        """The moment of a time that knows its zone."""
        utc = time.astimezone(UTC)
        # strftime writes a year before 1000 with fewer than four digits.
        return cls(f"{utc.year:04}-{utc:%m-%dT%H:%M:%SZ}")


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same; a number equals its text, a named thing any of its names."""
    for one, other in ((left, right), (right, left)):
        forms = _forms(one)
        if forms is not None:
            return any(equal(form, other) for form in forms)
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return _truth(left) is not None and _truth(left) == _truth(right)
    if isinstance(left, str) and isinstance(right, str):
        first, second = _texts(left, right)
        return first == second
    numbers = _number(left), _number(right)
    return numbers[0] == numbers[1] if None not in numbers else bool(left == right)


def ordered(left: Any, right: Any, test: Callable[[Any, Any], bool]) -> bool:
    """Whether ``test`` (less than …) holds; false for what has no order, null above all."""
    for one, other in ((left, right), (right, left)):
        forms = _forms(one)
        if forms is not None:
            return any(ordered(*((form, other) if one is left else (other, form)), test) for form in forms)
    numbers = _number(left), _number(right)
    if None not in numbers:
        return test(*numbers)
    return isinstance(left, str) and isinstance(right, str) and test(*_texts(left, right))


def member(value: Any, many: Any) -> bool:
    """Whether ``value`` equals one of ``many``; what is not a list counts as a list of one, null as an empty one."""
    if many is None:
        return False
    return any(equal(value, one) for one in (many if isinstance(many, list | tuple) else (many,)))


def unequal(left: Any, right: Any) -> bool:
    """The opposite of ``equal``."""
    return not equal(left, right)


def stranger(value: Any, many: Any) -> bool:
    """The opposite of ``member``."""
    return not member(value, many)


def _forms(value: Any) -> tuple[Any, ...] | None:
    if isinstance(value, Named):
        return value.forms
    if isinstance(value, Mapping):
        return tuple(value[key] for key in _FORM_KEYS if value.get(key) is not None)
    return None


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    return bool(value) if isinstance(value, int | float) and value in (0, 1) else None


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if value == value else None
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return None
    return int(value) if value.strip().lstrip("+-").isdigit() else float(value)


def _texts(left: str, right: str) -> tuple[str, str]:
    """Both as comparable text: times in UTC and one spelling; a moment next to a date as a date."""
    if isinstance(left, Moment) and _DATE.fullmatch(right):
        return left[:10], right
    if isinstance(right, Moment) and _DATE.fullmatch(left):
        return left, right[:10]
    return (_utc(left), _utc(right)) if _TIME.match(left) and _TIME.match(right) else (left, right)


def _utc(text: str) -> str:
    if len(text) == 20 and text[10] == "T" and text[19] == "Z":
        return text
    try:
        time = datetime.fromisoformat(text)
        return Moment.of(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return text
