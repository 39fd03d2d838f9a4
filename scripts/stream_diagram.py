"""The diagram of the streams in docs/source.md, from the table of streams: which row belongs to which."""

from __future__ import annotations

from collections.abc import Iterator

from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import STREAMS

#: Column -> the stream whose ids it holds. Those of users are in nearly every stream and left out.
REFERENCES = {
    "org_id": "organizations",
    "organization_id": "organizations",
    "person_id": "persons",
    "deal_id": "deals",
    "lead_id": "leads",
    "project_id": "projects",
    "pipeline_id": "pipelines",
    "stage_id": "stages",
    "board_id": "boards",
    "phase_id": "phases",
    "mail_thread_id": "mail_threads",
}


def diagram() -> str:
    """A Mermaid flowchart: who is read below whom, and who refers to whom."""
    lines = [*_below(), *_references()]
    return "```mermaid\nflowchart LR\n" + "".join(f"    {line}\n" for line in lines) + "```\n"


def edges() -> list[tuple[str, str, str]]:
    """Stream, column and the stream that it refers to, of streams that are not read below another one."""
    return [
        (spec.name, column, target)
        for spec in STREAMS
        if spec.child is None
        for column, target in REFERENCES.items()
        if column in load(spec.name)["properties"] and target != spec.name
    ]


def children() -> dict[str, list[StreamSpec]]:
    """Stream -> the streams that are read below it."""
    found: dict[str, list[StreamSpec]] = {}
    for spec in STREAMS:
        if spec.child:
            found.setdefault(spec.child.parent, []).append(spec)
    return found


def _below() -> Iterator[str]:
    """One box for the rows below a stream; a stream that others refer to has its own."""
    referred = {target for _, _, target in edges()}
    for parent, below in children().items():
        boxes = [[spec] for spec in below if spec.name in referred]
        boxes.append([spec for spec in below if spec.name not in referred])
        for box in filter(None, boxes):
            keys = " / ".join(dict.fromkeys(spec.child.key for spec in box if spec.child))
            name = box[0].name if box[0].name in referred else f"{parent}_below"
            yield f'{parent} ---|"{keys}"| {_box(name, [spec.name for spec in box])}'


def _references() -> Iterator[str]:
    """Streams that refer to the same ones share a box."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, column, target in edges():
        found.setdefault(name, {}).setdefault(target, []).append(column)
    referred = {target for _, _, target in edges()}
    shared: dict[str, list[str]] = {}
    for name, targets in found.items():
        is_alone = name in referred or name in children()
        shared.setdefault(name if is_alone else repr(targets), []).append(name)
    for names in shared.values():
        box = _box(names[0], names)
        for target, columns in found[names[0]].items():
            yield f'{box} -->|"{", ".join(columns)}"| {target}'
            box = names[0]


def _box(name: str, streams: list[str]) -> str:
    return name if streams == [name] else f'{name}["{"<br>".join(streams)}"]'
