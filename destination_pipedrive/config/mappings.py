"""One entry of ``mappings`` to frozen rules. Every problem is one sentence that names the key by its JSON pointer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipedrive_client.expression import Expression, ExpressionError
from pipedrive_client.problems import Problems, all_of
from pipedrive_client.settings import ConfigError


def read_object(value: Any, where: str) -> Mapping[str, Any]:
    """An object, empty when it is missing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"`{where}` must be an object.")
    return value


def read_list(value: Any, where: str) -> Sequence[Any]:
    """A list, empty when it is missing."""
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ConfigError(f"`{where}` must be a list.")
    return value


def read_text(entry: Mapping[str, Any], key: str, where: str) -> str:
    """Trimmed text, empty when it is missing."""
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"`{where}/{key}` must be text.")
    return (value or "").strip()


def read_expression(entry: Mapping[str, Any], key: str, where: str) -> Expression | None:
    """A condition on the incoming record, None when it is missing."""
    text = read_text(entry, key, where)
    try:
        return Expression.parse(text) if text else None
    except ExpressionError as error:
        raise ConfigError(f"`{where}/{key}`: {str(error).rstrip('.')}.") from None


def read_id_or_name(entry: Mapping[str, Any], key: str, where: str) -> str:
    """An id or a name as text, empty when it is missing."""
    value = entry.get(key)
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_id else read_text(entry, key, where)


def read_count(entry: Mapping[str, Any], key: str, where: str, least: int = 1) -> int | None:
    """A whole number, None when it is missing."""
    value = entry.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < least):
        raise ConfigError(f"`{where}/{key}` must be a whole number of at least {least}.")
    return value


def read_amounts(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """Names with a number above zero each."""
    yield from all_of(lambda pair: (pair[0], _amount(pair[1], f"{where}/{pair[0]}")), read_object(value, where).items())


def _amount(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise ConfigError(f"`{where}` must be a number above zero.")
    return float(value)


def read_texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """A list of names; a single one may stand alone."""
    value = entry.get(key)
    found = (value,) if isinstance(value, str) else read_list(value, f"{where}/{key}")
    if not all(isinstance(each, str) and each.strip() for each in found):
        raise ConfigError(f"`{where}/{key}` must be a list of names.")
    return tuple(each.strip() for each in found)


def read_keys(entry: Mapping[str, Any], key: str, where: str) -> tuple[str | tuple[str, ...], ...]:
    """A list of names, or of lists of names that count together; a single name may stand alone."""
    value = entry.get(key)
    found = (value,) if isinstance(value, str) else read_list(value, f"{where}/{key}")
    names: list[str | tuple[str, ...]] = []
    for place, each in enumerate(found):
        inner = read_texts({key: each}, key, where) if isinstance(each, list) else ()
        if not inner and not (isinstance(each, str) and each.strip()):
            raise ConfigError(f"`{where}/{key}/{place}` must be a name, or a list of names that count together.")
        names.append(inner or each.strip())
    return tuple(names)


def read_word(entry: Mapping[str, Any], key: str, words: Sequence[str], where: str) -> str:
    """One of some words, the first when it is missing."""
    value = entry.get(key)
    if value is None:
        return words[0]
    if value not in words:
        raise ConfigError(f"`{where}/{key}` must be one of {quoted(word for word in words if word)}.")
    return str(value)


def read_share(entry: Mapping[str, Any], key: str, where: str, default: float) -> float:
    """A number from 0 to 1."""
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"`{where}/{key}` must be a number from 0 to 1.")
    return float(value)


def read_switch(entry: Mapping[str, Any], key: str, where: str, default: bool = True) -> bool:
    """True or false."""
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"`{where}/{key}` must be true or false.")
    return value


