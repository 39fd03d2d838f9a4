"""A field of an object: its key, kind and limits, and the names by which a config may call it."""

from dataclasses import dataclass

from destination_pipedrive.objects.spec import FieldSpec
from pipedrive_client.fields import Field as FieldDefinition
from pipedrive_client.fields import Option

#: Custom field type -> kind. Types that are not here cannot be written.
CUSTOM_KINDS = {
    "varchar": "text",
    "varchar_auto": "text",
    "text": "text",
    "phone": "text",
    "double": "number",
    "int": "integer",
    "monetary": "monetary",
    "enum": "enum",
    "set": "set",
    "user": "user",
    "org": "reference",
    "people": "reference",
    "date": "date",
    "daterange": "daterange",
    "time": "time",
    "timerange": "timerange",
    "address": "address",
}
#: Custom field type -> the object that it refers to.
REFERENCES = {"org": "organizations", "people": "persons"}
#: Longest text of the short custom types. Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
LONGEST_VARCHAR = 255
#: The part of a target that another name of it (``email``, ``owner``, ``labels``) fills.
ALIAS = "alias"


@dataclass(frozen=True)
class Field:
    """One field of an object. ``key`` is its body key; custom fields go under ``custom_fields``."""

    key: str
    name: str
    kind: str
    custom: bool = False
    may_clear: bool = True
    create_only: bool = False
    update_only: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    refers: str = ""
    on_request: bool = False
    detail: bool = False
    hidden: bool = False

    @property
    def may_be_unread(self) -> bool:
        """True when a row that was read before may lack this field although it has a value."""
        return self.custom or self.on_request or self.detail

    @property
    def is_asked_for(self) -> bool:
        """True when lists hold this field only if they are asked for it."""
        return self.custom or self.on_request

    @classmethod
    def of_built_in(cls, spec: FieldSpec, options: tuple[Option, ...] = ()) -> "Field":
        """The target of a row's field."""
        return cls(
            spec.key,
            spec.key,
            spec.kind,
            may_clear=spec.may_clear,
            create_only=spec.create_only,
            update_only=spec.update_only,
            longest=spec.longest,
            choices=spec.choices,
            options=options,
            refers=spec.refers,
            on_request=spec.on_request,
            detail=spec.detail,
            hidden=spec.hidden,
        )

    @classmethod
    def of_custom(cls, definition: FieldDefinition) -> "Field":
        """The target of a custom field whose type can be written."""
        return cls(
            definition.key,
            definition.label,
            CUSTOM_KINDS[definition.type],
            custom=True,
            longest=LONGEST_VARCHAR if definition.type.startswith("varchar") else None,
            options=definition.options,
            refers=REFERENCES.get(definition.type, ""),
        )


@dataclass(frozen=True)
class FieldPart:
    """A target and the part of it that a column holds: "" the value itself, ``_id``, ``_currency`` …, or an alias."""

    target: Field
    part: str = ""


class UnknownField(ValueError):
    """No field of that name, or more than one; the message says which."""


#: Kinds whose values have a size.
SIZED = frozenset({"number", "integer", "monetary", "lead_value"})
#: Kinds of fields that say to what a row belongs.
PARENT_KINDS = ("reference", "participants")
#: How keys of fields begin that exist in a dry run only.
PLANNED_KEY = "new:"
#: Kinds whose options can be created.
KINDS = frozenset({"enum", "set", "labels", "lead_labels"})
