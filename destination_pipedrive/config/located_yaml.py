"""YAML or JSON text to plain data that knows its lines.

Smaller than YAML, so that nothing means what its author did not mean: only `true`, `false`, `null` and numbers written
as in JSON are more than text, so `no`, `2024-05-01`, `007` and `+49 30 1` stay what they are; keys are text; a key
stands once; tags are refused; aliases are followed, but not without end.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

#: Values in one text, those behind aliases counted each time: more is a mistake or an attack.
MOST_VALUES = 100_000
MOST_LEVELS = 50
#: Longer numbers are ids; a float would change them.
MOST_DIGITS = 18

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = dict.fromkeys(("~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_ODD_SPACE = re.compile(r"^[ \t-]*([\u00a0\u2000-\u200d\u202f\u3000\ufeff])", re.MULTILINE)
#: Part of what PyYAML says -> what is wrong, in words that need no knowledge of a parser.
_SAID = {
    r"'\t'": "a tab; YAML is indented with spaces",
    "mapping values are not allowed": "a `:` in the wrong place. Check the indentation, and quote text that holds `: `",
    "could not find expected ':'": "a key without `:`",
    "expected <block end>": "the indentation differs from the lines above",
    "found unexpected end of stream": "a quote that is not closed",
    "expected ',' or": "a `,` or a closing bracket is missing",
    "that cannot start any token": "text that begins with this character must be quoted",
    "special characters": "a control character",
}


class NotReadable(Exception):
    """The text is no YAML. ``line`` counts from 1."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(said)
        self.line = line


@dataclass(frozen=True)
class Node:
    """A value with the line on which it begins (for an entry of an object, that of its key), and what is in it."""

    value: Any
    line: int
    children: Mapping[str | int, "Node"] = field(default_factory=dict)
    weight: int = 1

    def line_of(self, pointer: str) -> int:
        """The line of a JSON pointer, or of what is above it where the pointer leads to nothing."""
        node, rest = self, pointer
        while rest:
            below = [(key, spelled) for key in node.children for spelled in _spellings(key) if _begins(rest, spelled)]
            if not below:
                break
            key, spelled = max(below, key=lambda pair: len(pair[1]))
            node, rest = node.children[key], rest[len(spelled) + 1 :]
        return node.line


@dataclass(frozen=True)
class Flaw:
    """What can be read, but must not be there: a repeated key, a tag, an alias of nothing."""

    path: Path
    line: int
    said: str


