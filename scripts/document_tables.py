"""Write the tables of objects in docs/ anew from the table in the code. Run by ``make docs``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from destination_pipedrive.objects.records import CORE, OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: Page -> the objects of its table.
PAGES: Mapping[Path, Iterable[ObjectSpec]] = {
    DOCS / "objects.md": OBJECTS.values(),
    DOCS / "destination.md": CORE,
}
#: What stands between these lines is written by this script.
BLOCK = re.compile(r"(<!-- written by make docs -->\n).*?(<!-- end -->\n)", re.DOTALL)
HEAD = "| object | can be | matched by | a new row needs | OAuth scope |\n|---|---|---|---|---|\n"
#: Scopes that are granted as a whole; all others have a `:full` that writing takes.
#: Source: https://pipedrive.readme.io/docs/marketplace-scopes-and-permissions-explanations
WHOLE = frozenset({"admin"})
#: Operation -> what a row can be.
DONE = {"insert": "created", "update": "updated", "delete": "deleted"}


def written(text: str, objects: Iterable[ObjectSpec] = tuple(OBJECTS.values())) -> str:
    """A document with its table written anew."""
    rows = "".join(f"| {' | '.join(object_row(spec))} |\n" for spec in objects)
    return BLOCK.sub(lambda found: found[1] + HEAD + rows + found[2], text)


def object_row(spec: ObjectSpec) -> list[str]:
    """The cells of an object."""
    needs = [_code(spec.required, ", "), _code(spec.one_of, " or ")]
    done = ", ".join(word for operation, word in DONE.items() if operation in spec.operations)
    matched = _code(spec.match_on, ", then ") or "all that is mapped"
    within = f" within {_code(spec.narrowed_by, ', ')}" if spec.narrowed_by else ""
    scopes = _code(write_scopes(spec), " or ") or "–"
    return [spec.name, done, matched + within, ", ".join(filter(None, needs)) or "–", scopes]


def write_scopes(spec: ObjectSpec) -> list[str]:
    """OAuth scopes of which one is enough to write an object."""
    return [scope if scope in WHOLE else f"{scope}:full" for scope in spec.scopes]


def _code(names: Iterable[str], between: str) -> str:
    return between.join(f"`{name}`" for name in names)


if __name__ == "__main__":
    for page, objects in PAGES.items():
        page.write_text(written(page.read_text(encoding="utf-8"), objects), encoding="utf-8")
