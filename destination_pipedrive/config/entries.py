"""What the models of the mappings are made of: a strict entry, and the types of its keys.

A validator raises the end of a sentence; ``mapping_reader`` puts the place in front of it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pipedrive_client.expressions.expression import Expression
from pipedrive_client.expressions.nodes import ExpressionError

#: The type of the errors that carry an end of a sentence.
SAID = "said"
#: Stands in a list for an entry that has a problem, so that those behind it keep their places.
LEFT_OUT = object()


def said(sentence: str, at: str = "", spoils: str = "") -> PydanticCustomError:
    """A problem of a value, or of what is ``at`` a key of it; ``sentence`` goes on from the quoted place.

    ``spoils`` is the key without which the rest can be read; else the whole value is left out.
    """
    return PydanticCustomError(SAID, "{said}", {"said": sentence, "at": at, "spoils": spoils})


class Entry(BaseModel):
    """An object of the mappings: unknown keys are refused, an empty value is as good as none, text is trimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, arbitrary_types_allowed=True)
    #: Keys that take the word `null`, which YAML and JSON also have for nothing.
    take_null: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys as they are written in a config."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        words = {key: "null" for key, value in given.items() if value is None and key in cls.take_null}
        known = cls.keys()
        return {key: value for key, value in {**given, **words}.items() if not (key in known and _is_empty(value))}


class ListedEntry(Entry):
    """An entry that knows its place."""

    _where: str = PrivateAttr("")

    @property
    def where(self) -> str:
        """Its JSON pointer; empty for one that stands in no config."""
        return self._where

    @property
    def number(self) -> int:
        """Its place in the list, from 0."""
        return int(self._where.rpartition("/")[2] or 0)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def must_be(what: str) -> WrapValidator:
    """Says in one sentence what a value must be, whatever is wrong with it."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise said(f" must be {what}.") from None

    return WrapValidator(check)


def _id_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _one_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _condition(value: Any) -> Expression:
    if not isinstance(value, str):
        raise said(" must be text.")
    try:
        return Expression.parse(value.strip())
    except ExpressionError as error:
        raise said(f": in the condition, {str(error).rstrip('.')}.") from None


def _unless_left_out(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if value is LEFT_OUT else handler(value)


def _placed(entries: tuple[Any, ...], info: ValidationInfo) -> tuple[Any, ...]:
    """The entries that are right, each told where it stands."""
    for number, entry in enumerate(entries):
        if entry is not LEFT_OUT and info.context:
            entry._where = f"{info.context['where']}/{info.field_name}/{number}"
    return tuple(entry for entry in entries if entry is not LEFT_OUT)


#: For the entries of a list, and for the list: ``Annotated[tuple[Annotated[X, ITEM], ...], LISTED]``.
ITEM = WrapValidator(_unless_left_out)
LISTED = AfterValidator(_placed)

IdOrName = Annotated[str, BeforeValidator(_id_as_text), WithJsonSchema({"type": ["string", "integer"]})]
Keys = Annotated[
    tuple[Annotated[str, Field(min_length=1)] | tuple[Annotated[str, Field(min_length=1)], ...], ...],
    BeforeValidator(_one_as_list),
    must_be("a list of names, or of lists of names that count together"),
    WithJsonSchema(
        {
            "type": ["array", "string"],
            "items": {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
                ]
            },
        }
    ),
]
Switch = Annotated[bool, Field(strict=True)]
WholeNumber = Annotated[int, Field(strict=True, ge=0), must_be("a whole number of at least 0")]
Count = Annotated[int, Field(strict=True, ge=1), must_be("a whole number of at least 1")]
Share = Annotated[float, Field(strict=True, ge=0, le=1), must_be("a number from 0 to 1")]
Amount = Annotated[float, Field(strict=True, gt=0), must_be("a number above zero")]
Condition = Annotated[Expression, BeforeValidator(_condition), WithJsonSchema({"type": "string"})]


def _name_or_id(value: Any, handler: ValidatorFunctionWrapHandler) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise said(" must be the name or id in Pipedrive.")
    name: str = handler(str(value))
    return name


def _one_to_one(pairs: Mapping[str, str]) -> Mapping[str, str]:
    first: dict[tuple[int, str], str] = {}
    for pair in pairs.items():
        for side in (0, 1):
            other = first.setdefault((side, pair[side].strip().lower()), pair[0])
            if other != pair[0]:
                raise said(f": `{pair[side]}` stands beside `{other}` already; value maps are one to one.", pair[0])
    return pairs


_NameOrId = Annotated[str, WrapValidator(_name_or_id), WithJsonSchema({"type": ["string", "integer"]})]
#: Incoming value -> the name or id that Pipedrive has, for one field.
ValueMap = Annotated[dict[str, _NameOrId], AfterValidator(_one_to_one)]
