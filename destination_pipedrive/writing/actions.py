"""The actions that records trigger, once their rows are written: in order, and a repetition changes nothing."""

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from destination_pipedrive.account.directory import Account, activity_priority, activity_type
from destination_pipedrive.config.action_rules import (
    DEFAULT_TITLE,
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
from destination_pipedrive.matching.rows import KEPT
from destination_pipedrive.objects.records import ACTIVITIES, DEALS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.refusals import failing, rejected
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.ordering import conflict_groups, run_groups
from pipedrive_client.errors import Refused, TryLater
from pipedrive_client.expression import Context
from pipedrive_client.fields import FieldCatalog
from pipedrive_client.normal import text_key
from pipedrive_client.problems import Problems, nearest, others
from pipedrive_client.settings import ConfigError

_PLACE = re.compile(r"\{([^{}]+)\}")


def filled(template: str, *sources: Mapping[str, Any]) -> str:
    """A text whose ``{column}`` places hold the values of the first source that has one."""

    def value(place: re.Match[str]) -> str:
        found = (source[place[1]] for source in sources if source.get(place[1]) not in (None, ""))
        return str(next(found, ""))

    return " ".join(_PLACE.sub(value, template).split())


def check_places(action: Action, columns: tuple[str, ...], fields: Iterable[str]) -> None:
    """Raises ConfigError for a place that is neither a column, where the schema names any, nor a field of the row."""
    known = (*columns, *fields)
    for key, template in action.templates:
        places = () if template == DEFAULT_TITLE or not columns else _PLACE.findall(template)
        for place in places:
            if place not in known:
                said = f"`{{{place}}}` is neither a column of the stream nor a field of the row."
                raise ConfigError(f"`{action.where}/{key}`: {said}{nearest(place, known)}")


def trouble(kind: str, count: int, is_apart: bool) -> str:
    """Why a name is not that of one stage or pipeline; ``is_apart`` when a pipeline would not tell them apart."""
    way = "use the id" if is_apart else "set `pipeline`, or use the id"
    return f"is the name of {count} {kind}s; {way}" if count else f"names no {kind} of the account"


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
        self._link = LINKS.get(sync.spec.name, "")
        self.late = LateEvents()
        self._own: set[int] = set()
        self._events: set[tuple[str, int, str]] = set()
        if sync.rules.actions and not self._link:
            raise ConfigError(f"`{sync.rules.where}/actions`: actions go with {', '.join(LINKS)}.")
        problems = Problems()
        problems.each(self._check, sync.rules.actions)
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
        title, pipeline = filled(action.title, record, row), self._pipeline(action)
        if any(text_key(each.get("title")) == text_key(title) for each in self._deals(row_id, pipeline)):
            return
        values = {**self._objects(DEALS).planner.defaults, "title": title, self._link: row_id, "pipeline_id": pipeline}
        if action.stage:
            values["stage_id"] = self._stage(action)
        if self._link == "person_id" and row.get("org_id"):
            values["org_id"] = row["org_id"]
        self._own.add(self._create(DEALS, values))

    def move_to_stage(self, action: MoveDealToStage, row_id: int, record: Row) -> None:
        """The newest open deal goes to the stage, unless it is there."""
        self._move(self._open_deal(row_id, None), self._stage(action), record)

    def move_to_next_stage(self, action: MoveDealToNextStage, row_id: int, record: Row) -> None:
        """The newest open deal goes one stage on in its own pipeline; in the last one it stays."""
        deal = self._open_deal(row_id, self._pipeline(action))
        if self._is_repeated(action, row_id, record):
            return
        stages = [each for each in self._tools.account.stages() if each.get("pipeline_id") == deal.get("pipeline_id")]
        order = [each["id"] for each in sorted(stages, key=_order) if not each.get("is_deleted")]
        here = deal.get("stage_id", next(iter(order), None))  # a dry run may not know in which stage a deal begins
        place = order.index(here) if here in order else len(order)
        if place + 1 >= len(order):
            self._tools.logger.warning(f"Deal {deal['id']} is in the last stage of its pipeline and stays there.")
            return
        self._move(deal, order[place + 1], record)

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
        values: dict[str, Any] = {"subject": filled(action.subject, record, row), "type": self._type(action)}
        values |= {"due_date": day, "done": action.done, **self._links(row_id)}
        if action.assignee:
            values["owner_id"] = self._user(action)
        if action.priority:
            values["priority"] = self._priority(action)
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

    # names

    def _check(self, action: Action) -> None:
        if isinstance(action, MoveDealToNextStage) and not self._sync.rules.updated_at_field:
            raise ConfigError(
                f"`{self._sync.rules.where}/updated_at_field` is missing: without the time of the event "
                f"`move_deal_to_next_stage` (`{action.where}`) would move a deal on each time an event comes again."
            )
        check_places(action, self._sync.stream.columns, (*KEPT, *(each.key for each in self._sync.spec.fields)))
        if isinstance(action, AddActivity):
            self._user(action), self._type(action), self._priority(action)
        else:
            self._pipeline(action)
        if isinstance(action, CreateDeal | MoveDealToStage) and action.stage:
            self._stage(action)
        if isinstance(action, MoveDealToStage) and not self._sync.rules.updated_at_field:
            self._tools.logger.warning(
                f"`{action.where}`: without `updated_at_field` an event that comes again moves the deal again."
            )

    def _pipeline(self, action: CreateDeal | MoveDealToStage | MoveDealToNextStage) -> int | None:
        found = self._tools.account.pipeline_ids(action.pipeline)
        return self._one(f"{action.where}/pipeline", "pipeline", found, action.pipeline)

    def _stage(self, action: CreateDeal | MoveDealToStage) -> int:
        found = self._tools.account.stage_ids(action.stage, self._pipeline(action))
        stage = self._one(f"{action.where}/stage", "stage", found, action.stage, is_apart=bool(action.pipeline))
        assert stage is not None
        return stage

    def _type(self, action: AddActivity) -> str:
        return activity_type(self._tools.account, action.type, f"{action.where}/type")

    def _priority(self, action: AddActivity) -> int | None:
        where = f"{action.where}/priority"
        return activity_priority(self._tools.fields, action.priority, where) if action.priority else None

    def _user(self, action: AddActivity) -> int | None:
        found = (
            self._tools.account.user_id(action.assignee) if action.assignee and not action.assignee.isdigit() else None
        )
        return self._one(f"{action.where}/assignee", "user", [found] if found else [], action.assignee)

    def _one(self, where: str, kind: str, found: list[int], name: str, is_apart: bool = True) -> int | None:
        """The one id of a name, or the id itself; None for an empty name. Raises ConfigError."""
        if len(found) == 1 or not name:
            return found[0] if name else None
        if name.isdigit() and not found and self._tools.account.knows(kind, int(name)):
            return int(name)
        said = self._tools.account.user_trouble(name) if kind == "user" else trouble(kind, len(found), is_apart)
        raise ConfigError(f"`{where}`: `{name}` {said}.{others(name, self._tools.account.names(kind))}")


def _fields(spec: Any) -> dict[str, Field]:
    return {each.key: built_in_field(each) for each in spec.fields}


def _is_open(deal: Row) -> bool:
    return deal.get("status") == "open" and not deal.get("is_archived")


def _order(stage: Row) -> int:
    return int(stage.get("order_nr") or 0)


Report = Callable[[InFlightRecord, Outcome], None]


class ActionQueue:
    """Actions of a batch, run when its rows are written. Safe to share between threads, but for ``run``."""

    def __init__(self, runners: Mapping[int, ActionRunner], failures: Failures) -> None:
        """``runners`` by the ``id`` of their stream's sync."""
        self._runners = runners
        self._failures = failures
        self._waiting: list[tuple[InFlightRecord, Outcome]] = []

    def add(self, record: InFlightRecord, outcome: Outcome) -> None:
        """The row of a record is there."""
        self._waiting.append((record, outcome))

    def run(self, pool: Executor, report: Report) -> None:
        """Run what the records trigger, those of one row in their order, and report each record."""
        waiting, self._waiting = self._waiting, []
        waiting.sort(key=_sequence)
        # Lists are read by this thread; the workers write.
        for number, runner in self._runners.items():
            runner.prepare(_data(record) for record, _ in waiting if id(record.sync) == number)
        groups = conflict_groups(waiting, _row)
        run_groups(pool, groups, lambda pair: self._run(*pair, report))

    def late_events(self) -> Iterator[str]:
        """A sentence for each stream that met events that came too late."""
        for runner in self._runners.values():
            yield from filter(None, [runner.late_events()])

    def _run(self, record: InFlightRecord, outcome: Outcome, report: Report) -> None:
        runner, data, start = self._runners[id(record.sync)], _data(record), self._failures.start()
        for action in runner.triggered(data):
            fail = partial(self._fail, record, outcome, action, report)
            try:
                runner.run(action, outcome.row_id, data)
            except TryLater as error:
                self._failures.add(error, start, lambda final, fail=fail: fail(failing(final)))  # type: ignore[misc]
                return
            except Refused as error:
                fail(rejected(error))
                return
            except Rejected as error:
                fail(error)
                return
            runner.done(action, record)
        report(record, outcome)

    def _fail(self, record: InFlightRecord, outcome: Outcome, action: Action, report: Report, error: Rejected) -> None:
        """A record that wrote its row keeps it, whatever becomes of its actions; else what stands in the way of an
        action rejects it.
        """
        if outcome.kind == "unchanged":
            report(record, Outcome.of_rejection(error.change))
        else:
            self._runners[id(record.sync)].failed(action, record, error.change)
            report(record, outcome)


def _sequence(pair: tuple[InFlightRecord, Outcome]) -> int:
    return pair[0].sequence


def _row(pair: tuple[InFlightRecord, Outcome]) -> Iterator[Any]:
    yield pair[1].row_id


def _data(record: InFlightRecord) -> Row:
    return record.sync.columns.spelled(record.data)
