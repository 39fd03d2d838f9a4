"""Example rows of every object besides the seven main ones, and where the sandbox keeps them."""

from typing import Any

from integration_tests.destination.account import Account

#: Object -> the sandbox's name of its rows.
ROWS = {
    "deal_products": "deal_products",
    "deal_installments": "installments",
    "deal_participants": "deal_participants",
    "deal_followers": "followers",
    "person_followers": "followers",
    "organization_followers": "followers",
    "product_followers": "followers",
    "organization_relationships": "organizationRelationships",
    "pipelines": "pipelines",
    "stages": "stages",
    "lead_labels": "leadLabels",
    "activity_types": "activityTypes",
    "filters": "filters",
    "goals": "goals",
    "roles": "roles",
    "users": "users",
    "webhooks": "webhooks",
    "projects": "projects",
    "tasks": "tasks",
    "mail_threads": "mail_threads",
}


def conditions(value: str) -> dict[str, Any]:
    """A filter's conditions: one group glued by and, one by or."""
    condition = {"object": "deal", "field_id": "1", "operator": "=", "value": value, "extra_value": None}
    groups = [{"glue": "and", "conditions": [condition]}, {"glue": "or", "conditions": []}]
    return {"glue": "and", "conditions": groups}


#: Object -> a field to change and its new value. Relations have none.
CHANGES: dict[str, tuple[str, Any]] = {
    "deal_products": ("quantity", 7),
    "deal_installments": ("amount", 99.5),
    "organization_relationships": ("type", "related"),
    "pipelines": ("is_deal_probability_enabled", False),
    "stages": ("deal_probability", 35),
    "lead_labels": ("color", "red"),
    "activity_types": ("icon_key", "truck"),
    "filters": ("conditions", conditions("2")),
    "goals": ("interval", "yearly"),
    "roles": ("parent_role_id", 1),
    "users": ("active_flag", False),
    "projects": ("description", "new"),
    "tasks": ("description", "new"),
}  # fmt: skip


def parents(account: Account, number: int) -> dict[str, int]:
    """An organization, a person, a product, a deal and a project of a number, made when they are missing."""
    org = _once(account, "organizations", name=f"Org {number}")
    person = _once(account, "persons", name=f"Person {number}")
    product = _once(account, "products", name=f"Product {number}")
    deal = _once(account, "deals", title=f"Deal {number}", org_id=org)
    project = _once(account, "projects", title=f"Project {number}")
    return {"org": org, "person": person, "product": product, "deal": deal, "project": project}


def example(name: str, number: int, account: Account) -> dict[str, Any]:
    """A row of an object, another one for each number; five rows share a parent."""
    ids, below = parents(account, number), parents(account, number // 5)
    users = [row["id"] for row in account.rows("users")]
    rows: dict[str, dict[str, Any]] = {
        "deal_products": {"deal_id": below["deal"], "product_id": ids["product"], "item_price": 10, "quantity": 2},
        "deal_installments": {"deal_id": below["deal"], "description": f"Part {number}", "amount": 5,
                              "billing_date": "2026-12-01"},
        "deal_participants": {"deal_id": below["deal"], "person_id": ids["person"]},
        "deal_followers": {"deal_id": ids["deal"], "user_id": users[0]},
        "person_followers": {"person_id": ids["person"], "user_id": users[1]},
        "organization_followers": {"organization_id": ids["org"], "user_id": users[0]},
        "product_followers": {"product_id": ids["product"], "user_id": users[0]},
        "organization_relationships": {"rel_owner_org_id": parents(account, 100)["org"],
                                       "rel_linked_org_id": ids["org"], "type": "parent"},
        "pipelines": {"name": f"Pipeline {number}"},
        "stages": {"name": f"Step {number}", "pipeline": account.rows("pipelines")[0]["name"]},
        "lead_labels": {"name": f"Label {number}", "color": "blue"},
        "activity_types": {"name": f"Type {number}", "icon_key": "car", "color": "FFAA00"},
        "filters": {"name": f"Filter {number}", "type": "deals", "conditions": conditions("1")},
        "goals": {"title": f"Goal {number}", "type_name": "deals_started",
                  "type_params": {"pipeline_id": [1], "activity_type_id": [1]}, "assignee_id": 1,
                  "assignee_type": "person", "expected_outcome": {"target": number, "tracking_metric": "quantity"},
                  "duration_start": "2026-01-01", "duration_end": "2026-12-31", "interval": "monthly"},
        "roles": {"name": f"Role {number}"},
        "users": {"email": f"u{number}@acme.test"},
        "webhooks": {"subscription_url": f"https://hooks.acme.test/{number}", "event_action": "*",
                     "event_object": "deal", "name": f"Hook {number}"},
        "projects": {"title": f"Plan {number}", "deal_ids": [ids["deal"]], "start_date": "2026-05-01"},
        "tasks": {"title": f"Task {number}", "project_id": below["project"], "is_done": number % 2 == 0,
                  "assignee": account.rows("users")[0]["email"]},
    }  # fmt: skip
    return rows[name]


def mappings(name: str) -> list[dict[str, Any]]:
    """Projects and tasks have no natural key: their title is one here."""
    return [{"stream": name, "match_on": ["title"]}] if name in ("projects", "tasks") else []


def _once(account: Account, name: str, /, **row: Any) -> int:
    key = next(iter(row))
    found = [each for each in account.rows(name) if each[key] == row[key]]
    return int(found[0]["id"]) if found else account.put(name, **row)
