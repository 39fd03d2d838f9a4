"""The four operations that most records have: made, shown, changed, deleted."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.actions import single, writes
from pipedrive_sandbox.model.resource import Action, Route


def record(
    path: str,
    *,
    name: str = "id",
    query: tuple[str, ...] = (),
    status: int = 200,
    create: Action = writes.create,
    show: Action | None = single.show,
    update: Action = writes.update,
    delete: Action = writes.delete,
    costs: tuple[int, int, int, int] = (5, 1, 5, 3),
    verb: str = "PATCH",
) -> tuple[Route, ...]:
    """Routes of one record of v2, at its usual costs. `query` is what showing it takes, `status` that of a new one."""
    one = f"{path}/{{{name}}}"
    made, shown, changed, gone = costs
    found = () if show is None else (Route("GET", one, shown, show, query),)
    changes = (Route(verb, one, changed, update), Route("DELETE", one, gone, delete))
    return (Route("POST", path, made, create, status=status), *found, *changes)


def old_record(path: str, verb: str = "PUT", **more: Any) -> tuple[Route, ...]:
    """Routes of one record of v1."""
    return record(path, verb=verb, costs=(10, 2, 10, 6), **more)
