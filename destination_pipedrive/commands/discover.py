"""`discover`: what can be written, as the platform's mapping form needs it. One operation an object and mode."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.fields.field import Field
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.session import Session
from pipedrive_client.errors import Refused
from pipedrive_client.field_types import INTEGER, NUMBER, STRING, Schema

#: Alias -> what it takes, where that is not a name or an id.
ALIASES = {
    "email": "The primary email address.",
    "phone": "The primary phone number.",
    "domain": "The company's domain or web address.",
    "organization_id": "The organization's id.",
    "owner": "The owner: email address, name or id of a user.",
    "labels": "Names of labels, separated by commas.",
}
#: Alias -> its schema, where that is no text.
ALIAS_SCHEMAS: dict[str, Schema] = {
    "price": NUMBER,
    "is_done": {"type": ["null", "boolean"]},
    "is_milestone": {"type": ["null", "boolean"]},
}
#: Sync mode -> what the API must be able to do for it.
MODES = {"append": "insert", "append_dedup": "insert", "update": "update", "soft_delete": "delete"}


def destination_catalog(session: Session) -> dict[str, Any]:
    """The content of the DESTINATION_CATALOG message. Raises what the client raises."""
    lacking: set[str] = set()
    operations: list[dict[str, Any]] = []
    for spec in OBJECTS.values():
        try:
            operations += (
                _operations(directory_of(session.fields, spec, "", spec.name)) if spec.feature not in lacking else ()
            )
        except Refused as error:
            if not spec.feature:
                raise
            lacking.add(spec.feature)
            session.logger.info(f"What needs the feature {spec.feature} is left out. {error}")
    return {"operations": operations}


def _operations(targets: FieldDirectory) -> Iterator[dict[str, Any]]:
    spec = targets.spec
    fields = dict(_fields(targets))
    keys = _keys(targets, fields)
    for mode, needed in MODES.items():
        if needed in spec.operations:
            yield {
                "object_name": spec.name,
                "sync_mode": mode,
                "json_schema": _schema(spec, fields, keys, mode),
                "matching_keys": keys if _is_matched(mode) else [],
            }


def _is_matched(mode: str) -> bool:
    return mode != "append"


def _keys(targets: FieldDirectory, fields: Mapping[str, Schema]) -> list[list[str]]:
    """What tells rows apart, each as the list of its columns: several where a row is known below another one only."""
    spec = targets.spec
    own = [["id"]] if spec.item_id == "id" and not spec.is_nested else []
    if spec.narrowed_by:
        return [*own, list(spec.key_names)]
    return [*own, *([key] for key in spec.key_names if key in fields), *([key] for key in _custom_keys(targets))]


def _schema(spec: ObjectSpec, fields: dict[str, Schema], keys: list[list[str]], mode: str) -> Schema:
    """The fields of one mode: a deletion needs keys only, and only a creation has required fields."""
    names = {name for key in keys for name in key}
    properties = {name: schema for name, schema in fields.items() if mode != "soft_delete" or name in names}
    if _is_matched(mode) and "id" in names:
        id_type = STRING if spec.text_ids else INTEGER
        properties = {"id": {**id_type, "description": "Pipedrive's own id."}} | properties
    creates = mode in ("append", "append_dedup")
    required = [name for name in spec.required if creates and not (_is_matched(mode) and name in names)]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def _fields(targets: FieldDirectory) -> Iterator[tuple[str, Schema]]:
    spec = targets.spec
    for field in spec.fields:
        if not field.contact_sync or field.key in targets.defined:
            yield field.key, _described(targets.built_in[field.key])
    for column in spec.parts or {}:
        yield column, {"description": f"Part of `{(spec.parts or {})[column][0]}`."}
    for alias in (*(spec.aliases or {}), *(("domain",) if targets.find("domain") else ())):
        yield (
            alias,
            {
                **ALIAS_SCHEMAS.get(alias, STRING),
                "description": ALIASES.get(alias, f"The {alias.replace('_', ' ')}, by name or id."),
            },
        )
    for name, target in targets.labelled():
        yield name, _described(target)


def _described(target: Field) -> Schema:
    schema = {**target.type.json_schema}
    labels = [option.label for option in target.options]
    if labels:
        schema["description"] = f"One of: {', '.join(labels[:20])}."
    elif target.choices:
        schema["description"] = f"One of: {', '.join(target.choices)}."
    elif target.custom:
        schema["description"] = f"Custom field ({target.type.name}), key {target.key}."
    return schema


def _custom_keys(targets: FieldDirectory) -> Iterable[str]:
    return [name for name, target in targets.labelled() if target.type.is_offered]
