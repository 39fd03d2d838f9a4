"""Parts of a list of parents, which children are asked for one after the other: what they hold, and how large they are.

When a run stops, what was asked for in slices that are not done is asked for again; so few tokens make small slices.
"""

from dataclasses import dataclass, field

from source_pipedrive.streams.spec import ChildSpec
from source_pipedrive.sync.parent_spool import Parent, ParentSpool
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import RowVersion
from source_pipedrive.sync.unstamped_rows import Look

#: Slices of a stream that wait to be read, or are, per worker: enough that none has to wait for the next one.
SLICES_A_WORKER = 2
#: Tokens that the next step in a list of parents may cost: a page, and three to look for those without a change time.
MOST_FOR_PARENTS = 40


@dataclass
class Slice:
    """A range of the parents' file. ``marks``: its newest parents by list, what the bookmark needs when it is done.

    ``looks``: by list, the looks for parents without a change time that ended in it. ``is_read``: it was read to its
    end; one that stays behind when a run stops is not. ``parents``: how many are in it, of which so many are ``asked``.
    """

    spool: ParentSpool
    begin: int = 0
    end: int = -1
    number: int = 0
    marks: dict[str, list[RowVersion]] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)
    is_read: bool = False
    parents: int = 0
    asked: int = 0

    @property
    def is_free(self) -> bool:
        """Whether there is something in it, and nothing to ask for."""
        return self.end > self.begin and not self.asked

    def add(self, parent: Parent, end: int, is_asked: bool) -> None:
        """One more parent; ``end`` is the place behind it."""
        self.end = end
        self.asked += is_asked
        if parent.look:
            self.looks[parent.place] = parent.look
        else:
            self.parents += 1
            self._keep_newest(parent)

    def _keep_newest(self, parent: Parent) -> None:
        """Keep, by list, the marks of the newest second, and those without a time: there may be many parents."""
        known, time = self.marks.setdefault(parent.place, []), parent.mark.time
        newest = max((mark.time for mark in known if mark.time), default=None)
        if time is not None and newest is not None and time > newest:
            known[:] = [mark for mark in known if mark.time is None]
        if time is None or newest is None or time >= newest:
            known.append(parent.mark)


class SliceSizes:
    """How large the slices of a child stream are, and how many of them may be under way, as tokens are left."""

    def __init__(self, child: ChildSpec, account: RunContext) -> None:
        self._child = child
        self._turns = account.turns
        self._budget = account.client.budget
        self._ahead = SLICES_A_WORKER * account.config.num_workers

    def most(self) -> int:
        """How many slices may wait or be read now: enough that no worker waits, and no more than can be paid for."""
        calls = self._payable()
        return self._ahead if calls is None else min(self._ahead, calls)

    @property
    def parents(self) -> int:
        """How many parents the next slice asks for."""
        calls = self._payable()
        if calls is None or self._child.is_one_call:
            return self._child.slice_size
        return min(self._child.slice_size, max(1, calls // self._ahead))

    @property
    def is_scarce(self) -> bool:
        """Whether a slice should be read before further parents are asked for, even if it is small."""
        left = self._budget.affordable()
        return left is not None and left < self._turns.count * (2 * self._child.price + MOST_FOR_PARENTS)

    def _payable(self) -> int | None:
        """Calls that half of the stream's share of the tokens left pays for; None when nobody knows them."""
        left = self._budget.affordable()
        return None if left is None else left // (2 * self._turns.count * self._child.price)
