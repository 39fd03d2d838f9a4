"""One write, from the first message to the last: read, filter, buffer by rank, plan, apply, release states."""

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.copying.copying import Copying
from destination_pipedrive.copying.stream_copy import settled
from destination_pipedrive.flow import Outcome
from destination_pipedrive.mapping.compiler import RecordFilter
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from destination_pipedrive.planning.pruning import Pruning
from destination_pipedrive.protocol.json_lines import Message, OddMessage
from destination_pipedrive.protocol.messages import UNREADABLE, stream_of
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.protocol.state_barrier import StateBarrier
from destination_pipedrive.references.deferral import DeferredQueue
from destination_pipedrive.results.plan_report import left_out
from destination_pipedrive.session import Session
from destination_pipedrive.writing.failures import Failing
from pipedrive_client import clock
from pipedrive_client.config import ConfigError
from pipedrive_client.spool_folder import NoRoom

#: How many records of one object are looked up and planned together.
BATCH = 100
#: Held changes are written this many seconds after the last message, and at the latest when a state is this old.
IDLE_SECONDS, STATE_SECONDS = 5.0, 300.0


class Pipeline:
    """Takes the messages of one run in their order."""

    def __init__(
        self, session: Session, streams: Iterable[ConfiguredStream], output: Output, copying: Copying | None = None
    ) -> None:
        """``copying``: what copies the records of another account that are among the messages."""
        self._session = session
        self._open: set[tuple[str, str]] = set()
        self._syncs = _compiled(session, tuple(streams), copying, self._may_come)
        self._pruning = Pruning(session.objects, session.ledger, session.logger, self._syncs.values())
        self._states = StateBarrier(session.ledger, output, session.config.dry_run, self._pruning.is_open)
        self._failures = session.failures
        self._deferred = DeferredQueue(self._sync_of)
        self._batches = session.batches(self._syncs.values(), self._deferred, self._may_come, self._report)
        self._buffers: dict[str, list[InFlightRecord]] = {name: [] for name in self._batches}
        syncs = self._syncs.values()
        self._filters = {sync.stream.full_name: RecordFilter(sync, session.context) for sync in syncs}
        self._numbers: Counter[str] = Counter()
        self._sequence = 0
        self._unsettled: set[int] = set()
        #: The oldest of the records that are leaving the queue of deferred ones.
        self._leaving: int | None = None
        self._open.update(self._syncs)
        self._last_message = clock.monotonic()

    def run(self, messages: Iterable[Message | None]) -> None:
        """Write everything. Raises what ends the run; the states of what is settled are out by then."""
        try:
            for message in messages:
                if message is None:
                    self._tick()
                else:
                    self._last_message = clock.monotonic()
                    self._handle(message)
            self._drain()
            self._open.clear()
            self._release_all_deferred()
            self._release_held()
            self._reject_all(self._failures.pop_rest())
            self._let_states_out()
            self._report_unmapped()
            self._pruning.check(self._syncs.values())
        except sqlite3.Error as error:
            # Rows that wait, and rows that were created, are in databases on disk.
            self._let_states_out()
            raise NoRoom.in_(tempfile.gettempdir(), error) from None
        except BaseException:
            self._let_states_out()
            raise
        finally:
            self._deferred.close()

    def _handle(self, message: Message) -> None:
        if message["type"] == "RECORD":
            self._record(message)
        elif message["type"] == "STATE":
            self._drain()
            self._states.add(message, self._sequence, clock.monotonic())
            self._release_due()
            self._let_states_out()
        elif message["type"] == UNREADABLE:
            self._session.ledger.unreadable += 1
        else:
            self._status(message["trace"])

    # read, filter, buffer

    def _record(self, message: Message) -> None:
        record = message["record"]
        namespace = record.get("namespace") or ""
        key = namespace if isinstance(namespace, str) else "", record["stream"]
        sync = self._syncs.get(key) or self._sync_of(*key)
        name = sync.stream.full_name
        self._numbers[name] += 1
        self._sequence += 1
        tally = self._session.ledger.tally(name)
        taken = InFlightRecord(sync, self._numbers[name], message, tally, self._sequence, self._last_message)
        self._unsettled.add(self._sequence)
        if isinstance(message, OddMessage) and message.trouble:
            self._pruning.miss(sync)
            self._report(taken, Outcome("rejected", code="invalid_value", reason=f"{message.trouble}."))
            self._after_rejections()
            return
        columns = sync.columns.spelled(taken.data)
        refusal = self._filters[name].refusal(columns)
        if refusal:
            self._report(taken, Outcome("skipped", reason=refusal))
            return
        if sync.deletes:
            taken.sync = self._filters[name].sync_of(columns)
        buffer = self._buffers[sync.spec.name]
        buffer.append(taken)
        if len(buffer) >= BATCH:
            self._drain(sync.spec.rank)
            self._release_due()

    def _sync_of(self, namespace: str, name: str) -> StreamSync:
        found = self._syncs.get((namespace, name))
        if found is None:
            full = f"{namespace}.{name}" if namespace else name
            raise ConfigError(f"Records of stream `{full}` arrive, but the catalog does not hold it.")
        return found

    # plan, apply

    def _drain(self, up_to: int | None = None) -> None:
        """Process what is buffered, parents first; ``up_to`` a rank, or everything."""
        for name, records in self._buffers.items():
            if records and (up_to is None or records[0].sync.spec.rank <= up_to):
                self._buffers[name] = []
                self._process(name, records)

    def _process(self, name: str, records: list[InFlightRecord], may_wait: bool = True) -> None:
        self._unsettled.update(record.sequence for record in records)
        self._batches[name].process(records, may_wait)
        self._unsettled.difference_update(record.sequence for record in records if record.is_deferred)
        if self._pruning.is_open(None):
            self._pruning.remember(records)
        self._reject_all(self._failures.pop_passed())

    def _report(self, record: InFlightRecord, outcome: Outcome) -> None:
        """Count the one outcome of a record, and keep it when it was rejected."""
        name, object_name = record.sync.stream.full_name, record.sync.spec.name
        self._unsettled.discard(record.sequence)
        told = settled(record, outcome, self._deferred.add) if record.sync.copy else outcome
        if told is None:
            return
        outcome = told
        self._session.ledger.add(record.tally, name, object_name, record.number, outcome)
        if self._session.plan:
            self._session.plan.add_outcome(record, outcome)
        if self._session.config.result_log:
            self._session.result_log.add(record, outcome)
        if outcome.kind == "rejected":
            self._session.dead_letters.add(record.message, record.sync.stream, object_name, outcome)

    def _reject_all(self, failing: Iterable[Failing]) -> None:
        """Reject records that were set aside."""
        for each in failing:
            each.reject()
        if self._session.ledger.total("rejected"):
            self._after_rejections()

    def _after_rejections(self) -> None:
        self._session.dead_letters.flush()
        self._check_threshold()

    # what waits

    def _may_come(self, object_name: str) -> bool:
        """Whether a stream that is not at its end yet, or a record that waits itself, may bring rows of an object."""
        is_open = any(self._syncs[stream].spec.name == object_name for stream in self._open)
        return is_open or (self._deferred.oldest is not None and self._deferred.holds(object_name))

    def _status(self, trace: Mapping[str, Any]) -> None:
        """A stream is complete: what waited for its rows waits no longer."""
        status = trace.get("stream_status")
        stream = stream_of(status)
        if stream in self._open and isinstance(status, dict) and status.get("status") == "COMPLETE":
            self._open.discard(stream)
            self._drain()
            self._release_deferred()
            if self._syncs[stream].mirrors:
                self._release_held()
                self._reject_all(self._failures.pop_rest())
            self._let_states_out()
            self._pruning.complete(self._syncs[stream])
            self._states.free()

    def _tick(self) -> None:
        """Nothing came for a moment: what is due is settled, so that states flow with a silent source, too."""
        if clock.monotonic() - self._last_message >= IDLE_SECONDS:
            self._drain()
            self._release_held()
        self._release_due()
        self._let_states_out()

    def _release_due(self) -> None:
        """Settle what has waited long enough: records without their parents, and changes that hold a state back."""
        now = clock.monotonic()
        if self._deferred.is_due(now):
            self._session.logger.info("Records that waited ten minutes for their parents are decided without them.")
            self._process_all(self._deferred.due(now), may_wait=False)
        if self._states.is_older(now - STATE_SECONDS):
            self._release_held()

    def _release_deferred(self) -> None:
        while self._deferred.oldest is not None:
            if not self._process_all(self._deferred.release(self._may_come)):
                return

    def _release_all_deferred(self) -> None:
        """Nothing comes any more: what waits is settled, parents first, and then what waits for its own like."""
        self._release_deferred()
        while self._deferred.oldest is not None:
            self._process_all(self._deferred.release(lambda _: False), may_wait=False)
            self._release_deferred()

    def _process_all(self, waiting: Iterator[tuple[str, list[InFlightRecord]]], may_wait: bool = True) -> int:
        """How many batches there were."""
        self._leaving, count = self._deferred.oldest, 0
        for name, records in waiting:
            self._process(name, records, may_wait)
            count += 1
        self._leaving = None
        return count

    def _release_held(self) -> None:
        for batch in self._batches.values():
            batch.release_held()
        self._reject_all(self._failures.pop_passed())

    def _let_states_out(self) -> None:
        """Let the states go before which every record has its outcome, and is kept where results are kept."""
        self._session.keep_results()
        waiting = [each for each in (self._deferred.oldest, self._leaving) if each is not None]
        self._states.release(min((*self._unsettled, *waiting), default=None))

    # reports

    def _check_threshold(self) -> None:
        most, rejected = self._session.config.reject_threshold, self._session.ledger.total("rejected")
        if most is not None and rejected > most:
            raise ConfigError(
                f"{rejected} records were rejected and `reject_threshold` is {most}; the run stopped. The log names "
                "each with its reason."
            )

    def _report_unmapped(self) -> None:
        late = [sentence for batch in self._batches.values() for sentence in batch.late_events()]
        columns = [sentence for sync in self._syncs.values() for sentence in left_out(sync)]
        columns += [sentence for sync in self._syncs.values() if sync.copy for sentence in sync.copy.left_out()]
        for sentence in (*columns, *late, *self._session.repairs()):
            self._session.logger.warning(sentence)
        if self._session.plan:
            self._session.plan.left_out += columns


def _compiled(
    session: Session,
    streams: tuple[ConfiguredStream, ...],
    copying: Copying | None,
    may_come: Callable[[str], bool],
) -> dict[tuple[str, str], StreamSync]:
    """The syncs of all streams. Raises ConfigError before anything is written."""
    if copying is None:
        return session.compiler.compile(streams)
    compiler = replace(session.compiler, config=copying.config)
    return copying.attached(compiler.compile(streams), may_come)
