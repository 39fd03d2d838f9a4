"""Bulk writes of a deal's products."""

from operator import itemgetter

from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.traces import value_deal
from pipedrive_sandbox.actions.writes import add, answer, change, find_to_write
from pipedrive_sandbox.messages import Response, success
from pipedrive_sandbox.model.bodies import read_body, read_object, refuse_key
from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.resource import Call

AT_ONCE = 100


def add_one(call: Call) -> Response:
    """Add a product; the deal's value follows."""
    require_parent(call)
    row = add(call, read_body(call, call.resource.create))
    value_deal(call, row["deal_id"])
    return answer(call, row)


def change_one(call: Call) -> Response:
    """Change a product of a deal; the deal's value follows."""
    row = change(call, find_to_write(call), read_body(call, call.resource.update))
    value_deal(call, row["deal_id"])
    return answer(call, row)


def add_many(call: Call) -> Response:
    """Add up to 100 products, all or none."""
    require_parent(call)
    sent = read_body(call, {"data": Key("array", required=True)})["data"]
    if len(sent) > AT_ONCE:
        raise refuse_key(call, "data", f"The list must not hold more than {AT_ONCE} products")
    bodies = [read_object(call, each, call.resource.create) for each in sent]
    render = call.shape
    rows = [render(add(call, body)) for body in bodies]
    value_deal(call, int(call.path["id"]))
    return success(rows, additional_data=None)


def delete_many(call: Call) -> Response:
    """Remove the given products, or without `ids` the first hundred of the deal."""
    require_parent(call)
    rows = sorted(call.rows.having("deal_id", int(call.path["id"])), key=itemgetter("id"))
    if "ids" in call.query:
        rows = [row for row in rows if row["id"] in call.query["ids"]]
    for row in rows[:AT_ONCE]:
        call.rows.remove(row["id"])
    value_deal(call, int(call.path["id"]))
    gone = [row["id"] for row in rows[:AT_ONCE]]
    more = {"more_items_in_collection": len(rows) > AT_ONCE}
    return success({"ids": gone}, additional_data=more)


def delete_one(call: Call) -> Response:
    """Remove one product from its deal."""
    require_parent(call)
    ids = [row["id"] for row in call.rows.having("deal_id", int(call.path["id"]))]
    wanted = call.path["product_attachment_id"]
    if wanted not in map(str, ids):
        raise refuse_key(call, "product_attachment_id", "The deal has no such product")
    call.rows.remove(int(wanted))
    value_deal(call, int(call.path["id"]))
    return success({"id": int(wanted)})
