"""One record on its way, and where it waits."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from destination_pipedrive.draft import Draft
from destination_pipedrive.results import Tally
from destination_pipedrive.routes import Route


def _empty() -> Draft:
    return Draft({})


@dataclass
class Item:
    """One record: ``number`` counts the stream's records from 1, ``sequence`` those of the run.

    ``message`` is the RECORD as it came, ``tally`` counts it for its state.
    """

    route: Route
    number: int
    message: Mapping[str, Any]
    tally: Tally
    sequence: int = 0
    draft: Draft = field(default_factory=_empty)


class Room(Protocol):
    """Where records wait whose parent may still come."""

    def add(self, item: Item, keys: Iterable[Hashable]) -> None:
        """Let a record wait."""

    def blocks(self, keys: Iterable[Hashable]) -> bool:
        """True when a record with one of these keys waits."""
