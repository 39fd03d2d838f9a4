"""What became of rows that vanished from their list: the API is asked for them by id before they count as deleted."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pipedrive_client.client import PipedriveClient
from pipedrive_client.config import ConfigError
from pipedrive_client.endpoints import MAX_IDS, endpoint
from pipedrive_client.errors import Refused, TransientError
from pipedrive_client.pagination import one_row, rows
from source_pipedrive.sync.deletion_detection import Id, IdSnapshot, is_deleted
from source_pipedrive.sync.failures import FEW_TRIES, ParentErrorPolicy, is_about_one

Row = dict[str, Any]

#: Lists that take ``ids``. Source: the v2 operations' parameters.
TAKES_IDS = frozenset(
    f"api/v2/{name}" for name in ("deals", "deals/archived", "persons", "organizations", "activities", "products")
)
#: A row that is gone or hidden when it is asked for by its id.
GONE = (403, 404, 410)
#: Share of the rows that may vanish at once.
MOST_GONE: Final = 0.5
#: So few rows may vanish whatever share they are, unless the config names a share.
A_FEW: Final = 10


class Tombstones:
    """The rows of one stream that are gone, looked up once at the end of its lists."""

    def __init__(self, client: PipedriveClient, paths: Iterable[str], stream: str, most: float | None) -> None:
        """``most``: the config's ``max_deleted_share``, None when it names none."""
        self._client = client
        self._paths = [path for path in paths if path in TAKES_IDS]
        self._by_id = next((f"{path}/{{id}}" for path in paths if _exists(f"{path}/{{id}}")), "")
        self._stream = stream
        self._most = most
        self._failures = ParentErrorPolicy()

    def find(self, comparison: IdSnapshot) -> dict[Id, Row]:
        """Id of each row that is gone -> the row as the API still shows it, marked as deleted; else nothing of it.

        Rows that the API shows as live, or cannot be asked for now, are not among them. Raises ConfigError when too
        many rows are gone to believe that somebody deleted them, and what the client raises.
        """
        found: dict[Id, Row] = {}
        for one in self._unlisted(sorted(comparison.missing, key=lambda one: (isinstance(one, str), one)), comparison):
            last = self._last(one)
            if last is not None:
                found[one] = last
                self._check(len(found), comparison)
        return found

    @property
    def undecided(self) -> int:
        """How many rows could not be asked for."""
        return self._failures.failed

    def _unlisted(self, ids: list[Id], comparison: IdSnapshot) -> Iterator[Id]:
        """Those that no list shows when it is asked for their ids. Few calls tell that a token sees much less."""
        count = 0
        for begin in range(0, len(ids), MAX_IDS):
            some = ids[begin : begin + MAX_IDS]
            for path in self._paths:
                listed = self._listed(path, some)
                some = [one for one in some if one not in listed]
            count += len(some)
            if self._paths:
                self._check(count, comparison)
            yield from some

    def _listed(self, path: str, ids: list[Id]) -> set[Id]:
        found = rows(self._client, path, {"ids": ",".join(map(str, ids))}) if ids else ()
        return {row["id"] for row in found if isinstance(row.get("id"), int | str) and not is_deleted(row)}

    def _last(self, one: Id) -> Row | None:
        """A row by its id: {} when it is gone, None when it is there or nobody knows."""
        if not self._by_id:
            return {}
        try:
            row = one_row(self._client.patient(FEW_TRIES), self._by_id, id=one)
        except (Refused, TransientError) as error:
            if isinstance(error, Refused) and error.status in GONE:
                self._failures.answered()
                return {}
            if not is_about_one(error):
                raise
            self._failures.add(error)
            return None
        self._failures.answered()
        return row if is_deleted(row) else None

    def _check(self, count: int, comparison: IdSnapshot) -> None:
        share = MOST_GONE if self._most is None else self._most
        if count <= share * comparison.count_before or (self._most is None and count < A_FEW):
            return
        raise ConfigError(
            f"Stream `{self._stream}`: at least {count} of the {comparison.count_before} rows of the last sync are "
            f"gone, more than `max_deleted_share` ({share:g}) allows; none was marked as deleted. Were they deleted? "
            "Then set `max_deleted_share` to 1 for one sync. Does the token's user see less than before? Then give the "
            "user access again."
        )


def _exists(path: str) -> bool:
    try:
        return bool(endpoint("GET", path))
    except KeyError:
        return False
