"""A sandbox account whose every cost is known: so many parents, so many of them with children."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

from pipedrive_sandbox import Sandbox

Row = dict[str, Any]

#: Rows a deal, of what the shares below do not settle.
PER_DEAL = {
    "deals": 1.0,
    "persons": 0.5,
    "organizations": 0.25,
    "products": 0.05,
    "leads": 0.125,
    "activities": 0.375,
    "notes": 0.125,
    "files": 0.025,
    "changes": 2.0,
    "discounts": 0.05,
    "installments": 0.05,
    "product_variations": 0.02,
    "product_images": 0.01,
    "comments": 0.05,
    "mail_threads": 0.05,
    "organizationRelationships": 0.05,
    "callLogs": 0.025,
    "projects": 0.025,
    "tasks": 0.05,
    "project_changes": 0.05,
}
#: What stays few however large an account is.
FEW = {"filters": 4, "goals": 4, "webhooks": 2, "legacyTeams": 2, "boards": 2, "phases": 6, "projectTemplates": 2}
#: Children, parents, the column between them, the share of parents that have children, and how many each.
LINKS = (
    ("deal_products", "deals", "deal_id", 0.20, 2),
    ("followers", "deals", "deal_id", 0.10, 1),
    ("deal_participants", "deals", "deal_id", 0.12, 1),
    ("mail_messages", "deals", "deal_id", 0.04, 2),
    ("followers", "persons", "person_id", 0.05, 1),
    ("mail_messages", "persons", "person_id", 0.05, 1),
    ("followers", "organizations", "org_id", 0.10, 1),
    ("mail_messages", "organizations", "org_id", 0.10, 1),
    ("followers", "products", "product_id", 0.10, 1),
)
#: Children that hang below exactly one kind of parent here; the columns of the others are emptied.
EXCLUSIVE = {
    "followers": ("deal_id", "person_id", "org_id", "product_id"),
    "mail_messages": ("deal_id", "person_id", "org_id"),
}


def rows(deals: int) -> dict[str, int]:
    """How many rows of each kind an account with so many deals has: everything else in proportion."""
    counts = {name: max(round(deals * share), 1) for name, share in PER_DEAL.items()}
    children: dict[str, int] = defaultdict(int)
    for child, parent, _, share, each in LINKS:
        children[child] += round(counts[parent] * share) * each
    return {"users": 6, **counts, **FEW, **children}


def account(deals: int, seed: int = 1) -> Sandbox:
    """A sandbox with so many deals."""
    sandbox = Sandbox()
    sandbox.seed(seed=seed, scale=0, **rows(deals))
    _link(sandbox, Random(seed))
    return sandbox


def live(sandbox: Sandbox, name: str) -> list[Row]:
    """The rows of a kind that are not deleted, in whatever way the kind says so."""
    return [row for row in sandbox.rows(name) if not row.get("is_deleted") and row.get("active_flag") is not False]


def touch(sandbox: Sandbox, share: float, seed: int = 1) -> list[Row]:
    """Change this share of the deals, now; answers them."""
    alive, now = live(sandbox, "deals"), sandbox.now()
    chosen = Random(seed).sample(alive, max(round(len(sandbox.rows("deals")) * share), 1))
    return sandbox.put_rows("deals", [{"id": row["id"], "title": "Changed", "update_time": now} for row in chosen])


def _link(sandbox: Sandbox, picks: Random) -> None:
    """Hang the seeded children below the parents that are to have some, and every mail into a thread."""
    unlinked = {name: [row["id"] for row in sandbox.rows(name)] for name in {link[0] for link in LINKS}}
    for child, parent, column, share, each in LINKS:
        count = round(len(sandbox.rows(parent)) * share)
        chosen = picks.sample([row["id"] for row in live(sandbox, parent)], count)
        empty = dict.fromkeys(EXCLUSIVE.get(child, ()))
        ids = [unlinked[child].pop() for _ in range(count * each)]
        sandbox.put_rows(child, [{**empty, "id": row, column: chosen[n // each]} for n, row in enumerate(ids)])
    threads, mails = sandbox.rows("mail_threads"), sandbox.rows("mail_messages")
    rows = [{"id": row["id"], "mail_thread_id": threads[n % len(threads)]["id"]} for n, row in enumerate(mails)]
    sandbox.put_rows("mail_messages", rows)
