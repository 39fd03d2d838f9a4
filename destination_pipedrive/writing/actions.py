"""Runs the actions of a record once its own row is written: in order, each so that a repetition changes nothing."""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from destination_pipedrive.account.directory import activity_priority, activity_type
from destination_pipedrive.config.mappings import (
    DEFAULT_TITLE,
    Action,
)
from destination_pipedrive.fields.directory import built_in_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import BadValue, moment
from destination_pipedrive.flow import MappedRecord, Rejected, row_age
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.rows import KEPT
from destination_pipedrive.objects.records import ACTIVITIES, DEALS
from destination_pipedrive.session import Session
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
    for key, template in (("title", action.title), ("subject", action.subject)):
        places = () if template == DEFAULT_TITLE or not columns else _PLACE.findall(template)
        for place in places:
            if place not in known:
                said = f"`{{{place}}}` is neither a column of the stream nor a field of the row."
                raise ConfigError(f"`{action.where}/{key}`: {said}{nearest(place, known)}")


def trouble(action: Action, key: str, count: int) -> str:
    """Why a name is not that of one stage or pipeline."""
    way = "set `pipeline`, or use the id" if key == "stage" and not action.pipeline else "use the id"
    return f"is the name of {count} {key}s; {way}" if count else f"names no {key} of the account"


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
SUBJECT = MatchKey("subject", "subject", "subject")
Row = Mapping[str, Any]


