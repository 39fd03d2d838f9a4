"""Names that a mapping gives: translated by its value maps, and held against the account before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import ALIAS, DOMAIN, BadValue, Lookups, Parts
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import others
from pipedrive_client.normalization import text_key

#: Parts that hold the value itself.
MAIN_PARTS = ("", ALIAS, DOMAIN)


@dataclass(frozen=True)
class Translation:
    """The map of one field, by values in their normal form."""

    names: dict[str, str]

    @classmethod
    def of(cls, value_map: Mapping[str, str]) -> "Translation":
        """The translation that an entry says."""
        return cls({text_key(theirs) or "": ours for theirs, ours in value_map.items()})

    @cached_property
    def _given(self) -> frozenset[str | None]:
        return frozenset(text_key(ours) for ours in self.names.values())

    def translate(self, field: Field, parts: Parts) -> dict[str, Any]:
        """The parts with Pipedrive's names. Raises BadValue for a name that another value is mapped to."""
        return {
            name: field.type.translate(field, value, self._one) if name in MAIN_PARTS else value
            for name, value in parts.items()
        }

    def _one(self, value: Any) -> Any:
        if not isinstance(value, str | int):
            return value
        key = text_key(str(value))
        found = self.names.get(key or "")
        if found is None and key in self._given:
            raise BadValue("is a name that `value_maps` gives to another value", "unknown_option")
        return value if found is None else found


def require_known(field: Field, parts: Parts, lookups: Lookups, where: str, creates: bool) -> None:
    """Raises ConfigError, with the nearest names, for a value of the config that the account does not have.

    An option that will be created may be missing; a stage may be that of several pipelines, a record tells which.
    """
    value, kind = str(parts.get("", parts.get(ALIAS, ""))), field.type.name
    try:
        found = field.parse(parts, lookups)
        if isinstance(found, int) and not lookups.knows(kind, found):
            raise BadValue(f"is the id of no {kind} of the account")
    except BadValue as error:
        if (creates and error.missing) or error.by_record:
            return
        labels = [option.label for option in field.options]
        said = lookups.user_trouble(value) if field.type.has_default else error
        hint = others(value, labels or field.choices or lookups.names(kind))
        raise ConfigError(f"`{where}`: `{value}` {said}.{hint}") from None
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ConfigError(f"`{where}`: `{field.name}` cannot be read as {kind}.") from None
