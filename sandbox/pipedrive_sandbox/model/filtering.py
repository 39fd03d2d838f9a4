"""Which rows a list call asks for."""

from collections.abc import Callable, Iterable
from typing import Any

from pipedrive_sandbox.model.resource import Call, Resource
from pipedrive_sandbox.model.saved_filters import saved_filter
from pipedrive_sandbox.store.collection import COALESCED, Row, sort_value

Check = Callable[[Row], bool]

IGNORED_WITH_FILTER = (
    *("ids", "owner_id", "person_id", "org_id", "organization_id"),
    *("deal_id", "pipeline_id", "stage_id", "status"),
)


def is_deleted(resource: Resource, row: Row) -> bool:
    """Whether a row is softly deleted, in the way its kind marks that."""
    if resource.deleted == "active_flag":
        return row.get("active_flag") is False
    return bool(resource.deleted and row.get(resource.deleted))


def is_visible(row: Row) -> bool:
    """Whether the token may see the row at all."""
    return not row.get("invisible")


def applied(call: Call) -> dict[str, Any]:
    """The query parameters in force: a `filter_id` silently switches off many others, as documented for v2 lists."""
    if "filter_id" not in call.query:
        return call.query
    return {name: value for name, value in call.query.items() if name not in IGNORED_WITH_FILTER}


def keeps(call: Call, condition: Check | None = None) -> Check:
    """One test for all the parameters of a list call. `condition` replaces the rule that leaves out deleted rows."""
    checks = [is_visible, condition or _live(call), *_parameter_checks(call)]
    if call.resource.parent_column and "id" in call.path:
        checks.append(_equals(call.resource.parent_column, _number_or_text(call.path["id"])))

    def passes(row: Row) -> bool:
        return all(check(row) for check in checks)

    return passes


def update_column(call: Call) -> str:
    """The column that `updated_since` looks at and that rows are sorted by. Which of the two it is, is not known."""
    return COALESCED if call.state.settings.unstamped_rows == "coalesced" else "update_time"


def candidates(call: Call) -> Iterable[Row] | None:
    """Rows found through an index, None when only a walk over all rows will do."""
    query = applied(call)
    if "ids" in query:
        rows = call.rows.rows
        return [rows[row_id] for row_id in dict.fromkeys(query["ids"]) if row_id in rows]
    if call.resource.parent_column and "id" in call.path:
        return list(call.rows.having(call.resource.parent_column, _number_or_text(call.path["id"])))
    for name, column in call.resource.filters.items():
        if name in query and not isinstance(query[name], list):
            return list(call.rows.having(column, query[name]))
    return None


def _live(call: Call) -> Check:
    if call.state.settings.deleted_in_lists and call.resource.deleted == "active_flag":
        return is_visible
    resource = call.resource
    return lambda row: not is_deleted(resource, row)


def _parameter_checks(call: Call) -> list[Check]:
    query = applied(call)
    checks = [_equals(column, query[name]) for name, column in call.resource.filters.items() if name in query]
    if "updated_since" in query:
        checks.append(_since(call, query["updated_since"][:19]))
    if "updated_until" in query:
        checks.append(_until(call, query["updated_until"][:19]))
    if "start_date" in query:
        checks.append(_added_between(query["start_date"], query.get("end_date", "9999-12-31")))
    elif "end_date" in query:
        checks.append(_added_between("", query["end_date"]))
    if "filter_id" in query:
        checks.append(saved_filter(call, query["filter_id"]))
    return checks


def _equals(column: str, wanted: Any) -> Check:
    if isinstance(wanted, list):
        allowed = set(wanted)
        return lambda row: row.get(column) in allowed
    return lambda row: bool(row.get(column) == wanted)


def _since(call: Call, moment: str) -> Check:
    column = update_column(call)
    return lambda row: (sort_value(row, column) or "")[:19] >= moment


def _until(call: Call, moment: str) -> Check:
    column = update_column(call)
    return lambda row: "" < (sort_value(row, column) or "")[:19] < moment


def _added_between(first: str, last: str) -> Check:
    return lambda row: first <= (row.get("add_time") or "")[:10] <= last


def _number_or_text(value: str) -> Any:
    return int(value) if value.isdigit() else value