def refuse_unknown(entry: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    """Raises ConfigError for a key that is not one of ``keys``."""
    unknown = [key for key in entry if key not in keys]
    if unknown:
        which = f"keys {quoted(unknown)}" if unknown[1:] else f"key `{unknown[0]}`"
        raise ConfigError(f"`{where}` has the unknown {which}; known are {quoted(keys)}.")


def quoted(words: Any) -> str:
    """Words as code, separated by commas."""
    return ", ".join(f"`{word}`" for word in words)


#: Action -> keys that it takes besides `action` and `when`, then those of them that it needs.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "create_deal": (("title", "pipeline", "stage"), ("pipeline",)),
    "move_deal_to_stage": (("pipeline", "stage"), ("stage",)),
    "move_deal_to_next_stage": (("pipeline",), ()),
    "add_activity": (("subject", "type", "assignee", "priority", "due_in_days", "done"), ("subject",)),
}
DEFAULT_TITLE = "{name} deal"
DEFAULT_TYPE = "task"


@dataclass(frozen=True)
class Action:
    """One entry of ``actions``; ``where`` is its JSON pointer."""

    kind: str
    where: str
    when: Expression | None = None
    title: str = DEFAULT_TITLE
    pipeline: str = ""
    stage: str = ""
    subject: str = ""
    type: str = DEFAULT_TYPE
    assignee: str = ""
    priority: str = ""
    due_in_days: int = 0
    done: bool = False


def read_actions(value: Any, where: str) -> Iterator[Action]:
    """The entries of a config. Raises ConfigError."""
    entries = enumerate(read_list(value, where))
    yield from all_of(lambda pair: _action(read_object(pair[1], f"{where}/{pair[0]}"), f"{where}/{pair[0]}"), entries)


def _action(entry: Mapping[str, Any], where: str) -> Action:
    kind = read_text(entry, "action", where)
    if kind not in KINDS:
        raise ConfigError(f"`{where}/action` must be one of {', '.join(f'`{each}`' for each in KINDS)}.")
    keys, needed = KINDS[kind]
    refuse_unknown(entry, ("when", "action", *keys), where)
    for key in needed:
        if not read_id_or_name(entry, key, where):
            raise ConfigError(f"`{where}/{key}` is missing: `{kind}` needs it.")
    return Action(
        kind,
        where,
        read_expression(entry, "when", where),
        read_text(entry, "title", where) or DEFAULT_TITLE,
        read_id_or_name(entry, "pipeline", where),
        read_id_or_name(entry, "stage", where),
        read_text(entry, "subject", where),
        read_text(entry, "type", where) or DEFAULT_TYPE,
        read_id_or_name(entry, "assignee", where),
        read_id_or_name(entry, "priority", where),
        read_count(entry, "due_in_days", where, 0) or 0,
        read_switch(entry, "done", where, default=False),
    )


OPERATIONS = ("upsert", "insert", "update", "delete", "mirror")
#: Most of the managed rows that `mirror` deletes, unless the user says otherwise.
MAX_DELETE_SHARE = 0.1
MODES = ("overwrite", "fill", "ignore")
NULLS = ("ignore", "clear")


@dataclass(frozen=True)
class FieldRule:
    """One entry of ``fields``: a column, the field it goes to, and how. ``number`` is its place in the list."""

    source: str
    target: str
    mode: str = "overwrite"
    null: str = "ignore"
    number: int = 0


@dataclass(frozen=True)
class LinkRule:
    """One entry of ``links``: the parent is found ``by`` its id, name, domain or email in column ``source``."""

    parent: str
    by: str
    source: str
    create_if_missing: bool = False


