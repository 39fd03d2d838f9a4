"""`propose`: the columns of a file or a catalog as a commented mapping, compared with the account where it is known."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from destination_pipedrive.commands.row_files import TYPES, CsvFile, RowFile, row_file
from destination_pipedrive.config.catalog import json_types
from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.objects.records import CORE, OBJECTS
from destination_pipedrive.proposing import rendering
from destination_pipedrive.proposing.choice import propose
from destination_pipedrive.proposing.guess import guess
from destination_pipedrive.proposing.proposal import Proposal
from destination_pipedrive.proposing.samples import MOST_ROWS, Table, table_of
from destination_pipedrive.session import Session
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import nearest

NEXT = "Review it, then run `check --mappings FILE` and `plan --mappings FILE`, or paste it into the form's Mappings."
BUILT_IN_ONLY = (
    "Compared with Pipedrive's built-in fields only; with --config it also knows the account's custom fields, options "
    "and users."
)


def proposal_text(tables: Iterable[Table], object_name: str, session: Session | None) -> str:
    """The YAML for some tables; the object of each is guessed where none is given.

    Raises ConfigError when there is nothing to map, or no object is near, and what the client raises.
    """
    tables = tuple(tables)
    found, unknown = [], []
    for table in tables:
        proposal = proposal_of(table, object_name, session)
        if proposal:
            found.append(proposal)
        else:
            unknown.append(table.stream)
    if not found:
        names = ", ".join(f"`{name}`" for name in unknown)
        raise ConfigError(f"It is unclear what {names} should become. Name it with --object: {', '.join(OBJECTS)}.")
    return rendering.text(found, _head(tables, found, unknown, session))


def proposal_of(table: Table, object_name: str = "", session: Session | None = None) -> Proposal | None:
    """The mapping of one table; None when nothing tells the object. Raises ConfigError for an unknown object."""
    why = ""
    if not object_name:
        object_name, why = guess(table)
        if not object_name:
            return None
    return propose(table, directory(object_name, session), session.account if session else None, why)


def directory(object_name: str, session: Session | None) -> FieldDirectory:
    """The fields of an object, with the account's own where it is known. Raises ConfigError."""
    if object_name not in OBJECTS:
        known = ", ".join(spec.name for spec in CORE)
        hint = nearest(object_name, OBJECTS) or f" The usual ones are {known}."
        raise ConfigError(f"--object: `{object_name}` is not a supported object.{hint}")
    if session is None:
        return FieldDirectory(OBJECTS[object_name], ())
    return directory_of(session.fields, OBJECTS[object_name], "", "--object", session.config.default_country)


def _head(
    tables: tuple[Table, ...], found: list[Proposal], unknown: list[str], session: Session | None
) -> Iterator[str]:
    columns = sum(len(each.columns) for each in tables)
    used = sum(_used(each) for each in found)
    rows = f", {tables[0].rows} rows read" if len(tables) == 1 and tables[0].is_sampled else ""
    yield f"Proposed from {tables[0].origin}: {used} of {columns} columns are mapped{rows}."
    me = session.account.me() if session else {}
    yield f"Compared with the account of {me.get('company_name') or 'this token'}." if session else BUILT_IN_ONLY
    if unknown:
        names = ", ".join(f"`{name}`" for name in unknown)
        yield f"It is unclear what {names} should become; --stream and --object choose."
    yield NEXT


def _used(proposal: Proposal) -> int:
    names = {each.column for each in proposal.fields} | {each.column for each in proposal.links}
    return len(names) + bool(proposal.updated_at_field)


def tables(path: str, stream: str = "") -> list[Table]:
    """The tables of a row file, or of a catalog in JSON; ``stream`` names the file's stream, or chooses one.

    Raises ConfigError.
    """
    if Path(path).suffix.lower() in TYPES:
        return [table_of_file(row_file(path), stream)]
    found = catalog_tables(path)
    names = [each.stream for each in found]
    if stream and stream not in names:
        raise ConfigError(f"The catalog {path} has no stream `{stream}`.{nearest(stream, names)}")
    return [each for each in found if stream in ("", each.stream)]


def table_of_file(file: RowFile, stream: str = "") -> Table:
    """A file's columns with samples of their values. Raises ConfigError when it has no column."""
    names = {name: frozenset(json_types(schema)) for name, schema in file.properties().items()}
    if not names:
        raise ConfigError(f"There is nothing to map: the file {file.path} has no column.")
    origin = file.path.name
    if isinstance(file, CsvFile) and file.encoding not in ("utf-8-sig", "utf-8"):
        origin += f" (read as {'Windows-1252' if file.encoding == 'cp1252' else 'UTF-16'})"
    # A row file's texts are texts: what they say is seen in the values.
    is_text = isinstance(file, CsvFile)
    types = dict.fromkeys(names, frozenset[str]()) if is_text else names
    rows = (orjson.loads(orjson.dumps(row, default=str)) for row in islice(file.rows(), MOST_ROWS))
    return table_of(stream or file.path.stem, types, rows, origin)


def catalog_tables(path: str) -> list[Table]:
    """The streams of a catalog: configured, discovered, or the output of `discover`. Raises ConfigError."""
    entries = _streams(path)
    found = []
    for entry in entries:
        stream = entry.get("stream", entry) if isinstance(entry, Mapping) else {}
        name = stream.get("name") if isinstance(stream, Mapping) else None
        if not isinstance(name, str) or not name:
            raise ConfigError(f"The catalog {path} has a stream without a name.")
        properties = (stream.get("json_schema") or {}).get("properties") or {}
        types = {column: frozenset(json_types(schema)) for column, schema in properties.items()}
        found.append(table_of(name, types, (), f"the catalog {Path(path).name}"))
    return found


def _streams(path: str) -> list[Any]:
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"The file {path} cannot be read: {error.strerror}.") from None
    for candidate in (text, *text.splitlines()):
        try:
            content = orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
        if isinstance(content, Mapping):
            catalog = content.get("catalog", content)
            entries = catalog.get("streams") if isinstance(catalog, Mapping) else None
            if isinstance(entries, list) and entries:
                return entries
    raise ConfigError(f"The file {path} is neither an Airbyte catalog nor, by its name, a CSV, JSONL or Parquet file.")
