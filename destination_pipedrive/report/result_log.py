"""A finished run as a page, from the lines of its result log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from destination_pipedrive.flow import OUTCOMES
from destination_pipedrive.report.model import WRITES, Report, row_groups, whole
from destination_pipedrive.results.plan_report import FieldChange, Line, PlanReport, shown
from pipedrive_client.config import ConfigError

#: Outcome -> the action that led to it; what is unchanged is only counted.
ACTIONS = {"rejected": "reject", "skipped": "leave", **{outcome: action for action, outcome in WRITES.items()}}
NOT_A_LOG = "is not a line of a result log. Name the files that a run with `result_log: true` wrote below `_results`."


def report_of(path: str) -> Report:
    """The page of a run; ``path`` is a file of its result log, or the folder that holds them.

    Raises ConfigError when there is none, or a line is something else.
    """
    objects: dict[str, Counter[str]] = {}
    gathered, left_out = PlanReport(), Counter[tuple[str, str]]()
    for entry in _entries(path):
        name, outcome = entry["object"], entry["outcome"]
        objects.setdefault(name, Counter())[outcome] += 1
        left_out.update((str(entry.get("stream")), str(change.get("field"))) for change in entry.get("changes") or ())
        if outcome in ACTIONS:
            gathered.add(_line(entry))
    if not objects:
        raise ConfigError(f"There is nothing to show: {path} holds no line.")
    plan = gathered.finished(objects, 0, None)
    groups = list(row_groups(plan.lines, plan.groups))
    return Report(
        is_plan=False,
        objects=whole(objects),
        changes=tuple(group for group in groups if group.action in WRITES),
        rejected=tuple(group for group in groups if group.action == "reject"),
        skipped=tuple(group for group in groups if group.action == "leave"),
        left_out=tuple(
            f"Column `{column}`: {count} value{'s' * (count != 1)} not accepted by Pipedrive and skipped "
            f"(stream `{stream}`)."
            for (stream, column), count in left_out.items()
        ),
    )


def _entries(path: str) -> Iterator[Mapping[str, Any]]:
    for file in _files(Path(path)):
        try:
            with file.open("rb") as lines:
                yield from _parsed(file, lines)
        except OSError as error:
            raise ConfigError(f"The result log {file} cannot be read: {error.strerror}.") from None


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.rglob("*.jsonl"))
        if not files:
            raise ConfigError(f"There is nothing to show: the folder {path} holds no .jsonl file.")
        # A folder of rejected records holds the logs in one of its own.
        return [file for file in files if "_results" in file.parts] or files
    return [path]


def _parsed(file: Path, lines: Iterable[bytes]) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            entry = None
        if not isinstance(entry, dict) or "object" not in entry or entry.get("outcome") not in OUTCOMES:
            raise ConfigError(f"{file}, line {number}, {NOT_A_LOG}")
        yield entry


def _line(entry: Mapping[str, Any]) -> Line:
    row_id, key = entry.get("id"), entry.get("key")
    return Line(
        action=ACTIONS[entry["outcome"]],
        object_name=str(entry["object"]),
        row=f"#{entry.get('number')}" if row_id is None else str(row_id),
        what=str(entry.get("message") or ""),
        stream=str(entry.get("stream") or ""),
        number=int(entry.get("number") or 0),
        code=str(entry.get("code") or ""),
        key=key if isinstance(key, dict) else {},
        columns=tuple(map(str, entry.get("columns") or ())),
        values=tuple(FieldChange(shown(name), "", "") for name in entry.get("changed") or ()),
    )
