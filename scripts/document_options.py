"""Write the tables of options on the connector pages anew from the spec and the mappings. Run by ``make docs``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.mapping_schema import schema

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "destination.md"
SPEC = ROOT / "destination_pipedrive" / "spec.json"
BLOCK = re.compile(r"(<!-- options: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
HEAD = "| option | default | what it does |\n|---|---|---|\n"

Properties = Mapping[str, Mapping[str, Any]]
#: Table of the page -> the models of the mappings whose keys it holds.
MODELS = {
    "mapping": ("Rules",),
    "field": ("FieldRule",),
    "link": ("LinkRule",),
    "action": ("CreateDeal", "MoveDealToStage", "MoveDealToNextStage", "AddActivity"),
}


def written(text: str) -> str:
    """The page with its tables written anew."""
    return BLOCK.sub(lambda found: found[1] + _content(found[2]) + found[3], text)


def _content(name: str) -> str:
    if name == "connection":
        properties: Properties = json.loads(SPEC.read_text(encoding="utf-8"))["connectionSpecification"]["properties"]
        shown = {key: each for key, each in properties.items() if not each.get("airbyte_hidden")}
        return table(dict(sorted(shown.items(), key=lambda pair: int(pair[1]["order"]))))
    models = [schema()["$defs"][model] for model in MODELS[name]]
    if name == "action":
        return _actions(models)
    return table({key: each for model in models for key, each in model["properties"].items()})


def table(properties: Properties) -> str:
    """A line for each option, in its order."""
    return HEAD + "".join(f"| `{name}` | {_default(each)} | {_text(each)} |\n" for name, each in properties.items())


def _actions(models: list[Mapping[str, Any]]) -> str:
    """A line for each key of each action but those that all have."""
    lines = ["| action | option | default | what it does |\n|---|---|---|---|\n"]
    for model in models:
        keys = {key: each for key, each in model["properties"].items() if key not in ("action", "when")}
        action = f"`{model['properties']['action']['const']}`"
        for key, each in keys.items():
            needed = "needed" if key in model["required"] else _default(each)
            lines.append(f"| {action} | `{key}` | {needed} | {_text(each)} |\n")
            action = ""
    return "".join(lines)


def _default(option: Mapping[str, Any]) -> str:
    value = option.get("default")
    return "" if value in (None, [], {}) else f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def _text(option: Mapping[str, Any]) -> str:
    return str(option.get("description", "")).replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
