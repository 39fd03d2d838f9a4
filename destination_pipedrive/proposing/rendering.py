"""Proposals as commented YAML, ready for `mappings`."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from destination_pipedrive.proposing.proposal import LeftOut, MappedColumn, Proposal

#: Text that YAML takes as it is, and words that it takes for something else.
_PLAIN = re.compile(r"[A-Za-zÀ-ÿ_][\wÀ-ÿ ./@+-]*(?<! )")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
#: Farthest column in which comments begin.
WIDEST = 88
#: Longest line of a comment that stands alone.
LONGEST = 118


def scalar(value: Any) -> str:
    """A value as YAML."""
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, Mapping):
        return flow(value)
    return json.dumps(value)


def flow(pairs: Mapping[str, Any]) -> str:
    """An object on one line."""
    return f"{{{', '.join(f'{scalar(key)}: {scalar(value)}' for key, value in pairs.items())}}}"


def text(proposals: Sequence[Proposal], head: Iterable[str] = ()) -> str:
    """The YAML of all proposals, with ``head`` as comments above."""
    lines = [*_comments(head, "")]
    for proposal in proposals:
        lines += [*([""] if lines else []), *entry(proposal)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def entry(proposal: Proposal) -> Iterator[str]:
    """The lines of one entry."""
    rules = [f"    - {flow(each.rule())}" for each in proposal.fields]
    rules += [
        f"    - {flow({'source': each.column, 'mode': 'ignore'})}" for each in proposal.left_out if each.is_ignored
    ]
    links = [f"    {each.link}: {flow(each.rule())}" for each in proposal.links]
    width = min(max(map(len, (*rules, *links)), default=0), WIDEST)
    yield f"- stream: {scalar(proposal.stream)}"
    yield _with(f"  object: {proposal.object_name}", proposal.why_object, width)
    yield from (f"  # {line}" for note in proposal.notes for line in _folded(note))
    if proposal.match_on:
        keys = [list(each) if isinstance(each, tuple) else each for each in proposal.match_on]
        yield _with(f"  match_on: {scalar(keys)}", proposal.why_key, width)
    if proposal.external_id_field:
        yield _with(f"  external_id_field: {scalar(proposal.external_id_field)}", "your own key, tried first", width)
    if proposal.updated_at_field:
        why = "when your system changed the row, for `conflict_policy: newest_wins`"
        yield _with(f"  updated_at_field: {scalar(proposal.updated_at_field)}", why, width)
    yield from (line for key, value in proposal.more.items() for line in _other(key, value))
    yield from _fields(proposal, rules, width)
    if links:
        yield "  links:"
        yield from (_with(line, each.why, width) for line, each in zip(links, proposal.links, strict=True))
    yield from _maps(proposal)


def _other(key: str, value: Any) -> Iterator[str]:
    """Any other key: on one line, or in a block where that would be long."""
    line = f"  {scalar(key)}: {scalar(value)}"
    if len(line) <= LONGEST:
        yield line
        return
    block = yaml.safe_dump({key: value}, allow_unicode=True, sort_keys=False, width=LONGEST)
    yield from (f"  {each}" for each in block.splitlines())


def _fields(proposal: Proposal, rules: list[str], width: int) -> Iterator[str]:
    ignored = [each for each in proposal.left_out if each.is_ignored]
    reasons = [*map(why_of, proposal.fields), *map(why_left, ignored)]
    if rules:
        yield "  fields:"
        yield from (_with(line, why, width) for line, why in zip(rules, reasons, strict=True))
    left = [each for each in proposal.left_out if not each.is_ignored]
    if left:
        yield "    # Left out:"
    for each in left:
        line = flow({"source": each.column, "target": each.nearest}) if each.nearest else scalar(each.column)
        yield _with(f"    # - {line}" if each.nearest else f"    #   {line}", why_left(each), width)


def _maps(proposal: Proposal) -> Iterator[str]:
    if proposal.value_maps:
        yield "  value_maps:"
        yield from (f"    {scalar(name)}: {flow(pairs)}" for name, pairs in proposal.value_maps.items())
    if proposal.constants:
        yield f"  constants: {flow(proposal.constants)}"


def why_of(column: MappedColumn) -> str:
    """The type of the field, why the column goes there, and what is to be looked at."""
    return "; ".join((f"{column.type}: {column.why}", *column.notes))


def why_left(left: LeftOut) -> str:
    """Why a column goes nowhere, with the nearest field."""
    return f"{left.why}; nearest is `{left.nearest}`" if left.nearest and "goes there" not in left.why else left.why


def _with(line: str, why: str, width: int) -> str:
    return f"{line.ljust(width)}  # {why}" if why else line


def _comments(sentences: Iterable[str], indent: str) -> Iterator[str]:
    yield from (f"{indent}# {line}" for sentence in sentences for line in _folded(sentence))


def _folded(sentence: str) -> Iterator[str]:
    """A sentence in lines of a comment."""
    line = ""
    for word in sentence.split():
        if line and len(line) + len(word) >= LONGEST:
            yield line
            line = ""
        line = f"{line} {word}" if line else word
    yield line
