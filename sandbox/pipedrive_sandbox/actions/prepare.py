"""What makes the other records consistent before they are stored."""

from pipedrive_sandbox.actions.deals import company_currency
from pipedrive_sandbox.messages import forbidden
from pipedrive_sandbox.model.bodies import refuse_key
from pipedrive_sandbox.model.resource import CONTACT_SYNC, Call
from pipedrive_sandbox.model.sanitise import sanitise
from pipedrive_sandbox.store.collection import Row

ASSIGNEES_AT_MOST = 10
LINKS = ("deal_id", "lead_id", "project_id")
PARENTS = {noun: f"{noun}_id" for noun in ("lead", "deal", "organization", "person", "project", "task")}
PINNED_BY = {f"pinned_to_{noun}_flag": column for noun, column in {**PARENTS, "organization": "org_id"}.items()}


def person(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """Name and its parts derive each other; fields of Contact Sync are refused without it."""
    refused = [name for name in CONTACT_SYNC if name in body]
    if refused and not call.state.settings.contact_sync:
        raise forbidden("v2", f"The field {refused[0]} needs contact sync to be enabled")
    _complete_name(call, row, body, before)
    row["custom_fields"] = row.get("custom_fields") or {}


def _complete_name(call: Call, row: Row, body: Row, before: Row | None) -> None:
    parts = [name for name in ("first_name", "last_name") if name in body]
    if "name" in body:
        if parts:
            # Seen with the real API: a name beside one of its parts is refused.
            raise refuse_key(call, parts[0], f"Parameter '{parts[0]}' is not allowed together with 'name'")
        if not body["name"].strip():
            raise refuse_key(call, "name", "The value must not be empty")
        # Seen with the real API: the last word is the last name; a single word is the first name.
        first, _, last = body["name"].strip().rpartition(" ")
        row["first_name"], row["last_name"] = (first, last) if first else (last, None)
    elif parts:
        if before is None and len(parts) < 2:
            raise refuse_key(call, "name", "Parameter 'name' is required")
        row["name"] = " ".join(part for part in (row["first_name"], row["last_name"]) if part and part.strip())
        if not row["name"]:
            raise refuse_key(call, "name", "The value must not be empty")
    elif before is None:
        raise refuse_key(call, "name", "Parameter 'name' is required")


def activity(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """The primary participant is the activity's person; of deal, lead and project one link survives; due today."""
    if before is None and not body.get("subject"):
        row["subject"] = _type_name(call, row["type"])
    if before is None and row.get("due_date") is None:
        row["due_date"] = call.now()[:10]
    if "participants" in body:
        primary = [each["person_id"] for each in row["participants"] if each["primary"]]
        row["person_id"] = primary[0] if primary else None
    if "done" in body:
        was_done = bool(before and before["done"])
        row["marked_as_done_time"] = (before or {}).get("marked_as_done_time") if was_done else call.now()
        row["marked_as_done_time"] = row["marked_as_done_time"] if row["done"] else None
    linked = next((name for name in LINKS if body.get(name) is not None), None)
    if linked:
        row.update({name: None for name in LINKS if name != linked})


def _type_name(call: Call, key: str) -> str:
    rows = call.state.store["activityTypes"].rows.values()
    return next((row["name"] for row in rows if row["key_string"] == key), "Call")


def product(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """Prices belong to the product; without any there is a zero in the default currency."""
    if before is None and "prices" not in body:
        row["prices"] = [{"price": 0, "currency": company_currency(call), "cost": 0, "direct_cost": None, "notes": ""}]
    row["prices"] = [{**price, "product_id": row["id"]} for price in row["prices"]]


def deal_product(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """Sum, name and currency follow from product and deal."""
    product_row = call.state.store.find("products", row["product_id"]) or {}
    deal = call.state.store.find("deals", row["deal_id"]) or {}
    row["name"], row["currency"] = product_row.get("name", ""), deal.get("currency", "EUR")
    amount = row["item_price"] * row["quantity"]
    discount = row["discount"] if row["discount_type"] == "amount" else amount * row["discount"] / 100
    row["sum"] = round(amount - discount, 2)
    if before is None:
        others = call.rows.having("deal_id", row["deal_id"])
        row["order_nr"] = max((each["order_nr"] or 0 for each in others), default=-1) + 1


def appended(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """Pipelines and activity types are appended to their order."""
    if before is None:
        row["order_nr"] = max((each["order_nr"] for each in call.rows.rows.values()), default=0) + 1


def stage(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """A stage is appended to its pipeline."""
    if before is None or before["pipeline_id"] != row["pipeline_id"]:
        others = call.rows.having("pipeline_id", row["pipeline_id"])
        row["order_nr"] = max((each["order_nr"] for each in others), default=0) + 1


def activity_type(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """The key is derived from the name once."""
    if before is None:
        appended(call, row, body, before)
        row["key_string"] = row["name"].lower().replace(" ", "_")


def note(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """A note needs a parent, may be pinned only to one it has, and its HTML is cleaned."""
    if not any(row.get(parent) is not None for parent in PINNED_BY.values()):
        sentence = "Note must be associated with at least one organization, person, deal, lead or project."
        raise refuse_key(call, "deal_id", sentence)
    for flag, parent in PINNED_BY.items():
        if body.get(flag) and row.get(parent) is None:
            raise refuse_key(call, flag, f"{flag} is only allowed together with {parent}")
    if before is None:
        link_like_deal(call, row)
    row["last_update_user_id"] = call.user_id if before else None
    row["content"] = sanitise(row["content"])


def file(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """A file of a deal alone belongs to the deal's person and organization too."""
    if before is None:
        link_like_deal(call, row)


def link_like_deal(call: Call, row: Row) -> None:
    """What is made with a deal alone belongs to the deal's person and organization too, as recorded answers show."""
    deal = call.state.store.find("deals", row.get("deal_id"))
    if deal and row["person_id"] is None and row["org_id"] is None:
        row.update({name: deal[name] for name in ("person_id", "org_id")})


def lead(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """A lead needs a person or an organization; archiving is stamped."""
    if row.get("person_id") is None and row.get("organization_id") is None:
        raise refuse_key(call, "person_id", 'One of the "person_id" or "organization_id" must be set.')
    if before is None:
        row["source_name"] = row["origin"] = "API"
    if "is_archived" in body:
        row["archive_time"] = call.now() if body["is_archived"] else None


def comment(call: Call, row: Row, _body: Row, _before: Row | None) -> None:
    """A comment names its note twice, and its HTML is cleaned."""
    row["uuid"], row["object_id"], row["updater_id"] = row["id"], str(row["note_id"]), call.user_id
    row["content"] = sanitise(row["content"])


def discount(call: Call, row: Row, _body: Row, before: Row | None) -> None:
    """A discount has its own names for times and users."""
    row["updated_at"], row["updated_by"] = call.now(), call.user_id
    if before is None:
        row["created_at"], row["created_by"] = call.now(), call.user_id


def variation(_call: Call, row: Row, _body: Row, _before: Row | None) -> None:
    """Prices of a variation belong to it."""
    row["prices"] = [{**price, "product_variation_id": row["id"]} for price in row["prices"]]


def project(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """A change of status is stamped; a template leaves no trace."""
    row.pop("template_id", None)
    if before is None or ("status" in body and body["status"] != before["status"]):
        row["status_change_time"] = call.now()


def task(call: Call, row: Row, body: Row, _before: Row | None) -> None:
    """`done` and `milestone` are numbers in and booleans out; one assignee joins the list."""
    for sent, stored in (("done", "is_done"), ("milestone", "is_milestone")):
        if sent in body:
            row[stored] = bool(row.pop(sent))
    row["marked_as_done_time"] = (row["marked_as_done_time"] or call.now()) if row["is_done"] else None
    assignee = row.pop("assignee_id", None)
    if assignee is not None:
        row["assignee_ids"] = [assignee]
    if len(row["assignee_ids"]) > ASSIGNEES_AT_MOST:
        raise refuse_key(call, "assignee_ids", f"The list must not hold more than {ASSIGNEES_AT_MOST} users")


def relationship(_call: Call, row: Row, _body: Row, _before: Row | None) -> None:
    """`org_id` only says which side is meant."""
    row.pop("org_id", None)


def mail_thread(_call: Call, row: Row, body: Row, _before: Row | None) -> None:
    """Flags of mail are numbers; an archived thread is in the archive."""
    row.update({name: int(value) for name, value in body.items() if name.endswith("_flag")})
    if "archived_flag" in body:
        row["folders"] = ["archive"] if body["archived_flag"] else ["inbox"]
