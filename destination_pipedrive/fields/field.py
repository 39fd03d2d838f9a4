"""A field of an object, what a type of fields is, and what a mapping may say about one field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from destination_pipedrive.fields.parsing import Lookups, Parts, is_nothing
from pipedrive_client.field_definitions import Option
from pipedrive_client.field_types import STRING, Schema
from pipedrive_client.normalization import text_key

#: Longest text of the short custom types. Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
LONGEST_VARCHAR = 255
#: How keys of fields begin that exist in a dry run only.
PLANNED_KEY = "new:"
#: JSON types of which a value may be read.
ANYTHING = frozenset({"string", "number", "integer", "boolean", "object", "array"})
#: Changes one value of a column before it is read. Raises BadValue.
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class FieldOptions:
    """What a rule of a mapping says about the values of one field.

    ``merge``: `add`, `replace` or `remove`, empty for the way of the field's type; ``primary``: a flat email address
    or phone number becomes the primary one; ``on_invalid``: `reject` or `leave_out`; ``format``: how dates and times
    are written, in the letters of `strptime`, or `epoch_s` or `epoch_ms`, and numbers, `decimal_comma` or
    `decimal_point`; ``default_country``: the ISO code of phone
    numbers without a country.
    """

    merge: str = ""
    primary: bool = False
    on_invalid: str = "reject"
    format: str = ""
    default_country: str = ""


NO_OPTIONS = FieldOptions()


@dataclass(frozen=True, kw_only=True)
class FieldType:
    """How the values of one type are read, compared, merged, matched and described.

    ``takes``: JSON types of which a value may be read; ``json_schema``: what `discover` says of it;
    ``api_types``: Pipedrive's types of custom fields that it writes. ``is_key``: its values tell rows apart, and
    ``is_offered``: the platform's form offers it as a key; ``is_text``: any text, the same for every reader;
    ``names_parent``: it says to what a row belongs; ``has_size``: `min_change` makes sense; ``needs_currency``;
    ``is_rewritten``: Pipedrive may change what was sent, so that a row is not known by it; ``makes_options``: an
    unknown name can become a new choice, ``has_own_list``: as a row of a list of its own; ``gathers``: several columns
    go to one list of it; ``merges``: how its lists are merged where no rule says so, empty for what is no list;
    ``has_default``: another value stands in for an unknown one; ``yields``: gives way to a fuller field of its key;
    ``cleared``: what empties it.
    """

    name: str
    takes: frozenset[str] = ANYTHING
    json_schema: Schema = field(default_factory=lambda: STRING)
    api_types: tuple[str, ...] = ()
    is_key: bool = False
    is_offered: bool = False
    is_text: bool = False
    names_parent: bool = False
    has_size: bool = False
    needs_currency: bool = False
    is_rewritten: bool = False
    makes_options: bool = False
    has_own_list: bool = False
    gathers: bool = False
    merges: str = ""
    has_default: bool = False
    yields: bool = False
    cleared: Any = None

    def parse(self, field: "Field", parts: Parts, lookups: Lookups) -> Any:
        """The API's value from the parts that columns gave, none of them empty. Raises BadValue."""
        raise NotImplementedError

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether a value of the server, which is something, is the one wanted."""
        return bool(current == wanted)

    def holds(self, current: Any, wanted: Any) -> bool:
        """Whether a value of the server, which is something, contains the one wanted."""
        return self.equal(current, wanted)

    def merge(self, field: "Field", current: Any, wanted: Any, currency: str) -> Any:
        """The whole value to write: what is there with what is wanted."""
        return wanted

    def match_keys(self, value: Any, country: str = "", exact: bool = False) -> list[str]:
        """The normal forms by which rows are found; none for a placeholder. ``exact`` keeps the case of texts."""
        return []

    def is_empty(self, value: Any) -> bool:
        """Whether `fill` may write over a value of the server."""
        return is_nothing(value)

    def reader(self, options: FieldOptions) -> Reader | None:
        """How a rule changes a column's values before they are read; None when it does not."""
        return None

    def misuse(self, options: FieldOptions) -> str:
        """What is wrong with a rule for a field of this type, worded behind the field's name; empty when nothing."""
        if options.merge and not self.merges:
            return "is not a list, so there is nothing to merge"
        if options.primary:
            return "has no primary entry"
        return "is neither a date, a time nor a number, so it has no `format`" if options.format else ""

    def translate(self, field: "Field", value: Any, one: Reader) -> Any:
        """The value with each of its names changed by ``one``."""
        return [one(each) for each in value] if isinstance(value, list) else one(value)


