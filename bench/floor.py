"""The lowest price that the API allows for an account, from its rows and the price list alone.

Every formula is written out, stream by stream, and shares nothing with the source's table: it knows which lists exist,
what a call costs and how much fits into one, which lists take a filter, which parents have counters and which
operations take many parents. Rows that an answer for another stream already held cost nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from bench.account import Row, live
from pipedrive_client.endpoints import MAX_IDS, endpoint
from pipedrive_sandbox import Sandbox

Price = dict[str, int]

#: Streams of one list -> its path and the sandbox's name of its rows.
LISTS = {
    "persons": ("api/v2/persons", "persons"),
    "organizations": ("api/v2/organizations", "organizations"),
    "activities": ("api/v2/activities", "activities"),
    "products": ("api/v2/products", "products"),
    "notes": ("v1/notes", "notes"),
    "files": ("v1/files", "files"),
    "pipelines": ("api/v2/pipelines", "pipelines"),
    "stages": ("api/v2/stages", "stages"),
    "activity_types": ("v1/activityTypes", "activityTypes"),
    "currencies": ("v1/currencies", "currencies"),
    "users": ("v1/users", "users"),
    "lead_labels": ("v1/leadLabels", "leadLabels"),
    "lead_sources": ("v1/leadSources", "leadSources"),
    "deal_fields": ("api/v2/dealFields", "dealFields"),
    "person_fields": ("api/v2/personFields", "personFields"),
    "organization_fields": ("api/v2/organizationFields", "organizationFields"),
    "product_fields": ("api/v2/productFields", "productFields"),
    "activity_fields": ("api/v2/activityFields", "activityFields"),
    "project_fields": ("api/v2/projectFields", "projectFields"),
    "lead_fields": ("v1/leadFields", "leadFields"),
    "note_fields": ("v1/noteFields", "noteFields"),
    "webhooks": ("v1/webhooks", "webhooks"),
    "call_logs": ("v1/callLogs", "callLogs"),
    "legacy_teams": ("v1/legacyTeams", "legacyTeams"),
    "tasks": ("api/v2/tasks", "tasks"),
    "boards": ("api/v2/boards", "boards"),
    "project_templates": ("api/v2/projectTemplates", "projectTemplates"),
}
#: Streams whose lists take a filter for the change time -> those lists.
FILTERED = {
    "deals": ("api/v2/deals", "api/v2/deals/archived"),
    "persons": ("api/v2/persons",),
    "organizations": ("api/v2/organizations",),
    "activities": ("api/v2/activities",),
    "products": ("api/v2/products",),
    "leads": ("v1/leads",),
    "notes": ("v1/notes",),
}
FOLDERS = ("inbox", "drafts", "sent", "archive")


def everything(sandbox: Sandbox) -> Price:
    """A first read of all streams."""
    deals = live(sandbox, "deals")
    known = {row["id"] for row in live(sandbox, "persons")}
    return {**lists(sandbox), **below_deals(sandbox, deals, known), **below_others(sandbox)}


def unchanged(sandbox: Sandbox) -> Price:
    """A further read when nothing changed: lists with a filter or a sorting cost one call, the others as at first.

    What has no change time is read whole, details and assignments included.
    """
    price = {**lists(sandbox), **account_details(sandbox)}
    for name, paths in FILTERED.items():
        price[name] = sum(map(cost, paths))
    price["leads"] += cost("v1/leads/archived")
    price["files"] = cost("v1/files")
    price["filters"] = cost("v1/filters")
    return price


def lists(sandbox: Sandbox) -> Price:
    """Every list once, in the largest pages."""
    deals, leads = sandbox.rows("deals"), live(sandbox, "leads")
    archived = sum(bool(row["is_archived"]) for row in deals)
    archived_leads = sum(row["is_archived"] for row in leads)
    projects = live(sandbox, "projects")
    shelved = sum(row["archive_time"] is not None for row in projects)
    threads = [row for row in sandbox.rows("mail_threads") if not row["deleted_flag"]]
    return {name: pages(path, len(live(sandbox, rows))) for name, (path, rows) in LISTS.items()} | {
        "deals": pages("api/v2/deals", len(deals) - archived) + pages("api/v2/deals/archived", archived),
        "leads": pages("v1/leads", len(leads) - archived_leads) + pages("v1/leads/archived", archived_leads),
        "projects": pages("api/v2/projects", len(projects) - shelved) + pages("api/v2/projects/archived", shelved),
        "mail_threads": sum(
            pages("v1/mailbox/mailThreads", sum(folder in row["folders"] for row in threads)) for folder in FOLDERS
        ),
        "goals": 2 * cost("v1/goals/find"),
        "filters": cost("v1/filters") + cost("v1/filters/{id}") * len(live(sandbox, "filters")),
    }


def below_deals(sandbox: Sandbox, deals: Collection[Row], known_persons: Collection[Any] = ()) -> Price:
    """What hangs below these deals. The persons among ``known_persons`` were listed anyway."""
    ids = [row["id"] for row in deals]
    with_products = having(sandbox, "deal_products", "deal_id", ids)
    participants = {row["person_id"] for row in sandbox.rows("deal_participants") if row["deal_id"] in set(ids)}
    persons = ({row["person_id"] for row in deals if row["person_id"]} | participants) - set(known_persons)
    return {
        "deal_products": batches("api/v2/deals/products", with_products),
        "deal_installments": batches("api/v2/deals/installments", ids),
        "deal_discounts": each("api/v2/deals/{id}/discounts", ids),
        "deal_followers": each("api/v2/deals/{id}/followers", having(sandbox, "followers", "deal_id", ids)),
        "deal_participants": each("v1/deals/{id}/participants", having(sandbox, "deal_participants", "deal_id", ids)),
        "deal_persons": batches("api/v2/persons", persons),
        "deal_mail_messages": each("v1/deals/{id}/mailMessages", having(sandbox, "mail_messages", "deal_id", ids)),
        "deal_changelog": each("v1/deals/{id}/changelog", ids),
    }


def below_others(sandbox: Sandbox) -> Price:
    """What hangs below persons, organizations, products, notes and mail threads, and the account's assignments."""
    persons, organizations = _ids(sandbox, "persons"), _ids(sandbox, "organizations")
    products, notes = _ids(sandbox, "products"), _ids(sandbox, "notes")
    threads = [row for row in sandbox.rows("mail_threads") if not row["deleted_flag"] and row["folders"]]
    return (
        account_details(sandbox)
        | figures(sandbox)
        | {
            "person_followers": each(
                "api/v2/persons/{id}/followers", having(sandbox, "followers", "person_id", persons)
            ),
            "person_mail_messages": each(
                "v1/persons/{id}/mailMessages", having(sandbox, "mail_messages", "person_id", persons)
            ),
            "person_changelog": each("v1/persons/{id}/changelog", persons),
            "organization_followers": each(
                "api/v2/organizations/{id}/followers", having(sandbox, "followers", "org_id", organizations)
            ),
            "organization_mail_messages": each(
                "v1/organizations/{id}/mailMessages", having(sandbox, "mail_messages", "org_id", organizations)
            ),
            "organization_persons": 0,
            "organization_relationships": each("v1/organizationRelationships", organizations),
            "project_changelog": each("api/v2/projects/{id}/changelog", _ids(sandbox, "projects")),
            "organization_changelog": each("v1/organizations/{id}/changelog", organizations),
            "product_followers": each("api/v2/products/{id}/followers", products),
            "product_variations": each("api/v2/products/{id}/variations", products),
            "product_images": each("api/v2/products/{id}/images", products),
            "note_comments": each("v1/notes/{id}/comments", notes),
            "mail_messages": each("v1/mailbox/mailThreads/{id}/mailMessages", threads),
        }
    )


