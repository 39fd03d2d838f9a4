"""Whether sampled values can become a field's type, and what a rule must say so that they do."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from rapidfuzz import fuzz, process

from destination_pipedrive.fields.field import Field, FieldOptions, FieldPart
from destination_pipedrive.fields.formats import NUMBER_FORMATS
from destination_pipedrive.fields.parsing import BadValue, Lookups
from destination_pipedrive.proposing.aliases import aliases
from destination_pipedrive.proposing.samples import Column, Table
from destination_pipedrive.proposing.words import words_of
from pipedrive_client.errors import PipedriveError

#: How many different values are tried.
MOST_VALUES = 300
#: Days as tables write them; where two read all values alike, `Table.is_day_first` decides, else the first.
DAYS = (
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%y",
    "%d/%m/%y",
    "%m/%d/%y",
)
DAYS_IN_WORDS = ("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y")
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p")
CLOCKS = ("%H.%M", "%Hh%M", "%H Uhr")
#: Two formats of which both read `03/04/2026`.
_SWAPPED = {"%d/%m": "%m/%d", "%m/%d": "%d/%m", "%d-%m": "%m-%d", "%m-%d": "%d-%m"}
#: Types whose values are names that only the account knows.
OF_ACCOUNT = frozenset({"user", "users", "stage", "pipeline", "lead_labels", "activity_type", "labels", "enum", "set"})
_TEMPORAL = frozenset({"date", "datetime", "spaced_datetime", "daterange", "clock", "time", "timerange"})
#: How alike a value and an option must be, of 100.
ALIKE = 90
_THOUSANDS = re.compile(r"-?\d{1,3}(\.\d{3})+")


@dataclass(frozen=True)
class Fit:
    """How many of the values that were tried can be read, with which ``format`` and value map.

    ``bad`` are some that cannot. ``is_swappable``: the format could as well have months first. ``is_checked`` is false
    where only the account could tell.
    """

    total: int = 0
    good: int = 0
    format: str = ""
    pairs: Mapping[str, str] = field(default_factory=dict)
    bad: tuple[str, ...] = ()
    is_swappable: bool = False
    is_checked: bool = True

    @property
    def share(self) -> float:
        """The share of the values that can be read; 1 where there are none."""
        return self.good / self.total if self.total else 1.0


def fit(column: Column, place: FieldPart, table: Table, lookups: Lookups | None) -> Fit:
    """How the values of a column fit; ``lookups``: the account's names, None without one."""
    values = list(islice(dict.fromkeys(map(_hashable, column.values)), MOST_VALUES))
    kind = place.field.type.name
    if kind in OF_ACCOUNT and not place.field.options and (lookups is None or kind in ("labels", "enum", "set")):
        return Fit(is_checked=False)
    read = partial(_reads, place, lookups or _Nobody())
    try:
        best = _fit(values, read)
        if best.good < best.total or _may_be_thousands(values, kind, table):
            tries = [_fit(values, read, form) for form in _formats(place.field, table)]
            if "." in "".join(map(str, values)) and _may_be_thousands(values, kind, table):
                best = Fit(best.total)
            best = max([best, *tries], key=lambda each: each.good)
    except PipedriveError:
        return Fit(is_checked=False)
    if best.bad and not best.format:
        best = _with_map(best, place.field, values, read)
    swapped = next((best.format.replace(a, b) for a, b in _SWAPPED.items() if a in best.format), "")
    is_swappable = bool(swapped) and table.is_day_first is None and _fit(values, read, swapped).good == best.good
    return Fit(best.total, best.good, best.format, best.pairs, best.bad, is_swappable)


def _may_be_thousands(values: list[Any], kind: str, table: Table) -> bool:
    """`1.500` is fifteen hundred where the numbers of a table have a comma before the fraction."""
    if not (kind in ("number", "amount", "integer", "monetary", "lead_value", "prices") and table.is_comma_decimal):
        return False
    return any(isinstance(each, str) and _THOUSANDS.fullmatch(each.strip()) for each in values)


def _formats(field: Field, table: Table) -> Iterator[str]:
    kind = field.type.name
    if kind in _TEMPORAL:
        days = DAYS if table.is_day_first is not False else sorted(DAYS, key=lambda each: not each.startswith("%m"))
        forms = (
            *(day + time for time in TIMES for day in days),
            *(day + time for time in TIMES for day in DAYS_IN_WORDS),
        )
        yield from (*forms, "epoch_ms", "epoch_s", *(CLOCKS if kind in ("clock", "time", "timerange") else ()))
    elif not field.type.misuse(FieldOptions(format="decimal_comma")):
        yield from sorted(NUMBER_FORMATS, reverse=table.is_comma_decimal is False)


def _fit(values: list[Any], read: Callable[[Any, str], bool], form: str = "") -> Fit:
    bad = [value for value in values if not read(value, form)]
    return Fit(len(values), len(values) - len(bad), form, {}, tuple(map(str, bad)))


def _reads(place: FieldPart, lookups: Lookups, value: Any, form: str) -> bool:
    """Whether the field takes a value. A stage of several pipelines is one: a record tells which."""
    if form.startswith("epoch") and not _is_recent(value, form):
        return False
    try:
        reader = place.field.type.reader(FieldOptions(format=form)) if form else None
        place.field.parse({place.part: reader(value) if reader else value}, lookups)
    except BadValue as error:
        return error.by_record
    except (ValueError, TypeError, KeyError, OverflowError):
        return False
    return True


def _is_recent(value: Any, form: str) -> bool:
    """Whether a number counts from 1970 to a time between 1980 and 2100."""
    digits = str(value).strip()
    seconds = int(digits) / (1000 if form == "epoch_ms" else 1) if digits.isdigit() else 0
    return 315_532_800 <= seconds <= 4_102_444_800


def _with_map(found: Fit, field: Field, values: list[Any], read: Callable[[Any, str], bool]) -> Fit:
    """The fit with what stands for the values that are not read, one to one."""
    pairs: dict[str, str] = {}
    held = {str(value).strip().lower() for value in values}
    for value in found.bad:
        meant = _meant(value, field)
        if meant and meant.lower() not in held and meant not in pairs.values() and read(meant, ""):
            pairs[value] = meant
    bad = tuple(value for value in found.bad if value not in pairs)
    return Fit(found.total, found.good + len(pairs), "", pairs, bad)


def _meant(value: str, field: Field) -> str:
    """Pipedrive's word for a value: of a list of words, or the option that is written almost alike."""
    words = words_of(value)
    known = field.choices or (("true", "false") if field.type.name in ("boolean", "flag") else ())
    for word in known:
        if {words.key, words.bag} & aliases().values.get(word, frozenset()):
            return word
    labels = {option.label: words_of(option.label).key for option in field.options}
    found = process.extractOne(words.key, labels, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return str(found[2]) if found else ""


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | Mapping) else value


class _Nobody:
    """An account that nobody asks: no name is known."""

    def user_id(self, name: str) -> int | None:
        """Nobody."""
        return None

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """None."""
        return []

    def pipeline_ids(self, name: str) -> list[int]:
        """None."""
        return []

    def lead_label_ids(self, name: str) -> list[str]:
        """None."""
        return []

    def activity_type_keys(self, name: str) -> list[str]:
        """None."""
        return []

    def knows(self, kind: str, row_id: int) -> bool:
        """Every id may be there."""
        return True

    def user_trouble(self, owner: str) -> str:
        """Nothing is known of it."""
        return ""

    def names(self, kind: str) -> list[str]:
        """None."""
        return []

    def currency(self) -> str:
        """Any will do for a trial."""
        return "EUR"
