"""Types of the tables: a resource with its columns and routes, and one call of a route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.model.column import Columns, Key, blank, changed_by, created_by
from pipedrive_sandbox.store.collection import Collection, Row
from pipedrive_sandbox.store.definitions import custom_keys, definitions
from pipedrive_sandbox.store.state import State

#: Columns that persons have only with Contact Sync.
CONTACT_SYNC = ("postal_address", "notes", "im", "birthday", "job_title")
Action = Callable[["Call"], Response]
Render = Callable[[Row], Row]
Shape = Callable[["Call"], Render]
Prepare = Callable[["Call", Row, Row, Row | None], None]


@dataclass(frozen=True)
class Param:
    """A query parameter: its kind is a name in `query.PARSERS`."""

    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Route:
    """One operation: `path` relative to the version's root, `cost` in tokens."""

    method: str
    path: str
    cost: int
    action: Action
    query: tuple[str, ...] = ()
    status: int = 200


@dataclass(frozen=True)
class Resource:
    """One kind of record and its operations.

    `noun` names it in errors. `collection` is where its rows live (default: its name), `fields` the collection with the
    field definitions. `scopes` are families with `:read` and `:full`, and single scopes, one of which is enough; `r:`
    or `w:` limits one to reads or writes. `shape` prepares how rows appear (default: the columns, as
    stored), `feature` is the add-on that it needs, `prepare(call, row, body, before)` completes
    a row before it is stored. `filters` maps query parameters to columns, `params` replaces or adds parameters. `seed`
    makes an example row.
    """

    name: str
    noun: str
    version: str
    routes: tuple[Route, ...]
    scopes: tuple[str, ...]
    columns: Columns = ()
    shape: Shape | None = None
    feature: str = ""
    collection: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Param] = field(default_factory=dict)
    sortable: tuple[str, ...] = ()
    order: str = "id"
    direction: str = "asc"
    include_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    fields: str = ""
    prepare: Prepare | None = None
    deleted: str = "is_deleted"
    parent: str = ""
    parent_column: str = ""
    page_limit: int = 500
    id_kind: str = "integer"
    seed: Callable[..., Row] | None = None

    @property
    def rows(self) -> str:
        """Name of the collection that holds the rows."""
        return self.collection or self.name

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Columns that answers show."""
        return tuple(column.name for column in self.columns if column.is_shown)

    @cached_property
    def optional(self) -> frozenset[str]:
        """Columns that are absent from answers while empty."""
        return frozenset(column.name for column in self.columns if column.is_optional)

    @cached_property
    def create(self) -> dict[str, Key]:
        """Keys of a body that makes a record."""
        return created_by(self.columns)

    @cached_property
    def update(self) -> dict[str, Key]:
        """Keys of a body that changes one."""
        return changed_by(self.columns)

    @cached_property
    def blank(self) -> Row:
        """A row of defaults."""
        return blank(self.columns)


@dataclass
class Call:
    """`path` holds the path parameters as sent, `query` the parsed query parameters, `user_id` the token's owner."""

    state: State
    request: Request
    resource: Resource
    route: Route
    path: dict[str, str]
    user_id: int = 1
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def rows(self) -> Collection:
        """The collection this resource lives in."""
        return self.state.store[self.resource.rows]

    @cached_property
    def shape(self) -> Render:
        """What makes an answer's rows, prepared once a call."""
        return (self.resource.shape or plain)(self)

    def now(self) -> str:
        """Current time as stored in rows."""
        return self.state.clock.text()

    def save(self, row: Row) -> Row:
        """Store a row of this resource."""
        return self.state.put(self.resource.rows, row)

    def definitions(self) -> list[Row]:
        """Live field definitions of this resource, in their order."""
        return definitions(self.state, self.resource.fields)

    def custom_keys(self) -> dict[str, Row]:
        """Live custom field definitions by key."""
        return custom_keys(self.state, self.resource.fields)


def read_only(path: str, cost: int, action: Action, *scopes: str, query: tuple[str, ...] = (), **more: Any) -> Resource:
    """A resource with one GET operation."""
    version, noun = more.pop("version", "v1"), more.pop("noun", "Record")
    route = Route("GET", path, cost, action, query)
    return Resource(f"{version} {path}", noun, version, routes=(route,), scopes=scopes, **more)


def plain(call: Call) -> Render:
    """The columns of the resource, as stored; optional ones are absent while empty, where so set."""
    hidden = () if call.state.settings.contact_sync or call.resource.rows != "persons" else CONTACT_SYNC
    optional = call.resource.optional if call.state.settings.absent_empty_builtins else ()
    columns = [name for name in call.resource.names if name not in hidden]

    def render(row: Row) -> Row:
        return {name: row.get(name) for name in columns if name not in optional or row.get(name) is not None}

    return render
