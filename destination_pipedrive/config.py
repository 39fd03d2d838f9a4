"""A config to one frozen Config. Every problem is one sentence that names the key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.parts import VISIBILITIES
from destination_pipedrive.rules import MODES, NULLS, OPERATIONS, FieldRule, LinkRule, Rules
from destination_pipedrive.storage import Store, store_of
from pipedrive_client.settings import ConfigError, Settings, whole_number

#: Key of a mapping -> the words it takes, the default first.
WORDS: dict[str, tuple[str, ...]] = {
    "on_ambiguous": ("reject", "oldest", "newest"),
    "on_duplicate": ("update", "skip", "create"),
    "on_gone": ("reject", "create"),
    "on_missing_parent": ("reject", "create", "null"),
    "on_unknown_option": ("reject", "null"),
}
SWITCHES = ("require_match_key", "create", "update")
#: Link name -> by what the parent can be found, the default first.
LINKS: dict[str, tuple[str, ...]] = {
    "organization": ("name", "domain", "id"),
    "person": ("email", "name", "id"),
}
MAPPING_KEYS = (
    *("stream", "object", "operation", "match_on", "external_id_field", "domain_field", "fields", "links", "constants"),
    *SWITCHES,
    *WORDS,
)


@dataclass(frozen=True)
class Config:
    """Everything that a user can set. ``reject_threshold`` counts records, None is no limit; ``rejects`` keeps them."""

    settings: Settings
    mappings: tuple[Rules, ...] = ()
    default_owner: int | str | None = None
    visible_to: int | None = None
    reject_threshold: int | None = None
    rejects: Store | None = None

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Read a config. Raises ConfigError."""
        settings = Settings.from_config(config)
        threshold = config.get("reject_threshold")
        return cls(
            settings,
            _mappings(config.get("mappings")),
            _owner(config.get("default_owner")),
            _visible_to(config.get("visible_to")),
            None if threshold is None else whole_number(config, "reject_threshold", 0, 0),
            store_of(config.get("object_storage_config")),
        )


def _owner(value: Any) -> int | str | None:
    if value is None or (isinstance(value, int | str) and not isinstance(value, bool)):
        return value or None
    raise ConfigError("`default_owner` must be a user's id, e-mail or name.")


def _visible_to(value: Any) -> int | None:
    if value is None:
        return None
    if value not in VISIBILITIES or isinstance(value, bool):
        raise ConfigError("`visible_to` must be 1, 3, 5 or 7.")
    return int(value)


def _mappings(value: Any) -> tuple[Rules, ...]:
    entries = _list(value, "mappings")
    rules = tuple(_rules(entry, f"mappings[{index}]") for index, entry in enumerate(entries))
    seen: set[str] = set()
    for rule in rules:
        if rule.stream in seen:
            raise ConfigError(f"`{rule.where}`: stream `{rule.stream}` is mapped twice; one entry a stream.")
        seen.add(rule.stream)
    return rules


def _rules(value: Any, where: str) -> Rules:
    entry = _object(value, where)
    _known(entry, MAPPING_KEYS, where)
    if not _text(entry, "stream", where):
        raise ConfigError(f"`{where}.stream` is missing: the name of the incoming stream.")
    switches = {key: _switch(entry, key, where) for key in SWITCHES}
    words = {key: _word(entry, key, known, where) for key, known in WORDS.items()}
    choices: dict[str, Any] = {**switches, **words}
    return Rules(
        stream=_text(entry, "stream", where),
        where=where,
        object_name=_text(entry, "object", where),
        operation=_word(entry, "operation", ("", *OPERATIONS), where),
        match_on=_texts(entry, "match_on", where),
        external_id_field=_text(entry, "external_id_field", where),
        domain_field=_text(entry, "domain_field", where),
        fields=tuple(_fields(entry.get("fields"), f"{where}.fields")),
        links=tuple(_links(entry.get("links"), f"{where}.links")),
        constants=tuple(_object(entry.get("constants"), f"{where}.constants").items()),
        **choices,
    )


def _fields(value: Any, where: str) -> Iterator[FieldRule]:
    for index, entry in enumerate(_list(value, where)):
        yield _field(entry, f"{where}[{index}]")


def _links(value: Any, where: str) -> Iterator[LinkRule]:
    for name, entry in _object(value, where).items():
        yield _link(name, entry, f"{where}.{name}")


def _field(value: Any, where: str) -> FieldRule:
    entry = _object(value, where)
    _known(entry, ("source", "target", "mode", "null"), where)
    source, target = _text(entry, "source", where), _text(entry, "target", where)
    mode = _word(entry, "mode", MODES, where)
    if not source or not (target or mode == "ignore"):
        raise ConfigError(f"`{where}` needs `source` (a column) and `target` (a field).")
    return FieldRule(source, target, mode, _word(entry, "null", NULLS, where))


def _link(name: str, value: Any, where: str) -> LinkRule:
    if name not in LINKS:
        raise ConfigError(f"`{where}` is no link; links are {_names(LINKS)}.")
    entry = _object(value, where)
    _known(entry, ("by", "from", "create_if_missing"), where)
    source = _text(entry, "from", where)
    if not source:
        raise ConfigError(f"`{where}.from` is missing: the column that tells which {name}.")
    by = _word(entry, "by", LINKS[name], where)
    return LinkRule(name, by, source, _switch(entry, "create_if_missing", where, default=False))


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ConfigError(f"`{where}` must be an object.")
    return value


def _list(value: Any, where: str) -> Sequence[Any]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ConfigError(f"`{where}` must be a list.")
    return value


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"`{where}.{key}` must be text.")
    return (value or "").strip()


def _texts(entry: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = entry.get(key)
    found = (value,) if isinstance(value, str) else _list(value, f"{where}.{key}")
    if not all(isinstance(each, str) and each.strip() for each in found):
        raise ConfigError(f"`{where}.{key}` must be a list of names.")
    return tuple(each.strip() for each in found)


def _word(entry: Mapping[str, Any], key: str, words: Sequence[str], where: str) -> str:
    value = entry.get(key)
    if value is None:
        return words[0]
    if value not in words:
        raise ConfigError(f"`{where}.{key}` must be one of {_names(word for word in words if word)}.")
    return str(value)


def _switch(entry: Mapping[str, Any], key: str, where: str, default: bool = True) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ConfigError(f"`{where}.{key}` must be true or false.")
    return value


def _known(entry: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in entry:
        if key not in keys:
            raise ConfigError(f"`{where}` has the unknown key `{key}`; known are {_names(keys)}.")


def _names(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)
