"""`mirror`: what a complete stream does not hold any more is deleted, among the rows that carry an external ID.

It deletes only after a generation that this run has seen whole. A platform starts a run that died again from the last
state that left, and COMPLETE then says only that the rest came. So:

- No state of a mirrored stream leaves before its deletions are done; what comes again comes from the beginning.
- A stream without a single record deletes nothing. It looks the same when the stream was cleared, when an earlier
  attempt had finished it, and when the sender has lost everything.
- A later attempt of the platform's job (it tells its number) deletes nothing where the catalog calls the stream
  resumable: an earlier attempt may have finished it before another stream failed. The next sync is a new generation.
- A line that nobody could read, or a record without a readable id, may have been any row: nothing is deleted.

What cannot be seen is a position that somebody else hands to the source, such as a state that was kept by hand. Of that
only `max_delete_share` is in the way.
"""

import logging
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from destination_pipedrive.flow import MOST_ASIDE, Delete, OutcomeKind, Rejected
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.config import ConfigError
from pipedrive_client.errors import NotFound, Refused, TransientError

#: The number of the platform's attempt at a job, from 0. Source: airbyte-platform, RuntimeEnvVarFactory.
ATTEMPT = "WORKER_JOB_ATTEMPT"


@dataclass
class Seen:
    """Which of the sender's ids a stream held. Only hashes stay in memory: two equal ones keep a row too many."""

    ids: set[int] = field(default_factory=set)
    without: int = 0


class Managed(Protocol):
    """The rows of an object, and how one is deleted."""

    @property
    def matcher(self) -> Matcher:
        """What finds them."""

    def delete(self, change: Delete) -> bool:
        """Whether the row was there. Raises what the client raises."""


class Counts(Protocol):
    """What is counted of a run."""

    @property
    def unreadable(self) -> int:
        """How many lines of the input may have been records."""

    def add_other(self, object_name: str, kind: OutcomeKind) -> None:
        """Count a row behind which no record stands."""


