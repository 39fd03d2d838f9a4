"""The sender of a dry run: nothing is sent, and rows that would exist are kept in the index."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.account import Account
from destination_pipedrive.flattening import nested_id
from destination_pipedrive.match import Finder
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.planned_rows import planned_row
from destination_pipedrive.planning import Line, Plan, shown
from destination_pipedrive.sender import Row, Sender, Targets
from pipedrive_client.http import PipedriveClient

#: Stands in a plan for what Pipedrive itself never shows.
HIDDEN = "****"


class PlanningSender(Sender):
    """Notes writes instead of sending them."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, finder: Finder, plan: Plan, account: Account) -> None:
        super().__init__(client, spec, finder)
        self._plan = plan
        self._account = account

    def create(self, values: Mapping[str, Any], targets: Targets) -> Row:
        """Note a new row."""
        number = self._plan.new_id()
        row_id: Any = f"new{number}" if self._spec.text_ids else number
        if self._spec.is_nested and self._spec.below:
            row_id = nested_id(values[self._spec.below.key], row_id)
        row = {**planned_row(self._spec, values, self._account, self._now), "id": row_id}
        self._note(
            "create",
            "new",
            ", ".join(
                f"{targets[key].name}: {HIDDEN if targets[key].hidden else shown(each)}" for key, each in values.items()
            ),
        )
        self._account.plan(self._spec.path, {"active_flag": True, **row})
        return self._finder.add_planned(row)

    def update(self, row_id: int, changed: Mapping[str, Any], targets: Targets) -> None:
        """Note changed fields with their values before and after."""
        row = self._finder.row(row_id)
        told = (f"{targets[key].name}: {shown(row.get(key))} → {shown(each)}" for key, each in changed.items())
        self._note("update", str(row_id), ", ".join(told))
        self._account.plan(self._spec.path, {"id": row_id, **changed})
        times = ("update_time", "stage_change_time") if "stage_id" in changed else ("update_time",)
        self._finder.plan(row_id, {**changed, **dict.fromkeys(times, self._now)})

    def delete(self, row_id: int) -> bool:
        """Note a deletion."""
        self._note("delete", str(row_id), "")
        self._account.plan(self._spec.path, {"id": row_id, "is_deleted": True})
        self._finder.drop(row_id)
        return True

    @property
    def _now(self) -> str:
        return self._client.server_clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _note(self, action: str, row: str, what: str) -> None:
        method = {"create": "POST", "update": self._spec.update_method, "delete": "DELETE"}[action]
        path = self._spec.path if action == "create" else self._spec.item_path
        self._plan.add(Line(action, self._spec.name, row, what), method, path)
