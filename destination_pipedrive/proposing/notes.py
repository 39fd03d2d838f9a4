"""What a person should know of a proposal: what new rows lack, times that nothing reads, a field that may be meant."""

from collections.abc import Collection, Iterable, Iterator

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import BadValue, moment
from destination_pipedrive.proposing.candidates import NameIndex
from destination_pipedrive.proposing.fitting import Fit, fit
from destination_pipedrive.proposing.proposal import LinkedColumn, MappedColumn
from destination_pipedrive.proposing.samples import Column, Table

#: Share of the values that must be times for a column to be one of times.
ENOUGH = 0.5
#: Types that tell options by their labels.
OPTIONS = ("enum", "set", "labels", "lead_labels")
#: Options that a sentence names.
MOST_OPTIONS = 6


def misfit_of(to: Field, held: Fit) -> str:
    """That too few values can be read, and for a choice which there are."""
    what = "is one of its options" if to.type.name in OPTIONS else f"can be read as {to.type.name}"
    said = f"of {held.total} different values, {held.good or 'none'} {what}"
    labels = [option.label for option in to.options]
    if not labels:
        return said
    shown = ", ".join(labels[:MOST_OPTIONS]) + (", …" if len(labels) > MOST_OPTIONS else "")
    return f"{said} ({shown})"


def free_date(column: Column, index: NameIndex, taken: Collection[tuple[str, str]], table: Table) -> tuple[str, str]:
    """The one custom field for days that no column fills, and how it would read the column; empty without one."""
    free = [
        label
        for label, field in index.directory.labelled()
        if field.type.name == "date" and (field.key, "") not in taken
    ]
    place = index.find(free[0]) if len(free) == 1 and column.values else None
    held = fit(column, place, table, None) if place else Fit()
    if not held.total or held.good < held.total:
        return "", ""
    how = f', with `format: "{held.format}"`' if held.format else ""
    return free[0], f"no field has this name, but its values are days{how}"


def unread_times(column: Column | None) -> Iterator[str]:
    """That the times of change are written in a way that nothing reads."""
    if column and column.values and column.share(_is_moment) < ENOUGH:
        yield f"`newest_wins` cannot read the times in `{column.name}`: it takes `2026-03-14 09:12:44` and the like."


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except BadValue:
        return False
    return True


def missing(index: NameIndex, mapped: Iterable[MappedColumn], linked: Iterable[LinkedColumn]) -> Iterator[str]:
    """What new rows need and no column gives."""
    spec = index.directory.spec
    places = [index.find(each.target) for each in mapped]
    keys = {place.field.key for place in places if place}
    keys |= {(spec.parents or {})[each.link] for each in linked}
    keys |= {"name"} if keys & {"first_name", "last_name"} else set()
    names = spec.missing(keys)
    if names:
        what = " or ".join(f"`{name}`" for name in names)
        yield f"No column for {what}, which new {spec.name} need: rows that are not found will be rejected."
