"""One entry of ``mappings`` to frozen rules. Every problem is one sentence that names the key by its JSON pointer."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from destination_pipedrive.actions import read_actions
from destination_pipedrive.readers import (
    quoted,
    read_amounts,
    read_count,
    read_expression,
    read_id_or_name,
    read_list,
    read_object,
    read_share,
    read_switch,
    read_text,
    read_texts,
    read_word,
    refuse_unknown,
)
from destination_pipedrive.rules import MAX_DELETE_SHARE, MODES, NULLS, OPERATIONS, FieldRule, LinkRule, Rules
from destination_pipedrive.value_maps import read_value_maps
from pipedrive_client.problems import Problems, all_of
from pipedrive_client.settings import ConfigError

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
        match_on=take(read_texts, "match_on", otherwise=()),
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
