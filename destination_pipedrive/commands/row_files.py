"""Rows of a CSV, JSONL or Parquet file as the RECORD messages of one stream, with the catalog that describes it."""

import codecs
import csv
import importlib
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from pipedrive_client.config import ConfigError

#: What spreadsheets put between cells; the first is taken where two divide the header alike.
DELIMITERS = (",", ";", "\t", "|")
#: Most characters of one cell: Pipedrive takes no longer text.
LONGEST_CELL = 10_000_000
#: Bytes that are read at once to find out how a file is encoded.
BLOCK = 1 << 20
Row = dict[str, Any]
Schema = dict[str, Any]


@dataclass(frozen=True)
class RowFile(ABC):
    """A file with rows."""

    path: Path

    @abstractmethod
    def rows(self) -> Iterator[Row]:
        """The rows, column -> value, read as they are needed. Raises ConfigError when the file cannot be read."""

    @abstractmethod
    def properties(self) -> dict[str, Schema]:
        """Column -> JSON schema. Raises ConfigError when the file cannot be read."""

    def catalog(self, stream: str) -> dict[str, Any]:
        """A configured catalog with the file as its only stream, written by append_dedup."""
        schema = {"type": "object", "properties": self.properties()}
        entry = {"stream": {"name": stream, "json_schema": schema}, "sync_mode": "full_refresh"}
        return {"streams": [{**entry, "destination_sync_mode": "append_dedup"}]}

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Errors of reading as one sentence."""
        try:
            yield
        except OSError as error:
            raise ConfigError(f"The file {self.path} cannot be read: {error.strerror or error}.") from None
        except UnicodeError:
            raise ConfigError(f"The file {self.path} is neither UTF-8 nor Windows-1252; save it as UTF-8.") from None


class CsvFile(RowFile):
    """Text with a header. Byte order marks, code pages, semicolons and tabs are as spreadsheets write them."""

    def rows(self) -> Iterator[Row]:
        """All values are texts."""
        with self._readable(), self._open() as file:
            reader = self._reader(file)
            names = self._names(reader)
            try:
                for cells in reader:
                    if cells:
                        yield self._row(names, cells, reader.line_num)
            except csv.Error as error:
                raise ConfigError(f"The file {self.path}, line {reader.line_num}, is not CSV: {error}.") from None

    def properties(self) -> dict[str, Schema]:
        """Texts, one for each name of the header."""
        with self._readable(), self._open() as file:
            return {name: {"type": ["null", "string"]} for name in self._names(self._reader(file)) if name}

    @cached_property
    def encoding(self) -> str:
        """`utf-8-sig`, `utf-16`, or `cp1252`, in which Excel in Europe saves what it calls CSV."""
        read = codecs.getincrementaldecoder("utf-8")()
        with self.path.open("rb") as file:
            block = file.read(BLOCK)
            if block[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return "utf-16"
            try:
                while block:
                    read.decode(block)
                    block = file.read(BLOCK)
                read.decode(b"", final=True)
            except UnicodeDecodeError:
                return "cp1252"
        return "utf-8-sig"

    def _open(self) -> io.TextIOBase:
        return self.path.open(encoding=self.encoding, newline="")

    def _reader(self, file: io.TextIOBase) -> Any:
        """A reader before the header; the `sep=;` that Excel knows may stand above it."""
        csv.field_size_limit(LONGEST_CELL)
        start = file.tell()
        first = file.readline()
        if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
            return csv.reader(file, delimiter=first[4])
        file.seek(start)
        return csv.reader(file, delimiter=_delimiter(first))

    def _names(self, reader: Iterator[list[str]]) -> list[str]:
        """The names of the header; one that comes again gets its number: `Email`, `Email_2`."""
        found: list[str] = []
        given = [name.strip() for name in next(reader, [])]
        for name in given:
            number = found.count(name) + 1 if name else 1
            while number > 1 and f"{name}_{number}" in (*found, *given):
                number += 1
            found.append(name if name not in found else f"{name}_{number}" if name else "")
        return found

    def _row(self, names: list[str], cells: list[str], line: int) -> Row:
        if any(cells[len(names) :]):
            raise ConfigError(f"The file {self.path}, line {line}, has {len(cells)} cells, but {len(names)} columns.")
        return {name: cell for name, cell in zip(names, cells, strict=False) if name}


class JsonlFile(RowFile):
    """One JSON object a line; of a RECORD message, such as a rejected record that was kept, the data."""

    def rows(self) -> Iterator[Row]:
        """The objects as they are."""
        with self._readable(), self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if text.strip():
                    yield self._row(text, number)

    def properties(self) -> dict[str, Schema]:
        """The names that any line has, with the types of their values."""
        found: dict[str, set[str]] = {}
        for row in self.rows():
            for name, value in row.items():
                found.setdefault(name, set()).add(_json_type(value))
        return {name: {"type": sorted(types | {"null"})} for name, types in found.items()}

    def _row(self, text: bytes, number: int) -> Row:
        try:
            row = orjson.loads(text)
        except orjson.JSONDecodeError:
            row = None
        record = row.get("record") if isinstance(row, dict) and row.get("type") == "RECORD" else None
        row = record.get("data") if isinstance(record, dict) else row
        if not isinstance(row, dict):
            raise ConfigError(f"The file {self.path}, line {number}, is not a JSON object.")
        return row


class ParquetFile(RowFile):
    """Columns with types. Needs the package pyarrow."""

    def rows(self) -> Iterator[Row]:
        """Dates and times are texts in the form of ISO 8601."""
        with self._readable():
            for batch in self._open().iter_batches():
                yield from batch.to_pylist()

    def properties(self) -> dict[str, Schema]:
        """The columns with the JSON types that their values become."""
        with self._readable():
            return {each.name: _arrow_schema(str(each.type)) for each in self._open().schema_arrow}

    def _open(self) -> Any:
        try:
            parquet = importlib.import_module("pyarrow.parquet")
        except ImportError:
            raise ConfigError("Parquet files need the package pyarrow: pip install pyarrow, or use CSV.") from None
        try:
            return parquet.ParquetFile(self.path)
        except ValueError as error:
            raise ConfigError(f"The file {self.path} is not a Parquet file: {error}.") from None


TYPES: dict[str, type[RowFile]] = {".csv": CsvFile, ".tsv": CsvFile, ".jsonl": JsonlFile, ".parquet": ParquetFile}


def row_file(path: str) -> RowFile:
    """The file of a path by its ending. Raises ConfigError."""
    found = TYPES.get(Path(path).suffix.lower())
    if found is None:
        raise ConfigError(f"The file {path} must end with .csv, .jsonl or .parquet.")
    return found(Path(path))


def record_lines(rows: Iterable[Mapping[str, Any]], stream: str, namespace: str = "") -> Iterator[bytes]:
    """The lines of a stream's RECORD messages, one for each row."""
    place = {"stream": stream, **({"namespace": namespace} if namespace else {}), "emitted_at": 0}
    for row in rows:
        message = {"type": "RECORD", "record": {**place, "data": row}}
        yield orjson.dumps(message, default=str, option=orjson.OPT_NON_STR_KEYS)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=lambda each: len(next(csv.reader([header], delimiter=each), [])))


def _json_type(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _arrow_schema(kind: str) -> Schema:
    """Source of the names: https://arrow.apache.org/docs/python/api/datatypes.html"""
    if kind.startswith("date"):
        return {"type": ["null", "string"], "format": "date"}
    beginnings = {"int": "integer", "uint": "integer", "bool": "boolean", "list": "array", "struct": "object"}
    beginnings |= dict.fromkeys(("float", "double", "halffloat"), "number")
    found = next((name for start, name in beginnings.items() if kind.startswith(start)), "string")
    return {"type": ["null", found]}
