"""Calls for what hangs below parents, and what their failures mean: one parent is gone, or a feature is not there."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import PipedriveError, Refused, TransientError
from pipedrive_client.repairs import some
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.failures import FEW_TRIES, ParentErrorPolicy, is_about_one
from source_pipedrive.sync.list_retriever import CLOSED
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.tombstones import GONE

Row = dict[str, Any]
#: Parents that one call asks for.
Group = list[Row]
Fetch = Callable[[PipedriveClient, Group], list[Row]]
#: How many of the parents that were skipped a warning names.
MOST_NAMED = 10


class ParentRequests:
    """The calls of one child stream, to tell what fails for one parent from a stream that fails altogether."""

    def __init__(self, spec: StreamSpec, account: RunContext, client: PipedriveClient) -> None:
        assert spec.child is not None
        self._spec = spec
        self._none = spec.child.none
        self._account = account
        self._client = client
        self._failures = ParentErrorPolicy()
        self._witness: tuple[Fetch, Group] | None = None
        self._skipped: list[Any] = []
        self._lock = threading.Lock()
        #: The account lacks the stream's feature: nothing more is to be asked.
        self.is_closed = False

    def ask(self, parent: Row, fetch: Fetch) -> list[Row]:
        """Rows below one parent; none when it has to be skipped."""
        return [row for _, found in self.ask_each([[parent]], fetch) for row in found]

    def ask_each(self, groups: Iterable[Group], fetch: Fetch) -> Iterator[tuple[Group, list[Row]]]:
        """Groups of parents with the rows below them.

        A group that is refused or fails is halved until the parent that causes it stands alone. Such a one is skipped
        and counted: at once when it is gone, after the others and once more when Pipedrive failed. Raises what is not
        about single parents.
        """
        todo, late = deque(groups), list[Group]()
        while todo and not self.is_closed:
            group = todo.popleft()
            try:
                found = self._fetched(group, fetch)
            except Refused as error:
                todo.extendleft(reversed(self._without(group, fetch, error)))
            except TransientError as error:
                if not is_about_one(error):
                    raise
                todo.extendleft(reversed(_halves(group)))
                late += [group] if len(group) == 1 else []
                self._fail(error, is_final=len(group) == 1)
            else:
                yield group, found
        for group in late:
            yield group, self._once_more(group, fetch)

    def _fetched(self, group: Group, fetch: Fetch) -> list[Row]:
        client = self._client.patient(FEW_TRIES) if self._failures.in_a_row else self._client
        try:
            found = fetch(client, group)
        except Refused as error:
            if error.status not in self._none:
                raise
            found = []
        with self._lock:
            self._failures.answered()
            self._witness = fetch, group
        return found

    def _fail(self, error: PipedriveError, is_final: bool) -> None:
        with self._lock:
            if is_final:
                self._failures.add(error)
            else:
                self._failures.in_a_row = max(self._failures.in_a_row, 1)

    # refused

    def _without(self, group: Group, fetch: Fetch, error: Refused) -> list[Group]:
        """The groups to ask for instead of a refused one. Raises what is about neither parents nor feature."""
        if self._shows_closed(group, fetch, error):
            self._close(error)
            return []
        if error.status not in GONE:
            raise error
        if len(group) == 1:
            with self._lock:
                self._failures.last = error
            self._skip(group)
        return _halves(group)

    def _shows_closed(self, group: Group, fetch: Fetch, error: Refused) -> bool:
        """Whether a refusal is about the feature. One that may be about a parent is not, if another is answered."""
        if not self._spec.feature or error.status not in CLOSED or self._failures.answers:
            return False
        if error.status not in GONE:
            return True
        return len(group) > 1 and not any(self._is_answered(fetch, [one]) for one in (group[0], group[-1]))

    def _is_answered(self, fetch: Fetch, group: Group) -> bool:
        try:
            fetch(self._client.patient(FEW_TRIES), group)
        except Refused:
            return False
        return True

    def _close(self, error: PipedriveError) -> None:
        with self._lock:
            if not self.is_closed:
                self.is_closed = True
                self._account.logger.warning(
                    f"Stream `{self._spec.name}` is empty: it needs {self._spec.feature}. {error.message}"
                )

    # failed

    def _once_more(self, group: Group, fetch: Fetch) -> list[Row]:
        """Rows below a parent whose call failed; none when it fails again while others are answered."""
        answers = self._failures.answers
        try:
            return self._fetched(group, fetch)
        except Refused as error:
            self._without(group, fetch, error)
        except TransientError as error:
            if not is_about_one(error) or not self._is_up(answers):
                raise
            self._skip(group)
        return []

    def _is_up(self, answers: int) -> bool:
        """Whether other parents are answered now: since then, or when one is asked that was answered before.

        Nobody knows as long as none was; if it stays so, ``finish`` fails the stream.
        """
        if self._failures.answers > answers or self._witness is None:
            return True
        fetch, group = self._witness
        try:
            fetch(self._client.patient(FEW_TRIES), group)
        except TransientError:
            return False
        except Refused:
            pass
        return True

    # the end

    def _skip(self, group: Group) -> None:
        with self._lock:
            self._account.skipped_parents[self._spec.name] += 1
            self._skipped.append(group[0]["id"])

    @property
    def is_refused(self) -> bool:
        """True while every call failed: the stream must not count as read."""
        return bool(self._skipped) and not self._failures.answers

    def finish(self) -> None:
        """No call follows. Raises the last failure when there were no others, and not for want of a feature."""
        count, last = len(self._skipped), self._failures.last
        if self.is_refused and isinstance(last, Refused) and self._spec.feature and last.status in CLOSED:
            self._close(last)
        elif self.is_refused and last:
            text = f"Every one of the calls for {some(count, 'parent')} failed. {last.message}"
            raise type(last)(text, status=last.status, path=last.path, said=last.said, failure_type=last.failure_type)
        elif self._skipped:
            named = ", ".join(map(str, self._skipped[:MOST_NAMED])) + (" …" if count > MOST_NAMED else "")
            self._account.logger.warning(
                f"Stream `{self._spec.name}`: nothing was read below {some(count, 'parent')} that Pipedrive does not "
                f"show or keeps failing for: {named}."
            )


def _halves(group: Group) -> list[Group]:
    middle = len(group) // 2
    return [group[:middle], group[middle:]] if middle else []
