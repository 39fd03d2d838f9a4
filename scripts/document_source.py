"""Write the tables of docs/source.md anew from the form and from the table of streams. Run by ``make docs``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipedrive_client.scopes import Scopes
from scripts.stream_diagram import diagram
from scripts.stream_docs import grouped, needs, scope_words
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import STREAMS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "source.md"
SPEC = ROOT / "source_pipedrive" / "spec.json"
BLOCK = re.compile(r"(<!-- (options: source|options: hidden|streams|diagram) -->\n).*?(<!-- end -->)", re.DOTALL)
COMPARED = re.compile(r"(`compare` works for <!-- compared -->).*?( and keeps)")

Option = Mapping[str, Any]


def written(text: str) -> str:
    """The page with its tables written anew."""
    tables = {
        "options: source": options(hidden=False),
        "options: hidden": options(hidden=True),
        "streams": streams(),
        "diagram": diagram(),
    }
    text = BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], text)
    names = ", ".join(f"`{spec.name}`" for spec in STREAMS if is_compared(spec))
    return COMPARED.sub(lambda found: f"{found[1]} {names}{found[2]}", text)


def options(hidden: bool) -> str:
    """A line for each key of the form, in its order; or for each key that it does not show."""
    rows = [
        f"| `{path}` | {each.get('title', '')} | {_default(each)} | {each.get('description', '')} |\n"
        for path, each in keys()
        if bool(each.get("airbyte_hidden")) is hidden
    ]
    return "| key | in the form | default | what it does |\n|---|---|---|---|\n" + "".join(rows)


def keys() -> Iterator[tuple[str, Option]]:
    """Every key of the config with what the form says of it."""
    properties: Mapping[str, Option] = json.loads(SPEC.read_text(encoding="utf-8"))["connectionSpecification"][
        "properties"
    ]
    for name, each in sorted(properties.items(), key=lambda pair: pair[1]["order"]):
        yield name, each
        hidden = {"airbyte_hidden": True} if each.get("airbyte_hidden") else {}
        for inner, part in _inside(each):
            yield f"{name}{inner}", {**part, **hidden}


def _inside(option: Option) -> Iterator[tuple[str, Option]]:
    """Keys below a key: of the kinds of an object, of an object, of the entries of a list."""
    for kind in option.get("oneOf", ()):
        for name, each in kind["properties"].items():
            described = f"`{each['const']}`: {kind['description']}" if "const" in each else each["description"]
            yield f".{name}", {**each, "description": described}
    yield from ((f".{name}", each) for name, each in option.get("properties", {}).items())
    items = option.get("items", {}).get("properties", {})
    yield from ((f"[].{name}", each) for name, each in items.items())


def _default(option: Option) -> str:
    value = option.get("default")
    if value in (None, []):
        return ""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def streams() -> str:
    """A line for each set of scopes within a heading of the page of streams."""
    rows = []
    for heading, members in grouped(STREAMS):
        by_scopes: dict[str, list[str]] = {}
        for spec in members:
            by_scopes.setdefault(_in_one_line(needs(spec)), []).append(f"`{spec.name}`")
        rows += [f"| {heading} | {', '.join(names)} | {scopes} |\n" for scopes, names in by_scopes.items()]
    return "| | streams | OAuth scopes |\n|---|---|---|\n" + "".join(rows)


def _in_one_line(asked: list[Scopes]) -> str:
    """One scope of each entry; brackets where the words alone could be read in two ways."""
    words = [(scope_words([scopes]), len(scopes) > 1 < len(asked)) for scopes in asked]
    return " and ".join(f"({each})" if is_mixed else each for each, is_mixed in words)


def is_compared(spec: StreamSpec) -> bool:
    """Whether `deletions: compare` finds vanished rows of a stream."""
    return bool(spec.lists) and spec.cursor is not None and "is_deleted" in load(spec.name)["properties"]


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
