"""Work in parallel where changes have nothing in common, in order where they have."""

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor, wait
from typing import TypeVar

T = TypeVar("T")


def conflict_groups(items: Sequence[T], keys_of: Callable[[T], Iterable[Hashable]]) -> list[list[T]]:
    """Group items so that two which share a key are in one group, in their order. An item without keys is alone."""
    group_of: dict[Hashable, int] = {}
    members: dict[int, list[int]] = {}
    for position, item in enumerate(items):
        keys = list(keys_of(item))
        met = sorted({group_of[key] for key in keys if key in group_of})
        home = met[0] if met else position
        members.setdefault(home, []).append(position)
        for other in met[1:]:
            members[home] += members.pop(other)
            group_of.update((key, home) for key, group in list(group_of.items()) if group == other)
        group_of.update(dict.fromkeys(keys, home))
    return [[items[position] for position in sorted(positions)] for positions in members.values()]


def run_groups(pool: Executor, groups: Iterable[Sequence[T]], act: Callable[[T], None]) -> None:
    """Call ``act`` for every item, group by group in parallel. After the first error nothing starts; it is raised."""
    stopped = threading.Event()

    def run(group: Sequence[T]) -> None:
        for item in group:
            if stopped.is_set():
                return
            try:
                act(item)
            except BaseException:
                stopped.set()
                raise

    futures = [pool.submit(run, group) for group in groups]
    wait(futures)
    for future in futures:
        future.result()
