"""Types whose values are ids, which a record may name: users, stages, other records, options."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.field import Field, FieldType
from destination_pipedrive.fields.parsing import (
    ALIAS,
    PIPELINE,
    BadValue,
    Lookups,
    Named,
    Parts,
    first,
    from_json,
    identifier,
    is_id,
    main,
    text,
)
from destination_pipedrive.fields.scalars import Scalar, text_keys
from pipedrive_client.field_types import ID
from pipedrive_client.normalization import is_placeholder, text_key

#: Keys of the types that every account has from its first day. Source: https://pipedrive.readme.io/docs/activities
COMMON_ACTIVITY_TYPES = frozenset({"call", "meeting", "task", "deadline", "email", "lunch"})


def id_of(value: Any) -> Any:
    """The id of a value that is an object; every other value as it is."""
    return value.get("id", value.get("value")) if isinstance(value, Mapping) else value


def user_id_of(value: Any, lookups: Lookups) -> int:
    """The id of a user by id, email address or name. Raises BadValue."""
    value = from_json(value)
    if is_id(value):
        return identifier(value)
    found = lookups.user_id(value)
    if found is None:
        raise BadValue("names no active user of the account")
    return found


def option_id(field: Field, value: Any, is_name: bool = True) -> int | str:
    """The id of an option by label (trimmed, any case) or id; of an object its ``id``. Raises BadValue.

    ``is_name`` is false where only ids are expected, so that an unknown one is not the label of a new option.
    """
    if isinstance(value, Mapping):
        value = value.get("id", value.get("label"))
    label = str(value).lower() if isinstance(value, bool) else text(value)
    by_label = field.option_ids.get(text_key(label) or "", ())
    by_id = field.options_by_id.get(label)
    if len(by_label) == 1 and (by_id is None or (is_name and isinstance(value, str))):
        return by_label[0]
    if by_id is not None:
        return by_id
    if by_label:
        raise BadValue("is the label of several options; use the id", "unknown_option")
    raise BadValue("is not one of the field's options", "unknown_option", label if is_name else "")


@dataclass(frozen=True, kw_only=True)
class Identity(FieldType):
    """A type whose value is one id."""

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether both are one id, alone or in an object."""
        return current == wanted or str(id_of(current)) == str(id_of(wanted))

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """The id as text."""
        return text_keys(id_of(value))


@dataclass(frozen=True, kw_only=True)
class User(Identity):
    """A user by id, email address or name."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The id. Raises BadValue for a name that is nobody's, or several users'."""
        return user_id_of(first(parts, "", ID, ALIAS), lookups)


@dataclass(frozen=True, kw_only=True)
class Reference(Identity):
    """Another record by id, or a built-in link by a name that is looked up later."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The id or a Named; a placeholder is nothing."""
        value = from_json(first(parts, "", ID, ALIAS))
        if is_id(value):
            return identifier(value)
        if is_placeholder(value):
            return None
        if field.custom or not field.refers:
            raise BadValue(f"needs the id of one of the {field.refers}" if field.refers else "needs an id")
        return Named(text(value))


@dataclass(frozen=True, kw_only=True)
class Stage(Identity):
    """A stage by id, or by its name in the pipeline that the record names."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The id. Raises BadValue for a name of no stage, or of several."""
        pipeline = parts.get(PIPELINE)
        way = "use the id" if pipeline else "set `pipeline`, or use the id"
        return _named_id(main(parts), lambda name: lookups.stage_ids(name, pipeline), "stage", way)


@dataclass(frozen=True, kw_only=True)
class Pipeline(Identity):
    """A pipeline by id or name."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The id. Raises BadValue for a name of no pipeline, or of several."""
        return _named_id(main(parts), lambda name: lookups.pipeline_ids(name), "pipeline", "use the id")


def _named_id(value: Any, find: Callable[[str], list[int]], noun: str, way: str) -> int:
    value = from_json(value)
    found = find(value) if isinstance(value, str) else []
    if len(found) == 1:
        return found[0]
    if found:
        raise BadValue(f"is the name of {len(found)} {noun}s; {way}", by_record=True)
    if is_id(value):
        return identifier(value)
    raise BadValue(f"names no {noun} of the account")


@dataclass(frozen=True, kw_only=True)
class ActivityType(Scalar):
    """The type of an activity by key or name; those that every account has need no look-up."""

    read: Callable[[Any], Any] = text

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The key. Raises BadValue for what is no type of the account, or several."""
        given = text(main(parts))
        found = [given] if given in COMMON_ACTIVITY_TYPES else lookups.activity_type_keys(given)
        if len(found) == 1:
            return found[0]
        said = (
            "is the name of several activity types; use the key" if found else "is not an activity type of the account"
        )
        raise BadValue(said, "unknown_option")


@dataclass(frozen=True, kw_only=True)
class SingleOption(Identity):
    """One option of a field by label or id."""

    def parse(self, field: Field, parts: Parts, lookups: Lookups) -> Any:
        """The id. Raises BadValue for what is no option."""
        value = main(parts)
        if value is None:
            return option_id(field, parts[ID], is_name=False)
        return option_id(field, value if text_key(value) in field.option_ids else from_json(value))
