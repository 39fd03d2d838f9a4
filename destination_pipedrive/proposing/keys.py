"""By which columns of a table rows are recognised, and what speaks for and against them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.proposing.candidates import KEY_ENDS, is_external_id
from destination_pipedrive.proposing.proposal import LinkedColumn, MappedColumn
from destination_pipedrive.proposing.samples import Column, Table
from destination_pipedrive.proposing.words import words_of

#: Object -> the fields that can be its key, the best first; all of a line count, one after the other.
KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "persons": (("email",), ("phone",), ("name",)),
    "organizations": (("domain", "name"), ("name",)),
    "deals": (("title",),),
    "leads": (("title",),),
    "products": (("code", "name"), ("code",), ("name",)),
}
#: Another field that gives the value of a key.
_GIVES = {"domain": {"domain", "website"}, "email": {"email", "emails"}, "phone": {"phone", "phones"}}
_GIVES["name"] = {"name", "first_name", "last_name"}
#: Share of the rows that must have a key for it to be one.
FILLED = 0.9


@dataclass(frozen=True)
class ChosenKeys:
    """What stands in `match_on` and `external_id_field`, and why."""

    match_on: tuple[Any, ...] = ()
    why: str = ""
    external_id_field: str = ""
    notes: tuple[str, ...] = ()


def choose_keys(
    table: Table,
    spec: ObjectSpec,
    mapped: Iterable[MappedColumn],
    linked: Iterable[LinkedColumn],
    own_id: Column | None,
) -> ChosenKeys:
    """The keys of a table's rows: Pipedrive's own ID, else the object's usual keys; and your external ID."""
    columns = {each.name: each for each in table.columns}
    held = {each.target: columns[each.column] for each in reversed(list(mapped))}
    external = _external_id_field(held, mapped)
    if own_id:
        return ChosenKeys(("id",), _filled(own_id), external)
    for line in KEYS.get(spec.name, ()):
        found = [_holder(key, held) for key in line]
        if all(found):
            names, first = _with_parent(line, found[0], linked)
            return ChosenKeys(names, _filled(first), external, _notes(spec, line[0], first))
    if spec.name not in KEYS or external:
        return ChosenKeys((), "", external)
    wanted = " or ".join(f"`{each}`" for each in dict.fromkeys(key for line in KEYS[spec.name] for key in line))
    return ChosenKeys(notes=(f"No column can be a key of {spec.name} ({wanted}): without one, rows are rejected.",))


def _holder(key: str, held: dict[str, Column]) -> Column | None:
    return next((held[name] for name in (key, *_GIVES.get(key, ())) if name in held), None)


def _with_parent(
    line: tuple[str, ...], first: Column | None, linked: Iterable[LinkedColumn]
) -> tuple[tuple[Any, ...], Column]:
    """The key; a title that comes twice tells a row only together with its organization."""
    assert first is not None
    has_parent = any(each.link == "organization" for each in linked)
    if line == ("title",) and has_parent and first.values and not first.is_unique:
        return (("title", "organization"),), first
    return line, first


def _filled(column: Column) -> str:
    if not column.rows:
        return f"column `{column.name}`"
    once = "no duplicates" if column.is_unique else "with duplicates: the last row counts"
    return f"column `{column.name}` is filled in {len(column.values)} of {column.rows} rows, {once}"


def _notes(spec: ObjectSpec, key: str, column: Column) -> tuple[str, ...]:
    empty = column.rows - len(column.values)
    if not empty or len(KEYS[spec.name][0]) > 1:
        return ()
    what = "row has" if empty == 1 else "rows have"
    return (
        f"{empty} of {column.rows} {what} no `{key}` and will be rejected; `require_match_key: false` creates them.",
    )


def _external_id_field(held: dict[str, Column], mapped: Iterable[MappedColumn]) -> str:
    """A custom text field that is called like a key and whose column has a value of its own in nearly every row."""
    texts = {each.target for each in mapped if each.type == "text" and each.why.startswith("custom field")}
    for target, column in held.items():
        is_key = is_external_id(column) or words_of(target).words[-1] in KEY_ENDS
        if target in texts and is_key and column.is_unique and len(column.values) >= FILLED * column.rows:
            return target
    return ""
