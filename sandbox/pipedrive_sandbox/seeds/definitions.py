"""Field definitions: those every account has, and the example custom ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from pipedrive_sandbox.blanks import FIELD
from pipedrive_sandbox.state import State
from pipedrive_sandbox.store import Row

Definition = tuple[str, str, str]
Custom = tuple[str, str, tuple[str, ...]]

FIRST_NUMBER = {
    "dealFields": 12_400,
    "personFields": 9_000,
    "organizationFields": 4_000,
    "productFields": 2_000,
    "activityFields": 1_000,
    "projectFields": 700,
    "leadFields": 400,
    "noteFields": 100,
}
_RECORD: tuple[Definition, ...] = (
    ("id", "ID", "int"),
    ("owner_id", "Owner", "user"),
    ("add_time", "Created", "date"),
    ("update_time", "Updated", "date"),
    ("visible_to", "Visible to", "visible_to"),
)
BUILT_IN: dict[str, tuple[Definition, ...]] = {
    "dealFields": (
        ("title", "Title", "varchar"),
        *_RECORD,
        ("creator_user_id", "Creator", "user"),
        ("value", "Value", "monetary"),
        ("currency", "Currency", "varchar"),
        ("person_id", "Contact person", "people"),
        ("org_id", "Organization", "org"),
        ("pipeline_id", "Pipeline", "double"),
        ("stage_id", "Stage", "stage"),
        ("status", "Status", "status"),
        ("probability", "Probability", "int"),
        ("lost_reason", "Lost reason", "varchar_options"),
        ("stage_change_time", "Last stage change", "date"),
        ("close_time", "Closed", "date"),
        ("won_time", "Won time", "date"),
        ("lost_time", "Lost time", "date"),
        ("expected_close_date", "Expected close date", "date"),
        ("label_ids", "Labels", "set"),
    ),
    "personFields": (
        ("name", "Name", "varchar"),
        *_RECORD,
        ("first_name", "First name", "varchar"),
        ("last_name", "Last name", "varchar"),
        ("org_id", "Organization", "org"),
        ("emails", "Email", "varchar"),
        ("phones", "Phone", "phone"),
        ("picture_id", "Picture", "picture"),
        ("label_ids", "Labels", "set"),
    ),
    "organizationFields": (
        ("name", "Name", "varchar"),
        *_RECORD,
        ("address", "Address", "address"),
        ("website", "Website", "varchar"),
        ("linkedin", "LinkedIn profile", "varchar"),
        ("industry", "Industry", "enum"),
        ("annual_revenue", "Annual revenue", "double"),
        ("employee_count", "Number of employees", "int"),
        ("label_ids", "Labels", "set"),
    ),
    "productFields": (
        ("name", "Name", "varchar"),
        *_RECORD,
        ("code", "Product code", "varchar"),
        ("description", "Description", "text"),
        ("unit", "Unit", "varchar"),
        ("tax", "Tax", "double"),
        ("category", "Category", "enum"),
        ("is_linkable", "Active", "boolean"),
        ("prices", "Unit prices", "price_list"),
        ("billing_frequency", "Billing frequency", "billing_frequency"),
    ),
    "activityFields": (
        ("subject", "Subject", "varchar"),
        ("id", "ID", "int"),
        ("type", "Type", "enum"),
        ("owner_id", "Assigned to user", "user"),
        ("deal_id", "Deal", "deal"),
        ("lead_id", "Lead", "lead"),
        ("person_id", "Contact person", "people"),
        ("org_id", "Organization", "org"),
        ("project_id", "Project", "project"),
        ("due_date", "Due date", "date"),
        ("due_time", "Due time", "time"),
        ("duration", "Duration", "time"),
        ("done", "Done", "boolean"),
        ("note", "Note", "text"),
        ("location", "Location", "address"),
        ("priority", "Priority", "enum"),
    ),
    "projectFields": (
        ("title", "Title", "varchar"),
        ("id", "ID", "int"),
        ("owner_id", "Owner", "user"),
        ("board_id", "Board", "projects_board"),
        ("phase_id", "Phase", "projects_phase"),
        ("status", "Status", "status"),
        ("start_date", "Start date", "date"),
        ("end_date", "End date", "date"),
    ),
    "leadFields": (
        ("title", "Title", "varchar"),
        ("id", "ID", "varchar"),
        ("owner_id", "Owner", "user"),
        ("person_id", "Contact person", "people"),
        ("organization_id", "Organization", "org"),
        ("value", "Value", "monetary"),
        ("expected_close_date", "Expected close date", "date"),
        ("label_ids", "Labels", "set"),
    ),
    "noteFields": (
        ("content", "Content", "text"),
        ("deal_id", "Deal", "deal"),
        ("person_id", "Person", "people"),
        ("org_id", "Organization", "org"),
        ("user_id", "User", "user"),
        ("pinned_to_deal_flag", "Note is pinned to deal", "enum"),
    ),
}
BUILT_IN_OPTIONS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("dealFields", "label_ids"): (("Hot", "red"), ("Warm", "yellow"), ("Cold", "blue")),
    ("personFields", "label_ids"): (("Customer", "green"), ("Prospect", "orange"), ("Partner", "purple")),
    ("organizationFields", "label_ids"): (("Customer", "green"), ("Supplier", "gray"), ("Важный", "red")),
    ("organizationFields", "industry"): (("Software", ""), ("Manufacturing", ""), ("Retail", "")),
    ("productFields", "category"): (("Hardware", ""), ("Software", ""), ("Service", "")),
    ("activityFields", "priority"): (("High", ""), ("Medium", ""), ("Low", "")),
    ("noteFields", "pinned_to_deal_flag"): (("No", ""), ("Yes", "")),
}
CUSTOM: dict[str, tuple[Custom, ...]] = {
    "dealFields": (
        ("Lead source", "enum", ("Website", "Referral", "Trade fair", "Партнёр")),
        ("Products of interest", "set", ("Starter", "Team", "Enterprise", "ホスティング")),
        ("Contract number", "varchar", ()),
        ("Region", "varchar_auto", ()),
        ("Terms", "text", ()),
        ("Discount %", "double", ()),
        ("Budget", "monetary", ()),
        ("Account manager", "user", ()),
        ("Partner company", "org", ()),
        ("Decision maker", "people", ()),
        ("Hotline", "phone", ()),
        ("Call time", "time", ()),
        ("Delivery window", "timerange", ()),
        ("Signing date", "date", ()),
        ("Contract period", "daterange", ()),
        ("Delivery address", "address", ()),
        ("Segment", "varchar", ()),
        ("Segment", "double", ()),
        ("Title", "varchar", ()),
        ("Status", "enum", ("Green", "Amber", "Red")),
        ("Источник", "varchar", ()),
        ("担当者", "varchar", ()),
        ("!!!", "varchar", ()),
    ),
    "personFields": (
        ("Nickname", "varchar", ()),
        ("Newsletter", "enum", ("Weekly", "Monthly", "Never")),
        ("Interests", "set", ("Golf", "Sailing", "Chess")),
        ("Home address", "address", ()),
        ("Birth year", "double", ()),
        ("Met on", "date", ()),
    ),
    "organizationFields": (
        ("Founded year", "double", ()),
        ("Domain", "varchar", ()),
        ("Tier", "enum", ("Gold", "Silver", "Bronze")),
        ("Headquarters phone", "phone", ()),
        ("Fiscal year", "daterange", ()),
        ("Engagement score", "double", ()),
        ("会社種別", "set", ("株式会社", "合同会社")),
    ),
    "productFields": (
        ("Supplier", "org", ()),
        ("Weight", "double", ()),
        ("Material", "enum", ("Steel", "Wood", "Plastic")),
        ("Release date", "date", ()),
        ("List price", "monetary", ()),
    ),
    "projectFields": (("Risk", "enum", ("Low", "High")), ("Budget code", "varchar", ())),
}
SUBFIELDS: dict[str, tuple[Definition, ...]] = {
    "monetary": (("currency", "Currency", "varchar"),),
    "daterange": (("until", "End date", "date"),),
    "time": (("timezone_id", "Timezone ID", "int"),),
    "timerange": (("until", "End time", "time"), ("timezone_id", "Timezone ID", "int")),
    "address": (
        ("locality", "City", "varchar"),
        ("country", "Country", "varchar"),
        ("postal_code", "ZIP code", "varchar"),
    ),
}


def add_built_in(state: State) -> None:
    """The definitions that a new account has."""
    for collection, definitions in BUILT_IN.items():
        for code, name, field_type in definitions:
            options = BUILT_IN_OPTIONS.get((collection, code))
            made = (
                new_options(state, [label for label, _ in options], [color for _, color in options])
                if options
                else None
            )
            add_field(state, collection, code, name, field_type, made, is_custom_field=False)


def add_custom(state: State, seed: int) -> None:
    """The example custom fields; a seed has its own keys."""
    for collection, fields in CUSTOM.items():
        for position, (label, field_type, labels) in enumerate(fields):
            key = custom_key(f"{collection}/{label}/{position}/{seed}")
            if state.store.find(collection, key) is None:
                options = new_options(state, labels) if labels else None
                add_field(state, collection, key, label, field_type, options)


def custom_key(text: str) -> str:
    """A key of 40 hexadecimal digits."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def new_options(state: State, labels: Sequence[str], colors: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Options with ids that no other field of the account uses."""
    made = []
    for position, label in enumerate(labels):
        option: dict[str, Any] = {"id": state.store["optionIds"].next_id(), "label": label}
        if colors and colors[position]:
            option["color"] = colors[position]
        made.append({**option, "add_time": FIELD["add_time"], "update_time": FIELD["update_time"]})
    return made


def add_field(
    state: State,
    collection: str,
    code: str,
    name: str,
    field_type: str,
    options: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Row:
    """Store a field definition; its row id is the field code."""
    subfields = [
        {"field_code": part, "field_name": f"{label} of {name}", "field_type": kind}
        for part, label, kind in SUBFIELDS.get(field_type, ())
    ]
    row = {
        **FIELD,
        "id": code,
        "numeric_id": FIRST_NUMBER[collection] + len(state.store[collection].rows),
        "field_name": name,
        "field_code": code,
        "field_type": field_type,
        "options": options,
        "subfields": subfields or None,
        **more,
    }
    return state.put(collection, row)
