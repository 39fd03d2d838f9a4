"""Which values a converter returns as they are, as nearly all are: as code, and as types of JSON.

Code that is written for a layout of rows tests values by these, and calls the converter for all others only.
"""

from collections.abc import Mapping
from datetime import datetime
from operator import not_
from typing import Any

from pipedrive_client.lenient_json import LARGEST, SMALLEST
from source_pipedrive.records.converters import (
    DAYS,
    UNREADABLE,
    ArrayConverter,
    Converter,
    are_integers,
    are_texts,
    boolean,
    date,
    integer,
    number,
    text,
    utc,
)

#: How the tests of texts begin.
IS_TEXT = "{0}.__class__ is str and "
#: Converter -> when it returns a value, ``{0}``, as it is; written out in code that reads very many values, where a
#: call of the converter would take three times as long. Of numbers NaN, infinity and very large ones are left to it.
#: Names are those of IN_CODE; the one of a time raises ValueError where it does not hold.
AS_IS: Mapping[Converter, str] = {
    text: "{0}.__class__ is str",
    boolean: "{0}.__class__ is bool",
    integer: "{0}.__class__ is int and SMALLEST <= {0} <= LARGEST",
    number: "({0}.__class__ is float and -MOST < {0} < MOST or {0}.__class__ is int and SMALLEST <= {0} <= LARGEST)",
    date: IS_TEXT + "{0} in DAYS",
    utc: IS_TEXT + "len({0}) == 20 and {0}[4::3] == '--T::Z' and parse({0})",
}
#: Converter -> the type of JSON that it returns as it is; ``float`` is any number.
KINDS: Mapping[Converter, type] = {text: str, boolean: bool, integer: int, number: float, date: str, utc: str}
#: Those that return everything of that type, in 64 bits, as it is.
PLAIN = frozenset({text, boolean, integer, number})
#: What code that is written out refers to.
IN_CODE: Mapping[str, Any] = {
    "SMALLEST": SMALLEST,
    "LARGEST": LARGEST,
    # A float is compared with a float in half the time that it takes with a whole number.
    "MOST": float(LARGEST),
    "DAYS": DAYS,
    "UNREADABLE": UNREADABLE,
    "parse": datetime.fromisoformat,
    **{test.__name__: test for test in (are_integers, are_texts, not_)},
}


def as_is(convert: Converter) -> str:
    """When a converter returns a value, ``{0}``, as it is; empty when nothing is known."""
    if isinstance(convert, ArrayConverter):
        return f"{{0}}.__class__ is list and {convert.are_plain.__name__}({{0}})"
    return AS_IS.get(convert, "")


def kind_of(convert: Converter) -> type:
    """The type of JSON that a converter returns as it is; ``object`` when it takes a look at anything."""
    if isinstance(convert, ArrayConverter) and convert.are_plain is are_integers:
        return list
    return KINDS.get(convert, object)
