"""Extras of ``include_fields`` that an account's plan refuses: dropped for the run, named in one warning."""

import logging
import threading
from collections.abc import Iterator

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.pagination import Page, pages
from source_pipedrive.streams.spec import ListSpec

#: OptionalFields that need the marketing app. Source: `include_fields` of GET /api/v2/persons.
PLAN_EXTRAS = ("marketing_status", "doi_status")
_REFUSALS = (400, 402, 403)


class OptionalFields:
    """Which extras are still asked for in this run. Safe to use from several threads."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._dropped: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def pages(
        self, client: PipedriveClient, spec: ListSpec, params: dict[str, str], null_is_empty: bool = True
    ) -> Iterator[Page]:
        """The pages of a list with its extras; one that is refused is dropped and the list asked for again."""
        while True:
            walk = pages(client, spec.path, params | self._params(spec), null_is_empty=null_is_empty)
            try:
                first = next(walk, None)
            except Refused as error:
                if self._drop(spec, error):
                    continue
                raise
            if first is not None:
                yield first
                # It is not kept for as long as the others are read.
                first = None
                yield from walk
            return

    def _params(self, spec: ListSpec) -> dict[str, str]:
        names = self._names(spec)
        return {"include_fields": ",".join(names)} if names else {}

    def _drop(self, spec: ListSpec, error: Refused) -> bool:
        """True when ``error`` may be about an extra, which is dropped: the list is worth another try."""
        names = self._names(spec)
        refused = self._refused(names, error) if error.status in _REFUSALS else []
        if not refused:
            return False
        with self._lock:
            self._dropped.setdefault(spec.path, set()).update(refused)
        self._logger.warning(
            f"GET /{spec.path}: read without {', '.join(refused)}, refused by Pipedrive ({error.said})."
        )
        return True

    def _names(self, spec: ListSpec) -> list[str]:
        dropped = self._dropped.get(spec.path, set())
        return [name for name in spec.include if name not in dropped]

    @staticmethod
    def _refused(names: list[str], error: Refused) -> list[str]:
        named = [name for name in names if name in error.said]
        if named:
            return named
        by_plan = [name for name in names if name in PLAN_EXTRAS]
        if by_plan and error.status != 400:
            return by_plan
        return names if "include_fields" in error.said or error.status != 400 else []
