"""`selections` of the config: which rows of a stream are read; and what the API can leave out itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from pipedrive_client.config import ConfigError
from pipedrive_client.expressions.expression import Expression
from pipedrive_client.expressions.nodes import ExpressionError
from source_pipedrive.streams.schemas import schema_of
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import RENAMED

_DEALS = ("filter_id", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status")
_LEADS = ("filter_id", "owner_id", "person_id", "organization_id")
_PROJECTS = ("filter_id", "status", "phase_id")
#: List -> its documented parameters that keep the rows whose column of the same name has a value. v2 refuses others.
#: Source: the list operations in https://developers.pipedrive.com/docs/api/v1/openapi.yaml and …/openapi-v2.yaml
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "api/v2/deals": _DEALS,
    "api/v2/deals/archived": _DEALS,
    "api/v2/persons": ("filter_id", "owner_id", "org_id"),
    "api/v2/organizations": ("filter_id", "owner_id"),
    "api/v2/activities": ("filter_id", "owner_id", "deal_id", "lead_id", "person_id", "org_id", "done"),
    "api/v2/products": ("filter_id", "owner_id"),
    "v1/leads": _LEADS,
    "v1/leads/archived": _LEADS,
    "v1/notes": ("user_id", "lead_id", "deal_id", "person_id", "org_id", "project_id", "task_id"),
    "api/v2/projects": _PROJECTS,
    "api/v2/projects/archived": _PROJECTS,
    "api/v2/tasks": ("is_done", "is_milestone", "project_id"),
}
#: Parameters that are true or false, and the texts that `status` takes; all others are ids.
FLAGS = frozenset({"done", "is_done", "is_milestone"})
STATUSES = {
    "deals": ("open", "won", "lost", "deleted"),
    "projects": ("open", "completed", "canceled", "deleted"),
}
#: Columns that only expressions have -> the columns that hold their id, the first that a stream has.
PSEUDO_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "owner": ("owner_id", "user_id"),
    "user": ("user_id",),
    "stage": ("stage_id",),
    "pipeline": ("pipeline_id",),
    "organization": ("org_id", "organization_id"),
    "person": ("person_id",),
}
_KEYS = ("stream", "filter_id", "where")


@dataclass(frozen=True)
class Selection:
    """Which rows of one stream are read. ``place`` is its name in the config; relative dates count from ``now``."""

    place: str
    stream: str
    filter_id: int | None = None
    where: Expression | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def parse_selections(config: Mapping[str, Any], table: Mapping[str, StreamSpec]) -> dict[str, Selection]:
    """Stream name -> its selection, for the streams of ``table``.

    Raises ConfigError with one sentence that names the entry and its key.
    """
    entries = config.get("selections")
    if entries in (None, ""):
        return {}
    if not isinstance(entries, list):
        raise ConfigError("`selections` must be a list of objects with `stream` and `filter_id` or `where`.")
    found: dict[str, Selection] = {}
    for number, entry in enumerate(entries):
        selection = _selection(f"selections[{number}]", entry, table)
        if selection.stream in found:
            first = found[selection.stream].place
            raise ConfigError(f"`{selection.place}.stream`: `{selection.stream}` has a selection already, `{first}`.")
        found[selection.stream] = selection
    return found


def _selection(place: str, entry: Any, table: Mapping[str, StreamSpec]) -> Selection:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"`{place}` must be an object with `stream` and `filter_id` or `where`.")
    unknown = next((key for key in entry if key not in _KEYS), None)
    if unknown is not None:
        raise ConfigError(f"`{place}.{unknown}` is not known; a selection has {', '.join(_KEYS)}.")
    spec = _stream(place, entry.get("stream"), table)
    filter_id, where = _filter_id(place, spec, entry.get("filter_id"), table), _where(place, spec, entry.get("where"))
    if filter_id is None and where is None:
        raise ConfigError(f"`{place}` needs `filter_id` or `where`.")
    return Selection(place, spec.name, filter_id, where)


def _stream(place: str, name: Any, table: Mapping[str, StreamSpec]) -> StreamSpec:
    if not isinstance(name, str) or not name:
        raise ConfigError(f"`{place}.stream` must be the name of a stream.")
    if name in RENAMED:
        raise ConfigError(f"`{place}.stream`: `{name}` does not exist here; its rows are in `{RENAMED[name]}`.")
    if name not in table:
        raise ConfigError(f"`{place}.stream`: there is no stream `{name}`.{_nearest(name, table)}")
    return table[name]


def _filter_id(place: str, spec: StreamSpec, value: Any, table: Mapping[str, StreamSpec]) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"`{place}.filter_id` must be the id of a filter, a whole number of at least 1.")
    if not takes_filter(spec):
        able = ", ".join(name for name, one in table.items() if takes_filter(one))
        raise ConfigError(f"`{place}.filter_id`: Pipedrive filters only {able}; use `where` for `{spec.name}`.")
    return value


def _where(place: str, spec: StreamSpec, value: Any) -> Expression | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ConfigError(f"`{place}.where` must be an expression as text, such as value > 10000.")
    try:
        where = Expression.parse(value)
    except ExpressionError as error:
        raise ConfigError(f"`{place}.where`: {error}") from None
    if not spec.fields:
        check_names(place, where, allowed_names(spec))
    return where


def takes_filter(spec: StreamSpec) -> bool:
    """Whether the API can apply a saved filter to all lists of a stream."""
    return bool(spec.lists) and all("filter_id" in PARAMETERS.get(part.path, ()) for part in spec.lists)


def built_in_names(spec: StreamSpec) -> set[str]:
    """Columns that a stream has in every account, but for those that cost a call a row."""
    return set(schema_of(spec)["properties"]) - set(spec.detail.take if spec.detail else ())


def pseudo_columns(spec: StreamSpec) -> dict[str, str]:
    """Columns that only expressions have -> the stream's column that holds their id."""
    columns = built_in_names(spec)
    having = {
        name: next((one for one in ids if one in columns), "")
        for name, ids in PSEUDO_COLUMNS.items()
        if name not in columns
    }
    return {name: column for name, column in having.items() if column}


def allowed_names(spec: StreamSpec) -> set[str]:
    """Names that an expression on a stream may use in every account."""
    return built_in_names(spec) | pseudo_columns(spec).keys()


def check_names(place: str, where: Expression, allowed: set[str]) -> None:
    """Raise ConfigError for a name that is no column."""
    for name in sorted(where.names - allowed):
        line, column = where.place_of(name)
        raise ConfigError(
            f"`{place}.where`: line {line}, column {column}: there is no column `{name}`.{_nearest(name, allowed)}"
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" Did you mean `{near[0]}`?" if near else ""
