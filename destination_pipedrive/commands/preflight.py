"""A whole config against the account, before anything is written: fields, options and actions of every mapping."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.directory import Targets
from destination_pipedrive.mapping.compiler import build_routes, object_of, rules_of
from destination_pipedrive.mapping.mapper import ColumnMap
from destination_pipedrive.mapping.stream_sync import Route
from destination_pipedrive.session import Services
from destination_pipedrive.writing.actions import Automation
from pipedrive_client.errors import PipedriveError
from pipedrive_client.problems import Problems


def validate(services: Services, streams: Iterable[ConfiguredStream]) -> None:
    """Raises ConfigError with every problem, and what the client raises. Nothing is created."""
    streams, problems = tuple(streams), Problems()
    problems.attempt(services.check_defaults, None)
    routes = problems.attempt(partial(build_routes, services, streams, quiet=True), None)
    for stream in streams:
        problems.attempt(partial(_check_actions, services, stream), None)
    problems.check()
    for route in (routes or {}).values():
        _warn_of_duplicates(services, route)


def refuse(services: Services, streams: Iterable[ConfiguredStream]) -> None:
    """Raises ConfigError with what cannot be read of the config, and, if the account can be asked, all the rest."""
    problems = Problems()
    problems.add(services.config.problems)
    with suppress(PipedriveError):
        problems.attempt(partial(validate, services, streams), None)
    problems.check()


def _check_actions(services: Services, stream: ConfiguredStream) -> None:
    rules = rules_of(services.config.mappings, stream)
    if rules.actions:
        spec = object_of(stream, rules)
        no_columns = ColumnMap(Rules(stream.name, ""), Targets(spec, ()), services.account, uses_id=False)
        Automation(services, Route(stream, spec, "upsert", rules, (), no_columns))


def _warn_of_duplicates(services: Services, route: Route) -> None:
    rules = route.rules
    if route.operation == "upsert" and not rules.require_match_key and not route.is_keyless:
        keys = " or ".join(f"`{key}`" for key in rules.match_on)
        services.logger.warning(
            f"`{rules.where}/require_match_key` is off: a record of stream `{rules.stream}` without {keys} is created "
            "each time that it comes, so there will be duplicates."
        )
