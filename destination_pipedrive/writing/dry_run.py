"""The executor of a dry run: the same changes, noted with their price instead of sent."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Row
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.plan_report import (
    LONGEST_ON_PAGE,
    LONGEST_VALUE,
    FieldChange,
    Line,
    PlanReport,
    shown,
)
from destination_pipedrive.writing.placeholders import PlannedIds

Fields = Mapping[str, Field]
#: A row of an object, or of a list of the account, by its id, as far as it is known without a call.
Known = Callable[[str, Any], Mapping[str, Any] | None]
#: What people call a row by.
TITLES = ("name", "title", "subject", "label")
#: Stands in a plan for what Pipedrive itself never shows.
HIDDEN = "****"


class DryRunExecutor:
    """Notes changes of one object."""

    def __init__(self, spec: ObjectSpec, plan: PlanReport, ids: PlannedIds, known: Known) -> None:
        self._spec = spec
        self._plan = plan
        self._ids = ids
        self._known = known
        self._parents = {key: parent for parent, key in (spec.parents or {}).items()}

    def create(self, values: Mapping[str, Any], fields: Fields) -> tuple[Row, bool]:
        """Note a new row. It has no id: it keeps the planned one."""
        parts = (f"{self._name(fields[key])}: {self._shown(fields[key], each)}" for key, each in values.items())
        self._add_line("create", "new", ", ".join(parts), _title(values), self._changes(values, fields))
        return dict(values), True

    def update(self, row_id: Any, changed: Mapping[str, Any], fields: Fields, before: Mapping[str, Any]) -> Row:
        """Note changed fields with their values before and after."""
        parts = (
            f"{self._name(fields[key])}: {self._shown(fields[key], before.get(key))} → {self._shown(fields[key], each)}"
            for key, each in changed.items()
        )
        is_restored = bool(before.get("is_archived") and "is_archived" in changed)
        self._add_line(
            "update", self._row(row_id), ", ".join(parts), _title(before), self._changes(changed, fields, before)
        )
        if is_restored and len(changed) > 1:
            self._plan.pay(self._spec.update_method, self._spec.item_path)
        return dict(changed)

    def delete(self, row_id: Any) -> bool:
        """Note a deletion."""
        self._add_line("delete", self._row(row_id), "", _title(self._known(self._spec.name, row_id) or {}))
        return True

    def _name(self, field: Field) -> str:
        """A link is called by what it links to."""
        return self._parents.get(field.key, field.name)

    def _row(self, row_id: Any) -> str:
        return self._ids.name(row_id) or str(row_id)

    def _changes(
        self, values: Mapping[str, Any], fields: Fields, before: Mapping[str, Any] | None = None
    ) -> tuple[FieldChange, ...]:
        """The fields of a write, with more of their values than a line has room for."""
        return tuple(
            FieldChange(
                self._name(fields[key]),
                "" if before is None else self._shown(fields[key], before.get(key), LONGEST_ON_PAGE, True),
                self._shown(fields[key], value, LONGEST_ON_PAGE, True),
            )
            for key, value in values.items()
        )

    def _shown(self, field: Field, value: Any, longest: int = LONGEST_VALUE, with_names: bool = False) -> str:
        if field.hidden:
            return HIDDEN
        if isinstance(value, list):
            return ", ".join(self._shown(field, each, longest, with_names) for each in value) or "nothing"
        if isinstance(value, Mapping):
            return shown({key: self._ids.name(each) or each for key, each in value.items()}, longest)
        labels = {option.id: option.label for option in field.options}
        name = labels.get(value) if isinstance(value, int | str) else None
        if name is None and with_names and isinstance(value, int):
            name = _title(self._known(field.refers or field.type.name, value) or {})
        return self._ids.name(value) or name or shown(value, longest)

    def _add_line(
        self,
        action: Literal["create", "update", "delete"],
        row: str,
        what: str,
        title: str = "",
        values: tuple[FieldChange, ...] = (),
    ) -> None:
        method = {"create": "POST", "update": self._spec.update_method, "delete": "DELETE"}[action]
        path = self._spec.path if action == "create" else self._spec.item_path
        self._plan.add(Line(action, self._spec.name, row, what, title=title, values=values), method, path)


def _title(row: Mapping[str, Any]) -> str:
    """What people call a row; empty when it does not say."""
    found = next((row[key] for key in TITLES if isinstance(row.get(key), str) and row[key]), "")
    return shown(found, LONGEST_ON_PAGE) if found else ""
