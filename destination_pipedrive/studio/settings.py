"""An entry in two parts: what the page has controls for, and all else as text. Nothing of an entry is lost. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from destination_pipedrive.config.located_yaml import Node, NotReadable, pointer, read_yaml
from destination_pipedrive.config.mappings import LINKS, Rules

#: Keys of an entry that hold one word, condition, number or switch, and have a control of their own.
CONTROLS = (
    *("operation", "external_id_field", "owner", "filter", "create_when", "on_duplicate", "on_ambiguous"),
    *("require_match_key", "on_missing_parent", "on_unknown_option", "max_delete_share"),
)
#: Keys whose controls are the columns: what the text says of them comes on top.
_LISTS, _TABLES = ("fields",), ("links", "value_maps")
#: Keys that the page shows in another way.
_SHOWN = frozenset((*CONTROLS, *_LISTS, *_TABLES, "stream", "object", "match_on", "updated_at_field"))
#: Keys of a column's rule that have a control, and how many keys of the object the page shows.
_RULE = frozenset(("source", "target", "mode", "null", "on_invalid", "format", "merge", "primary"))
_MOST_KEYS = 2
#: Where the problems of the text stand.
TEXT = "more"
NO_ENTRY = "More settings must be keys with their values, such as `constants: {Lead source: Website}`."


@dataclass(frozen=True)
class Settings:
    """The text: what it says, its lines, and what is wrong with it as text."""

    content: Mapping[str, Any]
    root: Node | None = None
    problems: tuple[str, ...] = ()

    def line_of(self, place: str, fields: int) -> int:
        """The line of a place of the whole entry that the text holds; 0 for one that the page holds.

        ``fields``: how many rules the page has itself.
        """
        steps = place.split("/")
        if self.root is None or steps[0] not in self.content:
            return 0
        if steps[0] in _LISTS:
            number = int(steps[1]) - fields if len(steps) > 1 and steps[1].isdigit() else 0
            if number < 0:
                return 0
            steps[1:2] = [str(number)]
        elif steps[0] in _TABLES and len(steps) > 1:
            held = self.content[steps[0]]
            if isinstance(held, Mapping) and steps[1].replace("~1", "/").replace("~0", "~") not in held:
                return 0
        return self.root.line_of(f"/{'/'.join(steps)}")


def settings_of(text: str) -> Settings:
    """What a text says; without content where it cannot be read."""
    try:
        root, flaws = read_yaml(text)
    except NotReadable as error:
        return Settings({}, None, (f"More settings cannot be read as YAML: line {error.line}: {error}.",))
    if root.value in (None, ""):
        return Settings({})
    if not isinstance(root.value, Mapping):
        return Settings({}, None, (NO_ENTRY,))
    said = tuple(f"Line {flaw.line}: `{pointer(flaw.path).lstrip('/')}`: {flaw.said}." for flaw in flaws)
    return Settings(root.value, root, said)


def joined(shown: Mapping[str, Any], settings: Settings) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The whole entry, and a sentence on each key that both parts hold."""
    whole, twice = dict(shown), []
    for key, value in settings.content.items():
        held = shown.get(key)
        if key in _LISTS and isinstance(held, list) and isinstance(value, list):
            whole[key] = [*held, *value]
        elif key in _TABLES and isinstance(held, Mapping) and isinstance(value, Mapping):
            twice += [f"{key}/{name}" for name in value if name in held]
            whole[key] = {**held, **value}
        else:
            twice += [key] if key in shown else []
            whole[key] = value
    return whole, tuple(f"`{key}` is set above as well; set it in one place only." for key in twice)


def parted(entry: Mapping[str, Any], columns: Iterable[str], parents: Iterable[str]) -> tuple[dict[str, Any], str]:
    """What the page shows of an entry, and the text for the rest of it."""
    known = frozenset(columns)
    rest = {key: value for key, value in entry.items() if key not in _SHOWN}
    shown = {key: value for key, value in entry.items() if key in _SHOWN}
    seen: set[str] = set()
    _move(shown, rest, "fields", lambda _, rule: _is_column_rule(rule, known, seen))
    links = frozenset(parents)
    _move(shown, rest, "links", lambda name, rule: _is_column_link(name, rule, known, links, seen))
    targets = {rule["target"] for rule in shown.get("fields", ()) if "target" in rule}
    _move(shown, rest, "value_maps", lambda target, pairs: target in targets and isinstance(pairs, Mapping))
    if isinstance(shown.get("match_on"), str):
        shown["match_on"] = [shown["match_on"]]
    if not isinstance(shown.get("match_on", []), list | tuple) or not _is_short(shown.get("match_on", [])):
        rest["match_on"] = shown.pop("match_on")
    if shown.get("updated_at_field") in seen or shown.get("updated_at_field", "") not in known | {""}:
        rest["updated_at_field"] = shown.pop("updated_at_field")
    for key in CONTROLS:
        if isinstance(shown.get(key), list | Mapping):
            rest[key] = shown.pop(key)
    text = yaml.safe_dump(rest, allow_unicode=True, sort_keys=False, width=100) if rest else ""
    return shown, text


def _move(shown: dict[str, Any], rest: dict[str, Any], key: str, is_shown: Any) -> None:
    """Leave of a list or an object what the page can show, and put the others to the rest."""
    held = shown.pop(key, None)
    if isinstance(held, list):
        pairs = [(is_shown(number, each), each) for number, each in enumerate(held)]
        kept, moved = [each for is_kept, each in pairs if is_kept], [each for is_kept, each in pairs if not is_kept]
        _put(shown, rest, key, kept, moved)
    elif isinstance(held, Mapping):
        names = {name for name, each in held.items() if is_shown(name, each)}
        kept_names = {name: each for name, each in held.items() if name in names}
        _put(shown, rest, key, kept_names, {name: each for name, each in held.items() if name not in names})
    elif held is not None:
        rest[key] = held


def _put(shown: dict[str, Any], rest: dict[str, Any], key: str, kept: Any, moved: Any) -> None:
    if kept:
        shown[key] = kept
    if moved:
        rest[key] = moved


def _is_column_rule(rule: Any, columns: frozenset[str], seen: set[str]) -> bool:
    """Whether a rule is the first one of a column of the file, and all its keys have controls."""
    if not isinstance(rule, Mapping) or rule.get("source") not in columns or rule["source"] in seen:
        return False
    if not rule.keys() <= _RULE or any(isinstance(value, list | Mapping) for value in rule.values()):
        return False
    seen.add(rule["source"])
    return True


def _is_column_link(name: str, rule: Any, columns: frozenset[str], parents: frozenset[str], seen: set[str]) -> bool:
    """Whether a link is of a column of the file that has no other place."""
    if name not in parents or not isinstance(rule, Mapping) or not rule.keys() <= {"by", "from", "create_if_missing"}:
        return False
    if rule.get("from") not in columns or rule["from"] in seen or rule.get("by", LINKS[name][0]) not in LINKS[name]:
        return False
    seen.add(rule["from"])
    return True


def _is_short(keys: Any) -> bool:
    """Whether the page can show the keys; it puts commas between the fields of one key."""
    names = [name for each in keys for name in (each if isinstance(each, list | tuple) else [each])]
    return len(keys) <= _MOST_KEYS and all(isinstance(name, str) and "," not in name for name in names)


def keys_of_text() -> list[dict[str, str]]:
    """The keys that only the text can set, with what they are for."""
    found = [(field.alias or name, field.description or "") for name, field in Rules.model_fields.items()]
    return [{"name": name, "text": text} for name, text in found if name not in _SHOWN]
