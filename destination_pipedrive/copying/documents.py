"""Settings that are whole documents: goals and filters name pipelines, stages, types, users and fields by their ids.

A document that names what this account does not have is refused as a whole: with a part left out it would mean more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from destination_pipedrive.copying.custom_values import CopiedField, UserId
from destination_pipedrive.copying.source_account import SourceAccount
from destination_pipedrive.fields.parsing import is_nothing
from destination_pipedrive.flow import Rejected
from pipedrive_client.normalization import text_key

#: Object of a condition -> the object whose fields it names.
CONDITION_OBJECTS = {
    "deal": "deals",
    "lead": "deals",
    "person": "persons",
    "organization": "organizations",
    "product": "products",
    "activity": "activities",
    "project": "projects",
}
#: Types of fields whose values are ids of other rows, which a filter must not name.
ROWS = frozenset({"org", "people", "deal", "lead", "product", "activity", "project"})
#: Whose goal it is: a user, or the company. Teams are gone.
PERSON, COMPANY = "person", "company"
Pairs = Callable[[str], Mapping[str, CopiedField]]


class Names(Protocol):
    """What this account calls by which id."""

    def me(self) -> dict[str, Any]:
        """The acting user, with the company's id."""

    def pipeline_ids(self, name: str) -> list[int]:
        """Ids of the pipelines of a name."""

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        """Ids of the stages of a name, in one pipeline."""

    def activity_types(self) -> list[dict[str, Any]]:
        """The activity types that are in use."""


@dataclass(frozen=True)
class Documents:
    """Translates documents. ``pairs``: object -> its fields there with their copies here."""

    source: SourceAccount
    names: Names
    user_id: UserId
    pairs: Pairs

    def goal(self, key: str, value: Any) -> Any:
        """One field of a goal. Raises Rejected."""
        if key == "type" and isinstance(value, Mapping):
            params = value.get("params")
            return {**value, "params": self._params(params)} if isinstance(params, Mapping) else value
        if key == "assignee" and isinstance(value, Mapping):
            return {**value, "id": self._assignee(str(value.get("type")), value.get("id"))}
        return value

    def filter(self, key: str, value: Any) -> Any:
        """One field of a filter. Raises Rejected."""
        return self._condition(value) if key == "conditions" else value

    def stage_id(self, row_id: Any) -> int | None:
        """The stage here of the same name, in the pipeline of the same name."""
        pipeline = self._one(self.names.pipeline_ids(self.source.pipeline_of(row_id)))
        return self._one(self.names.stage_ids(self.source.name("stages", row_id), pipeline)) if pipeline else None

    def pipeline_id(self, row_id: Any) -> int | None:
        """The pipeline here of the same name."""
        return self._one(self.names.pipeline_ids(self.source.name("pipelines", row_id)))

    def activity_type_id(self, row_id: Any) -> int | None:
        """The activity type here of the same name."""
        wanted = text_key(self.source.type_name(row_id))
        types = self.names.activity_types()
        return self._one([each["id"] for each in types if wanted and text_key(each.get("name")) == wanted])

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        find = {
            "pipeline_id": self.pipeline_id,
            "stage_id": self.stage_id,
            "activity_type_id": self.activity_type_id,
        }
        return {
            name: [_known(find[name](each), name) for each in value]
            if name in find and isinstance(value, list)
            else _known(find[name](value), name)
            if name in find and not is_nothing(value)
            else value
            for name, value in params.items()
        }

    def _assignee(self, kind: str, row_id: Any) -> Any:
        if kind == PERSON:
            return _known(self.user_id(row_id), "assignee")
        return _known(self.names.me().get("company_id") if kind == COMPANY else None, "assignee")

    def _condition(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        if isinstance(value.get("conditions"), list):
            return {**value, "conditions": [self._condition(each) for each in value["conditions"]]}
        name, key = CONDITION_OBJECTS.get(str(value.get("object")), ""), str(value.get("field_id"))
        field = self.source.field(name, key)
        if field is None:
            raise Rejected(
                "unknown_field",
                "its conditions name fields by numbers that mean nothing in another account; recreate it there.",
                "conditions",
            )
        copied = self.pairs(name).get(key)
        target = copied.target.key if copied else key
        return {**value, "field_id": target, "value": self._value(field.type, copied, value.get("value"))}

    def _value(self, kind: str, copied: CopiedField | None, value: Any) -> Any:
        if is_nothing(value) or not str(value).strip().isdigit():
            return value
        if kind in ROWS:
            raise Rejected("invalid_value", "its conditions name a row of the other account.", "conditions")
        find: dict[str, Callable[[Any], Any]] = {
            "user": self.user_id,
            "stage": self.stage_id,
            **({kind: copied.option} if copied and copied.options else {}),
        }
        return str(_known(find[kind](value), "conditions")) if kind in find else value

    @staticmethod
    def _one(found: list[int]) -> int | None:
        return found[0] if len(found) == 1 else None


def _known(found: Any, name: str) -> Any:
    if found is None:
        raise Rejected("invalid_value", f"its `{name}` names what this account does not have.", name)
    return found
