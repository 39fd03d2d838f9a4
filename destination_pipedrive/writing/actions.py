"""The actions that records trigger, once their rows are written: in order, and a repetition changes nothing."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from destination_pipedrive.account.directory import Account
from destination_pipedrive.config.action_rules import (
    Action,
    AddActivity,
    CreateDeal,
    MoveDealToNextStage,
    MoveDealToStage,
)
from destination_pipedrive.fields.directory import built_in_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import BadValue, moment
from destination_pipedrive.flow import Create, MappedRecord, Outcome, Reject, Rejected, Update, row_age
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.records import ACTIVITIES, DEALS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.planned_rows import place
from destination_pipedrive.writing.action_names import ActionNames, filled
from destination_pipedrive.writing.object_writer import ObjectWriter
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems
from pipedrive_client.expressions.nodes import Context
from pipedrive_client.field_definitions import FieldCatalog
from pipedrive_client.normalization import text_key

#: How many deals are named one by one.
MOST_NAMED = 10


class LateEvents:
    """The late events of one stream by deal. Safe to share between threads."""

    def __init__(self) -> None:
        self._by_deal: Counter[Any] = Counter()
        self._lock = threading.Lock()

    def add(self, deal_id: Any) -> None:
        """Count one event of a deal."""
        with self._lock:
            self._by_deal[deal_id] += 1

    def sentence(self, where: str) -> str:
        """How many there were, and of which deals; empty without any."""
        count, deals = self._by_deal.total(), sorted(self._by_deal, key=str)
        if not count:
            return ""
        named = ", ".join(map(str, deals[:MOST_NAMED])) + (", …" if deals[MOST_NAMED:] else "")
        noun = "event is" if count == 1 else "events are"
        return (
            f"`{where}/actions`: {count} {noun} not newer than the last stage change of the deal, and moved nothing "
            f"(deals: {named}). Either they were applied by an earlier run, or they came late."
        )


#: Object of the mapping -> the deal's field that names its rows; a deal itself is its own.
LINKS = {"persons": "person_id", "organizations": "org_id", "deals": "id"}
SUBJECT = MatchKey("subject", "subject", "subject", form="content")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ActionTools:
    """What actions need of a run. ``objects`` finds and writes the rows of an object."""

    objects: Callable[[ObjectSpec], ObjectWriter]
    account: Account
    fields: FieldCatalog
    context: Callable[[], Context]
    logger: logging.Logger


class ActionRunner:
    """The actions of one stream, their names resolved. Raises ConfigError for what the account does not have."""

    def __init__(self, tools: ActionTools, sync: StreamSync) -> None:
        self._tools = tools
        self._sync = sync
        self._names = ActionNames(tools.account, tools.fields, tools.logger)
        self._link = LINKS.get(sync.spec.name, "")
        self.late = LateEvents()
        self._own: set[int] = set()
        self._events: set[tuple[str, int, str]] = set()
        if sync.rules.actions and not self._link:
            raise ConfigError(f"`{sync.rules.where}/actions`: actions go with {', '.join(LINKS)}.")
        problems = Problems()
        problems.each(partial(self._names.check, sync=sync), sync.rules.actions)
        problems.check()

    def triggered(self, record: Row) -> tuple[Action, ...]:
        """The actions whose condition a record meets."""
        context = self._tools.context()
        return tuple(
            each for each in self._sync.rules.actions if each.when is None or each.when.matches(record, context)
        )

    def prepare(self, records: Iterable[Row]) -> None:
        """Read the rows that the actions of these records look at: all deals, all activities, each list once."""
        kinds = {action.kind for record in records for action in self.triggered(record)}
        if "add_activity" in kinds:
            self._read_all(ACTIVITIES, SUBJECT)
        if self._link != "id" and (kinds - {"add_activity"} or (kinds and self._link == "person_id")):
            self._read_all(DEALS, self._deal_key)

    def _read_all(self, spec: ObjectSpec, key: MatchKey) -> None:
        rows = self._objects(spec).rows
        rows.require_fields((), (key,))
        rows.read_all()

    @property
    def _deal_key(self) -> MatchKey:
        """By what the deals of a row are found."""
        return MatchKey(self._link, self._link, "reference")

    def late_events(self) -> str:
        """How many events came too late; empty without any."""
        return self.late.sentence(self._sync.rules.where)

    def done(self, action: Action, record: InFlightRecord) -> None:
        """Count an action that was run."""
        self._objects(DEALS).ledger.add_action(action.kind, record.sync.stream.full_name, record.number)

    def failed(self, action: Action, record: InFlightRecord, why: Reject) -> None:
        """Count an action that could not be done, and say why."""
        failure = Outcome.of_rejection(why)
        self._objects(DEALS).ledger.add_action(action.kind, record.sync.stream.full_name, record.number, failure)

    def run(self, action: Action, row_id: int, record: Row) -> None:
        """Run one action. Raises Rejected when it cannot be done."""
        self._do(action, row_id, record)

    def _do(self, action: Action, row_id: int, record: Row) -> None:
        match action:
            case CreateDeal():
                self.create_deal(action, row_id, record)
            case MoveDealToStage():
                self.move_to_stage(action, row_id, record)
            case MoveDealToNextStage():
                self.move_to_next_stage(action, row_id, record)
            case AddActivity():
                self.add_activity(action, row_id, record)

    def create_deal(self, action: CreateDeal, row_id: int, record: Row) -> None:
        """A deal of this title, person and pipeline, unless there is one."""
        row = self._objects(self._sync.spec).matcher.rows.row(row_id)
        title, pipeline = filled(action.title, record, row), self._names.pipeline(action)
        if any(text_key(each.get("title")) == text_key(title) for each in self._deals(row_id, pipeline)):
            return
        values = {**self._objects(DEALS).planner.defaults, "title": title, self._link: row_id, "pipeline_id": pipeline}
        if action.stage:
            values["stage_id"] = self._names.stage(action)
        if self._link == "person_id" and row.get("org_id"):
            values["org_id"] = row["org_id"]
        self._own.add(self._create(DEALS, values))

    def move_to_stage(self, action: MoveDealToStage, row_id: int, record: Row) -> None:
        """The newest open deal goes to the stage, unless it is there."""
        self._move(self._open_deal(row_id, None), self._names.stage(action), record)

    def move_to_next_stage(self, action: MoveDealToNextStage, row_id: int, record: Row) -> None:
        """The newest open deal goes one stage on in its own pipeline; in the last one it stays."""
        deal = self._open_deal(row_id, self._names.pipeline(action))
        if self._is_repeated(action, row_id, record):
            return
        stages = [each for each in self._tools.account.stages() if each.get("pipeline_id") == deal.get("pipeline_id")]
        order = [each["id"] for each in sorted(stages, key=place) if not each.get("is_deleted")]
        here = deal.get("stage_id", next(iter(order), None))  # a dry run may not know in which stage a deal begins
        passed = order.index(here) + 1 if here in order else len(order)
        if passed >= len(order):
            self._tools.logger.warning(f"Deal {deal['id']} is in the last stage of its pipeline and stays there.")
            return
        self._move(deal, order[passed], record)

    def _is_repeated(self, action: MoveDealToNextStage, row_id: int, record: Row) -> bool:
        """Whether this run saw the event already. Raises Rejected for one without a time: it may have come before."""
        column, time = self._sync.rules.updated_at_field, self._time(record)
        if not time:
            raise Rejected("required_field_missing", f"`{action.kind}` needs the time of the event.", column)
        event = (action.where, row_id, time)
        seen = event in self._events
        self._events.add(event)
        return seen

    def add_activity(self, action: AddActivity, row_id: int, record: Row) -> None:
        """An activity of this subject and day, unless the row has it."""
        row, day = self._objects(self._sync.spec).matcher.rows.row(row_id), self._day(action, record)
        values: dict[str, Any] = {"subject": filled(action.subject, record, row), "type": self._names.type(action)}
        values |= {"due_date": day, "done": action.done, **self._links(row_id)}
        if action.assignee:
            values["owner_id"] = self._names.user(action)
        if action.priority:
            values["priority"] = self._names.priority(action)
        if not self._has_activity(values):
            self._create(ACTIVITIES, values)

    def _links(self, row_id: int) -> dict[str, Any]:
        if self._link == "person_id":
            deals = [each["id"] for each in self._deals(row_id, None) if _is_open(each)]
            return {
                "participants": [{"person_id": row_id, "primary": True}],
                **({"deal_id": max(deals, key=row_age)} if deals else {}),
            }
        return {"deal_id" if self._link == "id" else self._link: row_id}

    def _has_activity(self, values: Row) -> bool:
        matcher, telling = self._objects(ACTIVITIES).matcher, ("participants", "deal_id", "org_id")
        alike = {key: field for key, field in _fields(ACTIVITIES).items() if key in telling and key in values}
        alike = {"participants": alike["participants"]} if "participants" in alike else alike
        match = matcher.match(MappedRecord(dict(values)), (SUBJECT,), alike)
        return any(self._is_same(matcher.rows.row(each), values) for each in match.ids)

    def _is_same(self, row: Row, values: Row) -> bool:
        """One day and one row it belongs to; without a time of the event any day is the same."""
        if self._sync.rules.updated_at_field and str(row.get("due_date"))[:10] != values["due_date"]:
            return False
        if "participants" not in values:
            return all(row.get(key) == values[key] for key in ("deal_id", "org_id") if key in values)
        people = {each.get("person_id") for each in row.get("participants") or ()}
        return values["participants"][0]["person_id"] in people

    def _deals(self, row_id: int, pipeline: int | None) -> list[Row]:
        """The deals of a row."""
        matcher = self._objects(DEALS).matcher
        if self._link == "id":
            found = [matcher.rows.row(row_id)]
        else:
            match = matcher.match(MappedRecord({self._link: row_id}), (self._deal_key,))
            found = [matcher.rows.row(each) for each in match.ids]
        return [each for each in found if pipeline in (None, each.get("pipeline_id"))]

    def _open_deal(self, row_id: int, pipeline: int | None) -> Row:
        deals = [each for each in self._deals(row_id, pipeline) if _is_open(each)]
        if not deals:
            raise Rejected("no_open_deal", f"the {self._sync.spec.noun} has no open deal to move.")
        return max(deals, key=lambda deal: row_age(deal["id"]))

    def _move(self, deal: Row, stage: int, record: Row) -> None:
        if deal.get("stage_id") == stage:
            return
        if self._was_moved(deal, record):
            self.late.add(deal["id"])
        else:
            self._own.add(deal["id"])
            objects, change = self._objects(DEALS), Update(deal["id"], deal, {"stage_id": stage})
            objects.enter_changed(change)
            try:
                objects.update(change, _fields(DEALS))
            except Exception:
                objects.forget_planned(deal["id"])
                raise
            objects.ledger.add_other("deals", "updated")

    def _was_moved(self, deal: Row, record: Row) -> bool:
        """Whether the stage changed after the event, and not by an action of this run."""
        time = self._time(record)
        changed = deal.get("stage_change_time")
        return bool(time and changed and deal["id"] not in self._own and moment(changed) >= time)

    def _time(self, record: Row) -> str:
        try:
            return moment(record.get(self._sync.rules.updated_at_field))
        except BadValue:
            return ""

    def _day(self, action: AddActivity, record: Row) -> str:
        start = datetime.fromisoformat(self._time(record)) if self._time(record) else datetime.now(UTC)
        return (start + timedelta(days=action.due_in_days)).date().isoformat()

    def _objects(self, spec: ObjectSpec) -> ObjectWriter:
        return self._tools.objects(spec)

    def _create(self, spec: ObjectSpec, values: dict[str, Any]) -> Any:
        objects, fields = self._objects(spec), _fields(spec)
        return objects.create_for_others(Create(values, objects.enter_planned(values)), fields)


def _fields(spec: Any) -> dict[str, Field]:
    return {each.key: built_in_field(each) for each in spec.fields}


def _is_open(deal: Row) -> bool:
    return deal.get("status") == "open" and not deal.get("is_archived")
