"""``mappings``, a text or a list, to models. A problem is one sentence with a JSON pointer and, in a text, a line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from destination_pipedrive.config.action_rules import ACTIONS
from destination_pipedrive.config.entries import LEFT_OUT, SAID, Entry
from destination_pipedrive.config.located_yaml import Flaw, Node, NotReadable, Path, pointer, read_yaml
from destination_pipedrive.config.mappings import FieldRule, LinkRule, Links, Rules
from pipedrive_client.config_errors import nearest

KEY = "mappings"
NOT_A_LIST = f"`/{KEY}` must be a list of mappings, one per incoming stream, or such a list as YAML or JSON text."
_QUOTED = re.compile(r"`/mappings((?:/[^`]*)?)`")
#: Key that is missing -> what it is for.
_NEEDED = {
    "stream": "the name of the incoming stream",
    "source": "the column of the incoming stream",
    "from": "the column that identifies the row",
    "pipeline": "the action needs its name or ID",
    "stage": "the action needs its name or ID",
    "subject": "the action needs it",
}
#: What a pydantic error of a type means, where the value has nothing to say about it.
_WRONG_TYPE = {
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
}
_NO_ACTION = ("union_tag_invalid", "union_tag_not_found")
#: Words that other readers of YAML take for true and false.
_SWITCHES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


@dataclass(frozen=True)
class Mappings:
    """The mappings that are right, the sentences about the others, and the text with its lines, if it was one."""

    rules: tuple[Rules, ...] = ()
    problems: tuple[str, ...] = ()
    text: Node | None = None

    def located(self, sentences: str) -> str:
        """The same with the line after each place; a list has no lines."""
        text = self.text
        if text is None:
            return sentences
        return _QUOTED.sub(lambda found: f"{found[0]} (line {text.line_of(found[1])})", sentences)


def read_mappings(value: Any) -> Mappings:
    """Read what stands under `mappings`."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return Mappings()
    if isinstance(value, str):
        return _of_text(value)
    return _of_list([value] if isinstance(value, Mapping) else value, ())


def _of_text(text: str) -> Mappings:
    try:
        root, flaws = read_yaml(text)
    except NotReadable as error:
        return Mappings(problems=(f"`/{KEY}` cannot be read as YAML or JSON: line {error.line}: {error}.",))
    if root.value in (None, ""):
        return Mappings(problems=_flaws(flaws, ()))
    above: Path = ()
    if list(root.children) == [KEY]:
        above, root = (KEY,), root.children[KEY]
    if isinstance(root.value, dict):
        flaws = tuple(Flaw((*above, 0, *each.path[len(above) :]), each.line, each.said) for each in flaws)
        root = Node([root.value], root.line, {0: root})
    found = _of_list(root.value, _flaws(flaws, above))
    located = Mappings(text=root).located
    return Mappings(found.rules, tuple(located(sentence) for sentence in found.problems), root)


def _flaws(flaws: Iterable[Flaw], above: Path) -> tuple[str, ...]:
    return tuple(f"`/{KEY}{pointer(flaw.path[len(above) :])}`: {flaw.said}." for flaw in flaws)


def _of_list(entries: Any, problems: Iterable[str]) -> Mappings:
    if not isinstance(entries, list | tuple):
        return Mappings(problems=(*problems, NOT_A_LIST))
    reader = _Reader([*problems])
    return Mappings(tuple(reader.read(entries)), tuple(dict.fromkeys(reader.problems)))


