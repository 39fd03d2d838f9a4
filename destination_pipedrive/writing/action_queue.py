"""The actions of a batch: which records wait for theirs, and what becomes of a record whose action cannot be done."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

from destination_pipedrive.config.action_rules import Action
from destination_pipedrive.flow import Outcome, Rejected
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.results.refusals import failing, rejected
from destination_pipedrive.writing.actions import ActionRunner, Row
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.ordering import conflict_groups, run_groups
from pipedrive_client.errors import Refused, TransientError

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
        if not self._waiting:
            return
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
            except TransientError as error:
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
