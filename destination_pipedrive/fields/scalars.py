"""Types whose value is one text, number, truth value, date or time."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from destination_pipedrive.fields.field import Field, FieldOptions, FieldType, Reader
from destination_pipedrive.fields.formats import format_misuse, format_reader, number_misuse, number_reader
from destination_pipedrive.fields.html import visible_texts
from destination_pipedrive.fields.parsing import (
    ALIAS,
    DOMAIN,
    BadValue,
    DomainText,
    Lookups,
    Parts,
    clock_time,
    first,
    is_nothing,
    main,
    moment,
    text,
)
from destination_pipedrive.fields.shared_hosts import is_shared
from pipedrive_client.normalization import composed, domain_of, is_placeholder, phone_key, text_key

#: How many texts are remembered with their keys: while a record is on its way, it is asked for them several times.
REMEMBERED = 10_000


def same(current: Any, wanted: Any) -> bool:
    """Whether two values are the same as they are."""
    return bool(current == wanted)


def same_text(current: Any, wanted: Any) -> bool:
    """Whether two texts are the same but for spaces around them and the spelling of accents."""
    return bool(current == wanted) or composed(str(current).strip()) == wanted


def same_folded(current: Any, wanted: Any) -> bool:
    """Whether two texts are equal but for upper and lower case."""
    return text_key(str(current)) == text_key(str(wanted))


def same_number(current: Any, wanted: Any) -> bool:
    """Whether two numbers are equal, however they are written."""
    try:
        return bool(current == wanted or float(current) == float(wanted))
    except (TypeError, ValueError, OverflowError):
        return False


def same_flag(current: Any, wanted: Any) -> bool:
    """Whether two flags, numbers or truth values, are the same."""
    return bool(int(current)) == bool(wanted)


def same_day(current: Any, wanted: Any) -> bool:
    """Whether a date, or the day of a time, is the one wanted."""
    return bool(str(current)[:10] == wanted)


def same_moment(current: Any, wanted: Any) -> bool:
    """Whether two times are the same second."""
    try:
        return moment(current) == moment(wanted)
    except BadValue:
        return False


def same_clock(current: Any, wanted: Any) -> bool:
    """Whether two times of day are the same, with or without seconds."""
    try:
        return clock_time(current) == clock_time(wanted)
    except BadValue:
        return False


def same_domain(current: Any, wanted: Any) -> bool:
    """Whether two web addresses are of one domain; on a host that many share, whether they are one page.

    The bare host of such a page says nothing about it.
    """
    domain = domain_of(wanted)
    if domain_of(current) != domain:
        return False
    page = _page(wanted)
    return not is_shared(wanted) or page in (domain, _page(current))


def _page(address: Any) -> str:
    """A web address without its scheme, `www.` and the slash at its end."""
    return re.sub(r"^(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:www\.)?", "", str(address).strip().lower()).rstrip("/")


def text_keys(value: Any, exact: bool = False, keeps_placeholders: bool = False) -> list[str]:
    """The key of a text: trimmed, in lower case and with single spaces unless it is to be ``exact``."""
    key = _text_key(str(value), exact, keeps_placeholders)
    return [key] if key else []


@lru_cache(REMEMBERED)
def _text_key(value: str, exact: bool, keeps_placeholders: bool) -> str | None:
    given = text(value)
    if not given or (is_placeholder(given) and not keeps_placeholders):
        return None
    return given if exact else text_key(given) or given


#: More digits than a number has that JSON or Pipedrive carries.
_EXACT = Context(prec=1_000)


def number_keys(value: Any, exact: bool = False) -> list[str]:
    """The key of a number, every digit of it: 1, 1.0 and "1" are one number. Zero is a placeholder."""
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return text_keys(value, exact)
    return [format(found.normalize(_EXACT), "f")] if found and found.is_finite() else []


@dataclass(frozen=True, kw_only=True)
class Scalar(FieldType):
    """A type whose value is read by one function and compared by another."""

    read: Callable[[Any], Any]
    same: Callable[[Any, Any], bool] = same
    is_zero_empty: bool = False

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The value as the type's reader takes it."""
        return self.read(main(parts))

    def equal(self, current: Any, wanted: Any) -> bool:
        """As the type's own comparison says."""
        return self.same(current, wanted)

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """Numbers with every digit, all else as text."""
        return number_keys(value, exact) if self.has_size else text_keys(value, exact)

    def is_empty(self, value: Any) -> bool:
        """Nothing, and where Pipedrive sets a zero by itself, that."""
        return is_nothing(value) or (self.is_zero_empty and same_number(value, 0))


