"""`check`: can this config read what a run needs, and does its mapping fit the account? One sentence a problem."""

from collections.abc import Iterator

from destination_pipedrive.config import Config
from destination_pipedrive.configured import ConfiguredStream
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.objects import OBJECTS
from destination_pipedrive.routes import build_routes
from destination_pipedrive.services import Services
from pipedrive_client.errors import PipedriveError, Stop, TryLater
from pipedrive_client.settings import ConfigError


def problems(services: Services) -> Iterator[str]:
    """What is wrong, sentence by sentence; nothing when a run can start."""
    try:
        services.account.me()
    except PipedriveError as error:
        yield str(error)
        return
    services.logger.info(services.account.greeting())
    yield from _storage_problems(services)
    for spec in _used(services.config):
        try:
            _read_one(services, spec)
            services.defaults(spec)
        except (Stop, TryLater) as error:
            yield str(error)
            return
        except (PipedriveError, ConfigError) as error:
            yield f"{spec.name}: {error}"
    yield from _mapping_problems(services)


def _storage_problems(services: Services) -> Iterator[str]:
    try:
        if services.config.rejects:
            services.config.rejects.check()
    except ConfigError as error:
        yield str(error)


def _used(config: Config) -> list[ObjectSpec]:
    """The objects that the mappings name; without mappings all that can be written."""
    named = [OBJECTS.get(rules.object_name or rules.stream) for rules in config.mappings]
    return list({spec.name: spec for spec in named if spec}.values()) if config.mappings else list(OBJECTS.values())


def _read_one(services: Services, spec: ObjectSpec) -> None:
    services.client.labelled(spec.name).request("GET", spec.path, params={"limit": 1})


def _mapping_problems(services: Services) -> Iterator[str]:
    """Each mapping alone, so that every problem is named and not only the first."""
    for rules in services.config.mappings:
        mode = "append_dedup"
        stream = ConfiguredStream(rules.stream, "", "", mode, "", (), ())
        try:
            build_routes(services, [stream], quiet=True)
        except (ConfigError, PipedriveError) as error:
            yield str(error)
