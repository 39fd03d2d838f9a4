"""What the page asks for: a proposal, the fields, problems, a plan, the YAML. Nothing is ever written to Pipedrive."""

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from destination_pipedrive.commands.plan import Write, make_plan
from destination_pipedrive.commands.preflight import validate
from destination_pipedrive.commands.propose import directory, proposal_of, table_of_file
from destination_pipedrive.commands.row_files import record_lines, row_file
from destination_pipedrive.config.catalog import ConfiguredStream, configured_streams
from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import LINKS
from destination_pipedrive.fields.directory import is_platform_column
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.proposing import rendering
from destination_pipedrive.proposing.proposal import Proposal
from destination_pipedrive.proposing.samples import Table
from destination_pipedrive.protocol.messages import read_messages
from destination_pipedrive.session import Session
from destination_pipedrive.studio.page_data import field_choices, plan_data, rendered
from pipedrive_client.config import ConfigError
from pipedrive_client.transport import CHECK

#: How many rows are planned for a preview, and how many different values of a column the page shows.
PREVIEW_ROWS, MOST_VALUES = 20, 12
#: Where one sentence of several ends and the next one names a place.
_NEXT = re.compile(r"(?<=[.?]) (?=`/|Stream `)")
_PLACE = re.compile(r"`/mappings/0/?([^`]*)`")


class Studio:
    """One open file and the account. Used by one request at a time."""

    def __init__(self, config: Mapping[str, Any], write: Write, logger: logging.Logger, save: str = "") -> None:
        """``write`` runs a session over messages, which is dry here; ``save``: the file that the YAML goes to."""
        self._config = {key: value for key, value in config.items() if key != "mappings"}
        self._write, self._logger, self.save_path = write, logger, save
        self._session = Session(Config.as_far_as_readable({**self._config, "dry_run": True}), logger, CHECK)
        self._folder = TemporaryDirectory(prefix="pipedrive-studio-")
        self._path: Path | None = None
        self._table: Table | None = None
        self._proposal: Proposal | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the session and the copies of files go."""
        self._session.close()
        self._folder.cleanup()

    def open(self, path: str) -> None:
        """Take a file for the one to map. Raises ConfigError."""
        file = row_file(path)
        self._table, self._path = table_of_file(file), file.path

    def upload(self, name: str, content: bytes) -> None:
        """Take a file that the browser sent. Raises ConfigError."""
        path = Path(self._folder.name) / (Path(name).name or "rows.csv")
        path.write_bytes(content)
        self.open(str(path))

    def start(self, object_name: str = "") -> dict[str, Any]:
        """Everything that the page shows first, with the proposal for an object or for the one that is guessed."""
        with self._lock:
            me = self._session.account.me()
            found: dict[str, Any] = {"account": me.get("company_name"), "user": me.get("name"), "save": self.save_path}
            found |= {"objects": list(OBJECTS), "links": {name: list(ways) for name, ways in LINKS.items()}}
            return found | (self._opened(self._table, object_name) if self._table else {"file": ""})

    def _opened(self, table: Table, object_name: str) -> dict[str, Any]:
        proposal = proposal_of(table, object_name, self._session) or proposal_of(table, "persons", self._session)
        assert proposal is not None
        self._proposal = proposal
        fields = directory(proposal.object_name, self._session)
        whys = {each.column: "; ".join((each.why, *each.notes)) for each in proposal.fields}
        whys |= {each.column: each.why for each in proposal.links}
        whys |= {each.column: rendering.why_left(each) for each in proposal.left_out}
        columns = [
            {
                "name": each.name,
                "values": list(dict.fromkeys(each.texts))[:MOST_VALUES],
                "why": whys.get(each.name, ""),
                "maps_by_itself": fields.find(each.name) is not None,
            }
            for each in table.columns
            if not is_platform_column(each.name)
        ]
        return {
            "file": table.origin,
            "rows": table.rows,
            "columns": columns,
            "entry": proposal.entry(),
            "why_object": proposal.why_object,
            "why_key": proposal.why_key,
            "notes": list(proposal.notes),
            "fields": field_choices(fields),
            "parents": list(fields.spec.parents or {}),
        }

    def problems(self, entry: Mapping[str, Any]) -> list[dict[str, str]]:
        """Every problem of an entry as `check` words it, with the place in the entry; nothing is asked twice."""
        with self._lock:
            config = Config.as_far_as_readable({**self._config, "mappings": [entry]})
            sentences = list(config.problems)
            self._session.config = replace(config, problems=())
            columns = tuple(each.name for each in self._table.columns) if self._table else ()
            name = str(entry.get("stream") or "")
            try:
                validate(self._session, [ConfiguredStream(name, "", "", "append_dedup", "", (), columns)])
            except ConfigError as error:
                sentences += _NEXT.split(str(error))
            return [_placed(sentence) for sentence in dict.fromkeys(sentences)]

    def plan(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """What a write would do with the first rows. Raises ConfigError, and what the client raises."""
        if self._path is None:
            raise ConfigError("Choose a file first.")
        with self._lock:
            file = row_file(str(self._path))
            catalog = file.catalog(str(entry.get("stream") or file.path.stem))
            (stream,) = configured_streams(catalog)
            lines = record_lines(islice(file.rows(), PREVIEW_ROWS), stream.name)
            config = {**self._config, "mappings": [entry]}
            messages = read_messages(lines, self._logger)
            return plan_data(make_plan(config, catalog, messages, self._write, self._logger))

    def yaml(self, entry: Mapping[str, Any]) -> str:
        """The entry as commented YAML. Raises ConfigError before a file was chosen."""
        if self._proposal is None or self._table is None:
            raise ConfigError("Choose a file first.")
        fields = directory(str(entry.get("object") or self._proposal.object_name), self._session)
        return rendered(entry, self._proposal, fields, self._table.origin)

    def save(self, entry: Mapping[str, Any]) -> str:
        """Write the YAML to the file that was named at the start, and return its path. Raises ConfigError."""
        if not self.save_path:
            raise ConfigError("No file was named with --save; download the YAML instead.")
        try:
            Path(self.save_path).write_text(self.yaml(entry), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The file {self.save_path} cannot be written: {error.strerror}.") from None
        return self.save_path


def _placed(sentence: str) -> dict[str, str]:
    """A sentence with the place that it names first, in the entry: `fields/3/target`, `match_on`, or nothing."""
    found = _PLACE.search(sentence)
    text = sentence[found.end() :].lstrip(": ") if found and sentence.startswith("`/mappings/0") else sentence
    return {"place": found[1] if found else "", "text": text, "whole": sentence}
