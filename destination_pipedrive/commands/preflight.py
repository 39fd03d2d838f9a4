"""A whole config against the account, before anything is written: fields, options and actions of every mapping."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.mapping.compiler import object_of, rules_of
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.session import Session
from destination_pipedrive.writing.actions import ActionRunner
from pipedrive_client.config_errors import ConfigError, Problems
from pipedrive_client.errors import PipedriveError


def validate(session: Session, streams: Iterable[ConfiguredStream]) -> None:
    """Raises ConfigError with every problem, and what the client raises. Nothing is created."""
    try:
        for sync in _syncs(session, tuple(streams)):
            _warn_of_duplicates(session, sync)
    except ConfigError as error:
        raise session.config.located(error) from None


def _syncs(session: Session, streams: tuple[ConfiguredStream, ...]) -> Iterable[StreamSync]:
    problems, owner = Problems(), session.config.default_owner
    if owner is not None:
        problems.attempt(partial(session.account.check_owner, owner), None)
    syncs = problems.attempt(partial(session.compiler.compile, streams, quiet=True), {})
    for stream in streams:
        problems.attempt(partial(_check_actions, session, stream), None)
    problems.check()
    return syncs.values()


def refuse(session: Session, streams: Iterable[ConfiguredStream]) -> None:
    """Raises ConfigError with what cannot be read of the config, and, if the account can be asked, all the rest."""
    problems = Problems()
    problems.add(session.config.problems)
    with suppress(PipedriveError):
        problems.attempt(partial(validate, session, streams), None)
    problems.check()


def _check_actions(session: Session, stream: ConfiguredStream) -> None:
    rules = rules_of(session.config.mappings, stream)
    if rules.actions:
        spec = object_of(stream, rules)
        no_columns = RecordMapper(Rules(stream=stream.name), FieldDirectory(spec, ()), session.account, uses_id=False)
        ActionRunner(session.action_tools, StreamSync(stream, spec, "upsert", rules, (), no_columns))


def _warn_of_duplicates(session: Session, sync: StreamSync) -> None:
    rules = sync.rules
    if sync.operation == "upsert" and not rules.require_match_key and not sync.is_keyless:
        keys = " or ".join(f"`{key}`" for key in rules.match_on)
        session.logger.warning(
            f"`{rules.where}/require_match_key` is off: a record of stream `{rules.stream}` without {keys} is created "
            "each time that it comes, so there will be duplicates."
        )