@dataclass(frozen=True)
class ValueMap:
    """One entry of ``value_maps``: incoming value -> the name or id that Pipedrive has, for one field."""

    target: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rules:
    """One entry of ``mappings`` with its defaults; ``where`` is its JSON pointer.

    ``on_unknown_option`` is empty where it is not set.
    """

    stream: str
    where: str
    object_name: str = ""
    operation: str = ""
    match_on: tuple[str | tuple[str, ...], ...] = ()
    require_match_key: bool = True
    create: bool = True
    update: bool = True
    on_ambiguous: str = "reject"
    on_duplicate: str = "update"
    on_gone: str = "reject"
    on_missing_parent: str = "reject"
    on_unknown_option: str = ""
    external_id_field: str = ""
    max_delete_share: float = MAX_DELETE_SHARE
    updated_at_field: str = ""
    domain_field: str = ""
    fields: tuple[FieldRule, ...] = ()
    links: tuple[LinkRule, ...] = ()
    constants: tuple[tuple[str, object], ...] = ()
    value_maps: tuple[ValueMap, ...] = ()
    owner: str = ""
    filter: Expression | None = None
    create_when: Expression | None = None
    max_records: int | None = None
    min_change: tuple[tuple[str, float], ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def conditions(self) -> Iterator[tuple[str, Expression]]:
        """Every expression on the record, with where it stands."""
        found = [("filter", self.filter), ("create_when", self.create_when)]
        found += [(f"{action.where.removeprefix(f'{self.where}/')}/when", action.when) for action in self.actions]
        yield from ((where, expression) for where, expression in found if expression)

    @property
    def condition_columns(self) -> frozenset[str]:
        """The columns that conditions use."""
        return frozenset(name for _, expression in self.conditions for name in expression.names)


def read_value_maps(value: Any, where: str) -> Iterator[ValueMap]:
    """The entries of a config. Raises ConfigError, also where a map is not one to one."""
    yield from all_of(lambda pair: _value_map(*pair, f"{where}/{pair[0]}"), read_object(value, where).items())


def _value_map(target: str, value: Any, where: str) -> ValueMap:
    pairs = tuple(all_of(lambda pair: _pair(pair, where), read_object(value, where).items()))
    _refuse_twice(pairs, where)
    return ValueMap(target, pairs)


def _pair(pair: tuple[str, Any], where: str) -> tuple[str, str]:
    theirs, ours = pair
    if isinstance(ours, bool) or not isinstance(ours, str | int) or not str(ours).strip():
        raise ConfigError(f"`{where}/{theirs}` must be the name or id that Pipedrive has.")
    return theirs.strip(), str(ours).strip()


def _refuse_twice(pairs: tuple[tuple[str, str], ...], where: str) -> None:
    first: dict[tuple[int, str], str] = {}
    for pair in pairs:
        for side in (0, 1):
            other = first.setdefault((side, pair[side].lower()), pair[0])
            if other != pair[0]:
                raise ConfigError(
                    f"`{where}/{pair[0]}`: `{pair[side]}` stands beside `{other}` already; value maps are one to one."
                )


#: Key of a mapping -> the words it takes, the default first.
WORDS: dict[str, tuple[str, ...]] = {
    "on_ambiguous": ("reject", "oldest", "newest"),
    "on_duplicate": ("update", "skip", "create"),
    "on_gone": ("reject", "create"),
    "on_missing_parent": ("reject", "create", "null"),
    "on_unknown_option": ("reject", "create", "null"),
}
SWITCHES = ("require_match_key", "create", "update")
#: Link name -> by what the parent can be found besides a field that holds the sender's own id, the default first.
LINKS: dict[str, tuple[str, ...]] = {
    "organization": ("name", "domain", "id"),
    "person": ("email", "name", "id"),
    "deal": ("id", "name"),
    "product": ("code", "name", "id"),
    "linked_organization": ("name", "domain", "id"),
}
MAPPING_KEYS = (
    *(
        "stream",
        "object",
        "operation",
        "match_on",
        "external_id_field",
        "domain_field",
        "max_delete_share",
        "fields",
        "links",
        "constants",
    ),
    *("value_maps", "owner", "filter", "create_when", "max_records", "min_change", "actions"),
    "updated_at_field",
    *SWITCHES,
    *WORDS,
)


def read_rules(value: Any, where: str, problems: Problems) -> Rules:
    """What is right in a mapping entry; ``problems`` gets the sentences of the rest."""
    entry: Mapping[str, Any] = problems.attempt(partial(read_object, value, where), {})

    def take(read: Callable[..., Any], key: str, *more: Any, otherwise: Any = None) -> Any:
        return problems.attempt(partial(read, entry, key, *more, where), otherwise)

    def within(read: Callable[[Any, str], Iterable[Any]], key: str) -> tuple[Any, ...]:
        found: list[Any] = []
        problems.attempt(lambda: found.extend(read(entry.get(key), f"{where}/{key}")), None)
        return tuple(found)

    problems.attempt(partial(refuse_unknown, entry, MAPPING_KEYS, where), None)
    problems.attempt(partial(_require_names, entry, where), None)
    choices = {key: take(read_switch, key) for key in SWITCHES} | {
        key: take(read_word, key, known) for key, known in WORDS.items()
    }
    if "on_unknown_option" not in entry:
        choices["on_unknown_option"] = ""  # `auto_create_options` decides
    return Rules(
        stream=take(read_text, "stream", otherwise=""),
        where=where,
        object_name=take(read_text, "object", otherwise=""),
        operation=take(read_word, "operation", ("", *OPERATIONS), otherwise=""),
        match_on=take(read_keys, "match_on", otherwise=()),
        external_id_field=take(read_text, "external_id_field", otherwise=""),
        updated_at_field=take(read_text, "updated_at_field", otherwise=""),
        max_delete_share=problems.attempt(
            partial(read_share, entry, "max_delete_share", where, MAX_DELETE_SHARE), MAX_DELETE_SHARE
        ),
        domain_field=take(read_text, "domain_field", otherwise=""),
        fields=within(_fields, "fields"),
        links=within(_links, "links"),
        constants=within(_constants, "constants"),
        value_maps=within(read_value_maps, "value_maps"),
        owner=take(read_id_or_name, "owner", otherwise=""),
        filter=take(read_expression, "filter"),
        create_when=take(read_expression, "create_when"),
        max_records=take(read_count, "max_records"),
        min_change=within(read_amounts, "min_change"),
        actions=within(read_actions, "actions"),
        **choices,
    )


def _require_names(entry: Mapping[str, Any], where: str) -> None:
    """Raises ConfigError for a mapping of no stream, and for a mirror that could not tell its rows."""
    if not read_text(entry, "stream", where):
        raise ConfigError(f"`{where}/stream` is missing: the name of the incoming stream.")
    if entry.get("operation") == "mirror" and not read_text(entry, "external_id_field", where):
        raise ConfigError(
            f"`{where}/external_id_field` is missing: `mirror` may delete only rows that carry the sender's id."
        )


def _constants(value: Any, where: str) -> Iterable[tuple[str, Any]]:
    return read_object(value, where).items()


def _fields(value: Any, where: str) -> Iterable[FieldRule]:
    return all_of(lambda pair: _field(pair[1], pair[0], f"{where}/{pair[0]}"), enumerate(read_list(value, where)))


def _links(value: Any, where: str) -> Iterable[LinkRule]:
    return all_of(lambda pair: _link(pair[0], pair[1], f"{where}/{pair[0]}"), read_object(value, where).items())


def _field(value: Any, number: int, where: str) -> FieldRule:
    entry = read_object(value, where)
    refuse_unknown(entry, ("source", "target", "mode", "null"), where)
    source, target = read_text(entry, "source", where), read_text(entry, "target", where)
    mode = read_word(entry, "mode", MODES, where)
    if not source or not (target or mode == "ignore"):
        raise ConfigError(f"`{where}` needs `source` (a column) and `target` (a field).")
    return FieldRule(source, target, mode, read_word(entry, "null", NULLS, where), number)


def _link(name: str, value: Any, where: str) -> LinkRule:
    if name not in LINKS:
        raise ConfigError(f"`{where}` is no link; links are {quoted(LINKS)}.")
    entry = read_object(value, where)
    refuse_unknown(entry, ("by", "from", "create_if_missing"), where)
    source = read_text(entry, "from", where)
    if not source:
        raise ConfigError(f"`{where}/from` is missing: the column that tells which {name}.")
    by = read_text(entry, "by", where) or LINKS[name][0]
    return LinkRule(name, by, source, read_switch(entry, "create_if_missing", where, default=False))
