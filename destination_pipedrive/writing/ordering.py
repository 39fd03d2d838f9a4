"""Work in parallel where records have nothing in common, in order where they have."""

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor, wait
from typing import TypeVar

T = TypeVar("T")


def conflict_groups(items: Sequence[T], keys_of: Callable[[T], Iterable[Hashable]]) -> list[list[T]]:
    """Group items so that two which share a key are in one chain, in their order. An item without keys is alone."""
    chain_of: dict[Hashable, int] = {}
    members: dict[int, list[int]] = {}
    for position, item in enumerate(items):
        keys = list(keys_of(item))
        met = sorted({chain_of[key] for key in keys if key in chain_of})
        home = met[0] if met else position
        members.setdefault(home, []).append(position)
        for other in met[1:]:
            members[home] += members.pop(other)
            chain_of.update((key, home) for key, chain in list(chain_of.items()) if chain == other)
        chain_of.update(dict.fromkeys(keys, home))
    return [[items[position] for position in sorted(positions)] for positions in members.values()]


def run_groups(pool: Executor, work: Iterable[Sequence[T]], act: Callable[[T], None]) -> None:
    """Call ``act`` for every item, chain by chain in parallel. After the first error nothing starts; it is raised."""
    stopped = threading.Event()

    def run(chain: Sequence[T]) -> None:
        for item in chain:
            if stopped.is_set():
                return
            try:
                act(item)
            except BaseException:
                stopped.set()
                raise

    futures = [pool.submit(run, chain) for chain in work]
    wait(futures)
    for future in futures:
        future.result()
