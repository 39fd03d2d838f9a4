"""How records appear as hits of a search: summaries with what they belong to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State

KINDS = ("deals", "persons", "organizations", "products", "leads", "projects")
NOUNS = {kind: kind.removesuffix("s") for kind in KINDS}

Texts = dict[str, list[str]]


@dataclass
class Hit:
    """A matching row with its score and the texts that were searched."""

    score: float
    row: Row
    texts: Texts


def shown(state: State, collection: str, hit: Hit, call: Call) -> dict[str, Any]:
    row = hit.row
    summary = {
        "id": row["id"],
        "type": NOUNS[collection],
        "owner": {"id": row["owner_id"]},
        "custom_fields": hit.texts.get("custom_fields", []),
        **SUMMARIES[collection](state, row, hit.texts),
    }
    if collection != "projects":
        summary["visible_to"] = int(row["visible_to"])
    if collection != "products":
        summary["notes"] = hit.texts["notes"]
    for name in call.query.get("include_fields", ()):
        summary[name.partition(".")[2]] = row.get(name.partition(".")[2])
    return {"result_score": hit.score, "item": summary}


def _deal(state: State, row: Row, _texts: Texts) -> Row:
    return {
        "title": row["title"],
        "value": row["value"],
        "currency": row["currency"],
        "status": row["status"],
        "stage": _named(state, "stages", row["stage_id"]),
        "pipeline": _named(state, "pipelines", row["pipeline_id"]),
        "person": _named(state, "persons", row["person_id"]),
        "organization": _organization(state, row["org_id"]),
        "is_archived": row["is_archived"],
    }


def _person(state: State, row: Row, texts: Texts) -> Row:
    contacts = {"phones": texts.get("phone", []), "emails": texts.get("email", [])}
    primary = next((each["value"] for each in row.get("emails") or () if each["primary"]), None)
    stamped = {"primary_email": primary, "update_time": row["update_time"]}
    return {"name": row["name"], **contacts, **stamped, "organization": _organization(state, row["org_id"])}


def _plain_organization(_state: State, row: Row, texts: Texts) -> Row:
    return {"name": row["name"], "address": texts.get("address", [None])[0]}


def _product(_state: State, row: Row, _texts: Texts) -> Row:
    return {"name": row["name"], "code": row["code"]}


def _lead(state: State, row: Row, _texts: Texts) -> Row:
    person = state.store.find("persons", row["person_id"]) or {}
    value = row["value"] or {}
    return {
        "title": row["title"],
        "person": _named(state, "persons", row["person_id"]),
        "organization": _organization(state, row["organization_id"]),
        "phones": [each["value"] for each in person.get("phones", ())],
        "emails": [each["value"] for each in person.get("emails", ())],
        "value": value.get("amount"),
        "currency": value.get("currency"),
        "is_archived": row["is_archived"],
    }


def _project(state: State, row: Row, _texts: Texts) -> Row:
    first = {name: next(iter(row[name]), None) for name in ("deal_ids", "person_ids", "org_ids")}
    deal = state.store.find("deals", first["deal_ids"])
    return {
        **{name: row[name] for name in ("title", "status", "board_id", "description", "end_date")},
        "phase": _named(state, "phases", row["phase_id"]),
        "person": _named(state, "persons", first["person_ids"]),
        "organization": _organization(state, first["org_ids"]),
        "deal": None if deal is None else {"id": deal["id"], "title": deal["title"]},
        "deal_count": len(row["deal_ids"]),
    }


def _named(state: State, collection: str, row_id: Any) -> dict[str, Any] | None:
    row = state.store.find(collection, row_id)
    return None if row is None else {"id": row["id"], "name": row["name"]}


def _organization(state: State, row_id: Any) -> dict[str, Any] | None:
    named = _named(state, "organizations", row_id)
    return None if named is None else {**named, "address": None}


SUMMARIES: dict[str, Callable[[State, Row, Texts], Row]] = {
    "deals": _deal,
    "persons": _person,
    "organizations": _plain_organization,
    "products": _product,
    "leads": _lead,
    "projects": _project,
}