@dataclass
class _Reader:
    """Reads entry by entry; what is wrong in one is left out of it, so that the account can tell about the rest."""

    problems: list[str] = field(default_factory=list)

    def read(self, entries: Sequence[Any]) -> Iterator[Rules]:
        """The entries that name a stream; of several for one stream the first."""
        first: dict[str, Rules] = {}
        for number, entry in enumerate(entries):
            rules = self._entry(entry, f"/{KEY}/{number}")
            if rules and first.setdefault(rules.stream, rules) is not rules:
                self.problems.append(
                    f"`{rules.where}`: stream `{rules.stream}` is mapped twice, here and in "
                    f"`{first[rules.stream].where}`; one entry per stream."
                )
        yield from first.values()

    def _entry(self, entry: Any, where: str) -> Rules | None:
        """The entry as far as it is right; None for one without a stream."""
        wrong: set[Path] = set()
        while () not in wrong:
            try:
                return Rules.model_validate(_without(entry, wrong), context={"where": where})
            except RecursionError:
                self.problems.append(f"`{where}` is nested too deep.")
                return None
            except ValidationError as error:
                found = [
                    place for each in error.errors(include_url=False) for place in self._report(each, where, wrong)
                ]
                wrong |= set(found) if not wrong.issuperset(found) else {()}
        return None

    def _report(self, error: ErrorDetails, where: str, known: set[Path]) -> Iterator[Path]:
        """Take on the sentence of an error; what is to be left out for it. What was left out may be missed: no news."""
        context, path = error.get("ctx", {}), _path(error["loc"])
        at = "action" if error["type"] in _NO_ACTION else context.get("at")
        place = (*path, at) if at else path
        if place not in known:
            self.problems.append(f"`{where}{pointer(place)}`{_sentence(error)}")
        yield place
        if error["type"] == "missing":
            yield path[:-1]
        elif at:
            yield (*path, context["spoils"]) if context.get("spoils") else path


def _path(location: tuple[int | str, ...]) -> Path:
    """Where an error is in an entry. pydantic also names the kind of an action there, which is no key."""
    return (*location[:2], *location[3:]) if location[:1] == ("actions",) else location


def _without(value: Any, wrong: set[Path], path: Path = ()) -> Any:
    """A copy without what is wrong; in lists something stands in its place."""
    if isinstance(value, Mapping):
        kept = {key: each for key, each in value.items() if (*path, key) not in wrong}
        return {key: _without(each, wrong, (*path, key)) for key, each in kept.items()}
    if isinstance(value, list | tuple):
        pairs = [((*path, number), each) for number, each in enumerate(value)]
        return [LEFT_OUT if at in wrong else _without(each, wrong, at) for at, each in pairs]
    return value


def _sentence(error: ErrorDetails) -> str:
    """What comes after the quoted place."""
    kind, given, context, location = error["type"], error["input"], error.get("ctx", {}), error["loc"]
    if kind == SAID:
        return str(context["said"])
    if kind == "missing":
        return f" is missing: {_NEEDED[str(location[-1])]}."
    if kind == "extra_forbidden":
        return _unknown(str(location[-1]), _model_of(location))
    if kind in _NO_ACTION:
        return _one_of(context.get("tag"), ACTIONS)
    if kind == "literal_error":
        return _one_of(given, re.findall(r"'([^']*)'", context["expected"]))
    return f" must be {_WRONG_TYPE.get(kind, 'of another type')}{_hint(kind, given)}."


def _one_of(given: Any, words: Iterable[str]) -> str:
    words = tuple(words)
    hint = nearest(given, words) if isinstance(given, str) else ""
    return f" must be one of {_listed(words)}.{hint}"


def _hint(kind: str, given: Any) -> str:
    """What to write instead, where YAML is why the value is another one than was meant."""
    if kind == "bool_type" and str(given).lower() in _SWITCHES:
        return f"; write `{_SWITCHES[str(given).lower()]}` instead of `{given}`"
    if kind == "string_type" and isinstance(given, int | float):
        return f'; quote it: `"{str(given).lower() if isinstance(given, bool) else given}"`'
    return ""


def _unknown(key: str, model: type[Entry]) -> str:
    hint = nearest(key, model.keys()) or f" Known are {_listed(model.keys())}."
    return f": unknown key `{key}`.{hint}"


def _model_of(location: tuple[int | str, ...]) -> type[Entry]:
    """The model that does not know the last key of a location."""
    match location:
        case ("fields", _, _):
            return FieldRule
        case ("links", _):
            return Links
        case ("links", _, _):
            return LinkRule
        case ("actions", _, kind, _):
            return ACTIONS[str(kind)]
    return Rules


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
