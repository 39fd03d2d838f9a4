"""One write: records gather by object, parents go first, states wait until all before them is settled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.batch import Writer
from destination_pipedrive.commands.preflight import validate
from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.flow import Result
from destination_pipedrive.mapping.compiler import Intake, build_routes
from destination_pipedrive.mapping.stream_sync import Item, Route
from destination_pipedrive.planning.pruning import Mirrors
from destination_pipedrive.protocol.messages import Message
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.protocol.shutdown import Stopping
from destination_pipedrive.protocol.state_barrier import States
from destination_pipedrive.references.deferral import WaitingRoom
from destination_pipedrive.references.resolver import Parents
from destination_pipedrive.results.plan_report import Line
from destination_pipedrive.session import Services
from destination_pipedrive.writing.actions import Automation
from pipedrive_client.settings import ConfigError

#: How many records of one object are looked up and written together.
BATCH = 100


class Write:
    """Takes the messages of one run in their order."""

    def __init__(self, services: Services, streams: Iterable[ConfiguredStream], output: Output) -> None:
        self._services = services
        streams = tuple(streams)
        validate(services, streams)
        self._routes = build_routes(services, streams)
        self._mirrors = Mirrors(services, self._routes.values())
        self._states = States(services.results, output, services.config.dry_run)
        self._room = WaitingRoom(self._route_of, self._may_come)
        self._parents = self._make_parents()
        self._writers = self._make_writers()
        self._buffers: dict[str, list[Item]] = {name: [] for name in self._writers}
        routes = self._routes.values()
        self._intakes = {route.stream.full_name: Intake(route.rules, services.context) for route in routes}
        self._numbers: Counter[str] = Counter()
        self._sequence = 0
        self._open = {(stream.namespace, stream.name) for stream in (route.stream for route in self._routes.values())}

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
        self._mirrors.check(self._routes.values())

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

    def _make_parents(self) -> Parents:
        targets = {route.spec.name: route.columns.object_targets for route in self._routes.values()}
        parents = Parents(self._services, targets)
        parents.may_come = self._may_come
        return parents

    def _make_writers(self) -> dict[str, Writer]:
        """A writer for each object that is written to, parents first."""
        automations = {id(route): Automation(self._services, route) for route in self._routes.values()}
        self._late = {route.rules.where: automations[id(route)].late for route in self._routes.values()}
        specs = sorted({route.spec.name: route.spec for route in self._routes.values()}.values(), key=_rank)
        return {spec.name: Writer(self._services, spec, self._parents, self._room, automations) for spec in specs}

    def _record(self, message: Message) -> None:
        record = message["record"]
        route = self._route_of(record.get("namespace") or "", record["stream"])
        name = route.stream.full_name
        self._numbers[name] += 1
        self._sequence += 1
        refusal = self._intakes[name].refusal(record["data"])
        if refusal:
            self._leave_out(route, refusal)
            return
        buffer = self._buffers[route.spec.name]
        buffer.append(Item(route, self._numbers[name], message, self._services.results.tally(name), self._sequence))
        if len(buffer) >= BATCH:
            self._drain(route.spec.rank)
            self._settle_due()

    def _leave_out(self, route: Route, why: str) -> None:
        name, results = route.stream.full_name, self._services.results
        if self._services.plan:
            self._services.plan.add(Line("leave", route.spec.name, f"#{self._numbers[name]}", why))
        results.add(results.tally(name), name, route.spec.name, self._numbers[name], Result("skipped", reason=why))

    def _route_of(self, namespace: str, name: str) -> Route:
        found = self._routes.get((namespace, name))
        if found is None:
            full = f"{namespace}.{name}" if namespace else name
            raise ConfigError(f"Records of stream `{full}` arrive, but the catalog does not hold it.")
        return found

    def _drain(self, up_to: int | None = None) -> None:
        """Settle what is buffered, parents first; ``up_to`` a rank, or everything."""
        for name in self._writers:
            items = self._buffers[name]
            if items and (up_to is None or items[0].route.spec.rank <= up_to):
                self._buffers[name] = []
                self._settle(name, items)

    def _settle(self, name: str, items: list[Item]) -> None:
        self._writers[name].settle(items)
        self._mirrors.note(items)
        self._services.rejects.flush()
        self._check_threshold()

    # rows that wait for their parent

    def _may_come(self, object_name: str) -> bool:
        """Whether a stream of this run that is not at its end yet may bring rows of an object."""
        return any(self._routes[stream].spec.name == object_name for stream in self._open)

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
            self._mirrors.complete(self._routes[stream])

    def _settle_due(self) -> None:
        """Settle rows that have waited long enough as if no parent could come any more."""
        if self._room.is_due:
            self._services.logger.info("Rows that waited for their parents are settled, so that states flow.")
            still_open, self._open = self._open, set()
            self._settle_waiting()
            self._open = still_open

    def _settle_waiting(self) -> None:
        waiting = self._room.empty()
        for name in self._writers:
            for items in waiting.get(name, _nothing()):
                self._settle(name, items)

    def _check_threshold(self) -> None:
        most, rejected = self._services.config.reject_threshold, self._services.results.total("rejected")
        if most is not None and rejected > most:
            raise ConfigError(
                f"{rejected} records were rejected and `reject_threshold` is {most}; the run stopped. The log names "
                "each with its reason."
            )

    def _report_late(self) -> None:
        for sentence in filter(None, (late.sentence(where) for where, late in self._late.items())):
            self._services.logger.warning(sentence)

    def _report_unmapped(self) -> None:
        for route in self._routes.values():
            where = f"stream `{route.stream.name}` is no field of {route.spec.name} and was left out"
            for name, count in route.columns.emptied.items():
                self._services.logger.warning(
                    f"Stream `{route.stream.name}`: {count} values of `{name}` are unknown to Pipedrive and left out."
                )
            for column, count in route.columns.unmapped.items():
                if count:
                    self._services.logger.warning(
                        f"Column `{column}` of {where} ({count} values). Map it in `fields`, or ignore it there."
                    )


def _rank(spec: Any) -> int:
    return int(spec.rank)


def _nothing() -> Iterator[list[Item]]:
    return iter(())
