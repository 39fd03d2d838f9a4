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
from destination_pipedrive.studio.mapping_file import MappingFile, mapping_file
from destination_pipedrive.studio.page_data import field_choices, fitting, plan_data, rendered
from destination_pipedrive.studio.settings import TEXT, Settings, joined, keys_of_text, parted, settings_of
from pipedrive_client.config import ConfigError
from pipedrive_client.transport import CHECK

#: How many rows are planned for a preview, and how many different values of a column the page shows.
PREVIEW_ROWS, MOST_VALUES = 20, 50
#: Where one sentence of several ends and the next one names a place.
_NEXT = re.compile(r"(?<=[.?]) (?=`/|Stream `)")
_PLACE = re.compile(r"`/mappings/0/?([^`]*)`")


class Studio:
    """One open file and the account. Used by one request at a time."""

    def __init__(self, config: Mapping[str, Any], write: Write, logger: logging.Logger, save: str = "") -> None:
        """``write`` runs a session over messages, which is dry here; ``save``: the file that the YAML goes to.

        What this file holds already, or else the config, is gone on with. Raises ConfigError where it cannot be read.
        """
        self._config = {key: value for key, value in config.items() if key != "mappings"}
        self._write, self._logger, self.save_path = write, logger, save
        self._given = _given(config, save)
        self._session = Session(Config.as_far_as_readable({**self._config, "dry_run": True}), logger, CHECK)
        self._folder = TemporaryDirectory(prefix="pipedrive-studio-")
        self._path: Path | None = None
        self._table: Table | None = None
        self._index: int | None = None
        self._proposal: Proposal | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let the session and the copies of files go."""
        self._session.close()
        self._folder.cleanup()

    def open(self, path: str) -> None:
        """Take a file for the one to map. Raises ConfigError."""
        file = row_file(path)
        self._index = self._given.index_of(file.path.stem)
        stream = "" if self._index is None else str(self._given.entries[self._index]["stream"])
        self._table, self._path = table_of_file(file, stream), file.path

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
            found["keys"] = keys_of_text()
            return found | (self._opened(self._table, object_name) if self._table else {"file": ""})

    def _opened(self, table: Table, object_name: str) -> dict[str, Any]:
        held = {} if self._index is None else dict(self._given.entries[self._index])
        meant = str(held.get("object") or held.get("stream") or "")
        # Another object is a new start: the fields of the old one are none of its own.
        held = held if object_name in ("", meant) else {}
        object_name = object_name or (meant if held else "")
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
        parents = list(fields.spec.parents or {})
        entry, more = parted(held or proposal.entry(), [str(each["name"]) for each in columns], parents)
        notes = self._notes(held) if held else list(proposal.notes)
        return {
            "file": table.origin,
            "rows": table.rows,
            "columns": columns,
            "entry": {"object": proposal.object_name, **entry},
            "more": more,
            "why_object": "" if held else proposal.why_object,
            "why_key": "" if held else proposal.why_key,
            "notes": notes,
            "fields": field_choices(fields),
            "parents": parents,
        }

    def _notes(self, held: Mapping[str, Any]) -> list[str]:
        others = len(self._given.entries) - 1
        said = f"Opened from {self._given.origin}: the mapping of stream `{held['stream']}`."
        kept = f" The {others} other {'mapping stays' if others == 1 else 'mappings stay'} as before." if others else ""
        return [said + kept]

    def fit(self, name: str, target: str, object_name: str) -> dict[str, Any]:
        """What a column's values need to go to a field: keys of its rule, pairs of a value map, and why."""
        if self._table is None:
            raise ConfigError("Choose a file first.")
        with self._lock:
            column = next((each for each in self._table.columns if each.name == name), None)
            fields = directory(object_name, self._session)
            return fitting(self._table, column, target, fields, self._session.account) if column else {}

    def problems(self, shown: Mapping[str, Any], more: str = "") -> list[dict[str, str]]:
        """Every problem of an entry as `check` words it, with the place in the entry; nothing is asked twice."""
        settings = settings_of(more)
        entry, twice = joined(shown, settings)
        said = [{"place": TEXT, "text": text, "whole": text} for text in (*settings.problems, *twice)]
        own = len(shown.get("fields") or ())
        return said + [_located(each, settings, own) for each in self._checked(entry)]

    def _checked(self, entry: Mapping[str, Any]) -> list[dict[str, str]]:
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

    def plan(self, shown: Mapping[str, Any], more: str = "") -> dict[str, Any]:
        """What a write would do with the first rows. Raises ConfigError, and what the client raises."""
        if self._path is None:
            raise ConfigError("Choose a file first.")
        entry = _whole(shown, more)
        with self._lock:
            file = row_file(str(self._path))
            catalog = file.catalog(str(entry.get("stream") or file.path.stem))
            (stream,) = configured_streams(catalog)
            lines = record_lines(islice(file.rows(), PREVIEW_ROWS), stream.name)
            config = {**self._config, "mappings": [entry]}
            messages = read_messages(lines, self._logger)
            return plan_data(make_plan(config, catalog, messages, self._write, self._logger))

    def yaml(self, shown: Mapping[str, Any], more: str = "") -> str:
        """All mappings with the entry as commented YAML. Raises ConfigError for what cannot be written."""
        if self._proposal is None or self._table is None:
            raise ConfigError("Choose a file first.")
        entry = _whole(shown, more)
        fields = directory(str(entry.get("object") or self._proposal.object_name), self._session)
        head = [] if self._given.entries else [f"Made in the studio for {self._table.origin}."]
        return self._given.with_entry(self._index, rendered(entry, self._proposal, fields, head))

    def save(self, shown: Mapping[str, Any], more: str = "") -> str:
        """Write the YAML to the file that was named at the start, and return its path. Raises ConfigError."""
        if not self.save_path:
            raise ConfigError("No file was named with --save; download the YAML instead.")
        try:
            Path(self.save_path).write_text(self.yaml(shown, more), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"The file {self.save_path} cannot be written: {error.strerror}.") from None
        return self.save_path


def _given(config: Mapping[str, Any], save: str) -> MappingFile:
    """The mappings of the file that they are saved to, if it is there; else those of the config."""
    path = Path(save)
    if not save or not path.is_file():
        return mapping_file(config.get("mappings"), "the config")
    try:
        return mapping_file(path.read_text(encoding="utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The file {save} cannot be read as text: {error}.") from None


def _whole(shown: Mapping[str, Any], more: str) -> dict[str, Any]:
    """The entry of both parts. Raises ConfigError for a text that cannot be read."""
    settings = settings_of(more)
    if settings.problems:
        raise ConfigError(" ".join(settings.problems))
    return joined(shown, settings)[0]


def _located(problem: dict[str, str], settings: Settings, fields: int) -> dict[str, str]:
    """A problem of what stands in the text is shown beside the text, with its line."""
    line = settings.line_of(problem["place"], fields) if problem["place"] else 0
    if not line:
        return problem
    return {**problem, "place": TEXT, "text": f"Line {line}, `{problem['place']}`: {problem['text']}"}


def _placed(sentence: str) -> dict[str, str]:
    """A sentence with the place that it names first, in the entry: `fields/3/target`, `match_on`, or nothing."""
    found = _PLACE.search(sentence)
    text = sentence[found.end() :].lstrip(": ") if found and sentence.startswith("`/mappings/0") else sentence
    return {"place": found[1] if found else "", "text": text, "whole": sentence}