class Pruning:
    """Notes what mirrored streams hold, and deletes the rest when they are complete."""

    def __init__(
        self,
        objects: Callable[[ObjectSpec], Managed],
        counts: Counts,
        logger: logging.Logger,
        syncs: Iterable[StreamSync],
    ) -> None:
        syncs = tuple(syncs)
        self._objects = objects
        self._counts = counts
        self._logger = logger
        self._seen = {id(sync): Seen() for sync in syncs if sync.mirrors}
        self._open = {sync.stream.key for sync in syncs if sync.mirrors}
        self._is_later_attempt = os.environ.get(ATTEMPT, "0") not in ("", "0")
        self._refused: list[str] = []
        for sync in syncs:
            _check(sync, syncs)

    def remember(self, items: Iterable[InFlightRecord]) -> None:
        """Remember the ids of records that were mapped, whatever became of them."""
        for item in items:
            seen = self._seen.get(id(item.sync))
            if seen:
                found = key_values(item.sync.keys[0], item.mapped.values)
                seen.ids.update(map(hash, found))
                seen.without += not found

    def is_open(self, streams: Collection[tuple[str, str]] | None) -> bool:
        """Whether one of these streams (None: any) is mirrored and its deletions are not done."""
        return bool(self._open if streams is None else self._open.intersection(streams))

    def miss(self, sync: StreamSync) -> None:
        """Note a record of a stream whose id is unknown."""
        if id(sync) in self._seen:
            self._seen[id(sync)].without += 1

    def complete(self, sync: StreamSync) -> None:
        """Delete what the stream, which is complete, did not hold. What is refused is told by ``check``."""
        seen = self._seen.pop(id(sync), None)
        if seen is None:
            return
        why = self._abstention(sync, seen)
        if why:
            self._logger.warning(f"Stream `{sync.stream.name}`: {why}, so `mirror` deleted nothing.")
            self._open.discard(sync.stream.key)
            return
        managed = self._managed(sync)
        surplus = [row_id for row_id, held in managed.items() if not any(hash(each) in seen.ids for each in held)]
        refusal = _refusal(sync, seen, len(managed), len(surplus), self._counts.unreadable)
        if refusal:
            self._refused.append(f"Stream `{sync.stream.name}`: {refusal} Nothing was deleted.")
            return
        self._delete_all(sync, surplus)
        self._open.discard(sync.stream.key)

    def _abstention(self, sync: StreamSync, seen: Seen) -> str:
        """Why nothing is to be deleted although nothing is wrong; empty when that is not so."""
        if not seen.ids and not seen.without:
            return "it held no record, like one that was cleared or that an earlier attempt had finished"
        if self._is_later_attempt and sync.stream.is_resumable:
            return "this is a later attempt of the job, which may have begun in the middle"
        return ""

    def check(self, syncs: Iterable[StreamSync]) -> None:
        """Log which streams never became complete. Raises ConfigError when deletions were refused."""
        for sync in syncs:
            if id(sync) in self._seen:
                self._logger.warning(
                    f"Stream `{sync.stream.name}` was not reported COMPLETE, so `mirror` deleted nothing and no state "
                    "of it is handed on: the next run reads it from the beginning."
                )
        if self._refused:
            raise ConfigError(" ".join(self._refused))

    def _managed(self, sync: StreamSync) -> dict[int, list[str]]:
        """The rows that carry the sender's id, with it."""
        matcher, key = self._objects(sync.spec).matcher, sync.keys[0]
        matcher.rows.require_fields(sync.columns.fields.values(), sync.keys)
        held = ((row_id, key_values(key, row)) for row_id, row in matcher.rows.all_rows().items())
        return {row_id: values for row_id, values in held if values}

    def _delete_all(self, sync: StreamSync, row_ids: Iterable[int]) -> None:
        """Delete rows. One on which Pipedrive keeps failing is left to the next run; several in a row end this one."""
        in_a_row = 0
        for row_id in row_ids:
            try:
                self._delete(sync, row_id)
                in_a_row = 0
            except TransientError as error:
                in_a_row += 1
                if in_a_row >= MOST_ASIDE:
                    raise
                self._logger.warning(f"{sync.spec.noun} {row_id} could not be deleted: {error}")

    def _delete(self, sync: StreamSync, row_id: int) -> None:
        """Delete one row, unless somebody gave it another id meanwhile."""
        matcher, key = self._objects(sync.spec).matcher, sync.keys[0]
        before = key_values(key, matcher.rows.row(row_id))
        try:
            is_same = key_values(key, matcher.rows.read(row_id)) == before
            if is_same and self._objects(sync.spec).delete(Delete(row_id)):
                self._counts.add_other(sync.spec.name, "deleted")
        except NotFound:
            matcher.rows.drop(row_id)
        except (Rejected, Refused) as error:
            self._logger.warning(f"{sync.spec.noun} {row_id} could not be deleted: {error}")


def _check(sync: StreamSync, syncs: tuple[StreamSync, ...]) -> None:
    """Raises ConfigError for a mirror that could delete what it does not own."""
    where = f"Stream `{sync.stream.name}`: `mirror`"
    if not sync.mirrors:
        return
    if sync.stream.sync_mode != "full_refresh":
        raise ConfigError(f"{where} needs the sync mode full_refresh: else what is missing may only be unchanged.")
    if sync.rules.filter or sync.rules.max_records:
        raise ConfigError(f"{where} and `filter` or `max_records`: rows that these leave out would be deleted.")
    for other in syncs:
        if other is not sync and other.spec is sync.spec and _carries(other, sync.keys[0]):
            raise ConfigError(
                f"{where} would delete the {sync.spec.name} of stream `{other.stream.name}`, which fills the same "
                "`external_id_field`. Give each stream its own field."
            )


def _carries(sync: StreamSync, key: MatchKey) -> bool:
    return key.key in sync.columns.fields or any(each.key == key.key for each in sync.keys)


def _refusal(sync: StreamSync, seen: Seen, managed: int, surplus: int, unreadable: int) -> str:
    """Why nothing may be deleted, or empty."""
    if unreadable and surplus:
        lines = f"{unreadable} line{'s' if unreadable > 1 else ''} of the input"
        return f"{lines} could not be read, so `mirror` cannot know which rows they are."
    if seen.without and surplus:
        return (
            f"{seen.without} of its records were without a readable `{sync.rules.external_id_field}`, so `mirror` "
            "cannot know which rows they are."
        )
    if surplus > sync.rules.max_delete_share * managed:
        return (
            f"`mirror` would delete {surplus} of {managed} {sync.spec.name}, more than `max_delete_share` "
            f"({sync.rules.max_delete_share:g}) allows. Check that the stream is whole, or raise `max_delete_share`."
        )
    return ""
