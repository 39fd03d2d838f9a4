"""By what a row is recognised: match keys and their normal forms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import Field, FieldType, UnknownField
from destination_pipedrive.fields.types import field_type
from pipedrive_client.problems import nearest
from pipedrive_client.settings import ConfigError


@dataclass(frozen=True)
class MatchKey:
    """One key. ``name`` as the user wrote it, ``key`` the body key, ``kind`` the type by which values are compared.

    ``country``: the ISO code of phone numbers that come without one; ``exact``: the sender's own id, whose case counts.
    """

    name: str
    key: str
    kind: str
    custom: bool = False
    country: str = ""
    exact: bool = False

    @classmethod
    def of(cls, name: str, field: Field) -> "MatchKey":
        """The key of a field."""
        return cls(name, field.key, field.type.name, field.custom, field.rule.default_country)

    @property
    def type(self) -> FieldType:
        """The type of the field, which knows the normal form of its values."""
        return field_type(self.kind)

    @property
    def is_id(self) -> bool:
        """True for Pipedrive's own id."""
        return self.kind == "id"


ID = MatchKey("id", "id", "id")


def match_keys(
    names: tuple[str, ...], targets: FieldDirectory, where: str, of_any_kind: tuple[str, ...] = ()
) -> tuple[MatchKey, ...]:
    """The keys of their names; those of ``of_any_kind`` only narrow others. Raises ConfigError naming ``where``."""
    return tuple(_match_key(name, targets, where, of_any_kind) for name in names)


def _match_key(name: str, targets: FieldDirectory, where: str, of_any_kind: tuple[str, ...]) -> MatchKey:
    if name.lower() == "id":
        return ID
    try:
        place = targets.find(name)
    except UnknownField as error:
        raise ConfigError(f"{where}: match key {error}.") from None
    if place is None:
        raise ConfigError(
            f"{where}: match key `{name}` is no field of {targets.spec.name}.{nearest(name, targets.names)}"
        )
    if not place.field.type.is_key and place.field.key not in of_any_kind:
        raise ConfigError(f"{where}: `{name}` is of a type ({place.field.type.name}) that cannot be a match key.")
    return MatchKey.of(name, place.field)


def key_values(key: MatchKey, row: Mapping[str, Any]) -> list[str]:
    """The normal forms of a row's values for a key; a person has as many as e-mails."""
    value = row.get(key.key)
    return [] if value is None else key.type.match_keys(value, key.country, key.exact)
