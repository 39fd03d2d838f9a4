"""Names by which an expression may call what rows hold as an id: users, stages, pipelines, organizations, persons."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipedrive_client.compare import equal
from pipedrive_client.expression import Comparison, Context, Expression, Named
from pipedrive_client.paging import rows
from source_pipedrive.account import Account
from source_pipedrive.values import id_or_none

#: Kinds whose list is small -> the list.
LISTED = {"owner": "v1/users", "user": "v1/users", "stage": "api/v2/stages", "pipeline": "api/v2/pipelines"}
#: Kinds that an account has very many of -> where to search one, in which fields.
SEARCHED = {
    "organization": ("api/v2/organizations/search", "name"),
    "person": ("api/v2/persons/search", "name,email"),
}


@dataclass(frozen=True)
class Bound:
    """A ``where`` with what the account knows. ``pseudo``: name -> its id column; ``names``: name -> id -> names."""

    where: Expression
    context: Context
    pseudo: Mapping[str, str]
    names: Mapping[str, Mapping[Any, Named]]

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether a record, by the names that the user sees, meets the expression."""
        row = {name: self._value(name, record) for name in self.where.names}
        return self.where.matches(row, self.context)

    def _value(self, name: str, record: Mapping[str, Any]) -> Any:
        if name not in self.pseudo:
            return record.get(name)
        found = record.get(self.pseudo[name])
        return None if found is None else self.names[name].get(found, Named(found))

    def conjuncts(self) -> Iterable[tuple[str, str, Any]]:
        """(column, symbol, constant) of what every wanted row meets; pseudo columns by their id, where it is certain.

        A list has one constant, a tuple.
        """
        for one in self.where.conjuncts():
            constant, column = one.constant(self.context), self.pseudo.get(one.column, one.column)
            is_list = one.symbol == "in"
            values = tuple(self._id(one, value) for value in (constant if is_list else (constant,)))
            if None not in values:
                yield column, one.symbol, values if is_list else values[0]

    def _id(self, one: Comparison, value: Any) -> Any:
        """What a column's parameter takes for a value; None when that is not known for certain."""
        if isinstance(value, Named):
            return value.id
        if one.column not in self.pseudo or not isinstance(value, str):
            return value
        ids = [key for key, named in self.names[one.column].items() if equal(named, value)]
        return ids[0] if len(ids) == 1 else None


def names_of(kind: str, values: Iterable[Any], account: Account) -> Mapping[Any, Named]:
    """Id -> names of a kind, as far as it takes to compare them with ``values``: ids alone need no call.

    Raises what the client raises.
    """
    texts = sorted(value for value in values if isinstance(value, str) and value)
    if not texts:
        return {}
    if kind in LISTED:
        return {row["id"]: _named(row) for row in account.reference.rows(LISTED[kind]) if id_or_none(row.get("id"))}
    return {named.id: named for text in texts for named in _found(kind, text, account)}


def _found(kind: str, text: str, account: Account) -> Iterable[Named]:
    path, fields = SEARCHED[kind]
    client = account.client.labelled(account.reference.label)
    for hit in rows(client, path, {"term": text, "exact_match": "true", "fields": fields}):
        if isinstance(hit.get("item"), dict) and hit["item"].get("id") is not None:
            yield _named(hit["item"])


def _named(row: Mapping[str, Any]) -> Named:
    return Named(row["id"], row.get("name"), row.get("email") or row.get("primary_email"))
