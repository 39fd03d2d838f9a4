"""What a record says about one row, on its way from the mapping to the writer."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Link:
    """The parent of a row, known by ``name``, ``domain`` or ``email``; ``key`` is the body key that takes its id."""

    parent: str
    key: str
    by: tuple[tuple[str, str], ...]
    create_if_missing: bool


@dataclass
class Draft:
    """What a record says about one row. ``values`` by body key, None where the field is to be emptied.

    ``changed_at`` is the sender's change time, as the record has it.
    """

    values: dict[str, Any]
    row_id: Any = None
    links: list[Link] = field(default_factory=list)
    may_create: bool = True
    written_id: Any = None
    changed_at: Any = None
