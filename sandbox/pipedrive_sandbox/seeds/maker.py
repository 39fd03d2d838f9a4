"""What all makers of example rows share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pipedrive_sandbox.model.column import Columns, blank
from pipedrive_sandbox.seeds.values import Source, custom_values
from pipedrive_sandbox.store.clock import to_text
from pipedrive_sandbox.store.collection import Row

FIRST_MOMENT = 1_672_531_200
LAST_MOMENT = 1_793_500_000
TIED_MOMENT = "2025-06-01T12:00:00Z"
TIED = 0.04


@dataclass
class Maker:
    """What the makers share: generator, references and custom fields by collection."""

    random: Random
    source: Source
    definitions: Mapping[str, Sequence[Row]]
    labels: Mapping[str, Sequence[int]]
    stages: Sequence[Row] = ()
    lead_labels: Sequence[str] = ()
    ids: dict[str, list[Any]] = field(default_factory=dict)
    taken: set[tuple[Any, ...]] = field(default_factory=set)

    def once(self, make: Callable[[], tuple[Any, ...]], tries: int = 20) -> tuple[Any, ...]:
        """What ``make`` gives that it has not given before; after so many tries whatever it gives."""
        made = make()
        while made in self.taken and (tries := tries - 1):
            made = make()
        self.taken.add(made)
        return made

    def pick(self, collection: str, chance: float = 1.0) -> Any:
        """Id of some record made before, or None."""
        known = self.ids.get(collection)
        return self.random.choice(known) if known and self.random.random() < chance else None

    def times(self) -> Row:
        """Times of creation and last change; some records share one second."""
        added = self.random.randrange(FIRST_MOMENT, LAST_MOMENT)
        changed = self.random.randrange(added, LAST_MOMENT)
        if self.random.random() < TIED and to_text(added) <= TIED_MOMENT:
            return {"add_time": to_text(added), "update_time": TIED_MOMENT}
        return {"add_time": to_text(added), "update_time": to_text(changed)}

    def custom(self, fields: str) -> Row:
        """Values for the custom fields of a collection."""
        return {"custom_fields": custom_values(self.source, self.definitions[fields])}

    def some_labels(self, fields: str) -> list[int]:
        """None, one or two labels."""
        known = self.labels[fields]
        return sorted(self.random.sample(known, self.random.choice((0, 0, 1, 2)))) if len(known) > 1 else []

    def owner(self) -> int:
        """Some user's id."""
        return self.random.choice(self.source.users)


def made(maker: Maker, columns: Columns, **values: Any) -> Row:
    """A blank row with times, where it has any, and values."""
    row = blank(columns)
    return {**row, **{name: value for name, value in maker.times().items() if name in row}, **values}
