"""Uploads: a file and what it belongs to, as a multipart form.

Source: https://developers.pipedrive.com/docs/api/v1/Files#addFile
"""

from email import message_from_bytes
from email.message import Message

from pipedrive_sandbox.actions.prepare import link_like_deal
from pipedrive_sandbox.actions.writes import add, answer
from pipedrive_sandbox.messages import Response
from pipedrive_sandbox.model.bodies import read_object, refuse_key
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row


def upload(call: Call) -> Response:
    """A new file; its content is measured and forgotten."""
    parts = {str(part.get_param("name", header="content-disposition")): part for part in _parts(call)}
    file = parts.pop("file", None)
    if file is None:
        raise refuse_key(call, "file", "File must be given.")
    links = {name: _content(part).decode() for name, part in parts.items()}
    name = file.get_filename() or "file"
    about = {"name": name, "file_name": name, "file_type": name.rpartition(".")[2], "file_size": len(_content(file))}
    return answer(call, add(call, {**read_object(call, links, call.resource.create), **about}))


def prepare(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """A file of a deal alone belongs to the deal's person and organization too."""
    if before is None:
        link_like_deal(call, row)


def _parts(call: Call) -> list[Message]:
    head = f"content-type: {call.request.header('content-type')}\r\n\r\n".encode()
    message = message_from_bytes(head + call.request.body)
    return [part for part in message.walk() if not part.is_multipart()] if message.is_multipart() else []


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
