"""Which rows of a stream a run wants: what of its selection is sent to the API, and the test of each record.

Whatever is sent only spares calls; the whole expression is tested on every record that comes.
"""

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pipedrive_client.config import ConfigError
from pipedrive_client.endpoints import MAX_CUSTOM_FIELDS
from pipedrive_client.errors import Refused
from pipedrive_client.expressions.comparison import equal
from pipedrive_client.expressions.expression import Expression
from pipedrive_client.expressions.nodes import Comparison, Context, Named
from pipedrive_client.pagination import rows
from source_pipedrive.config.selections import FLAGS, PARAMETERS, STATUSES, Selection, allowed_names, check_names
from source_pipedrive.config.selections import built_in_names as built_in
from source_pipedrive.config.selections import pseudo_columns as pseudo
from source_pipedrive.records.converters import id_or_none, utc
from source_pipedrive.records.custom_fields import column_schemas
from source_pipedrive.streams.spec import ListSpec, StreamSpec
from source_pipedrive.sync.run_context import RunContext

#: Kinds whose list is small -> the list.
LISTED = {"owner": "v1/users", "user": "v1/users", "stage": "api/v2/stages", "pipeline": "api/v2/pipelines"}
#: Kinds that an account has very many of -> where to search one, in which fields.
SEARCHED = {
    "organization": ("api/v2/organizations/search", "name"),
    "person": ("api/v2/persons/search", "name,email"),
}


@dataclass(frozen=True)
class ResolvedFilter:
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


def names_of(kind: str, values: Iterable[Any], account: RunContext) -> Mapping[Any, Named]:
    """Id -> names of a kind, as far as it takes to compare them with ``values``: ids alone need no call.

    Raises what the client raises.
    """
    texts = sorted(value for value in values if isinstance(value, str) and value)
    if not texts:
        return {}
    if kind in LISTED:
        return {row["id"]: _named(row) for row in account.reference.rows(LISTED[kind]) if id_or_none(row.get("id"))}
    return {named.id: named for text in texts for named in _found(kind, text, account)}


def _found(kind: str, text: str, account: RunContext) -> Iterable[Named]:
    path, fields = SEARCHED[kind]
    client = account.client.labelled(account.reference.label)
    for hit in rows(client, path, {"term": text, "exact_match": "true", "fields": fields}):
        if isinstance(hit.get("item"), dict) and hit["item"].get("id") is not None:
            yield _named(hit["item"])


def _named(row: Mapping[str, Any]) -> Named:
    return Named(row["id"], row.get("name"), row.get("email") or row.get("primary_email"))


Row = dict[str, Any]

#: How the API refuses a filter that is gone, not visible, or of another object.
_FILTER_REFUSED = (400, 404)
_DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


