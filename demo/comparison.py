"""Two accounts, row by row: how many rows each has, how many are equal, and in which fields the others differ. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from demo.accounts import Account, Named

Row = dict[str, Any]
#: Stream and field -> whether it is known to differ.
Aside = Callable[[str, str], bool]
IsKnown = Callable[[str], bool]


def _nothing(stream: str, name: str) -> bool:  # noqa: ARG001
    return False


@dataclass
class Comparison:
    """One stream. ``before`` and ``after`` count rows; ``fields`` the rows in which each of them differs, and
    ``examples`` are one pair of values for each.
    """

    stream: str
    before: int
    after: int
    equal: int = 0
    missing: int = 0
    surplus: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def different(self) -> int:
        """Rows that are there and not equal."""
        return self.before - self.missing - self.equal


def compare(first: Account, second: Account, streams: Iterable[str], aside: Aside = _nothing) -> list[Comparison]:
    """Each stream of the first account against that of the second. ``aside``: fields that are known to differ; they
    are counted, and a row that differs in nothing else is equal.
    """
    return [
        _compare(stream, first.canonical(stream), second.canonical(stream), partial(aside, stream))
        for stream in streams
    ]


def _compare(stream: str, before: Sequence[Named], after: Sequence[Named], aside: IsKnown) -> Comparison:
    found = Comparison(stream, len(before), len(after))
    pairs, left, over = _paired(before, after, aside)
    found.missing, found.surplus = len(left), len(over)
    for one, other in pairs:
        differing = [name for name in {**one, **other} if one.get(name) != other.get(name)]
        found.equal += all(aside(name) for name in differing)
        found.fields.update(differing)
        found.examples.update({name: (one.get(name), other.get(name)) for name in differing})
    return found


def _paired(
    before: Sequence[Named], after: Sequence[Named], aside: IsKnown
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Rows of one name; rows that are equal; then of the rest those that differ least. And the rows without another."""
    by_name = {name: row for name, row in after if name}
    pairs = [(row, by_name.pop(name)) for name, row in before if name in by_name]
    left = [row for name, row in before if not name]
    over = [row for name, row in after if not name]
    alike: dict[str, list[Row]] = {}
    for row in over:
        alike.setdefault(_text(row, aside), []).append(row)
    rest = []
    for row in left:
        same = alike.get(_text(row, aside))
        if same:
            pairs.append((row, same.pop()))
        else:
            rest.append(row)
    over = [row for rows in alike.values() for row in rows]
    pairs += _nearest(rest, over, aside)
    return (
        pairs,
        [row for row in rest if not _is_in(row, pairs, 0)],
        [
            *(row for row in over if not _is_in(row, pairs, 1)),
            *by_name.values(),
        ],
    )


def _nearest(rest: Sequence[Row], over: Sequence[Row], aside: IsKnown) -> Iterator[tuple[Row, Row]]:
    free = list(over)
    for row in rest:
        if free:
            best = min(range(len(free)), key=lambda place: _distance(row, free[place], aside))
            yield row, free.pop(best)


def _distance(one: Row, other: Row, aside: IsKnown) -> int:
    return sum(one.get(name) != other.get(name) for name in {**one, **other} if not aside(name))


def _is_in(row: Row, pairs: Iterable[tuple[Row, Row]], side: int) -> bool:
    return any(pair[side] is row for pair in pairs)


def _text(row: Row, aside: IsKnown) -> str:
    kept = {name: value for name, value in row.items() if not aside(name) and value is not None}
    return json.dumps(kept, sort_keys=True, ensure_ascii=False, default=str)
