"""Rows of one object on their way to Pipedrive: entered in the row store as planned, then written, then as they are."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from destination_pipedrive.account.directory import LISTS, Account
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Create, Delete, Row, Update
from destination_pipedrive.matching.known_rows import KnownRows
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.matching.rows import nested_id
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.planned_rows import given_values, planned_row, planned_times
from destination_pipedrive.planning.planner import Planner
from destination_pipedrive.results.ledger import Ledger
from destination_pipedrive.results.plan_report import PlanReport
from destination_pipedrive.writing.executor import Executor, own_id
from destination_pipedrive.writing.placeholders import PlannedIds
from pipedrive_client.clock import ServerClock

Fields = Mapping[str, Field]


@dataclass(frozen=True)
class ObjectWriter:
    """Finds, plans and writes the rows of one object.

    ``plan``: that of a dry run, in which planned rows stay, as none gets a real id.
    """

    spec: ObjectSpec
    matcher: Matcher
    planner: Planner
    executor: Executor
    account: Account
    ids: PlannedIds
    ledger: Ledger
    pool: ThreadPoolExecutor
    server_clock: ServerClock
    plan: PlanReport | None = None

    @cached_property
    def is_dry(self) -> bool:
        """True when nothing is sent."""
        return self.plan is not None

    @cached_property
    def rows(self) -> KnownRows:
        """What the run knows of the rows."""
        return self.matcher.rows

    @cached_property
    def _named_by(self) -> tuple[str, ...]:
        """The fields of which the first text is what people call a new row."""
        return (*self.spec.key_names, "name", "title", "subject")

    # as planned

    def enter_planned(self, values: Mapping[str, Any]) -> Any:
        """Let later records find a new row; its planned id."""
        texts = (values[key] for key in self._named_by if isinstance(values.get(key), str))
        number = self.ids.new(f"(new) {next(texts, self.spec.noun)[:MOST_SHOWN]}")
        row_id: Any = f"new{number}" if self.spec.text_ids else number
        if self.spec.is_nested and self.spec.below:
            row_id = nested_id(values[self.spec.below.key], row_id)
        row = planned_row(self.spec, {**self._given, **values}, self.account, self.server_clock.text())
        self.rows.add_planned({**row, "id": row_id})
        return row_id

    def enter_changed(self, change: Update) -> None:
        """Let later records find a row as it will be."""
        self.rows.plan(change.row_id, {**change.changed, **planned_times(change.changed, self.server_clock.text())})

    def forget_planned(self, row_id: Any) -> None:
        """Find a row as it is on the server again; one that was only planned not at all."""
        self.rows.unplan(row_id)

    def forget_batch(self) -> None:
        """Let go of what was read, or planned, for one batch only."""
        self.rows.release()
        if not self.is_dry:
            self.ids.forget_rows()

    # as written

    def create(self, change: Create, fields: Fields) -> Any:
        """Write a new row; its id. Raises Rejected when it is refused, and what the client raises."""
        values = self.ids.realized(change.after)
        row, is_flat = self.executor.create(values, fields)
        if self.is_dry:
            if values != change.after:
                self.rows.plan(change.row_id, values)
            self.rows.keep(change.row_id)
            self.account.plan(self.spec.path, {"active_flag": True, **self.rows.row(change.row_id)})
            return change.row_id
        if self._has_list:
            self.account.update_list(self.spec.path, row)
        flat = self.rows.replace_planned(change.row_id, row, is_flat)
        self.ids.resolve(change.row_id, flat["id"])
        return flat["id"]

    def update(self, change: Update, fields: Fields) -> None:
        """Write changed fields. Raises NotFound when the row is not there any more, Rejected when they are refused."""
        changed = self.ids.realized(change.changed)
        answer = self.executor.update(change.row_id, changed, fields, change.before)
        if self.is_dry:
            self.enter_changed(replace(change, changed=changed))
            self.rows.keep(change.row_id)
            self.account.plan(self.spec.path, {"id": change.row_id, **changed})
            return
        self.rows.unplan(change.row_id)
        # Some answers hold only the id.
        known = {**change.before, **changed}
        built_in = {key: value for key, value in known.items() if not (key in fields and fields[key].custom)}
        row = {**built_in, **answer, **own_id(self.spec, change.row_id)}
        self.account.update_list(self.spec.path, row)
        self.rows.put(row)

    def delete(self, change: Delete) -> bool:
        """Delete a row; False when it was gone already. Raises Rejected when it is refused."""
        is_deleted = self.executor.delete(change.row_id)
        update_list = self.account.plan if self.is_dry else self.account.update_list
        update_list(self.spec.path, {"id": change.row_id, "is_deleted": True})
        self.rows.drop(change.row_id)
        return is_deleted

    def create_for_others(self, change: Create, fields: Fields) -> Any:
        """Write a row that no record of its own stands behind; its id. One that fails is planned no longer."""
        try:
            row_id = self.create(change, fields)
        except Exception:
            self.forget_planned(change.row_id)
            raise
        self.ledger.add_other(self.spec.name, "created")
        if self.plan:
            self.plan.add_besides(self.spec.name)
        return row_id

    @cached_property
    def _given(self) -> Row:
        """What a new row has without being told."""
        return given_values(self.spec, self.account.me())

    @cached_property
    def _has_list(self) -> bool:
        """Whether names of these rows stand in other rows."""
        return self.spec.path in LISTS.values()


#: How many characters of a new row's name are shown.
MOST_SHOWN = 60
Rows = dict[Any, Row]
