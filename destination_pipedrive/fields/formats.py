"""How a rule's `format` spells dates, times and numbers, and what reads them."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from destination_pipedrive.fields.field import Reader
from destination_pipedrive.fields.parsing import BadValue, is_nothing, number, text

#: Formats that count from 1970: how many of their units make a second.
EPOCHS = {"epoch_s": 1, "epoch_ms": 1000}
#: Formats of numbers: the sign before the fraction, the one between groups, and an example.
NUMBER_FORMATS = {"decimal_comma": (",", ".", "1.234,50 €"), "decimal_point": (".", ",", "$1,234.50")}
#: What stands beside the digits of a number: signs and codes of currencies, a percent sign.
_UNITS = re.compile(r"[%€$£¥₣₹₺₽zł]|R\$|\b[A-Z]{3}\b|(?<=\d)[A-Z]{3}$|^[A-Z]{3}(?=[\d+-])|(?<=\d),?-+$")
#: A time that shows whether a format can be read back.
_SAMPLE = datetime(2026, 11, 28, 17, 45, 30, tzinfo=UTC)


def format_reader(form: str, is_clock: bool = False) -> Reader | None:
    """What reads dates or times of a format as ISO text; nothing stays nothing. None without a format."""
    if not form:
        return None

    def read(value: Any) -> Any:
        if is_nothing(value):
            return value
        try:
            found = _of_epoch(value, EPOCHS[form]) if form in EPOCHS else datetime.strptime(text(value), form)
        except (ValueError, OverflowError, OSError):
            raise BadValue(f"needs the format `{form}`") from None
        return found.time().isoformat() if is_clock else found.isoformat()

    return read


def format_misuse(form: str) -> str:
    """What is wrong with a format, worded behind the field's name; empty when nothing."""
    if not form or form in EPOCHS:
        return ""
    try:
        is_read = datetime.strptime(_SAMPLE.strftime(form), form) is not None
    except ValueError:
        is_read = False
    return "" if is_read and "%" in form else f"takes no format `{form}`; write one such as `%d.%m.%Y`, or `epoch_s`"


def _of_epoch(value: Any, units: int) -> datetime:
    return datetime.fromtimestamp(number(value) / units, UTC)


def number_reader(form: str) -> Reader | None:
    """What reads `1.234,50 €` or `$1,234.50` as a number; what is no text stays as it is. None without a format."""
    if not form:
        return None
    decimal, group, example = NUMBER_FORMATS[form]

    def read(value: Any) -> Any:
        if not isinstance(value, str) or is_nothing(value):
            return value
        plain = _UNITS.sub("", value.strip()).strip()
        found = _grouped(decimal, group).fullmatch(plain)
        if not found:
            raise BadValue(f"needs the format `{form}`, such as {example}")
        return number(re.sub(r"[^\d,.+-]", "", plain).replace(group, "").replace(decimal, "."))

    return read


@lru_cache
def _grouped(decimal: str, group: str) -> re.Pattern[str]:
    """Digits, in groups of three or in none, with or without a fraction."""
    whole = rf"(\d{{1,3}}([{re.escape(group)}'’\s]\d{{3}})+|\d+)"
    return re.compile(rf"[+-]?({whole}({re.escape(decimal)}\d*)?|{re.escape(decimal)}\d+)")


def number_misuse(form: str) -> str:
    """What is wrong with a format of numbers, worded behind the field's name; empty when nothing."""
    known = " or ".join(f"`{each}`" for each in NUMBER_FORMATS)
    return "" if not form or form in NUMBER_FORMATS else f"takes no format `{form}`; a number has {known}, or none"
