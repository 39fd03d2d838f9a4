"""Write the tables of docs/migrating.md that compare columns anew, from both schemas. Run by ``make docs``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from integration_tests.official.facts import OFFICIAL, kind
from source_pipedrive.streams.schemas import schema_of
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import BY_NAME, RENAMED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "migrating.md"
BLOCK = re.compile(r"(<!-- columns: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = "| stream | official column | type there | here |\n|---|---|---|---|\n"
NOTHING = "–"
#: Official stream -> columns that have another name here.
OTHER_NAMES: Mapping[str, Mapping[str, str]] = {
    "deal_flow": {"item_id": "deal_id", "user_id": "actor_user_id", "log_time": "time"},
    **{
        f"{name}_fields": {"key": "field_code", "name": "field_name"}
        for name in ("deal", "person", "organization", "product", "activity")
    },
}


def written(text: str) -> str:
    """The page with its tables written anew."""
    tables = {
        "renamed": [name for name in OFFICIAL if name in RENAMED],
        "ours": [name for name in OFFICIAL if name not in RENAMED],
    }
    texts = {"keys": keys(), **{name: table(streams) for name, streams in tables.items()}}
    return BLOCK.sub(lambda found: found[1] + texts[found[2]] + found[3], text)


def keys() -> str:
    """A line for each renamed stream whose primary key is another one here."""
    head = "| official stream | its key | here | key |\n|---|---|---|---|\n"
    rows = [(old, OFFICIAL[old].key, new, BY_NAME[new].primary_key) for old, new in RENAMED.items()]
    lines = [f"| `{old}` | {_quoted(a)} | `{new}` | {_quoted(b)} |\n" for old, a, new, b in rows if a != b]
    return head + "".join(lines)


def table(streams: list[str]) -> str:
    """A line for each group of columns of a stream that differ alike from those of our own config."""
    return HEAD + "".join(line for name in streams for line in _lines(name, BY_NAME[RENAMED.get(name, name)]))


def _lines(name: str, spec: StreamSpec) -> Iterator[str]:
    groups: dict[tuple[str, str], list[str]] = {}
    for column, theirs in OFFICIAL[name].columns.items():
        here = _here(name, column, theirs, spec)
        if here:
            groups.setdefault((theirs, here), []).append(column)
    for (theirs, here), columns in groups.items():
        yield f"| `{name}` | {_quoted(columns)} | {_words(theirs)} | {here} |\n"


def _here(name: str, column: str, theirs: str, spec: StreamSpec) -> str:
    """What a column is here; empty when it is the same."""
    properties = schema_of(spec)["properties"]
    other = OTHER_NAMES.get(name, {}).get(column)
    if other:
        return f"`{other}`: {_words(kind(properties[other]))}"
    if column == "custom_fields" and spec.fields:
        return "" if name in RENAMED else "columns named by label"
    if column not in properties:
        return NOTHING
    ours = kind(properties[column])
    return "" if ours == theirs else _words(ours)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _words(kinds: str) -> str:
    return kinds.replace("time_with_zone", "time with a zone").replace("time_without_zone", "time without a zone")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