def read_yaml(text: str) -> tuple[Node, tuple[Flaw, ...]]:
    """The value of a text and what is wrong with it. Raises NotReadable where it is no YAML at all."""
    text = text.removeprefix("\ufeff")
    odd = _ODD_SPACE.search(text)
    if odd:
        raise NotReadable(text.count("\n", 0, odd.start(1)) + 1, "a no-break or zero-width space; type plain spaces")
    builder = _Builder()
    try:
        for event in yaml.parse(_without_tabs(text), Loader=yaml.SafeLoader):
            builder.handle(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotReadable(mark.line + 1 if mark else 1, _plain(error.problem or str(error))) from None
    except yaml.reader.ReaderError as error:
        raise NotReadable(text.count("\n", 0, error.position) + 1, _plain(error.reason)) from None
    return builder.root, tuple(builder.flaws)


def pointer(path: Path) -> str:
    """A path as a JSON pointer. Source: RFC 6901, section 3."""
    return "".join(f"/{escaped(str(key))}" for key in path)


def escaped(key: str) -> str:
    """One part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _spellings(key: str | int) -> tuple[str, ...]:
    return (str(key), escaped(str(key)))


def _begins(rest: str, key: str) -> bool:
    return rest == f"/{key}" or rest.startswith(f"/{key}/")


def _plain(problem: str) -> str:
    return next((said for part, said in _SAID.items() if part in problem), problem)


def _without_tabs(text: str) -> str:
    """JSON may be indented with tabs, YAML may not; inside the texts of JSON there are none."""
    if "\t" in text and text.lstrip().startswith(("[", "{")):
        try:
            json.loads(text)
        except ValueError:
            return text
        return text.replace("\t", " ")
    return text


def _value(event: yaml.ScalarEvent) -> Any:
    """What a scalar means. Quoted ones, and blocks, are text."""
    said: str = event.value
    if event.style is not None:
        return _whole(said)
    if said in _WORDS:
        return _WORDS[said]
    if _INTEGER.fullmatch(said):
        return int(said) if len(said) <= MOST_DIGITS else said
    return float(said) if _DECIMAL.fullmatch(said) else _whole(said)


def _whole(said: str) -> str:
    """Escapes of JSON that are halves of one character, put together."""
    return said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass
class _Open:
    """An object or a list whose end has not come. ``key`` is that of the value that comes next."""

    line: int
    anchor: str | None
    is_list: bool
    children: dict[str | int, Node] = field(default_factory=dict)
    key: str | int | None = None
    key_line: int = 0
    is_merge: bool = False
    merged: list[Node] = field(default_factory=list)

    def close(self) -> Node:
        """The finished value. What `<<` brings gives way to what stands there itself."""
        for node in self.merged:
            self.children = {**node.children, **self.children}
        values = {key: node.value for key, node in self.children.items()}
        weight = 1 + sum(node.weight for node in self.children.values())
        return Node(list(values.values()) if self.is_list else values, self.line, self.children, weight)


class _Builder:
    """Puts the events of a parser together, without recursion: a text may be nested as deep as it likes."""

    def __init__(self) -> None:
        self.root = Node(None, 1)
        self.flaws: list[Flaw] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def handle(self, event: Any) -> None:
        """One event. Raises NotReadable."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise NotReadable(line, "a second document begins; leave out the line `---`")
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_tag(event, line)
            self._begin(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._add(done.close(), done.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, line)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if self._open and self._wants_key:
            raise NotReadable(line, "a key must be one word or text")
        if len(self._open) >= MOST_LEVELS:
            raise NotReadable(line, f"more than {MOST_LEVELS} levels")
        self._open.append(_Open(line, event.anchor, isinstance(event, yaml.SequenceStartEvent)))

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        self._refuse_tag(event, line)
        if self._open and self._wants_key:
            self._key(_whole(event.value), line, event.style is None and event.value == "<<")
        else:
            self._add(Node(_value(event), line), event.anchor)

    @property
    def _wants_key(self) -> bool:
        return not self._open[-1].is_list and self._open[-1].key is None

    def _key(self, key: str, line: int, is_merge: bool) -> None:
        into = self._open[-1]
        into.key, into.key_line, into.is_merge = key, line, is_merge
        if key in into.children:
            self._flaw(line, f"appears twice, first in line {into.children[key].line}")

    def _alias(self, anchor: str | None, line: int) -> None:
        assert anchor is not None
        node = self._anchors.get(anchor)
        if node is None:
            self._flaw(line, f"`*{anchor}` stands for nothing above it")
        if self._open and self._wants_key:
            self._key(str(node.value if node else anchor), line, is_merge=False)
        else:
            self._add(node or Node(None, line), None)

    def _add(self, node: Node, anchor: str | None) -> None:
        if node.weight > MOST_VALUES:
            raise NotReadable(node.line, f"more than {MOST_VALUES} values, those behind aliases counted each time")
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        into = self._open[-1]
        if into.is_merge:
            self._merge(into, node)
        elif into.is_list:
            into.children[len(into.children)] = node
        else:
            assert into.key is not None
            into.children[into.key] = Node(node.value, into.key_line, node.children, node.weight)
        into.key, into.is_merge = None, False

    def _merge(self, into: _Open, node: Node) -> None:
        sources = list(node.children.values()) if isinstance(node.value, list) else [node]
        if not all(isinstance(each.value, dict) for each in sources):
            self._flaw(into.key_line, "`<<` takes an alias of an object")
        into.merged.extend(each for each in sources if isinstance(each.value, dict))

    def _refuse_tag(self, event: Any, line: int) -> None:
        if event.tag is not None:
            self._flaw(line, f"the tag `{event.tag}` is not allowed")

    def _flaw(self, line: int, said: str) -> None:
        self.flaws.append(Flaw(tuple(self._path()), line, said))

    def _path(self) -> Iterator[str | int]:
        for each in self._open:
            if each.is_list:
                yield len(each.children)
            elif each.key is not None:
                yield each.key
