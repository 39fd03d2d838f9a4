"""Columns of a record: default, who may write them and how, what the account calls them, whether they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipedrive_sandbox.store.collection import Row

#: What rows have for a time until one is given.
MOMENT = "2024-01-01T00:00:00Z"


@dataclass(frozen=True)
class Key:
    """What a body may say under a name: `kind` is a name in `kinds`, `refers` a collection that must hold the id."""

    kind: str
    required: bool = False
    nullable: bool = False
    choices: tuple[Any, ...] = ()
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    refers: str = ""


FIXED = Key("fixed")

#: Column that links a child to its parent.
LINKS = {
    "deals": "deal_id",
    "persons": "person_id",
    "organizations": "org_id",
    "products": "product_id",
    "projects": "project_id",
    "pipelines": "pipeline_id",
    "stages": "stage_id",
    "notes": "note_id",
    "mail_threads": "mail_thread_id",
    "roles": "role_id",
    "permissionSets": "permission_set_id",
}


@dataclass(frozen=True)
class Column:
    """One column, in one line.

    `write` is its rule when a record is made; `update` that for changes where it differs, `FIXED` for none. `field` is
    its definition among the account's fields: label, type, and options with colours. An optional column is absent from
    answers while empty. What is sent but not kept under this name has `is_stored` off.
    """

    name: str
    default: Any = None
    write: Key | None = None
    update: Key | None = None
    field: tuple[Any, ...] = ()
    is_shown: bool = True
    is_stored: bool = True
    is_optional: bool = False


Columns = tuple[Column, ...]


def plain(names: str, default: Any = None, **more: Any) -> Columns:
    """Columns that are alike but for their names, which are separated by spaces."""
    return tuple(Column(name, default, **more) for name in names.split())


def defaults(**values: Any) -> Columns:
    """Columns that nobody writes, each with its default."""
    return tuple(Column(name, default) for name, default in values.items())


TIMES = plain("add_time update_time", default=MOMENT)


def blank(columns: Iterable[Column]) -> Row:
    """A row of defaults."""
    return {column.name: column.default for column in columns if column.is_stored and column.name != "id"}


def created_by(columns: Iterable[Column]) -> dict[str, Key]:
    """Keys of a body that makes a record."""
    return {column.name: column.write for column in columns if column.write}


def changed_by(columns: Iterable[Column]) -> dict[str, Key]:
    """Keys of a body that changes one: none is required unless its own rule says so."""
    found: dict[str, Key] = {}
    for column in columns:
        if column.update is not None:
            found[column.name] = column.update
        elif column.write is not None:
            found[column.name] = replace(column.write, required=False)
    return {name: key for name, key in found.items() if key is not FIXED}


def definitions_of(columns: Iterable[Column]) -> Mapping[str, tuple[Any, ...]]:
    """Built-in field definitions by column."""
    return {column.name: column.field for column in columns if column.field}
