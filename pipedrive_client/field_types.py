"""Pipedrive's field types: the columns that each becomes, their JSON types, and the part of the value that each holds.

One row per type. The source emits these columns and the destination takes them back, so both read this table.
Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

STRING: Schema = {"type": ["null", "string"]}
NUMBER: Schema = {"type": ["null", "number"]}
INTEGER: Schema = {"type": ["null", "integer"]}
BOOLEAN: Schema = {"type": ["null", "boolean"]}
DATE: Schema = {"type": ["null", "string"], "format": "date"}
OBJECT: Schema = {"type": ["null", "object"], "additionalProperties": True}
_NAME: Schema = {"id": INTEGER, "name": STRING}
REFERENCE: Schema = {"type": ["null", "object"], "properties": _NAME, "additionalProperties": True}
TEXT_REFERENCE: Schema = REFERENCE | {"properties": _NAME | {"id": STRING}}
LABELS: Schema = {"type": ["null", "array"], "items": STRING}
IDS: Schema = {"type": ["null", "array"], "items": INTEGER}

#: Suffixes of the columns that stand beside the one that is named like the field.
ID = "_id"
MANY_IDS = "_ids"
CURRENCY = "_currency"
UNTIL = "_until"
TIMEZONE = "_timezone"
PARTS = "_parts"
#: Parts of an address that can be written, besides its text. Source: the request bodies' ``address``.
ADDRESS_PARTS = (
    "country",
    "admin_area_level_1",
    "admin_area_level_2",
    "locality",
    "sublocality",
    "route",
    "street_number",
    "subpremise",
    "postal_code",
)
#: The part of an address that Pipedrive makes from the others.
FORMATTED_ADDRESS = "formatted_address"


@dataclass(frozen=True)
class Column:
    """One column of a field. ``suffix`` follows the field's name; ``part`` is the key of the value that it holds."""

    suffix: str
    schema: Schema
    part: str = "value"


@dataclass(frozen=True)
class ApiFieldType:
    """One type. ``siblings``: parts that v1 keeps under flat keys of their own, ``<key>_<part>``.

    ``is_reference``: the value is another row, its first column an object with ``id`` and ``name``.
    """

    name: str
    columns: tuple[Column, ...]
    siblings: tuple[str, ...] = ()
    is_reference: bool = False

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the columns, the field's own one first."""
        return tuple(column.suffix for column in self.columns)

    @property
    def schemas(self) -> tuple[Schema, ...]:
        """Schemas of the columns, in the same order."""
        return tuple(column.schema for column in self.columns)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that the columns hold, in the same order."""
        return tuple(column.part for column in self.columns)


def _plain(name: str, schema: Schema) -> ApiFieldType:
    """A type of one column."""
    return ApiFieldType(name, (Column("", schema),))


def _reference(name: str, schema: Schema = REFERENCE, own_id: Schema = INTEGER) -> ApiFieldType:
    """A type whose value is another row."""
    return ApiFieldType(name, (Column("", schema), Column(ID, own_id)), is_reference=True)


_UNTIL_DATE = Column(UNTIL, DATE, "until")
_UNTIL_TIME = Column(UNTIL, STRING, "until")
_ZONE = Column(TIMEZONE, STRING, "timezone_name")
_V1_ZONE = ("timezone_id", "timezone_name")
_TYPES = (
    _plain("varchar", STRING),
    _plain("varchar_auto", STRING),
    _plain("text", STRING),
    _plain("phone", STRING),
    _plain("picture", STRING),
    _plain("double", NUMBER),
    _plain("int", NUMBER),
    _plain("price_list", NUMBER),
    _plain("visible_to", NUMBER),
    _plain("boolean", BOOLEAN),
    _plain("date", DATE),
    ApiFieldType("monetary", (Column("", NUMBER), Column(CURRENCY, STRING, "currency")), ("currency",)),
    ApiFieldType("enum", (Column("", STRING), Column(ID, INTEGER))),
    ApiFieldType("set", (Column("", LABELS), Column(MANY_IDS, IDS))),
    ApiFieldType("daterange", (Column("", DATE), _UNTIL_DATE), ("until",)),
    ApiFieldType("time", (Column("", STRING), _ZONE), _V1_ZONE),
    ApiFieldType("timerange", (Column("", STRING), _UNTIL_TIME, _ZONE), ("until", *_V1_ZONE)),
    ApiFieldType("address", (Column("", STRING), Column(PARTS, OBJECT, "")), (*ADDRESS_PARTS, FORMATTED_ADDRESS)),
    *map(_reference, ("user", "org", "people", "deal", "project", "product", "activity", "pipeline", "stage")),
    _reference("lead", TEXT_REFERENCE, STRING),
)
API_FIELD_TYPES: dict[str, ApiFieldType] = {each.name: each for each in _TYPES}


def api_field_type(name: str) -> ApiFieldType:
    """The row of a type; one that is unknown is a text."""
    return API_FIELD_TYPES.get(name) or _plain(name, STRING)
