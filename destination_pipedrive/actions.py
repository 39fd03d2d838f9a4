"""`actions` of a mapping as the user wrote them, frozen, and what they say in one record's words. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.readers import (
    read_count,
    read_expression,
    read_id_or_name,
    read_list,
    read_object,
    read_switch,
    read_text,
    refuse_unknown,
)
from destination_pipedrive.targets import nearest
from pipedrive_client.expression import Expression
from pipedrive_client.problems import all_of
from pipedrive_client.settings import ConfigError

#: Action -> keys that it takes besides `action` and `when`, then those of them that it needs.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "create_deal": (("title", "pipeline", "stage"), ("pipeline",)),
    "move_deal_to_stage": (("pipeline", "stage"), ("stage",)),
    "move_deal_to_next_stage": (("pipeline",), ()),
    "add_activity": (("subject", "type", "assignee", "priority", "due_in_days", "done"), ("subject",)),
}
DEFAULT_TITLE = "{name} deal"
DEFAULT_TYPE = "task"
_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Action:
    """One entry of ``actions``; ``where`` is its JSON pointer."""

    kind: str
    where: str
    when: Expression | None = None
    title: str = DEFAULT_TITLE
    pipeline: str = ""
    stage: str = ""
    subject: str = ""
    type: str = DEFAULT_TYPE
    assignee: str = ""
    priority: str = ""
    due_in_days: int = 0
    done: bool = False


def read_actions(value: Any, where: str) -> Iterator[Action]:
    """The entries of a config. Raises ConfigError."""
    entries = enumerate(read_list(value, where))
    yield from all_of(lambda pair: _action(read_object(pair[1], f"{where}/{pair[0]}"), f"{where}/{pair[0]}"), entries)


def _action(entry: Mapping[str, Any], where: str) -> Action:
    kind = read_text(entry, "action", where)
    if kind not in KINDS:
        raise ConfigError(f"`{where}/action` must be one of {', '.join(f'`{each}`' for each in KINDS)}.")
    keys, needed = KINDS[kind]
    refuse_unknown(entry, ("when", "action", *keys), where)
    for key in needed:
        if not read_id_or_name(entry, key, where):
            raise ConfigError(f"`{where}/{key}` is missing: `{kind}` needs it.")
    return Action(
        kind,
        where,
        read_expression(entry, "when", where),
        read_text(entry, "title", where) or DEFAULT_TITLE,
        read_id_or_name(entry, "pipeline", where),
        read_id_or_name(entry, "stage", where),
        read_text(entry, "subject", where),
        read_text(entry, "type", where) or DEFAULT_TYPE,
        read_id_or_name(entry, "assignee", where),
        read_id_or_name(entry, "priority", where),
        read_count(entry, "due_in_days", where, 0) or 0,
        read_switch(entry, "done", where, default=False),
    )


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
