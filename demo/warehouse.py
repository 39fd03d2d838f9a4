"""The warehouse side: PyAirbyte runs the source into DuckDB."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from demo.server import executable

SCHEMA = "pipedrive"
#: Keeps PyAirbyte from calling home and from drawing progress bars. It reads the environment while it is imported.
OFFLINE = {"AIRBYTE_OFFLINE_MODE": "1", "DO_NOT_TRACK": "1", "NO_LIVE_PROGRESS": "1"}


class Warehouse:
    """A new DuckDB file that PyAirbyte fills. What PyAirbyte prints goes to ``pyairbyte.log`` in the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "warehouse.duckdb"
        self.log = folder / "pyairbyte.log"
        self._source: Any = None
        self.path.unlink(missing_ok=True)
        self.log.unlink(missing_ok=True)
        os.environ.update(OFFLINE, AIRBYTE_PROJECT_DIR=str(folder), AIRBYTE_LOGGING_ROOT=str(folder / "logs"))

    def sync(self, config: Mapping[str, Any], streams: Sequence[str]) -> dict[str, int]:
        """Run the source; answers how many rows each stream wrote, in the order of ``streams``.

        The first run reads everything. Later ones read the same account from the state that
        PyAirbyte keeps in the same file.
        """
        started = datetime.now(UTC).replace(microsecond=0)
        with self._quietly():
            import airbyte

            cache = airbyte.DuckDBCache(db_path=self.path, schema_name=SCHEMA)
            # Kept: a source asks the connector for its spec and its streams once, not once a sync.
            if self._source is None:
                path = executable("source-pipedrive")
                self._source = airbyte.get_source("source-pipedrive", config=dict(config), local_executable=path)
            self._source.select_streams(list(streams))
            self._source.read(cache=cache)
            cache.get_sql_engine().dispose()
        return {stream: self._rows_since(stream, started) for stream in streams}

    def query(self, sql: str, *values: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a query; tables are found without the schema's name."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute(f"SET schema = '{SCHEMA}'; SET TimeZone = 'UTC'")
            result = connection.execute(sql, values or None)
            return [column[0] for column in result.description or ()], result.fetchall()

    def dictionaries(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query as objects."""
        columns, rows = self.query(sql, *values)
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def _rows_since(self, stream: str, started: datetime) -> int:
        _, rows = self.query(
            f'SELECT count(*) FROM "{stream}" WHERE _airbyte_extracted_at >= ?', started.replace(tzinfo=None)
        )
        return int(rows[0][0])

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        with self.log.open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
            warnings.simplefilter("ignore")
            try:
                yield
            except Exception as error:
                raise RuntimeError(f"PyAirbyte could not run the source; see {self.log}: {error}") from error
