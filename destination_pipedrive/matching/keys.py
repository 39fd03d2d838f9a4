"""By what a row is recognised: match keys and their normal forms. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import UnknownField
from destination_pipedrive.fields.types import contact_key
from pipedrive_client.normal import domain_of, text_key
from pipedrive_client.problems import nearest
from pipedrive_client.settings import ConfigError

#: Kinds of fields whose values tell rows apart.
KEY_KINDS = frozenset(
    {"text", "domain", "number", "integer", "enum", "user", "reference", "date", "contacts", "choice", "folded"}
)


@dataclass(frozen=True)
class MatchKey:
    """One key. ``name`` as the user wrote it, ``key`` the body key, ``kind`` how its values are compared."""

    name: str
    key: str
    kind: str
    custom: bool = False

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
    if place.target.kind not in KEY_KINDS and place.target.key not in of_any_kind:
        raise ConfigError(f"{where}: `{name}` is of a type ({place.target.kind}) that cannot be a match key.")
    return MatchKey(name, place.target.key, place.target.kind, place.target.custom)


def key_values(key: MatchKey, row: Mapping[str, Any]) -> list[str]:
    """The normal forms of a row's values for a key; a person has as many as e-mails."""
    value = row.get(key.key)
    if value is None:
        return []
    if key.kind == "contacts":
        found = [contact_key(entry.get("value"), key.key) for entry in value if isinstance(entry, Mapping)]
        return [each for each in dict.fromkeys(found) if each]
    single = _normal(key.kind, value)
    return [single] if single else []


def _normal(kind: str, value: Any) -> str | None:
    if kind == "domain":
        domain = domain_of(value)
        return domain if domain and "." in domain else None
    if kind in ("number", "integer"):
        return f"{float(value):.15g}"
    if isinstance(value, Mapping):
        value = value.get("id", value.get("value"))
    return text_key(str(value))
