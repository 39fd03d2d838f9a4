"""OAuth scopes that reading takes, by path. Data only.

Any one scope of a row is enough, and `:full` will do where a row says `:read`.
Source: the `security` of each operation in https://developers.pipedrive.com/docs/api/v1/openapi.yaml and
…/openapi-v2.yaml; a contract test holds them together.
"""

from functools import lru_cache

Scopes = tuple[str, ...]

#: Path -> scopes, without its version unless that decides. A path that has no row takes those of the longest row that
#: it begins with.
READ_SCOPES: dict[str, Scopes] = {
    "deals": ("deals:read",),
    "deals/products": ("deals:read", "products:read"),
    "deals/search": ("deals:read", "search:read"),
    "deals/{id}/changelog": ("recents:read",),
    "deals/{id}/mailMessages": ("mail:read",),
    "dealFields": ("deals:read", "admin", "deal-fields:full"),
    "persons": ("contacts:read",),
    "persons/search": ("contacts:read", "search:read"),
    "persons/{id}/changelog": ("recents:read",),
    "persons/{id}/mailMessages": ("mail:read",),
    "personFields": ("contacts:read", "admin", "contact-fields:full"),
    "organizations": ("contacts:read",),
    "organizations/search": ("contacts:read", "search:read"),
    "organizations/{id}/changelog": ("recents:read",),
    "organizations/{id}/mailMessages": ("mail:read",),
    "organizationRelationships": ("contacts:read",),
    "organizationFields": ("contacts:read", "admin", "contact-fields:full"),
    "products": ("products:read",),
    "products/search": ("products:read", "search:read"),
    "products/{id}/deals": ("deals:read",),
    "productFields": ("products:read", "product-fields:full"),
    "leads": ("leads:read",),
    "leadLabels": ("leads:read",),
    "leadSources": ("leads:read",),
    "leadFields": ("leads:read", "admin"),
    "activities": ("activities:read",),
    "activityTypes": ("activities:read", "admin"),
    "activityFields": ("admin",),
    "v1/activityFields": ("activities:read",),
    "pipelines": ("deals:read", "admin"),
    "pipelines/{id}": ("deals:read", "admin"),
    "pipelines/{id}/conversion_statistics": ("deals:read",),
    "pipelines/{id}/movement_statistics": ("deals:read",),
    "stages": ("deals:read", "admin"),
    "notes": ("deals:read", "contacts:read"),
    "noteFields": ("deals:read", "contacts:read"),
    "files": ("deals:read", "contacts:read", "activities:read"),
    "filters": ("deals:read", "contacts:read", "activities:read"),
    "callLogs": ("phone-integration",),
    "mailbox": ("mail:read",),
    "currencies": ("base",),
    "users": ("users:read",),
    "users/me": ("base",),
    "legacyTeams": ("users:read",),
    "goals": ("goals:read",),
    "webhooks": ("admin",),
    "roles": ("admin",),
    "permissionSets": ("admin",),
    "projects": ("projects:read",),
    "tasks": ("projects:read",),
    "boards": ("projects:read",),
    "phases": ("projects:read",),
    "projectTemplates": ("projects:read",),
    "projectFields": ("projects:read", "project-fields:full"),
}


@lru_cache(maxsize=512)
def read_scopes(path: str) -> Scopes:
    """Scopes of which one is enough to read a path template. Raises KeyError with the path that has no row."""
    if path in READ_SCOPES:
        return READ_SCOPES[path]
    parts = path.removeprefix("api/v2/").removeprefix("v1/").split("/")
    for length in range(len(parts), 0, -1):
        found = READ_SCOPES.get("/".join(parts[:length]))
        if found:
            return found
    raise KeyError(f"No scopes for {path}; add a row to pipedrive_client/scopes.py")