@dataclass(frozen=True)
class Field:
    """One field of an object. ``key`` is its body key; custom fields go under ``custom_fields``.

    ``siblings``: parts that v1 keeps under flat keys of their own; ``rule``: what the mapping says about its values.
    """

    key: str
    name: str
    type: FieldType
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
    siblings: tuple[str, ...] = ()
    rule: FieldOptions = NO_OPTIONS

    @property
    def may_be_unread(self) -> bool:
        """True when a row that was read before may lack this field although it has a value."""
        return self.custom or self.on_request or self.detail

    @property
    def is_asked_for(self) -> bool:
        """True when lists hold this field only if they are asked for it."""
        return self.custom or self.on_request

    @cached_property
    def merging(self) -> str:
        """How a list is written: `add`, `replace` or `remove`; empty for what is no list."""
        return self.rule.merge or self.type.merges

    @cached_property
    def is_merged(self) -> bool:
        """True where what is written depends on what is there."""
        return type(self.type).merge is not FieldType.merge

    @property
    def is_put_off(self) -> bool:
        """True for a field that is to be created once its first choices are known."""
        return self.type.makes_options and self.key.startswith(PLANNED_KEY) and not self.options

    @cached_property
    def option_ids(self) -> Mapping[str, tuple[int | str, ...]]:
        """Ids of the options by label, trimmed, in lower case and in one spelling."""
        found: dict[str, tuple[int | str, ...]] = {}
        for option in self.options:
            label = text_key(option.label) or ""
            found[label] = (*found.get(label, ()), option.id)
        return found

    @cached_property
    def options_by_id(self) -> Mapping[str, int | str]:
        """Ids of the options by their text."""
        return {str(option.id): option.id for option in self.options}

    def parse(self, parts: Parts, lookups: Lookups) -> Any:
        """The API's value from the parts that columns gave; None when all are empty. Raises BadValue."""
        if len(parts) > 1:
            parts = {name: value for name, value in parts.items() if not is_nothing(value)}
            return self.type.parse(self, parts, lookups) if parts else None
        for value in parts.values():
            if not is_nothing(value):
                return self.type.parse(self, parts, lookups)
        return None

    def equal(self, current: Any, wanted: Any) -> bool:
        """Whether writing ``wanted`` would change nothing."""
        if is_nothing(wanted) or is_nothing(current):
            return is_nothing(wanted) and is_nothing(current)
        return self.type.equal(current, wanted)

    def holds(self, current: Any, wanted: Any) -> bool:
        """Whether a row's value is, or contains, the one wanted."""
        if is_nothing(wanted) or is_nothing(current):
            return is_nothing(wanted) and is_nothing(current)
        return self.type.holds(current, wanted)

    def merge(self, current: Any, wanted: Any, currency: str = "") -> Any:
        """The whole value to write: lists merged, parts that were not given kept.

        ``currency`` is used for money that has none, neither wanted nor on the server.
        """
        return self.type.cleared if wanted is None else self.type.merge(self, current, wanted, currency)

    def is_empty(self, current: Any) -> bool:
        """Whether `fill` may write over a value of the server."""
        return self.type.is_empty(current)


@dataclass(frozen=True)
class FieldPart:
    """A field and the part of it that a column holds: "" the value itself, ``_id``, ``_currency`` …, or an alias."""

    field: Field
    part: str = ""


class UnknownField(ValueError):
    """No field of that name, or more than one; the message says which."""
