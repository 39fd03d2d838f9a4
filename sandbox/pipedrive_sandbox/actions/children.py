"""Writes of what hangs below a record: followers, participants, comments, discounts."""

from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.traces import log
from pipedrive_sandbox.actions.writes import add, answer, find_to_write
from pipedrive_sandbox.messages import Response, not_found, success
from pipedrive_sandbox.model.bodies import read_body, refuse_key
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row


def add_follower(call: Call) -> Response:
    """Follow a record; following twice is a 400."""
    require_parent(call)
    body = read_body(call, call.resource.create)
    if any(row["user_id"] == body["user_id"] for row in _of_parent(call)):
        raise refuse_key(call, "user_id", "The user follows this already")
    row = add(call, body)
    _log_follower(call, "added", body["user_id"])
    return answer(call, row)


def delete_follower(call: Call) -> Response:
    """Stop following, by user id."""
    require_parent(call)
    user_id = call.path["follower_id"]
    found = next((row for row in _of_parent(call) if str(row["user_id"]) == user_id), None)
    if found is None:
        raise not_found(call.resource.version, "Follower")
    call.rows.remove(found["id"])
    _log_follower(call, "removed", found["user_id"])
    return success({"user_id": found["user_id"]})


def add_participant(call: Call) -> Response:
    """Add a participant to a deal."""
    require_parent(call)
    row = add(call, read_body(call, call.resource.create))
    _log_participant(call, "added", row["person_id"])
    return answer(call, row)


def delete_participant(call: Call) -> Response:
    """Remove a participant, by the id of the participation."""
    row = find_to_write(call)
    call.rows.remove(row["id"])
    _log_participant(call, "removed", row["person_id"])
    return success({"id": row["id"]})


def show_image(call: Call) -> Response:
    """The picture of a product. Raises 404 when it has none."""
    require_parent(call)
    rows = _of_parent(call)
    if not rows:
        raise not_found("v2", "Image")
    return answer(call, rows[0])


def _of_parent(call: Call) -> list[Row]:
    return list(call.rows.having(call.resource.parent_column, int(call.path["id"])))


def _log_follower(call: Call, action: str, user_id: int) -> None:
    parent = {call.resource.parent_column: int(call.path["id"])}
    log(call, "follower_changes", {**parent, "action": action, "follower_user_id": user_id})


def _log_participant(call: Call, action: str, person_id: int) -> None:
    log(call, "participant_changes", {"deal_id": int(call.path["id"]), "action": action, "person_id": person_id})