def figures(sandbox: Sandbox) -> Price:
    """Figures of a period, for the current one and the one before; a second read on the same day takes nothing."""
    pipelines = _ids(sandbox, "pipelines")
    statistics = each("v1/pipelines/{id}/conversion_statistics", pipelines)
    return {
        "goal_results": 2 * each("v1/goals/{id}/results", _ids(sandbox, "goals")),
        "pipeline_statistics": 2 * (statistics + each("v1/pipelines/{id}/movement_statistics", pipelines)),
    }


def account_details(sandbox: Sandbox) -> Price:
    """Rows without a change time that take a call each, in every read."""
    sets = _ids(sandbox, "permissionSets")
    assigned = having(sandbox, "permission_assignments", "permission_set_id", sets)
    roles = having(sandbox, "role_assignments", "role_id", _ids(sandbox, "roles"))
    return {
        "roles": cost("v1/roles") + each("v1/roles/{id}", _ids(sandbox, "roles")),
        "permission_sets": cost("v1/permissionSets") + each("v1/permissionSets/{id}", sets),
        "permission_set_assignments": each("v1/permissionSets/{id}/assignments", assigned),
        "role_assignments": each("v1/roles/{id}/assignments", roles),
        "phases": each("api/v2/phases", _ids(sandbox, "boards")),
    }


def cost(path: str) -> int:
    """Tokens of one call."""
    return endpoint("GET", path).cost


def pages(path: str, rows: int) -> int:
    """Tokens of a whole list: at least one call, the largest pages."""
    row = endpoint("GET", path)
    return row.cost * (max(-(-rows // row.max_limit), 1) if row.paging in ("cursor", "offset") else 1)


def batches(path: str, parents: Collection[Any]) -> int:
    """Tokens of an operation that takes many parents."""
    return cost(path) * -(-len(parents) // MAX_IDS)


def each(path: str, parents: Collection[Any]) -> int:
    """Tokens of an operation that takes one parent."""
    return cost(path) * len(parents)


def having(sandbox: Sandbox, children: str, column: str, parents: Iterable[Any]) -> set[Any]:
    """Those of the parents that have children: what a counter tells."""
    return {row[column] for row in live(sandbox, children)} & set(parents)


def _ids(sandbox: Sandbox, name: str) -> list[Any]:
    return [row["id"] for row in live(sandbox, name)]
