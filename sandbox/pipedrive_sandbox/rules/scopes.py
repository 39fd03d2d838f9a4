"""OAuth scopes: which of them an operation asks for, any one of which is enough.

Source: the `security` of each operation, https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from pipedrive_sandbox.messages import Refusal, refuse
from pipedrive_sandbox.rules.errors import SHORT_HELP
from pipedrive_sandbox.table import Resource, Route

#: Families with `:read` and `:full`, and single scopes, by resource; `r:` or `w:` limits one to reads or writes.
SCOPES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("deals", "discounts", "installments", "deal_participants", "participant_changes", "deals_merge"): ("deals",),
    ("deals_followers", "deals_follower_changes", "deals_files"): ("deals",),
    ("persons", "organizations", "organizationRelationships", "organizationRelationship"): ("contacts",),
    ("persons_followers", "persons_follower_changes", "persons_files", "persons_merge"): ("contacts",),
    ("organizations_followers", "organizations_follower_changes", "organizations_files"): ("contacts",),
    ("organizations_merge",): ("contacts",),
    ("activities",): ("activities",),
    ("products", "products_followers", "products_follower_changes", "products_files"): ("products",),
    ("product_variations", "product_images"): ("products",),
    ("deal_products",): ("deals", "products"),
    ("pipelines", "stages"): ("r:deals", "admin"),
    ("dealFields",): ("r:deals", "admin", "deal-fields:full"),
    ("personFields", "organizationFields"): ("r:contacts", "admin", "contact-fields:full"),
    ("productFields",): ("products", "product-fields:full"),
    ("projectFields",): ("r:projects", "project-fields:full"),
    ("activityFields",): ("activities",),
    ("v2 activityFields",): ("admin",),
    ("leadFields",): ("leads", "admin"),
    ("deals_search",): ("deals", "search:read"),
    ("persons_search", "organizations_search"): ("contacts", "search:read"),
    ("products_search",): ("products", "search:read"),
    ("leads_search",): ("leads", "search:read"),
    ("itemSearch",): ("search:read",),
    ("leads", "leadLabels", "leadSources"): ("leads",),
    ("notes", "comments", "noteFields"): ("deals", "contacts"),
    ("files", "filters"): ("deals", "contacts", "activities"),
    ("currencies",): ("base",),
    ("users", "legacyTeams", "user_details"): ("users:read",),
    ("user_writes",): ("r:users:read", "w:admin"),
    ("activityTypes",): ("r:activities", "admin"),
    ("deals_changelog", "persons_changelog", "organizations_changelog"): ("recents:read",),
    ("deals_mail_messages", "persons_mail_messages", "organizations_mail_messages"): ("mail",),
    ("mail_threads", "mail_messages", "mail_message"): ("mail",),
    ("boards", "phases", "projects", "tasks", "projectTemplates"): ("projects",),
    ("goals",): ("goals",),
    ("webhooks", "roles", "role_assignments", "permissionSets", "permission_assignments"): ("admin",),
    ("callLogs",): ("phone-integration",),
}
BASE_PATHS = ("/users/me",)
_BY_NAME = {name: scopes for names, scopes in SCOPES.items() for name in names}


def accepted_scopes(resource: Resource, route: Route) -> set[str]:
    """Scopes of which one is enough for an operation."""
    if route.path in BASE_PATHS:
        return {"base"}
    is_read = route.method == "GET"
    words = resource.scopes or _BY_NAME.get(f"{resource.version} {resource.name}") or _BY_NAME[resource.name]
    return {scope for word in words for scope in _scopes(word, is_read)}


def require_scope(resource: Resource, route: Route, granted: str) -> None:
    """Raises 403 when none of the granted scopes (joined by commas) fits."""
    if not accepted_scopes(resource, route) & set(granted.split(",")):
        raise _mismatch()


def _scopes(word: str, is_read: bool) -> tuple[str, ...]:
    side, _, rest = word.partition(":")
    if side in ("r", "w"):
        return _scopes(rest, is_read) if (side == "r") == is_read else ()
    if ":" in word or word in ("base", "admin", "phone-integration"):
        return (word,)
    return (f"{word}:read", f"{word}:full") if is_read else (f"{word}:full",)


def _mismatch() -> Refusal:
    body = {"success": False, "error": "Scope and URL mismatch", "errorCode": 403, "error_info": SHORT_HELP}
    return refuse(403, body)
