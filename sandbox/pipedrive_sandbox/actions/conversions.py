"""Conversion of deals to leads and back: a job with an id, done at once.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Leads: convert). The converted record is marked as deleted.
"""

import uuid

from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.messages import Response, not_found, success
from pipedrive_sandbox.model.bodies import read_body, refuse_key
from pipedrive_sandbox.model.column import blank
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.model.tables import deals, leads
from pipedrive_sandbox.store.collection import Row

COLUMNS = {"deals": deals.COLUMNS, "leads": leads.COLUMNS}


def to_lead(call: Call) -> Response:
    """Make a lead of a deal. A deal without person and organization cannot become one."""
    deal = require_parent(call)
    if deal["person_id"] is None and deal["org_id"] is None:
        raise refuse_key(call, "id", 'One of the "person_id" or "organization_id" must be set.')
    value = {"amount": deal["value"], "currency": deal["currency"]}
    kept = {name: deal[name] for name in ("title", "owner_id", "person_id", "expected_close_date", "custom_fields")}
    about = {"organization_id": deal["org_id"], "value": value, "source_deal_id": deal["id"]}
    return _converted(call, deal, "leads", {**kept, **about, "id": str(uuid.uuid4())}, "lead_id")


def to_deal(call: Call) -> Response:
    """Make a deal of a lead, in the stage or pipeline that the body names."""
    lead, body = require_parent(call), read_body(call, call.resource.create)
    value = lead["value"] or {"amount": 0, "currency": "EUR"}
    kept = {name: lead[name] for name in ("title", "owner_id", "person_id", "expected_close_date", "custom_fields")}
    stage = call.state.store.find("stages", body.get("stage_id", 1)) or {"id": 1, "pipeline_id": 1}
    about = {"org_id": lead["organization_id"], "value": value["amount"], "currency": value["currency"]}
    placed = {"stage_id": stage["id"], "pipeline_id": body.get("pipeline_id", stage["pipeline_id"])}
    deals = call.state.store["deals"]
    return _converted(call, lead, "deals", {**kept, **about, **placed, "id": deals.next_id()}, "deal_id")


def status(call: Call) -> Response:
    """How a conversion stands; all are done at once."""
    found = call.rows.rows.get(call.path["conversion_id"])
    if found is None or str(found["source_id"]) != call.path["id"]:
        raise not_found("v2", "Entity was")
    shown = {name: value for name, value in found.items() if name not in ("id", "source_id")}
    return success(shown, additional_data=None)


def _converted(call: Call, source: Row, collection: str, row: Row, key: str) -> Response:
    state, times = call.state, {"add_time": call.now(), "update_time": call.now()}
    state.put(collection, {**blank(COLUMNS[collection]), **times, **row})
    state.put(call.resource.parent, {**source, "is_deleted": True, "update_time": call.now()})
    job = str(uuid.uuid4())
    done = {"id": job, "source_id": source["id"], "conversion_id": job, "status": "completed", key: row["id"]}
    state.put(call.resource.name, done)
    return success({"conversion_id": job}, additional_data=None)
