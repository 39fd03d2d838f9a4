"""By what a row is recognised: match keys and the normal forms of their values. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import product
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import Field, FieldType, UnknownField
from destination_pipedrive.fields.shared_hosts import is_shared
from destination_pipedrive.fields.types import field_type
from destination_pipedrive.matching.normal_forms import Form, normal_forms
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import nearest
from pipedrive_client.normalization import is_placeholder

#: A key as a config names it: one field, or several that count together.
KeyName = str | tuple[str, ...]
#: Between the names, and between the values, of a composite key.
_AND, _SEPARATOR = " + ", "\x1f"


@dataclass(frozen=True)
class MatchKey:
    """One key. ``name`` as the user wrote it, ``key`` the body key, ``kind`` the type by which values are compared.

    ``form``: how strictly. ``country``: the ISO code of phone numbers that come without one. ``ignored``: domains that
    are no key. ``parts``: the fields of a composite key, which has a value only where all of them have one.
    """

    name: str = field(compare=False)
    key: str
    kind: str
    custom: bool = False
    form: Form = "key"
    ignored: frozenset[str] = frozenset()
    parts: tuple["MatchKey", ...] = ()
    country: str = ""

    @classmethod
    def of(cls, name: str, field: Field, form: Form = "key") -> "MatchKey":
        """The key of a field."""
        return cls(name, field.key, field.type.name, field.custom, form, country=field.rule.default_country)

    @cached_property
    def type(self) -> FieldType:
        """The type of the field."""
        return field_type(self.kind)

    @cached_property
    def read(self) -> Callable[[Any], list[str]]:
        """The normal forms of a value of the field."""
        if self.form == "content" or self.type.yields:
            return partial(normal_forms, self.type, form=self.form, country=self.country, ignored=self.ignored)
        return partial(self.type.match_keys, country=self.country, exact=self.form == "external_id")

    @cached_property
    def is_id(self) -> bool:
        """True for Pipedrive's own id."""
        return self.kind == "id"

    @cached_property
    def fields(self) -> tuple["MatchKey", ...]:
        """The single fields that it compares."""
        return self.parts or (self,)


ID = MatchKey("id", "id", "id")


def match_keys(
    names: Iterable[KeyName],
    targets: FieldDirectory,
    where: str,
    of_any_kind: tuple[str, ...] = (),
    *,
    form: Form = "key",
    ignored: frozenset[str] = frozenset(),
) -> tuple[MatchKey, ...]:
    """The keys of their names; those of ``of_any_kind`` only narrow others. Raises ConfigError naming ``where``."""
    found = (_match_key(name, targets, where, of_any_kind) for name in names)
    return tuple(_compared(key, form, ignored) for key in found)


def composite(parts: Iterable[MatchKey]) -> MatchKey:
    """One key of several fields; of one field that field's own."""
    parts = tuple(parts)
    if len(parts) == 1:
        return parts[0]
    return MatchKey(
        label(tuple(part.name for part in parts)), "+".join(part.key for part in parts), "composite", parts=parts
    )


def label(name: KeyName) -> str:
    """A key as messages call it."""
    return name if isinstance(name, str) else _AND.join(name)


def _match_key(name: KeyName, targets: FieldDirectory, where: str, of_any_kind: tuple[str, ...]) -> MatchKey:
    if isinstance(name, tuple):
        if not name:
            raise ConfigError(f"{where}: a key of several fields is empty; name its fields.")
        parts = dict.fromkeys(_match_key(each, targets, where, of_any_kind) for each in name)
        if ID in parts and len(parts) > 1:
            raise ConfigError(f"{where}: `id` alone identifies a row, so it cannot be part of a key of several fields.")
        return composite(parts)
    if name.lower() == "id":
        return ID
    try:
        place = targets.find(name)
    except UnknownField as error:
        raise ConfigError(f"{where}: match key {error}.") from None
    if place is None:
        raise ConfigError(
            f"{where}: match key `{name}` is not a field of {targets.spec.name}.{nearest(name, targets.names)}"
        )
    if not place.field.type.is_key and place.field.key not in of_any_kind:
        raise ConfigError(f"{where}: `{name}` is of a type ({place.field.type.name}) that cannot be a match key.")
    return MatchKey.of(name, place.field)


def _compared(key: MatchKey, form: Form, ignored: frozenset[str]) -> MatchKey:
    """The key with how its values are compared."""
    if key.parts:
        return composite(_compared(part, form, ignored) for part in key.parts)
    return replace(key, form=form, ignored=ignored)


def key_values(key: MatchKey, row: Mapping[str, Any]) -> list[str]:
    """The normal forms of a row's values for a key; a person has as many as emails. Placeholders are no values."""
    if key.parts:
        return [_SEPARATOR.join(each) for each in product(*(key_values(part, row) for part in key.parts))]
    value = row.get(key.key)
    return key.read(value) if value is not None else []


def parent_fields(spec: ObjectSpec, targets: Mapping[str, Field]) -> dict[str, Field]:
    """The fields that say to what a row belongs: a key such as a subject tells rows apart only where these agree."""
    narrow = spec.narrowed_by
    return {key: each for key, each in targets.items() if (key in narrow if narrow else each.type.names_parent)}


def is_indexed(field: Field) -> bool:
    """Whether equal values have equal normal forms, so that an index finds every row with the value."""
    return field.type.is_key and not (field.type.gathers or field.type.yields)


def tells_nothing(by: str, value: Any, ignored: frozenset[str] = frozenset()) -> bool:
    """Whether a value names no row although it is there: a placeholder, or a domain that many share."""
    if by == "id" or not isinstance(value, str):
        return False
    return is_placeholder(value) or (by == "domain" and is_shared(value, ignored))
