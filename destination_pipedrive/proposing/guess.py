"""Which object a table is about: by its name, the heads of its columns, and the fields that they fill."""

from collections.abc import Iterable

from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.objects.records import CORE, OBJECTS
from destination_pipedrive.proposing.aliases import aliases
from destination_pipedrive.proposing.choice import propose
from destination_pipedrive.proposing.proposal import MappedColumn
from destination_pipedrive.proposing.samples import Table
from destination_pipedrive.proposing.words import words_of

#: What a table's name, a column's head, a field that tells, any other field and a link are worth.
NAMED, HEADED, TELLING, PLAIN, LINKED = 5.0, 6.0, 2.0, 0.7, 0.4
#: What is taken off for a new row that would lack something.
LACKING = 1.5
#: Least worth of a guess.
ENOUGH = 2.0


def guess(table: Table) -> tuple[str, str]:
    """The object and why; empty when nothing tells."""
    if table.stream.lower() in OBJECTS:
        return table.stream.lower(), f"stream `{table.stream}` is called so"
    ranked = sorted(((_worth(table, spec.name), spec.name) for spec in CORE), reverse=True)
    worth, name = ranked[0]
    if worth < ENOUGH:
        return "", ""
    return name, _why(table, name)


def _worth(table: Table, name: str) -> float:
    is_named = _is_named(table, name)
    if name == "leads" and not is_named:
        return 0.0
    found = propose(table, FieldDirectory(OBJECTS[name], ()))
    telling = aliases().telling[name]
    worth = sum(TELLING if each.target in telling else PLAIN for each in _once(found.fields))
    worth += LINKED * len(found.links) - LACKING * sum(note.startswith("No column for") for note in found.notes)
    return worth + NAMED * is_named + HEADED * _headed(table, name)


def _once(fields: Iterable[MappedColumn]) -> Iterable[MappedColumn]:
    return {each.target: each for each in fields}.values()


def _is_named(table: Table, name: str) -> bool:
    words = words_of(table.stream)
    return bool({words.key, *words.words, *words.heads} & aliases().objects[name])


def _headed(table: Table, name: str) -> float:
    """The share of the columns that are headed by the object's name."""
    own = aliases().objects[name]
    return sum(bool(set(each.words.heads) & own) for each in table.columns) / max(len(table.columns), 1)


def _why(table: Table, name: str) -> str:
    found = propose(table, FieldDirectory(OBJECTS[name], ()))
    telling = [each.column for each in _once(found.fields) if each.target in aliases().telling[name]]
    if telling:
        return "guessed from " + ", ".join(telling[:4])
    return f"guessed from the name `{table.stream}`" if _is_named(table, name) else "guessed from the columns"
