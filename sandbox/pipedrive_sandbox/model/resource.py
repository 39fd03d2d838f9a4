"""Types of the tables: a resource with its columns and routes, and one call of a route."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Self

from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.model.column import LINKS, Columns, Key, blank, changed_by, created_by
from pipedrive_sandbox.store.collection import Collection, Row
from pipedrive_sandbox.store.state import State, custom_keys, definitions

#: Columns that persons have only with Contact Sync.
CONTACT_SYNC = ("postal_address", "notes", "im", "birthday", "job_title")
Action = Callable[["Call"], Response]
Render = Callable[[Row], Row]
Shape = Callable[["Call"], Render]
Seed = Callable[..., Row]
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
    """One operation: `path` relative to the version's root, `cost` in tokens, the query parameters that it takes."""

    method: str
    path: str
    cost: int
    action: Action
    takes: str = ""
    status: int = 200

    @cached_property
    def query(self) -> tuple[str, ...]:
        """Names of the query parameters."""
        return tuple(self.takes.split())


def get(path: str, cost: int, action: Action, takes: str = "") -> Route:
    """A read."""
    return Route("GET", path, cost, action, takes)


@dataclass(frozen=True)
class Resource:
    """One kind of record and its operations.

    `name` is that of the collection where its rows live, `noun` names it in errors, `fields` is the collection with the
    field definitions. `scopes` are families with `:read` and `:full`, and single scopes, one of which is enough; `r:`
    or `w:` limits one to reads or writes. `shape` prepares how rows appear (default: the columns, as
    stored), `feature` is the add-on that it needs, `prepare(call, row, body, before)` completes
    a row before it is stored. `filters` maps query parameters to columns, `params` replaces or adds parameters. `seed`
    makes an example row.
    """

    name: str
    noun: str
    version: str
    scopes: str
    columns: Columns = ()
    shape: Shape | None = None
    prepare: Prepare | None = None
    seed: Seed | None = None
    feature: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, Param] = field(default_factory=dict)
    sortable: tuple[str, ...] = ()
    order: str = "id"
    direction: str = "asc"
    include_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    fields: str = ""
    deleted: str = "is_deleted"
    parent: str = ""
    parent_column: str = ""
    page_limit: int = 500
    id_kind: str = "integer"
    routes: tuple[Route, ...] = ()

    def at(self, *routes: Route, **different: Any) -> Self:
        """The records behind some routes, with what is different there."""
        return replace(self, routes=routes, **different)

    def below(self, parent: str, *routes: Route, **different: Any) -> Self:
        """Those of them that belong to one record of a parent, the `{id}` of the routes."""
        return self.at(*routes, parent=parent, parent_column=LINKS[parent], **different)

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
        return self.state.store[self.resource.name]

    @cached_property
    def shape(self) -> Render:
        """What makes an answer's rows, prepared once a call."""
        return (self.resource.shape or plain)(self)

    def show(self, rows: Iterable[Row]) -> list[Row]:
        """Rows as an answer shows them."""
        return [self.shape(row) for row in rows]

    @property
    def is_archive(self) -> bool:
        """Whether the route is about what is archived."""
        return self.route.path.endswith("/archived")

    def stored(self, row: Row) -> Row:
        """The columns of the resource, as stored."""
        return {name: row.get(name) for name in self.resource.names}

    def now(self) -> str:
        """Current time as stored in rows."""
        return self.state.clock.text()

    def save(self, row: Row) -> Row:
        """Store a row of this resource."""
        return self.state.put(self.resource.name, row)

    def definitions(self) -> list[Row]:
        """Live field definitions of this resource, in their order."""
        return definitions(self.state, self.resource.fields)

    def custom_keys(self) -> dict[str, Row]:
        """Live custom field definitions by key."""
        return custom_keys(self.state, self.resource.fields)


def per_row(show: Callable[[Call, Row], Row]) -> Shape:
    """The shape of rows for which nothing need be prepared."""
    return lambda call: partial(show, call)


def plain(call: Call) -> Render:
    """The columns of the resource, as stored; optional ones are absent while empty, where so set."""
    hidden = () if call.state.settings.contact_sync or call.resource.name != "persons" else CONTACT_SYNC
    optional = call.resource.optional if call.state.settings.absent_empty_builtins else frozenset()
    columns = [name for name in call.resource.names if name not in hidden]
    always = [name for name in columns if name not in optional]
    sometimes = [name for name in columns if name in optional]

    def render(row: Row) -> Row:
        shown = {name: row.get(name) for name in always}
        shown.update((name, row[name]) for name in sometimes if row.get(name) is not None)
        return shown

    return render
