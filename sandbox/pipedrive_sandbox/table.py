"""Types of the resource table: what a row of `resources.py` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipedrive_sandbox.messages import Response
from pipedrive_sandbox.store import Row

if TYPE_CHECKING:
    from pipedrive_sandbox.call import Call

Action = Callable[["Call"], Response]
Render = Callable[[Row], Row]
Shape = Callable[["Call"], Render]
Prepare = Callable[["Call", Row, Row, Row | None], None]


@dataclass(frozen=True)
class Key:
    """A writable body key: its kind is a name in `rules.bodies.KINDS`, `refers` a collection that must hold the id."""

    kind: str
    required: bool = False
    nullable: bool = False
    choices: tuple[Any, ...] = ()
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    refers: str = ""


@dataclass(frozen=True)
class Param:
    """A query parameter: its kind is a name in `rules.query.PARSERS`."""

    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Route:
    """One operation: `path` relative to the version's root, `cost` in tokens, `feature` the add-on it needs."""

    method: str
    path: str
    cost: int
    action: Action
    query: tuple[str, ...] = ()
    status: int = 200
    feature: str = ""


@dataclass(frozen=True)
class Resource:
    """One kind of record under one API version.

    `columns` are the keys of a response, `optional` those that may be absent while empty, `filters` maps a query
    parameter to the column it compares, `fields` names the collection with the field definitions, `params` replaces
    or adds query parameters. `prepare(call, row, body, before)` completes a row before it is stored.
    """

    name: str
    noun: str
    version: str
    columns: tuple[str, ...]
    routes: tuple[Route, ...]
    shape: Shape
    collection: str = ""
    optional: tuple[str, ...] = ()
    create: Mapping[str, Key] = field(default_factory=dict)
    update: Mapping[str, Key] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Param] = field(default_factory=dict)
    sortable: tuple[str, ...] = ()
    order: str = "id"
    direction: str = "asc"
    include_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    fields: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    prepare: Prepare | None = None
    deleted: str = "is_deleted"
    parent: str = ""
    parent_column: str = ""
    page_limit: int = 500
    id_kind: str = "integer"
    scopes: tuple[str, ...] = ()

    @property
    def rows(self) -> str:
        """Name of the collection that holds the rows."""
        return self.collection or self.name
