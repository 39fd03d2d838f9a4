"""``docs/streams.md`` from the table: ``python -m source_pipedrive.describe > docs/streams.md``, or ``make docs``."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from pipedrive_client.endpoints import endpoint
from pipedrive_client.fields import FIELD_PATHS
from pipedrive_client.scopes import Scopes, read_scopes
from source_pipedrive.page_text import CUSTOM_FIELDS, HEAD
from source_pipedrive.pricing import BY_FUNCTION, price, unchanged
from source_pipedrive.schema import load
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.streams import BY_NAME, STREAMS

#: Stream -> what a row of it is.
Tell = Callable[[str], str]

#: Heading -> the streams below it, by name; the first that fits, in the order of the page.
GROUPS = (
    ("Deals", r"deals|deal_(?!fields)\w+"),
    ("Persons", r"persons|person_(?!fields)\w+"),
    ("Organizations", r"organizations|organization_(?!fields)\w+"),
    ("Leads", r"leads|lead_(?!fields)\w+"),
    ("Products", r"products|product_(?!fields)\w+"),
    ("Activities, notes, files, calls", r"activities|activity_types|notes|note_comments|files|call_logs"),
    ("Pipelines", r"pipelines|stages"),
    ("Mail", r"mail_\w+"),
    ("Projects", r"projects|tasks|boards|phases|project_templates"),
    ("Definitions of fields", r"\w+_fields"),
    ("Account", r"\w+"),
)

READ_HEAD = "| stream | one row is | primary key | cursor | price, tokens | unchanged run |\n|---|---|---|---|---|---|"
NEEDS_HEAD = "| stream | reads | OAuth scopes | feature |\n|---|---|---|---|"


def page(specs: Iterable[StreamSpec], tell: Tell) -> str:
    """The whole page. ``tell`` says what a row of a stream is."""
    specs = list(specs)
    parts = [HEAD.format(count=len(specs))]
    parts += [f"## {heading}\n\n{_tables(members, tell)}" for heading, members in grouped(specs)]
    return "\n".join([*parts, CUSTOM_FIELDS])


def grouped(specs: Iterable[StreamSpec]) -> Iterator[tuple[str, list[StreamSpec]]]:
    """The headings of the page and the streams below each."""
    for number, members in groupby(sorted(specs, key=_group), key=_group):
        yield GROUPS[number][0], list(members)


def needs(spec: StreamSpec) -> list[Scopes]:
    """OAuth scopes: one of each entry. What another entry implies is left out."""
    asked = list(dict.fromkeys(read_scopes(path) for path in _all_paths(spec)))
    return [scopes for scopes in asked if not any(set(other) < set(scopes) for other in asked)]


def notes(spec: StreamSpec) -> Iterator[str]:
    """What else a user should know."""
    if any("is_archived" in part.sets for part in spec.lists):
        yield "Archived rows are in the stream, told by `is_archived`."
    if any(part.deleted for part in spec.lists):
        yield "So are deleted rows for as long as the API shows them, told by `is_deleted`."
    if any(part.filtered for part in spec.lists) and not all(part.filtered for part in spec.lists):
        names = ", ".join(part.name for part in spec.lists if not part.filtered)
        yield f"The API cannot filter {names} rows by change time."
    if any(endpoint("GET", path).deprecated for path in _own_paths(spec)):
        yield "Pipedrive marks the operation as deprecated."
    if spec.note:
        yield spec.note


def _tables(specs: list[StreamSpec], tell: Tell) -> str:
    reads = [
        _line(spec.name, _what(tell(spec.name)), _keys(spec), _cursor(spec), price(spec), unchanged(spec))
        for spec in specs
    ]
    paths = [_line(spec.name, _lines(_own_paths(spec)), scope_words(needs(spec)), spec.feature) for spec in specs]
    told = [f"- `{spec.name}`: {' '.join(notes(spec))}" for spec in specs if any(notes(spec))]
    return "\n".join([READ_HEAD, *reads, "", NEEDS_HEAD, *paths, "", *([*told, ""] if told else [])])


def scope_words(asked: Iterable[Scopes]) -> str:
    """Scopes as a cell, one entry a line."""
    return "<br>".join(" or ".join(f"`{scope}`" for scope in scopes) for scopes in asked)


def _lines(paths: Iterable[str]) -> str:
    return "<br>".join(f"`{path}`" for path in paths)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _what(description: str) -> str:
    return description.removeprefix("One row is ").rstrip(".")


def _keys(spec: StreamSpec) -> str:
    return ", ".join(f"`{key}`" for key in spec.primary_key)


def _cursor(spec: StreamSpec) -> str:
    return f"`{spec.cursor}`" if spec.cursor else "none: full refresh"


def _group(spec: StreamSpec) -> int:
    return next(number for number, (_, pattern) in enumerate(GROUPS) if re.fullmatch(pattern, spec.name))


def _own_paths(spec: StreamSpec) -> list[str]:
    paths = [part.path for part in spec.lists]
    if spec.child:
        paths += [spec.child.path or BY_FUNCTION.get(spec.name, ("", ""))[0]]
    if spec.detail:
        paths += [spec.detail.path]
    return list(dict.fromkeys(filter(None, paths)))


def _all_paths(spec: StreamSpec) -> list[str]:
    """Its own paths, and those of its parent's listing and of its custom fields' definitions."""
    parent = BY_NAME[spec.child.parent].lists if spec.child else ()
    definitions = [FIELD_PATHS[spec.fields]] if spec.fields else []
    return [*_own_paths(spec), *(part.path for part in parent), *definitions]


def row_of(stream: str) -> str:
    """What a row of a stream is, from its schema."""
    return str(load(stream).get("description", ""))


if __name__ == "__main__":
    sys.stdout.write(page(STREAMS, row_of))