class RowFilter:
    """The wanted rows of one stream. Safe to use from several threads; asks the API when it is first used."""

    def __init__(self, spec: StreamSpec, account: RunContext) -> None:
        self._spec = spec
        self._account = account
        self._selection: Selection | None = account.config.selections.get(spec.name)
        self._compares = account.config.deletions == "compare"
        self._bound: ResolvedFilter | None = None
        self._lock = threading.Lock()

    @property
    def tests(self) -> bool:
        """Whether records have to be tested one by one."""
        return self._selection is not None and self._selection.where is not None

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is wanted."""
        bound = self.resolved()
        return bound is None or bound.matches(record)

    def skips(self, part: ListSpec) -> bool:
        """Whether no row of a list can be wanted. Comparing deletions needs every row that is still there."""
        bound = self.resolved() if part.constants and not self._compares else None
        if bound is None:
            return False
        fixed = [one for one in bound.where.conjuncts() if one.column in part.constants]
        return any(not one.matches(part.constants, bound.context) for one in fixed)

    def push_down(self, part: ListSpec, params: dict[str, str]) -> dict[str, str]:
        """The parameters of a list, with what the API can leave out itself."""
        selection = self._selection
        if selection is not None and selection.filter_id is not None:
            kept = {name: value for name, value in params.items() if name not in part.deleted}
            return kept | {"filter_id": str(selection.filter_id)}
        bound = self.resolved() if not self._compares else None
        if bound is None:
            return params
        sent: dict[str, str] = {}
        for column, symbol, value in bound.conjuncts():
            for name, text in self._sent(part, column, symbol, value).items():
                sent[name] = max(text, params.get(name, ""), sent.get(name, "")) if name == "updated_since" else text
        return params | sent

    def _sent(self, part: ListSpec, column: str, symbol: str, value: Any) -> dict[str, str]:
        """The parameter of one conjunct; nothing when the list has none for it."""
        if column == self._spec.cursor and part.filtered:
            return _since(symbol, value)
        values = value if symbol == "in" else (value,) if symbol == "==" else ()
        if column == "is_deleted" and "status" in part.deleted:
            wanted = ("deleted",) if value is True else STATUSES[self._spec.name][:-1] if value is False else ()
            return self._statuses(wanted)
        if not values or column not in PARAMETERS.get(part.path, ()):
            return {}
        if column == "status":
            return self._statuses(values)
        text = _text(column, values[0]) if len(values) == 1 else ""
        return {column: text} if text else {}

    def _statuses(self, values: tuple[Any, ...]) -> dict[str, str]:
        known = STATUSES[self._spec.name]
        ignored = ("deleted",) if self._account.config.deletions == "ignore" else ()
        asked = [one for one in known if one in values and one not in ignored]
        return {"status": ",".join(asked)} if asked and set(values) <= set(known) else {}

    @property
    def columns(self) -> frozenset[str]:
        """Columns that the test of a record needs."""
        bound = self.resolved()
        return frozenset() if bound is None else bound.where.names | set(bound.pseudo.values())

    def custom_keys(self) -> list[str] | None:
        """Keys of the custom fields that the test needs; None when it is more than one call may name."""
        if not self.tests or not (self.columns - built_in(self._spec)) or not self._has_custom_columns():
            return []
        fields = self._account.reference.fields.custom(self._spec.fields or "")
        names = self._custom_names()
        keys = [one.key for one in fields if {names[one.key] + end for end in one.suffixes} & self.columns]
        return keys if len(keys) <= MAX_CUSTOM_FIELDS else None

    def check(self) -> None:
        """Raise ConfigError when the expression names what is no column of the account."""
        selection = self._selection
        if selection is None or selection.where is None:
            return
        names = allowed_names(self._spec)
        if selection.where.names - names and self._has_custom_columns():
            names |= self._custom_columns()
        check_names(selection.place, selection.where, names)

    def check_names(self) -> None:
        """Raise ConfigError when the expression names a user, stage or pipeline that the account does not have."""
        for sentence in self._unknown_names(self._bind()) if self.tests else ():
            raise ConfigError(sentence)

    def _unknown_names(self, bound: ResolvedFilter) -> Iterable[str]:
        for name, known in bound.names.items():
            for text in sorted(one for one in bound.where.compared_with(name) if isinstance(one, str)):
                if known and not any(equal(one, text) for one in known.values()):
                    near = get_close_matches(text, [one.name for one in known.values() if one.name], n=1)
                    hint = f" Did you mean {near[0]!r}?" if near else ""
                    yield f"`{self._place}.where`: there is no {name} {text!r}.{hint}"

    def explain(self, error: Refused) -> None:
        """Raise the error of a list that was refused for its filter, naming the filter."""
        selection = self._selection
        if selection is None or selection.filter_id is None or error.status not in _FILTER_REFUSED:
            return
        raise ConfigError(
            f"`{selection.place}.filter_id`: Pipedrive refuses filter {selection.filter_id} for `{self._spec.name}`; "
            f"it must exist, be visible to the token's user and filter {self._spec.name}. {error.message}"
        ) from error

    @property
    def _place(self) -> str:
        return self._selection.place if self._selection else ""

    def resolved(self) -> ResolvedFilter | None:
        """The condition with the account's names; None without one. Raises what the client raises."""
        if not self.tests:
            return None
        with self._lock:
            if self._bound is None:
                self._bound = self._bind()
                for sentence in self._unknown_names(self._bound):
                    self._account.logger.warning(sentence)
        return self._bound

    def _bind(self) -> ResolvedFilter:
        selection, reference = self._selection, self._account.reference
        assert selection is not None
        assert selection.where is not None
        where, having = selection.where, pseudo(self._spec)
        if where.names & having.keys() and self._has_custom_columns():
            own = self._custom_columns()
            having = {name: column for name, column in having.items() if name not in own}
        used = {name: column for name, column in having.items() if name in where.names}
        me = reference.me() if where.uses_current_user else None
        names = {name: names_of(name, where.compared_with(name), self._account) for name in used}
        return ResolvedFilter(where, Context(selection.now, me), used, names)

    def _has_custom_columns(self) -> bool:
        return self._spec.fields is not None and self._account.columns.are_columns

    def _custom_names(self) -> dict[str, str]:
        return self._account.columns.names(self._spec)

    def _custom_columns(self) -> set[str]:
        fields = self._account.reference.fields.custom(self._spec.fields or "")
        return set(column_schemas(fields, self._custom_names()))


def check_selections(account: RunContext, streams: Iterable[str], with_names: bool = False) -> None:
    """Raise ConfigError when the expression of one of these streams names what is no column of the account.

    ``with_names``: or a user, stage or pipeline that it does not have.
    """
    for name in dict.fromkeys(streams):
        account.reference.meter_under(name)
        chosen = RowFilter(account.table[name], account)
        chosen.check()
        if with_names:
            chosen.check_names()


def _since(symbol: str, value: Any) -> dict[str, str]:
    if symbol not in (">=", ">", "==") or not isinstance(value, str) or not _DATED.match(value):
        return {}
    try:
        since = utc(str(value))
    except ValueError:
        return {}
    return {"updated_since": since} if since else {}


def _text(column: str, value: Any) -> str:
    """A value as a parameter's text; empty when the parameter does not take it."""
    if column in FLAGS or isinstance(value, bool):
        return str(value).lower() if column in FLAGS and isinstance(value, bool) else ""
    if column == "lead_id":
        return value if isinstance(value, str) else ""
    return str(value) if isinstance(value, int) and value > 0 else ""
