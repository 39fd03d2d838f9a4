"""`mirror`: what a complete stream does not hold any more is deleted, among the rows that carry the sender's own id."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from destination_pipedrive.flow import Rejected
from destination_pipedrive.mapping.stream_sync import Item, Route
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.session import Services
from pipedrive_client.errors import Gone
from pipedrive_client.settings import ConfigError


@dataclass
class Seen:
    """Which of the sender's ids a stream held. Only hashes stay in memory: two equal ones keep a row too many."""

    ids: set[int] = field(default_factory=set)
    without: int = 0


class Mirrors:
    """Notes what mirrored streams hold, and deletes the rest when they are complete."""

    def __init__(self, services: Services, routes: Iterable[Route]) -> None:
        routes = tuple(routes)
        self._services = services
        self._seen = {id(route): Seen() for route in routes if route.mirrors}
        self._refused: list[str] = []
        for route in routes:
            _check(route, routes)

    def note(self, items: Iterable[Item]) -> None:
        """Remember the ids of records that were mapped, whatever became of them."""
        for item in items:
            seen = self._seen.get(id(item.route))
            if seen:
                found = key_values(item.route.keys[0], item.draft.values)
                seen.ids.update(map(hash, found))
                seen.without += not found

    def complete(self, route: Route) -> None:
        """Delete what the stream, which is complete, did not hold. What is refused is told by ``check``."""
        seen = self._seen.pop(id(route), None)
        if seen is None:
            return
        managed = self._managed(route)
        surplus = [row_id for row_id, held in managed.items() if not any(hash(each) in seen.ids for each in held)]
        refusal = _refusal(route, seen, len(managed), len(surplus))
        if refusal:
            self._refused.append(f"Stream `{route.stream.name}`: {refusal} Nothing was deleted.")
            return
        for row_id in surplus:
            self._delete(route, row_id)

    def check(self, routes: Iterable[Route]) -> None:
        """Log which streams never became complete. Raises ConfigError when deletions were refused."""
        for route in routes:
            if id(route) in self._seen:
                self._services.logger.warning(
                    f"Stream `{route.stream.name}` was not reported COMPLETE, so `mirror` deleted nothing."
                )
        if self._refused:
            raise ConfigError(" ".join(self._refused))

    def _managed(self, route: Route) -> dict[int, list[str]]:
        """The rows that carry the sender's id, with it."""
        finder, key = self._services.finder(route.spec), route.keys[0]
        finder.want(route.columns.targets.values(), route.keys)
        held = ((row_id, key_values(key, row)) for row_id, row in finder.all_rows().items())
        return {row_id: values for row_id, values in held if values}

    def _delete(self, route: Route, row_id: int) -> None:
        """Delete one row, unless somebody gave it another id meanwhile."""
        finder, key = self._services.finder(route.spec), route.keys[0]
        before = key_values(key, finder.row(row_id))
        try:
            is_same = key_values(key, finder.read(row_id)) == before
            if is_same and self._services.sender(route.spec).delete(row_id):
                self._services.results.add_parent(route.spec.name, "deleted")
        except Gone:
            finder.drop(row_id)
        except Rejected as error:
            self._services.logger.warning(f"{route.spec.noun} {row_id} could not be deleted: {error}")


def _check(route: Route, routes: tuple[Route, ...]) -> None:
    """Raises ConfigError for a mirror that could delete what it does not own."""
    where = f"Stream `{route.stream.name}`: `mirror`"
    if not route.mirrors:
        return
    if route.stream.sync_mode != "full_refresh":
        raise ConfigError(f"{where} needs the sync mode full_refresh: else what is missing may only be unchanged.")
    if route.rules.filter or route.rules.max_records:
        raise ConfigError(f"{where} and `filter` or `max_records`: rows that these leave out would be deleted.")
    for other in routes:
        if other is not route and other.spec is route.spec and _carries(other, route.keys[0]):
            raise ConfigError(
                f"{where} would delete the {route.spec.name} of stream `{other.stream.name}`, which fills the same "
                "`external_id_field`. Give each stream a field of its own."
            )


def _carries(route: Route, key: MatchKey) -> bool:
    return key.key in route.columns.targets or any(each.key == key.key for each in route.keys)


def _refusal(route: Route, seen: Seen, managed: int, surplus: int) -> str:
    """Why nothing may be deleted, or empty."""
    if seen.without and surplus:
        return (
            f"{seen.without} of its records were without a readable `{route.rules.external_id_field}`, so `mirror` "
            "cannot know which rows they are."
        )
    if surplus > route.rules.max_delete_share * managed:
        return (
            f"`mirror` would delete {surplus} of {managed} {route.spec.name}, more than `max_delete_share` "
            f"({route.rules.max_delete_share:g}) allows. Check that the stream is whole, or raise `max_delete_share`."
        )
    return ""
