"""A table as a proposal sees it: its columns with sampled values, and what the values of the whole table look like."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from destination_pipedrive.fields.parsing import is_nothing
from destination_pipedrive.proposing.words import Words, words_of
from pipedrive_client.normalization import domain_of, is_placeholder

#: How many rows are looked at.
MOST_ROWS = 2_000
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[a-z]{2,}", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d\s()/.\-]{7,20}(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(\D.*)?")
_HOST = re.compile(r"(https?://\S+|(www\.)?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,12}(/\S*)?)", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?(\d{1,3}([.,'\s]\d{3})+|\d*)([.,]?\d+|[.,]-+)")
_COMMA = re.compile(r"\d,\d{1,2}(?!\d)|\d\.\d{3},")
_POINT = re.compile(r"\d\.\d{1,2}(?!\d)|\d,\d{3}\.")
_SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}")
#: Signs and codes of currencies in values.
_CURRENCY = re.compile(r"(?<![A-Z])(EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|BRL|CAD|AUD|JPY)(?![A-Z])|R\$|[€$£¥]")
_CODES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "R$": "BRL"}


@dataclass(frozen=True)
class Column:
    """One column. ``values`` are those of the sampled rows that hold something, ``rows`` how many were looked at."""

    name: str
    values: tuple[Any, ...] = ()
    rows: int = 0
    types: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> Words:
        """The words of the name."""
        return words_of(self.name)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The values as text, but for placeholders such as `n/a`."""
        texts = (str(value).strip() for value in self.values if not isinstance(value, Mapping | list))
        return tuple(text for text in texts if not is_placeholder(text))

    def share(self, form: Callable[[str], Any]) -> float:
        """The share of the values that are of a form; of none 0."""
        return sum(bool(form(text)) for text in self.texts) / len(self.texts) if self.texts else 0.0

    @cached_property
    def is_unique(self) -> bool:
        """True when no value comes twice."""
        return bool(self.values) and len({text.lower() for text in self.texts}) == len(self.values)

    @cached_property
    def looks_like(self) -> str:
        """`email`, `domain`, `number`, `phone`, or nothing: what at least four of five values are."""
        forms: dict[str, Callable[[str], Any]] = {"email": is_email, "domain": is_host}
        forms |= {"number": _NUMBER.fullmatch, "phone": is_phone}
        return next((name for name, form in forms.items() if self.share(form) >= 0.8), "")

    @cached_property
    def currency(self) -> str:
        """The code of the currency that stands beside every amount; empty when there is none, or several."""
        found = {_CODES.get(match[0], match[0]) for text in self.texts if (match := _CURRENCY.search(text))}
        return found.pop() if len(found) == 1 and self.share(lambda text: re.search(r"\d", text)) >= 0.8 else ""


def is_email(text: str) -> bool:
    """Whether a text is an email address."""
    return _EMAIL.fullmatch(text) is not None


def is_phone(text: str) -> bool:
    """Whether a text can be a phone number, and is no date."""
    return _PHONE.fullmatch(text) is not None and not _DATE.fullmatch(text)


def is_host(text: str) -> bool:
    """Whether a text is a domain or a web address."""
    return "@" not in text and _HOST.fullmatch(text) is not None and domain_of(text) is not None


@dataclass(frozen=True)
class Table:
    """What a proposal is for. ``origin`` says to people where it comes from; ``is_sampled``: rows were there."""

    stream: str
    columns: tuple[Column, ...]
    origin: str = ""
    rows: int = 0
    is_comma_decimal: bool | None = None
    is_day_first: bool | None = None

    @property
    def is_sampled(self) -> bool:
        """Whether there were rows to look at."""
        return self.rows > 0


def table_of(stream: str, names: Mapping[str, frozenset[str]], rows: Iterable[Mapping[str, Any]], origin: str) -> Table:
    """The table of some rows; ``names`` are the columns in their order with the JSON types of their values."""
    values: dict[str, list[Any]] = {name: [] for name in names}
    count = 0
    for row in rows:
        count += 1
        for name, value in row.items():
            if not is_nothing(value):
                values.setdefault(name, []).append(value)
    columns = tuple(Column(name, tuple(held), count, names.get(name, frozenset())) for name, held in values.items())
    return Table(stream, columns, origin, count, _comma_decimal(columns), _day_first(columns))


def _comma_decimal(columns: Iterable[Column]) -> bool | None:
    """Whether numbers have a comma before the fraction, as far as the table tells."""
    commas = points = 0
    for column in columns:
        plain = [_CURRENCY.sub("", text).strip(" %") for text in column.texts]
        numbers = [text for text in plain if _NUMBER.fullmatch(text)]
        if len(numbers) >= 0.8 * len(plain):
            commas += sum(bool(_COMMA.search(text)) for text in numbers)
            points += sum(bool(_POINT.search(text)) for text in numbers)
    return None if commas == points else commas > points


def _day_first(columns: Iterable[Column]) -> bool | None:
    """Whether days stand before months, as far as the table tells."""
    pairs = [found.groups() for column in columns for text in column.texts if (found := _SLASHED.match(text))]
    days = sum(int(first) > 12 for first, _ in pairs)
    months = sum(int(second) > 12 for _, second in pairs)
    return None if days == months else days > months
