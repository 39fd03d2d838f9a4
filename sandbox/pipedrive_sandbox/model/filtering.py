"""Which rows a list call asks for, by its parameters and by the saved filters of the account (`/v1/filters`)."""

import operator as op
from collections.abc import Callable, Iterable
from typing import Any

from pipedrive_sandbox.messages import not_found
from pipedrive_sandbox.model.resource import Call, Resource
from pipedrive_sandbox.store.collection import COALESCED, Row, sort_value

Check = Callable[[Row], bool]

#: Longest number in a path that may be an id.
MOST_DIGITS = 18
OPERATORS = {"=": op.eq, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}

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
        checks.append(_equals(call.resource.parent_column, number_or_text(call.path["id"])))

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
        return list(call.rows.having(call.resource.parent_column, number_or_text(call.path["id"])))
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


def number_or_text(value: str) -> int | str:
    """A whole number of 18 digits at most; other text as it is."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS else value


def saved_filter(call: Call, filter_id: int) -> Check:
    """The test of a saved filter; one without conditions passes every row. Raises 404 for an unknown id."""
    found = call.state.store.find("filters", filter_id)
    if found is None or not found.get("active_flag", True):
        raise not_found(call.resource.version, "Filter")
    groups = (found.get("conditions") or {}).get("conditions", [])
    checks = [_group(call, group) for group in groups if group.get("conditions")]
    return lambda row: all(check(row) for check in checks)


def _group(call: Call, group: dict[str, Any]) -> Check:
    checks = [_condition(call, condition) for condition in group["conditions"]]
    combine = any if group.get("glue") == "or" else all
    return lambda row: combine(check(row) for check in checks)


def _condition(call: Call, condition: dict[str, Any]) -> Check:
    column, is_custom = _column(call, str(condition["field_id"]))
    operator, wanted = condition["operator"], condition.get("value")

    def passes(row: Row) -> bool:
        value = row.get("custom_fields", {}).get(column) if is_custom else row.get(column)
        return _compare(value.get("value") if isinstance(value, dict) else value, operator, wanted)

    return passes


def _column(call: Call, field_id: str) -> tuple[str, bool]:
    for definition in call.definitions():
        if field_id in (str(definition["numeric_id"]), definition["field_code"]):
            return definition["field_code"], definition["is_custom_field"]
    return field_id, False


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    if operator in ("IS NULL", "IS NOT NULL"):
        return (value is None) == (operator == "IS NULL")
    if operator == "!=":
        return str(value) != str(wanted)
    if value is None:
        return False
    if "LIKE" in operator:
        return _like(str(value).casefold(), operator, str(wanted).casefold())
    left, right = _comparable(value, wanted)
    return bool(OPERATORS[operator](left, right))


def _like(value: str, operator: str, wanted: str) -> bool:
    is_found = wanted in value if "'%$%'" in operator else value.startswith(wanted)
    return is_found != operator.startswith("NOT")


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value), float(wanted)
        except (TypeError, ValueError):
            return str(value), str(wanted)
    text = str(value)
    return text[: len(str(wanted))] if len(str(wanted)) == 10 else text, str(wanted)
