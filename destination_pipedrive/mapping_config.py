"""One entry of ``mappings`` to frozen rules. Every problem is one sentence that names the key by its JSON pointer."""

from collections.abc import Iterator
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


def read_rules(value: Any, where: str) -> Rules:
    """A mapping entry. Raises ConfigError."""
    entry = read_object(value, where)
    refuse_unknown(entry, MAPPING_KEYS, where)
    if not read_text(entry, "stream", where):
        raise ConfigError(f"`{where}/stream` is missing: the name of the incoming stream.")
    if entry.get("operation") == "mirror" and not read_text(entry, "external_id_field", where):
        raise ConfigError(
            f"`{where}/external_id_field` is missing: `mirror` may delete only rows that carry the sender's id."
        )
    switches = {key: read_switch(entry, key, where) for key in SWITCHES}
    words = {key: read_word(entry, key, known, where) for key, known in WORDS.items()}
    if "on_unknown_option" not in entry:
        words["on_unknown_option"] = ""  # `auto_create_options` decides
    choices: dict[str, Any] = {**switches, **words}
    return Rules(
        stream=read_text(entry, "stream", where),
        where=where,
        object_name=read_text(entry, "object", where),
        operation=read_word(entry, "operation", ("", *OPERATIONS), where),
        match_on=read_texts(entry, "match_on", where),
        external_id_field=read_text(entry, "external_id_field", where),
        updated_at_field=read_text(entry, "updated_at_field", where),
        max_delete_share=read_share(entry, "max_delete_share", where, MAX_DELETE_SHARE),
        domain_field=read_text(entry, "domain_field", where),
        fields=tuple(_fields(entry.get("fields"), f"{where}/fields")),
        links=tuple(_links(entry.get("links"), f"{where}/links")),
        constants=tuple(read_object(entry.get("constants"), f"{where}/constants").items()),
        value_maps=tuple(read_value_maps(entry.get("value_maps"), f"{where}/value_maps")),
        owner=read_id_or_name(entry, "owner", where),
        filter=read_expression(entry, "filter", where),
        create_when=read_expression(entry, "create_when", where),
        max_records=read_count(entry, "max_records", where),
        min_change=tuple(read_amounts(entry.get("min_change"), f"{where}/min_change")),
        actions=tuple(read_actions(entry.get("actions"), f"{where}/actions")),
        **choices,
    )


def _fields(value: Any, where: str) -> Iterator[FieldRule]:
    for index, entry in enumerate(read_list(value, where)):
        yield _field(entry, f"{where}/{index}")


def _links(value: Any, where: str) -> Iterator[LinkRule]:
    for name, entry in read_object(value, where).items():
        yield _link(name, entry, f"{where}/{name}")


def _field(value: Any, where: str) -> FieldRule:
    entry = read_object(value, where)
    refuse_unknown(entry, ("source", "target", "mode", "null"), where)
    source, target = read_text(entry, "source", where), read_text(entry, "target", where)
    mode = read_word(entry, "mode", MODES, where)
    if not source or not (target or mode == "ignore"):
        raise ConfigError(f"`{where}` needs `source` (a column) and `target` (a field).")
    return FieldRule(source, target, mode, read_word(entry, "null", NULLS, where))


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
