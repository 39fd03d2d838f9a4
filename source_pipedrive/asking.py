"""Calls for what hangs below parents, and what their refusals mean: one parent is gone, or a feature is not there."""

import threading
from collections.abc import Callable
from typing import Any

from pipedrive_client.errors import Refused
from source_pipedrive.account import Account
from source_pipedrive.reading import CLOSED
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.vanished import GONE

Row = dict[str, Any]
Fetch = Callable[[list[Row]], list[Row]]


class Asking:
    """The calls of one child stream, to tell a missing parent from a stream that is refused altogether."""

    def __init__(self, spec: StreamSpec, account: Account) -> None:
        assert spec.child is not None
        self._spec = spec
        self._none = spec.child.none
        self._account = account
        self._answered = 0
        self._refused = 0
        self._last: Refused | None = None
        self._lock = threading.Lock()
        #: The account lacks the stream's feature: nothing more is to be asked.
        self.is_closed = False

    def ask(self, parents: list[Row], fetch: Fetch) -> list[Row]:
        """Rows below these parents; a refused batch is halved until the parent that is gone stands alone."""
        try:
            found = fetch(parents)
        except Refused as error:
            if error.status not in self._none:
                return self._without(parents, fetch, error)
            found = []
        with self._lock:
            self._answered += 1
        return found

    def _without(self, parents: list[Row], fetch: Fetch, error: Refused) -> list[Row]:
        if self._shows_closed(parents, fetch, error):
            self._close(error)
            return []
        if error.status not in GONE:
            raise error
        if len(parents) == 1:
            self._skip(error)
            return []
        middle = len(parents) // 2
        return self.ask(parents[:middle], fetch) + self.ask(parents[middle:], fetch)

    def _shows_closed(self, parents: list[Row], fetch: Fetch, error: Refused) -> bool:
        """Whether a refusal is about the feature. One that may be about a parent is not, if another is answered."""
        if not self._spec.feature or error.status not in CLOSED or self._answered:
            return False
        if error.status not in GONE:
            return True
        return len(parents) > 1 and not any(self._is_answered(fetch, one) for one in (parents[0], parents[-1]))

    def _is_answered(self, fetch: Fetch, parent: Row) -> bool:
        try:
            fetch([parent])
        except Refused:
            return False
        return True

    def _close(self, error: Refused) -> None:
        with self._lock:
            if not self.is_closed:
                self.is_closed = True
                self._account.logger.warning(
                    f"Stream `{self._spec.name}` is empty: it needs {self._spec.feature}. {error.message}"
                )

    def _skip(self, error: Refused) -> None:
        with self._lock:
            self._account.skipped_parents[self._spec.name] += 1
            self._refused += 1
            self._last = error

    @property
    def is_refused(self) -> bool:
        """True while every call was refused: the stream must not count as read."""
        return self._refused > 0 and not self._answered

    def finish(self) -> None:
        """No call follows. Raises Refused when every one was refused, and not for want of a feature."""
        skipped, last = self._account.skipped_parents[self._spec.name], self._last
        if self.is_refused and last and self._spec.feature and last.status in CLOSED:
            self._close(last)
        elif self.is_refused and last:
            text = f"Every one of the {skipped} calls was refused. {last.message}"
            raise Refused(text, status=last.status, path=last.path, said=last.said, failure_type=last.failure_type)
        elif skipped:
            self._account.logger.warning(f"Stream `{self._spec.name}`: {skipped} parents gone or hidden, skipped.")