class ActionRunner:
    """The actions of one stream, their names resolved. Raises ConfigError for what the account does not have."""

    def __init__(self, session: Session, sync: StreamSync) -> None:
        self._session = session
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

    def run(self, row_id: int, record: Row) -> None:
        """Run what the record triggers. Raises Rejected when an action cannot be done."""
        for action in self._sync.rules.actions:
            if action.when is None or action.when.matches(record, self._session.context):
                ACTIONS[action.kind](self, action, row_id, record)

    def create_deal(self, action: Action, row_id: int, record: Row) -> None:
        """A deal of this title, person and pipeline, unless there is one."""
        row = self._session.matcher(self._sync.spec).row(row_id)
        title, pipeline = filled(action.title, record, row), self._pipeline(action)
        if any(text_key(each.get("title")) == text_key(title) for each in self._deals(row_id, pipeline)):
            return
        values = {**self._session.defaults(DEALS), "title": title, self._link: row_id, "pipeline_id": pipeline}
        if action.stage:
            values["stage_id"] = self._stage(action)
        if self._link == "person_id" and row.get("org_id"):
            values["org_id"] = row["org_id"]
        self._own.add(self._session.executor(DEALS).create(values, _targets(DEALS))["id"])
        self._session.results.add_parent("deals", "created")

    def move_to_stage(self, action: Action, row_id: int, record: Row) -> None:
        """The newest open deal goes to the stage, unless it is there."""
        self._move(self._open_deal(row_id, None), self._stage(action), record)

    def move_to_next_stage(self, action: Action, row_id: int, record: Row) -> None:
        """The newest open deal goes one stage on in its own pipeline; in the last one it stays."""
        deal = self._open_deal(row_id, self._pipeline(action))
        if self._is_repeated(action, row_id, record):
            return
        stages = [each for each in self._session.account.stages() if each.get("pipeline_id") == deal.get("pipeline_id")]
        order = [each["id"] for each in sorted(stages, key=_order) if not each.get("is_deleted")]
        here = deal.get("stage_id", next(iter(order), None))  # a dry run may not know in which stage a deal begins
        place = order.index(here) if here in order else len(order)
        if place + 1 >= len(order):
            self._session.logger.warning(f"Deal {deal['id']} is in the last stage of its pipeline and stays there.")
            return
        self._move(deal, order[place + 1], record)

    def _is_repeated(self, action: Action, row_id: int, record: Row) -> bool:
        """Whether this run saw the event already. Raises Rejected for one without a time: it may have come before."""
        column, time = self._sync.rules.updated_at_field, self._time(record)
        if not time:
            raise Rejected("required_field_missing", f"`{action.kind}` needs the time of the event.", column)
        event = (action.where, row_id, time)
        seen = event in self._events
        self._events.add(event)
        return seen

    def add_activity(self, action: Action, row_id: int, record: Row) -> None:
        """An activity of this subject and day, unless the row has it."""
        row, day = self._session.matcher(self._sync.spec).row(row_id), self._day(action, record)
        values: dict[str, Any] = {"subject": filled(action.subject, record, row), "type": self._type(action)}
        values |= {"due_date": day, "done": action.done, **self._links(row_id)}
        if action.assignee:
            values["owner_id"] = self._user(action)
        if action.priority:
            values["priority"] = self._priority(action)
        if not self._has_activity(values):
            self._session.executor(ACTIVITIES).create(values, _targets(ACTIVITIES))
            self._session.results.add_parent("activities", "created")

    def _links(self, row_id: int) -> dict[str, Any]:
        if self._link == "person_id":
            deals = [each["id"] for each in self._deals(row_id, None) if _is_open(each)]
            return {
                "participants": [{"person_id": row_id, "primary": True}],
                **({"deal_id": max(deals, key=row_age)} if deals else {}),
            }
        return {"deal_id" if self._link == "id" else self._link: row_id}

    def _has_activity(self, values: Row) -> bool:
        matcher, draft = self._session.matcher(ACTIVITIES), MappedRecord({"subject": values["subject"]})
        matcher.want((), (SUBJECT,))
        matcher.prepare([draft], (SUBJECT,))
        rows = (matcher.row(each) for each in matcher.find(draft, (SUBJECT,)).ids)
        return any(self._is_same(row, values) for row in rows)

    def _is_same(self, row: Row, values: Row) -> bool:
        """One day and one row it belongs to; without a time of the event any day is the same."""
        if self._sync.rules.updated_at_field and str(row.get("due_date"))[:10] != values["due_date"]:
            return False
        if "participants" not in values:
            return all(row.get(key) == values[key] for key in ("deal_id", "org_id") if key in values)
        people = {each.get("person_id") for each in row.get("participants") or ()}
        return values["participants"][0]["person_id"] in people

    def _deals(self, row_id: int, pipeline: int | None) -> list[Row]:
        """The deals of a row; all deals are listed once."""
        matcher = self._session.matcher(DEALS)
        if self._link == "id":
            found = [matcher.row(row_id)]
        else:
            key, draft = MatchKey(self._link, self._link, "reference"), MappedRecord({self._link: row_id})
            matcher.want((), (key,))
            matcher.prepare([draft], (key,))
            found = [matcher.row(each) for each in matcher.find(draft, (key,)).ids]
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
            self._session.executor(DEALS).update(deal["id"], {"stage_id": stage}, _targets(DEALS))
            self._session.results.add_parent("deals", "updated")

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

    def _day(self, action: Action, record: Row) -> str:
        start = datetime.fromisoformat(self._time(record)) if self._time(record) else datetime.now(UTC)
        return (start + timedelta(days=action.due_in_days)).date().isoformat()

    # names

    def _check(self, action: Action) -> None:
        if action.kind == "move_deal_to_next_stage" and not self._sync.rules.updated_at_field:
            raise ConfigError(
                f"`{self._sync.rules.where}/updated_at_field` is missing: without the time of the event "
                f"`move_deal_to_next_stage` (`{action.where}`) would move a deal on each time an event comes again."
            )
        check_places(action, self._sync.stream.columns, (*KEPT, *(each.key for each in self._sync.spec.fields)))
        self._pipeline(action), self._user(action), self._type(action), self._priority(action)
        if action.stage:
            self._stage(action)
        if action.kind == "move_deal_to_stage" and not self._sync.rules.updated_at_field:
            self._session.logger.warning(
                f"`{action.where}`: without `updated_at_field` an event that comes again moves the deal again."
            )

    def _pipeline(self, action: Action) -> int | None:
        return self._one(action, "pipeline", self._session.account.pipeline_ids(action.pipeline), action.pipeline)

    def _stage(self, action: Action) -> int:
        found = self._session.account.stage_ids(action.stage, self._pipeline(action))
        stage = self._one(action, "stage", found, action.stage)
        assert stage is not None
        return stage

    def _type(self, action: Action) -> str:
        return activity_type(self._session.account, action.type, f"{action.where}/type")

    def _priority(self, action: Action) -> int | None:
        where = f"{action.where}/priority"
        return activity_priority(self._session.fields, action.priority, where) if action.priority else None

    def _user(self, action: Action) -> int | None:
        found = (
            self._session.account.user_id(action.assignee)
            if action.assignee and not action.assignee.isdigit()
            else None
        )
        return self._one(action, "assignee", [found] if found else [], action.assignee, "user")

    def _one(self, action: Action, key: str, found: list[int], name: str, kind: str = "") -> int | None:
        """The one id of a name, or the id itself; None for an empty name. Raises ConfigError."""
        if len(found) == 1 or not name:
            return found[0] if name else None
        if name.isdigit() and not found and self._session.account.knows(kind or key, int(name)):
            return int(name)
        said = self._session.account.user_trouble(name) if kind == "user" else trouble(action, key, len(found))
        known = self._session.account.names(kind or key)
        raise ConfigError(f"`{action.where}/{key}`: `{name}` {said}.{others(name, known)}")


ACTIONS = {
    "create_deal": ActionRunner.create_deal,
    "move_deal_to_stage": ActionRunner.move_to_stage,
    "move_deal_to_next_stage": ActionRunner.move_to_next_stage,
    "add_activity": ActionRunner.add_activity,
}


def _targets(spec: Any) -> dict[str, Field]:
    return {each.key: built_in_field(each) for each in spec.fields}


def _is_open(deal: Row) -> bool:
    return deal.get("status") == "open" and not deal.get("is_archived")


def _order(stage: Row) -> int:
    return int(stage.get("order_nr") or 0)
