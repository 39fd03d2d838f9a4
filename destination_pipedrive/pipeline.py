"""One write: records gather by object, parents go first, states wait until all before them is settled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.batch import BatchProcessor
from destination_pipedrive.commands.preflight import validate
from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.flow import Result
from destination_pipedrive.mapping.compiler import RecordFilter, compile_syncs
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from destination_pipedrive.planning.pruning import Pruning
from destination_pipedrive.protocol.messages import Message
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.protocol.shutdown import Stopping
from destination_pipedrive.protocol.state_barrier import StateBarrier
from destination_pipedrive.references.deferral import DeferredQueue
from destination_pipedrive.references.resolver import ReferenceResolver
from destination_pipedrive.results.plan_report import Line
from destination_pipedrive.session import Session
from destination_pipedrive.writing.actions import ActionRunner
from pipedrive_client.settings import ConfigError

#: How many records of one object are looked up and written together.
BATCH = 100


class Pipeline:
    """Takes the messages of one run in their order."""

    def __init__(self, session: Session, streams: Iterable[ConfiguredStream], output: Output) -> None:
        self._session = session
        streams = tuple(streams)
        validate(session, streams)
        self._syncs = compile_syncs(session, streams)
        self._mirrors = Pruning(session, self._syncs.values())
        self._states = StateBarrier(session.results, output, session.config.dry_run)
        self._room = DeferredQueue(self._sync_of, self._may_come)
        self._parents = self._make_parents()
        self._writers = self._make_writers()
        self._buffers: dict[str, list[InFlightRecord]] = {name: [] for name in self._writers}
        syncs = self._syncs.values()
        self._intakes = {sync.stream.full_name: RecordFilter(sync.rules, session.context) for sync in syncs}
        self._numbers: Counter[str] = Counter()
        self._sequence = 0
        self._open = {(stream.namespace, stream.name) for stream in (sync.stream for sync in self._syncs.values())}

    def run(self, messages: Iterable[Message]) -> None:
        """Write everything. Raises what ends the run; the states of what is settled are out by then."""
        stopping = Stopping()
        for message in stopping.until(messages):
            self._take(message)
        self._drain()
        if not stopping.asked:
            self._open.clear()
            self._settle_waiting()
        self._states.release(self._room.oldest)
        self._report_unmapped()
        self._report_late()
        stopping.check()
        self._mirrors.check(self._syncs.values())

    def _take(self, message: Message) -> None:
        if message["type"] == "RECORD":
            self._record(message)
        elif message["type"] == "STATE":
            self._drain()
            self._states.take(message, self._sequence)
            self._settle_due()
            self._states.release(self._room.oldest)
        else:
            self._status(message.get("trace") or {})

    def _make_parents(self) -> ReferenceResolver:
        targets = {sync.spec.name: sync.columns.directory for sync in self._syncs.values()}
        parents = ReferenceResolver(self._session, targets)
        parents.may_come = self._may_come
        return parents

    def _make_writers(self) -> dict[str, BatchProcessor]:
        """A writer for each object that is written to, parents first."""
        automations = {id(sync): ActionRunner(self._session, sync) for sync in self._syncs.values()}
        self._late = {sync.rules.where: automations[id(sync)].late for sync in self._syncs.values()}
        specs = sorted({sync.spec.name: sync.spec for sync in self._syncs.values()}.values(), key=_rank)
        return {
            spec.name: BatchProcessor(self._session, spec, self._parents, self._room, automations) for spec in specs
        }

    def _record(self, message: Message) -> None:
        record = message["record"]
        sync = self._sync_of(record.get("namespace") or "", record["stream"])
        name = sync.stream.full_name
        self._numbers[name] += 1
        self._sequence += 1
        refusal = self._intakes[name].refusal(sync.columns.spelled(record["data"]))
        if refusal:
            self._leave_out(sync, refusal)
            return
        buffer = self._buffers[sync.spec.name]
        buffer.append(
            InFlightRecord(sync, self._numbers[name], message, self._session.results.tally(name), self._sequence)
        )
        if len(buffer) >= BATCH:
            self._drain(sync.spec.rank)
            self._settle_due()

    def _leave_out(self, sync: StreamSync, why: str) -> None:
        name, results = sync.stream.full_name, self._session.results
        if self._session.plan:
            self._session.plan.add(Line("leave", sync.spec.name, f"#{self._numbers[name]}", why))
        results.add(results.tally(name), name, sync.spec.name, self._numbers[name], Result("skipped", reason=why))

    def _sync_of(self, namespace: str, name: str) -> StreamSync:
        found = self._syncs.get((namespace, name))
        if found is None:
            full = f"{namespace}.{name}" if namespace else name
            raise ConfigError(f"Records of stream `{full}` arrive, but the catalog does not hold it.")
        return found

    def _drain(self, up_to: int | None = None) -> None:
        """Settle what is buffered, parents first; ``up_to`` a rank, or everything."""
        for name in self._writers:
            items = self._buffers[name]
            if items and (up_to is None or items[0].sync.spec.rank <= up_to):
                self._buffers[name] = []
                self._settle(name, items)

    def _settle(self, name: str, items: list[InFlightRecord]) -> None:
        self._writers[name].settle(items)
        self._mirrors.note(items)
        self._session.rejects.flush()
        self._check_threshold()

    # rows that wait for their parent

    def _may_come(self, object_name: str) -> bool:
        """Whether a stream of this run that is not at its end yet may bring rows of an object."""
        return any(self._syncs[stream].spec.name == object_name for stream in self._open)

    def _status(self, trace: Mapping[str, Any]) -> None:
        """A parent's stream is complete: what waited for it can be settled."""
        status = trace.get("stream_status") or {}
        descriptor = status.get("stream_descriptor") or {}
        stream = (descriptor.get("namespace") or "", descriptor.get("name"))
        if status.get("status") == "COMPLETE" and stream in self._open:
            self._open.discard(stream)
            self._drain()
            self._settle_waiting()
            self._states.release(self._room.oldest)
            self._mirrors.complete(self._syncs[stream])

    def _settle_due(self) -> None:
        """Settle rows that have waited long enough as if no parent could come any more."""
        if self._room.is_due:
            self._session.logger.info("Rows that waited for their parents are settled, so that states flow.")
            still_open, self._open = self._open, set()
            self._settle_waiting()
            self._open = still_open

    def _settle_waiting(self) -> None:
        waiting = self._room.empty()
        for name in self._writers:
            for items in waiting.get(name, _nothing()):
                self._settle(name, items)

    def _check_threshold(self) -> None:
        most, rejected = self._session.config.reject_threshold, self._session.results.total("rejected")
        if most is not None and rejected > most:
            raise ConfigError(
                f"{rejected} records were rejected and `reject_threshold` is {most}; the run stopped. The log names "
                "each with its reason."
            )

    def _report_late(self) -> None:
        for sentence in filter(None, (late.sentence(where) for where, late in self._late.items())):
            self._session.logger.warning(sentence)

    def _report_unmapped(self) -> None:
        for sync in self._syncs.values():
            where = f"stream `{sync.stream.name}` is no field of {sync.spec.name} and was left out"
            for column, count in sync.columns.left_out.items():
                self._session.logger.warning(
                    f"Stream `{sync.stream.name}`: {count} values of `{column}` are none that Pipedrive takes, and "
                    "were left out."
                )
            for column, count in sync.columns.unmapped.items():
                if count:
                    self._session.logger.warning(
                        f"Column `{column}` of {where} ({count} values). Map it in `fields`, or ignore it there."
                    )


def _rank(spec: Any) -> int:
    return int(spec.rank)


def _nothing() -> Iterator[list[InFlightRecord]]:
    return iter(())
