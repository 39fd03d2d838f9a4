"""Create, change and delete one record, and the routes that do so."""

import uuid
from email import message_from_bytes
from email.message import Message
from typing import Any

from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.single import find, show, wrapped
from pipedrive_sandbox.actions.traces import log_changes, touch_parents
from pipedrive_sandbox.messages import Response, forbidden, not_found, success
from pipedrive_sandbox.model.bodies import read_body, read_object, refuse_key
from pipedrive_sandbox.model.filtering import is_deleted
from pipedrive_sandbox.model.resource import Action, Call, Route
from pipedrive_sandbox.store.collection import Row

#: Seen in recorded answers: these have no `update_time` until they are first touched; all others have one at once.
UNSTAMPED = ("deals", "persons", "organizations")


def create(call: Call) -> Response:
    """A new record from the body."""
    return answer(call, add(call, read_body(call, call.resource.create)))


def create_below(call: Call) -> Response:
    """A new record that belongs to the one in the path. Raises 404 when that is gone or hidden."""
    require_parent(call)
    return create(call)


def upload(call: Call) -> Response:
    """A new file from a multipart form; its content is measured and forgotten."""
    parts = {str(part.get_param("name", header="content-disposition")): part for part in _parts(call)}
    file = parts.pop("file", None)
    if file is None:
        raise refuse_key(call, "file", "File must be given.")
    links = {name: _content(part).decode() for name, part in parts.items()}
    name = file.get_filename() or "file"
    about = {"name": name, "file_name": name, "file_type": name.rpartition(".")[2], "file_size": len(_content(file))}
    return answer(call, add(call, {**read_object(call, links, call.resource.create), **about}))


def update(call: Call) -> Response:
    """Change the record in the path by the keys of the body."""
    before = find_to_write(call)
    body = read_body(call, call.resource.update)
    return answer(call, change(call, before, body))


def delete(call: Call) -> Response:
    """Mark the record in the path as deleted."""
    row = remove(call)
    return success({"id": row["id"]})


def delete_without_id(call: Call) -> Response:
    """Mark the record in the path as deleted; the answer is only `true`."""
    remove(call)
    return success(True)


def delete_and_show(call: Call) -> Response:
    """Mark the record in the path as deleted; the answer is the record."""
    return answer(call, remove(call))


def remove(call: Call) -> Row:
    """Mark the record in the path as deleted and return it."""
    row = find_to_write(call)
    mark = {"active_flag": False} if call.resource.deleted != "is_deleted" else {"is_deleted": True}
    return call.save({**row, **mark, "update_time": call.now()})


def purge(call: Call) -> Response:
    """Remove a row for good."""
    row = find_to_write(call)
    call.rows.remove(row["id"])
    return success({"id": row["id"]})


def add(call: Call, body: Row) -> Row:
    """Store a new record from a checked body."""
    blank, now = call.resource.blank, call.now()
    stamped: Row = {}
    stamped.update((name, now) for name in ("add_time", "update_time") if name in blank)
    if call.resource.name in UNSTAMPED:
        stamped["update_time"] = None
    row = {**blank, **stamped, **_owners(call, blank), **body, "id": _new_id(call)}
    if call.resource.parent_column and "id" in call.path:
        row[call.resource.parent_column] = int(call.path["id"])
    _merge_custom_fields(row, body, {})
    if call.resource.prepare:
        call.resource.prepare(call, row, body, None)
    call.save(row)
    touch_parents(call, row)
    return row


def change(call: Call, before: Row, body: Row) -> Row:
    """Store a changed record; an empty body changes nothing."""
    if not body:
        return before
    row = {**before, **body}
    if "update_time" in before:
        row["update_time"] = call.now()
    _merge_custom_fields(row, body, before.get("custom_fields") or {})
    if call.resource.prepare:
        call.resource.prepare(call, row, body, before)
    log_changes(call, before, row)
    return call.save(row)


def find_to_write(call: Call) -> Row:
    """The record in the path. Raises 404 (or what the setting `deleted_on_write` says) for a deleted one."""
    row = find(call)
    if is_deleted(call.resource, row):
        status = call.state.settings.deleted_on_write
        if status == 403:
            raise forbidden(call.resource.version, f"Deleted {call.resource.noun.lower()} can not be edited")
        raise not_found(call.resource.version, call.resource.noun, status)
    parent = call.resource.parent_column
    if parent and "id" in call.path and len(call.path) > 1 and str(row.get(parent)) != call.path["id"]:
        raise not_found(call.resource.version, call.resource.noun)
    return row


def answer(call: Call, row: Row) -> Response:
    """The record as the answer of a write."""
    return wrapped(call, row)


def record(
    path: str,
    *,
    name: str = "id",
    query: str = "",
    status: int = 200,
    create: Action = create,
    shown: Action | None = show,
    update: Action | None = update,
    delete: Action = delete,
    costs: tuple[int, int, int, int] = (5, 1, 5, 3),
    verb: str = "PATCH",
) -> tuple[Route, ...]:
    """Routes of one record of v2, at its usual costs. `query` is what showing it takes, `status` that of a new one."""
    one = f"{path}/{{{name}}}"
    found = () if shown is None else (Route("GET", one, costs[1], shown, query),)
    changed = () if update is None else (Route(verb, one, costs[2], update),)
    return (
        Route("POST", path, costs[0], create, status=status),
        *found,
        *changed,
        Route("DELETE", one, costs[3], delete),
    )


def record_below(path: str, name: str, status: int = 200) -> tuple[Route, ...]:
    """Routes of one record below another, which is removed for good and not shown alone."""
    return record(path, name=name, status=status, create=create_below, shown=None, delete=purge)


def old_record(path: str, verb: str = "PUT", **more: Any) -> tuple[Route, ...]:
    """Routes of one record of v1."""
    return record(path, verb=verb, costs=(10, 2, 10, 6), **more)


def _new_id(call: Call) -> Any:
    if call.resource.id_kind == "integer":
        return call.rows.next_id()
    return str(uuid.uuid4()) if call.resource.id_kind == "uuid" else uuid.uuid4().hex


def _owners(call: Call, blank: Row) -> Row:
    return {name: call.user_id for name in ("owner_id", "creator_user_id", "creator_id", "user_id") if name in blank}


def _merge_custom_fields(row: Row, body: Row, before: Row) -> None:
    if "custom_fields" in body:
        merged = {**before, **body["custom_fields"]}
        row["custom_fields"] = {key: value for key, value in merged.items() if value is not None}


def _parts(call: Call) -> list[Message]:
    head = f"content-type: {call.request.header('content-type')}\r\n\r\n".encode()
    message = message_from_bytes(head + call.request.body)
    return [part for part in message.walk() if not part.is_multipart()] if message.is_multipart() else []


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
