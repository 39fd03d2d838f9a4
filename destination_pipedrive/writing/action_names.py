"""What actions name: texts with places for columns, stages, pipelines, users and activity types of the account."""

import logging
import re
from collections.abc import Iterable, Mapping
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
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.rows import KEPT
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import nearest, others
from pipedrive_client.field_definitions import FieldCatalog

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


class ActionNames:
    """Names of the account that actions use instead of ids."""

    def __init__(self, account: Account, fields: FieldCatalog, logger: logging.Logger) -> None:
        self._account = account
        self._fields = fields
        self._logger = logger

    def check(self, action: Action, sync: StreamSync) -> None:
        """Raises ConfigError for an action that cannot be run."""
        if isinstance(action, MoveDealToNextStage) and not sync.rules.updated_at_field:
            raise ConfigError(
                f"`{sync.rules.where}/updated_at_field` is missing: without the time of the event "
                f"`move_deal_to_next_stage` (`{action.where}`) would move a deal on each time an event is sent again."
            )
        check_places(action, sync.stream.columns, (*KEPT, *(each.key for each in sync.spec.fields)))
        if isinstance(action, AddActivity):
            self.user(action), self.type(action), self.priority(action)
        else:
            self.pipeline(action)
        if isinstance(action, CreateDeal | MoveDealToStage) and action.stage:
            self.stage(action)
        if isinstance(action, MoveDealToStage) and not sync.rules.updated_at_field:
            self._logger.warning(
                f"`{action.where}`: without `updated_at_field` an event that is sent again moves the deal again."
            )

    def pipeline(self, action: CreateDeal | MoveDealToStage | MoveDealToNextStage) -> int | None:
        """The pipeline's id; None where none is named. Raises ConfigError."""
        found = self._account.pipeline_ids(action.pipeline)
        return self._one(f"{action.where}/pipeline", "pipeline", found, action.pipeline)

    def stage(self, action: CreateDeal | MoveDealToStage) -> int:
        """The stage's id. Raises ConfigError."""
        found = self._account.stage_ids(action.stage, self.pipeline(action))
        stage = self._one(f"{action.where}/stage", "stage", found, action.stage, is_apart=bool(action.pipeline))
        assert stage is not None
        return stage

    def type(self, action: AddActivity) -> str:
        """The key of the activity type. Raises ConfigError."""
        return activity_type(self._account, action.type, f"{action.where}/type")

    def priority(self, action: AddActivity) -> int | None:
        """The id of the priority; None where none is named. Raises ConfigError."""
        where = f"{action.where}/priority"
        return activity_priority(self._fields, action.priority, where) if action.priority else None

    def user(self, action: AddActivity) -> int | None:
        """The user's id; None where nobody is named. Raises ConfigError."""
        found = self._account.user_id(action.assignee) if action.assignee and not action.assignee.isdigit() else None
        return self._one(f"{action.where}/assignee", "user", [found] if found else [], action.assignee)

    def _one(self, where: str, kind: str, found: list[int], name: str, is_apart: bool = True) -> int | None:
        """The one id of a name, or the id itself; None for an empty name. Raises ConfigError."""
        if len(found) == 1 or not name:
            return found[0] if name else None
        if name.isdigit() and not found and self._account.knows(kind, int(name)):
            return int(name)
        said = self._account.user_trouble(name) if kind == "user" else trouble(kind, len(found), is_apart)
        raise ConfigError(f"`{where}`: `{name}` {said}.{others(name, self._account.names(kind))}")
