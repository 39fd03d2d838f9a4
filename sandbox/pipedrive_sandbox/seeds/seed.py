"""Deterministic example data: the same seed gives the same rows, another seed others."""

import uuid
from collections.abc import Mapping
from random import Random
from typing import Any

from pipedrive_sandbox.model.registry import RESOURCES, blank_row
from pipedrive_sandbox.seeds import histories, words
from pipedrive_sandbox.seeds.account import add_pipelines, add_users
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.seeds.values import Source
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State, add_field, custom_key, custom_keys, definitions, new_options

#: How many rows of a kind there are at scale 1, and which other kinds must exist for them.
COUNTS = {
    "organizations": (60, ""),
    "persons": (120, ""),
    "products": (30, ""),
    "deals": (100, ""),
    "leads": (40, ""),
    "activities": (150, ""),
    "notes": (60, ""),
    "files": (20, ""),
    "deal_products": (60, "deals products"),
    "followers": (60, "deals persons organizations products"),
    "deal_participants": (40, "deals persons"),
    "changes": (120, "deals persons organizations"),
    "discounts": (12, "deals"),
    "installments": (12, "deals"),
    "product_variations": (12, "products"),
    "product_images": (8, "products"),
    "comments": (20, "notes"),
    "mail_threads": (15, ""),
    "mail_messages": (40, "mail_threads"),
    "organizationRelationships": (10, "organizations"),
    "filters": (4, ""),
    "goals": (4, ""),
    "webhooks": (2, ""),
    "callLogs": (10, ""),
    "legacyTeams": (2, ""),
    "boards": (2, ""),
    "phases": (6, "boards"),
    "projects": (12, ""),
    "tasks": (24, "projects"),
    "projectTemplates": (2, "boards"),
    "project_changes": (20, "projects"),
}
#: These stay few however large the account is.
FEW = ("filters", "goals", "webhooks", "legacyTeams", "boards", "phases", "projectTemplates")
SEEDED = {resource.name: resource for resource in RESOURCES if resource.seed}


def seed_rows(state: State, seed: int, scale: float, counts: Mapping[str, int]) -> None:
    """Add example rows. Raises ValueError for counts of an unknown kind."""
    unknown = set(counts) - {*COUNTS, "users"}
    if unknown:
        raise ValueError(f"no seed for {sorted(unknown)}; known: users, {', '.join(COUNTS)}")
    add_users(state, counts.get("users", len(words.USERS)))
    add_pipelines(state, len(words.PIPELINES))
    _age_a_stage(state)
    add_custom(state, seed)
    maker = _maker(state, Random(seed))
    for name, (at_scale_1, needs) in COUNTS.items():
        count = counts.get(name, round(at_scale_1 * (min(scale, 1) if name in FEW else scale)))
        if not all(maker.ids.get(needed) for needed in needs.split()):
            continue
        rows = _rows(state, maker, name, count)
        state.store[name].load(rows)
        if name == "changes":  # A generator of its own: what is made after them stays as it is.
            histories.tell(state, rows, Random(f"{seed} {len(rows)}"))
        _remember(maker, name, [row["id"] for row in rows if not row.get("is_deleted")])


def add_custom(state: State, seed: int) -> None:
    """The example custom fields; a seed has its own keys."""
    for collection, fields in words.CUSTOM.items():
        for position, (label, field_type, labels) in enumerate(fields):
            key = custom_key(f"{collection}/{label}/{position}/{seed}")
            if state.store.find(collection, key) is None:
                options = new_options(state, labels) if labels else None
                add_field(state, collection, key, label, field_type, options)


def _rows(state: State, maker: Maker, name: str, count: int) -> list[Row]:
    first, resource = state.store[name].last_id + 1, SEEDED[name]
    assert resource.seed is not None
    rows = [{**resource.seed(maker, number), "id": number} for number in range(first, first + count)]
    if resource.id_kind in ("uuid", "text"):
        for row in rows:
            made = uuid.UUID(int=maker.random.getrandbits(128), version=4)
            row["id"] = made.hex if resource.id_kind == "text" else str(made)
    if name == "comments":
        rows = [{**row, "uuid": row["id"]} for row in rows]
    return rows


def _maker(state: State, random: Random) -> Maker:
    store = state.store
    users = [row["id"] for row in store["users"].rows.values() if row["active_flag"]]
    source = Source(random, users, [], [])
    fields = {name: list(custom_keys(state, name).values()) for name in words.CUSTOM}
    labels = {
        name: [
            option["id"]
            for row in definitions(state, name)
            if row["field_code"] == "label_ids"
            for option in row["options"]
        ]
        for name in ("dealFields", "personFields", "organizationFields")
    }
    stages = [row for row in store["stages"].rows.values() if not row["is_deleted"]]
    return Maker(random, source, fields, labels, stages, sorted(store["leadLabels"].rows))


def _remember(maker: Maker, name: str, ids: list[Any]) -> None:
    maker.ids[name] = ids
    if name == "organizations":
        maker.source.organizations = ids
    elif name == "persons":
        maker.source.persons = ids


def _age_a_stage(state: State) -> None:
    stages = state.store["stages"]
    old = {**blank_row("stages"), **stages.rows[1], "update_time": None, "add_time": "2014-03-01T09:00:00Z"}
    stages.load([old])
