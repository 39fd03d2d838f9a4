"""A record of another account in the words of this one: users by email address, stages and labels by name. Pure over
what is known of both accounts; ids of other rows stay as they are, until they are linked.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from destination_pipedrive.copying.custom_values import CopiedField, CustomValues
from destination_pipedrive.copying.source_account import SourceAccount
from destination_pipedrive.copying.table import NOT_COPIED, CopiedObject
from destination_pipedrive.fields.parsing import from_json, is_nothing, listed
from destination_pipedrive.objects.spec import FieldSpec

Record = Mapping[str, Any]
#: Translates the value of a field that holds a document. Raises Rejected.
Document = Callable[[str, Any], Any]


class Users(Protocol):
    """The users of this account."""

    def user_id(self, name: str) -> int | None:
        """The active user of an email address; None when there is none."""


@dataclass
class Translator:
    """Translates the records of one stream. ``old_id``: the key of the field that takes a row's id, empty for none;
    ``document``: what translates documents; ``kept``:
    columns that the mapping names, which stay; ``left_out`` counts values that mean nothing here, by field.
    """

    copied: CopiedObject
    source: SourceAccount
    users: Users
    options: Mapping[str, CopiedField]
    custom: CustomValues | None
    document: Document | None = None
    old_id: str = ""
    kept: frozenset[str] = frozenset()
    left_out: Counter[str] = field(default_factory=Counter)

    def translated(self, record: Record) -> dict[str, Any]:
        """The columns of this account. What is told apart by name only has no id any more."""
        found = {column: value for column, value in record.items() if column in self.kept}
        for spec in self.copied.spec.fields:
            column = spec.shown_as or spec.key
            if column in record and spec.key not in NOT_COPIED:
                found[spec.key] = self._translated(spec, record[column], record)
        found.update(self.custom.columns(record) if self.custom else ())
        if self.old_id and not is_nothing(record.get("id")):
            found[self.old_id] = origin_of(record)
        return found

    def user_id(self, value: Any) -> int | None:
        """The user here of a user's id there; None when nobody has the same email address, or he is inactive."""
        given = value.get("id", value.get("value")) if isinstance(value, Mapping) else value
        email = self.source.email(int(given) if isinstance(given, float) else given)
        return self.users.user_id(email) if email else None

    def _translated(self, spec: FieldSpec, value: Any, record: Record) -> Any:
        if is_nothing(from_json(value)):
            return value
        if spec.key in self.options:
            return self._options(spec, value)
        if spec.kind == "json":
            return self.document(spec.key, from_json(value)) if self.document else from_json(value)
        translate = _BY_KIND.get(spec.kind)
        found = translate(self, value, record) if translate else value
        self.left_out[spec.key] += is_nothing(found)
        return found

    def _options(self, spec: FieldSpec, value: Any) -> Any:
        copied, value = self.options[spec.key], from_json(value)
        given = value if isinstance(value, list) else [value]
        found = [each for each in map(copied.option, given) if each is not None]
        self.left_out[spec.key] += len(given) - len(found)
        return found if isinstance(value, list) else next(iter(found), None)

    def _user(self, value: Any, record: Record) -> int | None:  # noqa: ARG002
        return self.user_id(value)

    def _users(self, value: Any, record: Record) -> list[int]:  # noqa: ARG002
        return [found for each in listed(value) if (found := self.user_id(each)) is not None]

    def _attendees(self, value: Any, record: Record) -> list[Any]:  # noqa: ARG002
        return [_with_user(each, self.user_id) for each in listed(value)]

    def _stage(self, value: Any, record: Record) -> str:  # noqa: ARG002
        return self.source.name("stages", value)

    def _pipeline(self, value: Any, record: Record) -> str:  # noqa: ARG002
        return self.source.name("pipelines", value)

    def _activity_type(self, value: Any, record: Record) -> str:  # noqa: ARG002
        return self.source.name("activity_types", value)

    def _lead_labels(self, value: Any, record: Record) -> list[str]:  # noqa: ARG002
        return [name for each in listed(value) if (name := self.source.name("lead_labels", each))]


def origin_of(record: Record) -> str:
    """The id of a row in the account that it comes from, as text; empty for a row without one."""
    value = record.get("id")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if is_nothing(value) else str(value)


def _with_user(guest: Any, user_id: Callable[[Any], int | None]) -> Any:
    if not isinstance(guest, Mapping) or is_nothing(guest.get("user_id")):
        return guest
    found = user_id(guest["user_id"])
    return {**guest, "user_id": found} if found else {key: each for key, each in guest.items() if key != "user_id"}


#: Kind of a field -> how its value is translated. Values of all other kinds mean the same in every account.
_BY_KIND: dict[str, Callable[[Translator, Any, Record], Any]] = {
    "user": Translator._user,
    "users": Translator._users,
    "attendees": Translator._attendees,
    "stage": Translator._stage,
    "pipeline": Translator._pipeline,
    "activity_type": Translator._activity_type,
    "lead_labels": Translator._lead_labels,
}
