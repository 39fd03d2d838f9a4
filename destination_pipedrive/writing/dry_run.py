"""The executor of a dry run: the same changes, noted with their price instead of sent."""

from collections.abc import Mapping
from typing import Any, Literal

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Row
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.plan_report import Line, PlanReport, shown
from destination_pipedrive.writing.placeholders import PlannedIds

Fields = Mapping[str, Field]
#: Stands in a plan for what Pipedrive itself never shows.
HIDDEN = "****"


class DryRunExecutor:
    """Notes changes of one object."""

    def __init__(self, spec: ObjectSpec, plan: PlanReport, ids: PlannedIds) -> None:
        self._spec = spec
        self._plan = plan
        self._ids = ids
        self._parents = {key: parent for parent, key in (spec.parents or {}).items()}

    def create(self, values: Mapping[str, Any], fields: Fields) -> tuple[Row, bool]:
        """Note a new row. It has no id: it keeps the planned one."""
        parts = (f"{self._name(fields[key])}: {self._shown(fields[key], each)}" for key, each in values.items())
        self._add_line("create", "new", ", ".join(parts))
        return dict(values), True

    def update(self, row_id: Any, changed: Mapping[str, Any], fields: Fields, before: Mapping[str, Any]) -> Row:
        """Note changed fields with their values before and after."""
        parts = (
            f"{self._name(fields[key])}: {self._shown(fields[key], before.get(key))} → {self._shown(fields[key], each)}"
            for key, each in changed.items()
        )
        is_restored = bool(before.get("is_archived") and "is_archived" in changed)
        self._add_line("update", self._ids.name(row_id) or str(row_id), ", ".join(parts))
        if is_restored and len(changed) > 1:
            self._plan.pay(self._spec.update_method, self._spec.item_path)
        return dict(changed)

    def delete(self, row_id: Any) -> bool:
        """Note a deletion."""
        self._add_line("delete", self._ids.name(row_id) or str(row_id), "")
        return True

    def _name(self, field: Field) -> str:
        """A link is called by what it links to."""
        return self._parents.get(field.key, field.name)

    def _shown(self, field: Field, value: Any) -> str:
        if field.hidden:
            return HIDDEN
        if isinstance(value, list):
            return ", ".join(self._shown(field, each) for each in value) or "nothing"
        if isinstance(value, Mapping):
            return shown({key: self._ids.name(each) or each for key, each in value.items()})
        labels = {option.id: option.label for option in field.options}
        name = labels.get(value) if isinstance(value, int | str) else None
        return self._ids.name(value) or name or shown(value)

    def _add_line(self, action: Literal["create", "update", "delete"], row: str, what: str) -> None:
        method = {"create": "POST", "update": self._spec.update_method, "delete": "DELETE"}[action]
        path = self._spec.path if action == "create" else self._spec.item_path
        self._plan.add(Line(action, self._spec.name, row, what), method, path)
