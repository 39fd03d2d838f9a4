"""The fields of an object in one account."""

from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Targets, UnknownTarget
from pipedrive_client.fields import FIELD_PATHS
from pipedrive_client.settings import ConfigError


def targets_of(services: Services, spec: ObjectSpec, domain_field: str, where: str) -> Targets:
    """The fields of an object in this account. Raises ConfigError, and what the client raises."""
    try:
        definitions = services.fields.fields(spec.name) if spec.name in FIELD_PATHS else ()
        return Targets(spec, definitions, domain_field)
    except UnknownTarget as error:
        raise ConfigError(f"{where}: {error}.") from None
