"""Write the tables of docs/backup.md anew: what a copy needs, and what it does not restore. Run by ``make docs``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from demo.limits import cells
from destination_pipedrive.copying.table import COPIED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "backup.md"
BLOCK = re.compile(r"(<!-- (streams|limits) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def written(text: str) -> str:
    """The page with its tables written anew."""
    tables = {"streams": "".join(needed()), "limits": "".join(limits())}
    return BLOCK.sub(lambda found: found[1] + tables[found[2]] + found[3], text)


def needed() -> Iterator[str]:
    """A line for the objects that need the same streams."""
    yield "| to restore | also read |\n|---|---|\n"
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, copied in COPIED.items():
        streams = tuple(each for each in copied.needed_streams if each != name)
        if streams:
            groups.setdefault(streams, []).append(name)
    for streams, names in groups.items():
        yield f"| {_quoted(names)} | {_quoted(streams)} |\n"


def limits() -> Iterator[str]:
    """A line for each limit."""
    yield "| what | columns or streams | why |\n|---|---|---|\n"
    for what, names, why in cells():
        yield f"| {what} | {_quoted(names)} | {why} |\n"


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
