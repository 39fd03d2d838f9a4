"""Write the tables of options on the connector pages anew from the spec. Run by ``make docs``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "destination.md"
SPEC = ROOT / "destination_pipedrive" / "spec.json"
BLOCK = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = "| option | default | what it does |\n|---|---|---|\n"

Properties = Mapping[str, Mapping[str, Any]]


def written(text: str) -> str:
    """The page with its tables written anew."""
    connection: Properties = json.loads(SPEC.read_text(encoding="utf-8"))["connectionSpecification"]["properties"]
    tables = {"connection": connection, "mapping": connection["mappings"]["items"]["properties"]}
    return BLOCK.sub(lambda found: found[1] + table(tables[found[2]]) + found[3], text)


def table(properties: Properties) -> str:
    """A line for each option that the form shows, in its order."""
    shown = [(name, each) for name, each in properties.items() if not each.get("airbyte_hidden")]
    rows = sorted(shown, key=lambda pair: pair[1].get("order", 0))
    return HEAD + "".join(f"| `{name}` | {_default(each)} | {_text(each)} |\n" for name, each in rows)


def _default(option: Mapping[str, Any]) -> str:
    value = option.get("default")
    return "" if value in (None, [], {}) else f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def _text(option: Mapping[str, Any]) -> str:
    return str(option.get("description", "")).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