@dataclass(frozen=True, kw_only=True)
class Temporal(Scalar):
    """A date or a time, which a rule's `format` may spell in its own way; ``is_clock``: a time of day, ``is_moment``: a
    time with its day.
    """

    is_clock: bool = False
    is_moment: bool = False

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """A time with its day in one spelling, all else as text."""
        with suppress(BadValue):
            return [moment(value)] if self.is_moment else super().match_keys(value, country, exact)
        return []

    def reader(self, options: FieldOptions) -> Reader | None:
        """What turns the rule's format into the ISO form."""
        return format_reader(options.format, self.is_clock)

    def misuse(self, options: FieldOptions) -> str:
        """A format that cannot be read back is none."""
        return format_misuse(options.format) or super().misuse(FieldOptions(options.merge, options.primary))


@dataclass(frozen=True, kw_only=True)
class Number(Scalar):
    """A number, which a rule's `format` may spell with separators and a unit."""

    def reader(self, options: FieldOptions) -> Reader | None:
        """What turns the rule's format into a plain number."""
        return number_reader(options.format)

    def misuse(self, options: FieldOptions) -> str:
        """A number has two formats only."""
        return number_misuse(options.format) or super().misuse(FieldOptions(options.merge, options.primary))


@dataclass(frozen=True, kw_only=True)
class Text(Scalar):
    """Text of a limited length. ``is_phone``: compared as a phone number where rows are looked for;
    ``keeps_placeholders``: rows that have no other key are looked for by it, whatever it says.
    """

    read: Callable[[Any], Any] = text
    same: Callable[[Any, Any], bool] = same_text
    is_phone: bool = False
    keeps_placeholders: bool = False

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The text; a company's domain that came alone stands for any fuller web address."""
        value = parts[""] if "" in parts else parts.get(ALIAS)
        if value is None and DOMAIN in parts:
            return DomainText(shortened(field, parts[DOMAIN]))
        return shortened(field, value)

    def equal(self, current: Any, wanted: Any) -> bool:
        """As text; what came as a domain as that."""
        if isinstance(wanted, DomainText):
            return same_domain(current, wanted)
        return same_text(current, wanted)

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """As text, or as a phone number."""
        phone = phone_key(value, country) if self.is_phone and not exact else None
        key = phone or _text_key(str(value), exact, self.keeps_placeholders)
        return [key] if key else []


def shortened(field: Field, value: Any) -> str:
    """The text of a value. Raises BadValue when it is longer than the field takes."""
    found = value.strip() if value.__class__ is str and value.isascii() else text(value)
    if field.longest and len(found) > field.longest:
        raise BadValue(f"is longer than {field.longest} characters")
    return found


@dataclass(frozen=True, kw_only=True)
class Html(Text):
    """Text that Pipedrive cleans of what it does not allow: the same is what a reader sees as the same."""

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both show the same text and lead to the same pages."""
        return same_text(current, wanted) or bool(visible_texts(current) & visible_texts(wanted))

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """What a reader sees of it."""
        return sorted(found.lower() for found in visible_texts(value) if found)


@dataclass(frozen=True, kw_only=True)
class Domain(Text):
    """A company's web address, of which only the domain counts."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The address as it came; a placeholder is nothing. Raises BadValue for what holds no domain."""
        value = shortened(field, first(parts, DOMAIN, "", ALIAS))
        if is_placeholder(value):
            return None
        if not domain_of(value):
            raise BadValue("needs a web address or domain")
        return value

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both have the same domain."""
        return same_domain(current, wanted)

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """The domain."""
        domain = domain_of(value)
        return [domain] if domain else []


@dataclass(frozen=True, kw_only=True)
class Choice(Scalar):
    """One of some words that the field lists."""

    read: Callable[[Any], Any] = text

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The word in lower case. Raises BadValue for another one."""
        value = text(main(parts)).lower()
        if value not in field.choices:
            raise BadValue(f"needs one of {', '.join(field.choices)}", "unknown_option")
        return value
