"""A copy, from the first message on: learn what the other account is, make its fields here, then hand on its rows."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from destination_pipedrive.account.directory import Account
from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.copying.claims import Claims
from destination_pipedrive.copying.custom_values import CustomValues
from destination_pipedrive.copying.documents import Documents
from destination_pipedrive.copying.fields import FieldCopier, Pairs
from destination_pipedrive.copying.intake import Intake, Stream
from destination_pipedrive.copying.old_ids import OldIds, Writers
from destination_pipedrive.copying.rules import named_columns, old_id_field, written_out
from destination_pipedrive.copying.stream_copy import StreamCopy
from destination_pipedrive.copying.table import COPIED, ORIGINAL_ID, WITH_OLD_ID, CopiedObject
from destination_pipedrive.copying.translator import Translator
from destination_pipedrive.fields.directory import FieldDirectory, custom_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.mapping.compiler import rules_of
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.protocol.json_lines import Message
from destination_pipedrive.results.ledger import Ledger
from pipedrive_client.config import ConfigError
from pipedrive_client.field_definitions import FIELD_PATHS

Key = tuple[str, str]


@dataclass(frozen=True)
class CopyTools:
    """What a copy needs of a run."""

    fields: FieldCopier
    account: Account
    objects: Writers
    ledger: Ledger
    logger: logging.Logger


class Copying:
    """One copy. ``begin`` comes first; then ``config`` and ``streams`` are those that the run goes on with."""

    def __init__(self, config: Config, streams: Iterable[ConfiguredStream], tools: CopyTools) -> None:
        """Raises ConfigError when a stream is missing without which the copied ones mean nothing."""
        streams = tuple(streams)
        self._tools = tools
        rules = {stream.key: rules_of(config.mappings, stream) for stream in streams}
        self._copied = {stream.key: Stream(stream, each) for stream in streams if (each := rules[stream.key]).copies}
        _require_streams(self._copied.values())
        self._intake = Intake(self._copied, tools.ledger, tools.logger)
        self._pairs: dict[str, Pairs] = {}
        self._claims = {name: Claims() for name, copied in COPIED.items() if copied.identity == "claim"}
        #: Object -> label, and key, of the field that holds old ids.
        self._labels: dict[str, str] = {}
        self._old_id_keys: dict[str, str] = {}
        self.config = config
        self.streams = tuple(stream for stream in streams if stream.key not in self._copied)

    def begin(self, messages: Iterable[Message | None]) -> Iterator[Message | None]:
        """Take what tells of the other account, make its fields here, and give back all other messages.

        Raises what ends the run.
        """
        remaining = iter(messages)
        self._intake.learn(remaining)
        written = []
        for stream in self._copied.values():
            if stream.copied:
                self._make_fields(stream.copied.spec.name)
        for stream in self._copied.values():
            if stream.copied:
                written.append(self._written_out(stream, stream.copied))
                self.streams = (*self.streams, self._as_written(stream, stream.copied))
        kept = tuple(each for each in self.config.mappings if not each.copies)
        self.config = replace(self.config, as_read=replace(self.config.as_read, rules=(*kept, *written)))
        return self._intake.rest(remaining)

    def attached(self, syncs: Mapping[Key, StreamSync], may_come: Callable[[str], bool]) -> dict[Key, StreamSync]:
        """The syncs, those of copied streams with what translates and links their records."""
        old_ids = OldIds(self._tools.objects, self._old_id_field, self._claims)
        found = dict(syncs)
        for key, stream in self._copied.items():
            if stream.copied:
                name = stream.copied.spec.name
                copy = StreamCopy(self._translator(stream, stream.copied), old_ids, self._claims.get(name), may_come)
                sync = syncs[key]
                deletes = replace(sync.deletes, copy=copy) if sync.deletes else None
                found[key] = replace(sync, copy=copy, deletes=deletes)
        return found

    def close(self) -> None:
        """Remove what is on disk."""
        self._intake.close()
        for claims in self._claims.values():
            claims.close()

    def _old_id_field(self, object_name: str) -> Field | None:
        """The field that holds the old ids of an object's rows, also of one that is not among the streams."""
        if object_name not in WITH_OLD_ID:
            return None
        label = self._labels.get(object_name) or next(iter(self._labels.values()), ORIGINAL_ID)
        definition = self._tools.fields.found(object_name, label)
        return custom_field(definition) if definition else None

    def _make_fields(self, object_name: str) -> None:
        path = FIELD_PATHS.get(object_name)
        if path and path not in self._pairs:
            self._pairs[path], self._intake.outcomes[path] = self._tools.fields.copy(self._intake.source, object_name)

    def _written_out(self, stream: Stream, copied: CopiedObject) -> Rules:
        name, label = copied.spec.name, old_id_field(stream.rules, copied)
        if label:
            self._labels[name] = label
            self._old_id_keys[name] = self._tools.fields.old_id(name, label).key
        customs = [pair.target for pair in self._pairs_of(name).values() if pair.target.is_custom]
        return written_out(stream.rules, stream.stream.full_name, copied, self._old_id_keys.get(name, ""), customs)

    def _as_written(self, stream: Stream, copied: CopiedObject) -> ConfiguredStream:
        """The stream as the compiler sees it: its schema is that of another account."""
        own = [pair.target.key for pair in self._pairs_of(copied.spec.name).values() if pair.target.is_custom]
        own += [key for key in (self._old_id_keys.get(copied.spec.name),) if key]
        columns = (*stream.stream.columns, *own) if stream.stream.columns else ()
        return replace(stream.stream, columns=columns, schemas={}, primary_key=(), object_name="")

    def _translator(self, stream: Stream, copied: CopiedObject) -> Translator:
        name, pairs = copied.spec.name, self._pairs_of(copied.spec.name)
        kinds = {spec.key: spec.kind for spec in copied.spec.fields}
        options = {key: pair for key, pair in pairs.items() if kinds.get(key) in ("enum", "labels", "integer")}
        made = Translator(
            copied,
            self._intake.source,
            self._tools.account,
            options,
            None,
            None,
            self._old_id_keys.get(name, ""),
            named_columns(stream.rules),
        )
        customs = {key: pair for key, pair in pairs.items() if pair.source.is_custom}
        directory = FieldDirectory(copied.spec, self._intake.source.fields(name))
        custom = CustomValues(directory, customs, stream.stream.schemas, made.user_id)
        documents = Documents(self._intake.source, self._tools.account, made.user_id, self._pairs_of)
        document = {"goals": documents.goal, "filters": documents.filter}.get(name)
        return replace(made, custom=custom if customs else None, document=document)

    def _pairs_of(self, object_name: str) -> Pairs:
        return self._pairs.get(FIELD_PATHS.get(object_name, ""), {})


def copies_anything(config: Config) -> bool:
    """Whether a config has a mapping that copies."""
    return any(rules.copies for rules in config.mappings)


def _require_streams(copied: Iterable[Stream]) -> None:
    copied = tuple(copied)
    there = {stream.name for stream in copied}
    missing: dict[str, str] = {}
    for stream in copied:
        for name in stream.copied.needed_streams if stream.copied else ():
            if name not in there:
                missing.setdefault(name, stream.name)
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        raise ConfigError(
            f"A copy of {', '.join(sorted(set(missing.values())))} needs the streams {names} too: they explain the "
            "ids, options and custom fields of the other account. Add them to the connection."
        )
