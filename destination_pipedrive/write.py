"""One write: records gather by object, states wait until all before them is settled."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from destination_pipedrive.configured import ConfiguredStream
from destination_pipedrive.incoming import Message
from destination_pipedrive.links import Parents
from destination_pipedrive.output import Output
from destination_pipedrive.routes import Route, build_routes
from destination_pipedrive.services import Services
from destination_pipedrive.stopping import Stopping
from destination_pipedrive.writer import Item, Writer
from pipedrive_client.settings import ConfigError

#: How many records of one object are looked up and written together.
BATCH = 100


class Write:
    """Takes the messages of one run in their order."""

    def __init__(self, services: Services, streams: Iterable[ConfiguredStream], output: Output) -> None:
        self._services = services
        self._output = output
        self._routes = build_routes(services, streams)
        self._writers = self._make_writers()
        self._waiting: dict[str, list[Item]] = {name: [] for name in self._writers}
        self._numbers: Counter[str] = Counter()

    def run(self, messages: Iterable[Message]) -> None:
        """Write everything. Raises what ends the run; the states of what is settled are out by then."""
        stopping = Stopping()
        for message in stopping.until(messages):
            if message["type"] == "RECORD":
                self._record(message)
            elif message["type"] == "STATE":
                self._drain()
                self._pass_on(message)
        self._drain()
        self._report_unmapped()
        stopping.check()

    def _make_writers(self) -> dict[str, Writer]:
        """A writer for each object that is written to, parents first."""
        routes = self._routes.values()
        parents = Parents(self._services, {route.spec.name: route.columns.object_targets for route in routes})
        specs = sorted({route.spec.name: route.spec for route in routes}.values(), key=_rank)
        return {spec.name: Writer(self._services, spec, parents) for spec in specs}

    def _record(self, message: Message) -> None:
        route = self._route(message["record"])
        name = route.stream.full_name
        self._numbers[name] += 1
        waiting = self._waiting[route.spec.name]
        waiting.append(Item(route, self._numbers[name], message))
        if len(waiting) >= BATCH:
            self._drain(route.spec.rank)

    def _route(self, record: dict[str, Any]) -> Route:
        found = self._routes.get((record.get("namespace") or "", record["stream"]))
        if found is None:
            raise ConfigError(f"Records of stream `{record['stream']}` arrive, but the catalog does not hold it.")
        return found

    def _drain(self, up_to: int | None = None) -> None:
        """Settle what waits, parents first; ``up_to`` a rank, or everything."""
        for name, writer in self._writers.items():
            items = self._waiting[name]
            if items and (up_to is None or items[0].route.spec.rank <= up_to):
                self._waiting[name] = []
                writer.settle(items)
                self._services.rejects.flush()
                self._check_threshold()

    def _check_threshold(self) -> None:
        most, rejected = self._services.config.reject_threshold, self._services.results.total("rejected")
        if most is not None and rejected > most:
            raise ConfigError(
                f"{rejected} records were rejected and `reject_threshold` is {most}; the run stopped. The log names "
                "each with its reason."
            )

    def _pass_on(self, message: Message) -> None:
        """Hand a state on as it came, with the counts of the records since the last state of its streams."""
        state = message["state"]
        descriptor = (state.get("stream") or {}).get("stream_descriptor") if state.get("type") == "STREAM" else None
        streams = None
        if isinstance(descriptor, dict):
            namespace, name = descriptor.get("namespace"), str(descriptor.get("name"))
            streams = [f"{namespace}.{name}" if namespace else name]
        state["destinationStats"] = self._services.results.take(streams)
        self._output.send(message)

    def _report_unmapped(self) -> None:
        for route in self._routes.values():
            where = f"stream `{route.stream.name}` is no field of {route.spec.name} and was left out"
            for column, count in route.columns.unmapped.items():
                if count:
                    self._services.logger.warning(
                        f"Column `{column}` of {where} ({count} values). Map it in `fields`, or ignore it there."
                    )


def _rank(spec: Any) -> int:
    return int(spec.rank)
