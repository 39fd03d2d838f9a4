"""A Postgres server of its own, where its programs are installed."""

from __future__ import annotations

import csv
import io
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb
import pytest

USER = "warehouse"
#: DuckDB's type -> the one that an Airbyte destination uses; the rest has the same name in both.
TYPES = {"TIMESTAMP": "timestamptz", "JSON": "jsonb", "VARCHAR": "text"}


class Postgres:
    """A server on a free port whose sessions are far from UTC."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Self]:
        """A server that is stopped at the end; skips the test where there is none.

        Its folder is not one of pytest's: another pytest that starts meanwhile would close that to the server's user.
        """
        programs = _programs()
        if programs is None:
            pytest.skip("Not run on Postgres: its programs are not on this machine.")
        with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
            server = cls(Path(folder) / "data", programs)
            server._start()
            try:
                yield server
            finally:
                server._run("pg_ctl", "-D", str(server.folder), "-m", "immediate", "stop")

    def settings(self) -> dict[str, str]:
        """What dbt's profile asks for."""
        return {
            "postgres_host": "127.0.0.1",
            "postgres_port": str(self.port),
            "postgres_user": USER,
            "postgres_database": "postgres",
        }

    def query(self, sql: str, given: str | None = None) -> list[list[str]]:
        """Rows of a query as text."""
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", "postgres"]
        told = self._run("psql", *address, "-v", "ON_ERROR_STOP=1", "--csv", "-t", "-q", "-c", sql, given=given)
        return list(csv.reader(io.StringIO(told)))

    def load(self, warehouse: Path) -> None:
        """Copy the tables of a DuckDB file."""
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            self.query("CREATE SCHEMA pipedrive")
            tables = connection.execute(
                "SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = 'pipedrive' AND NOT starts_with(table_name, '_')"
            ).fetchall()
            for (table,) in tables:
                self._copy(connection, table)

    def _copy(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        columns = connection.execute(f"DESCRIBE pipedrive.{table}").fetchall()
        typed = ", ".join(f'"{name}" {TYPES.get(kind, kind)}' for name, kind, *_ in columns)
        self.query(f'CREATE TABLE pipedrive."{table}" ({typed})')
        text = io.StringIO()
        writer = csv.writer(text)
        for row in connection.execute(f"FROM pipedrive.{table}").fetchall():
            writer.writerow([_cell(cell) for cell in row])
        self.query(f"COPY pipedrive.\"{table}\" FROM STDIN (FORMAT csv, NULL '\\N')", given=text.getvalue())

    def _start(self) -> None:
        self.folder.mkdir(parents=True)
        if os.getuid() == 0:
            self.folder.parent.chmod(0o711)
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder), "-U", USER, "--auth", "trust", "-E", "UTF8")
        options = f"-p {self.port} -k '' -c timezone=Pacific/Auckland -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder), "-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def _run(self, program: str, *arguments: str, given: str | None = None) -> str:
        beside = self.programs / program
        line = [str(beside) if beside.exists() else program, *arguments]
        settings = {**os.environ, "PGTZ": "Pacific/Auckland"}
        done = subprocess.run(
            line,
            input=given,
            env=settings,
            cwd="/",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            user="postgres" if os.getuid() == 0 else None,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def _cell(value: object) -> object:
    # Naive times of the warehouse are in UTC.
    if value is None:
        return "\\N"
    return f"{value}+00" if hasattr(value, "hour") else value


def _programs() -> Path | None:
    known = [Path(found) for found in [shutil.which("pg_ctl")] if found]
    known += sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), reverse=True)
    return known[0].parent if known else None
