"""The API's operations as facts: path, token cost, page style, largest page. Data only.

Costs are tokens per call, whatever ``limit`` is.
Source: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting and ``x-token-cost`` in
https://developers.pipedrive.com/docs/api/v1/openapi.yaml and …/openapi-v2.yaml; a contract test holds them together.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Paging = Literal["none", "cursor", "offset", "object"]

#: Largest page of a list. Source: https://pipedrive.readme.io/docs/core-api-concepts-pagination
MAX_LIMIT = 500
#: Largest number of ids in an ``ids=`` or ``deal_ids=`` parameter. Source: the v2 operations' parameter notes.
MAX_IDS = 100
#: Largest number of keys in ``custom_fields=``. Source: the v2 operations' parameter notes.
MAX_CUSTOM_FIELDS = 15
#: Search has a window of its own: 10 calls per 2 s. Source: the rate-limiting page.
SEARCH_CALLS_PER_WINDOW = 10


@dataclass(frozen=True)
class Endpoint:
    """One operation. ``path`` is a template such as ``api/v2/deals/{id}``.

    ``paging`` ``object``: the answer is one object, read as a list of one. ``inside``: the key under ``data`` that
    holds the rows. ``deprecated``: the vendor's documents mark it so.
    """

    method: str
    path: str
    cost: int
    paging: Paging = "none"
    max_limit: int = MAX_LIMIT
    inside: str = ""
    deprecated: bool = False

    @cached_property
    def is_search(self) -> bool:
        """True for the calls that count against the search window."""
        return self.path.endswith("/search") or "/itemSearch" in self.path


def _crud(path: str) -> tuple[Endpoint, ...]:
    """The five operations that v2 prices alike: list 10, get 1, POST and PATCH 5, DELETE 3."""
    return (
        Endpoint("GET", path, 10, "cursor"),
        Endpoint("GET", path + "/{id}", 1),
        Endpoint("POST", path, 5),
        Endpoint("PATCH", path + "/{id}", 5),
        Endpoint("DELETE", path + "/{id}", 3),
    )


def _fields(path: str) -> tuple[Endpoint, ...]:
    """Field definitions with their options."""
    return (
        Endpoint("GET", path, 10, "cursor"),
        Endpoint("POST", path, 5),
        Endpoint("PATCH", path + "/{field_code}", 5),
        Endpoint("DELETE", path + "/{field_code}", 3),
        Endpoint("POST", path + "/{field_code}/options", 5),
    )


def _changes(path: str, method: str = "PUT", cost: int = 10, item: str = "/{id}") -> tuple[Endpoint, ...]:
    """POST, an update and DELETE; v1 prices them at 10, 10 and 6, v2 at 5, 5 and 3."""
    return (
        Endpoint("POST", path, cost),
        Endpoint(method, path + item, cost),
        Endpoint("DELETE", path + item, 6 if cost == 10 else 3),
    )


def _relation(path: str, item: str, cost: int = 5) -> tuple[Endpoint, ...]:
    """What is only created and deleted."""
    return Endpoint("POST", path, cost), Endpoint("DELETE", path + item, 6 if cost == 10 else 3)


ENDPOINTS: tuple[Endpoint, ...] = (
    *_crud("api/v2/deals"),
    Endpoint("GET", "api/v2/deals/archived", 20, "cursor"),
    Endpoint("GET", "api/v2/deals/search", 20, "cursor", 100),
    *_crud("api/v2/persons"),
    Endpoint("GET", "api/v2/persons/search", 20, "cursor", 100),
    *_crud("api/v2/organizations"),
    Endpoint("GET", "api/v2/organizations/search", 20, "cursor", 100),
    *_crud("api/v2/activities"),
    *_crud("api/v2/products"),
    Endpoint("GET", "api/v2/products/search", 20, "cursor", 100),
    Endpoint("GET", "api/v2/pipelines", 5, "cursor"),
    Endpoint("GET", "api/v2/pipelines/{id}", 1),
    *_changes("api/v2/pipelines", "PATCH", 5),
    Endpoint("GET", "api/v2/stages", 5, "cursor"),
    Endpoint("GET", "api/v2/stages/{id}", 1),
    *_changes("api/v2/stages", "PATCH", 5),
    *_fields("api/v2/dealFields"),
    *_fields("api/v2/personFields"),
    *_fields("api/v2/organizationFields"),
    *_fields("api/v2/productFields"),
    *_fields("api/v2/projectFields"),
    Endpoint("GET", "api/v2/activityFields", 10, "cursor"),
    # the first version's definitions, with keys, numbers and flags that v2 does not have
    Endpoint("GET", "v1/dealFields", 20, "offset"),
    Endpoint("GET", "v1/personFields", 20, "offset"),
    Endpoint("GET", "v1/organizationFields", 20, "offset"),
    Endpoint("GET", "v1/productFields", 20, "offset"),
    Endpoint("GET", "v1/activityFields", 20),
    Endpoint("GET", "v1/leads", 20, "offset"),
    Endpoint("GET", "v1/leads/archived", 40, "offset"),
    Endpoint("GET", "v1/leads/{id}", 2),
    Endpoint("POST", "v1/leads", 10),
    Endpoint("PATCH", "v1/leads/{id}", 10),
    Endpoint("DELETE", "v1/leads/{id}", 6),
    Endpoint("GET", "v1/leadLabels", 10),
    *_changes("v1/leadLabels", "PATCH"),
    Endpoint("GET", "v1/leadFields", 20, "offset"),
    Endpoint("GET", "v1/notes", 20, "offset"),
    Endpoint("GET", "v1/notes/{id}", 2),
    Endpoint("POST", "v1/notes", 10),
    Endpoint("PUT", "v1/notes/{id}", 10),
    Endpoint("DELETE", "v1/notes/{id}", 6),
    Endpoint("GET", "v1/noteFields", 20),
    Endpoint("GET", "v1/files", 20, "offset", 100),
    Endpoint("GET", "v1/files/{id}", 2),
    Endpoint("GET", "v1/files/{id}/download", 20),
    Endpoint("GET", "v1/users", 20),
    Endpoint("GET", "v1/users/me", 2),
    Endpoint("GET", "v1/users/{id}", 2),
    Endpoint("POST", "v1/users", 10),
    Endpoint("PUT", "v1/users/{id}", 10),
    Endpoint("GET", "v1/users/{id}/permissions", 10),
    Endpoint("GET", "v1/activityTypes", 20),
    *_changes("v1/activityTypes"),
    Endpoint("GET", "v1/currencies", 20),
    # below deals, persons, organizations, products, notes
    Endpoint("GET", "api/v2/deals/products", 10, "cursor"),
    *_changes("api/v2/deals/{id}/products", "PATCH", 5, "/{product_attachment_id}"),
    Endpoint("GET", "api/v2/deals/installments", 10, "cursor"),
    *_changes("api/v2/deals/{id}/installments", "PATCH", 5, "/{installment_id}"),
    Endpoint("GET", "api/v2/deals/{id}/discounts", 10),
    Endpoint("GET", "api/v2/deals/{id}/followers", 10, "cursor"),
    *_relation("api/v2/deals/{id}/followers", "/{follower_id}"),
    Endpoint("GET", "v1/deals/{id}/participants", 10, "offset"),
    *_relation("v1/deals/{id}/participants", "/{deal_participant_id}", 10),
    Endpoint("GET", "v1/deals/{id}/mailMessages", 20, "offset"),
    Endpoint("GET", "v1/deals/{id}/changelog", 20, "cursor"),
    Endpoint("GET", "api/v2/persons/{id}/followers", 10, "cursor"),
    *_relation("api/v2/persons/{id}/followers", "/{follower_id}"),
    Endpoint("GET", "v1/persons/{id}/mailMessages", 20, "offset"),
    Endpoint("GET", "v1/persons/{id}/changelog", 20, "cursor"),
    Endpoint("GET", "api/v2/organizations/{id}/followers", 10, "cursor"),
    *_relation("api/v2/organizations/{id}/followers", "/{follower_id}"),
    Endpoint("GET", "v1/organizations/{id}/mailMessages", 20, "offset"),
    Endpoint("GET", "v1/organizations/{id}/changelog", 20, "cursor"),
    Endpoint("GET", "v1/organizationRelationships", 20),
    Endpoint("GET", "v1/organizationRelationships/{id}", 2),
    *_changes("v1/organizationRelationships"),
    Endpoint("GET", "api/v2/products/{id}/followers", 10, "cursor"),
    *_relation("api/v2/products/{id}/followers", "/{follower_id}"),
    Endpoint("GET", "api/v2/products/{id}/variations", 10, "cursor"),
    Endpoint("GET", "api/v2/products/{id}/images", 10, "object"),
    Endpoint("GET", "v1/notes/{id}/comments", 20, "offset"),
    Endpoint("GET", "v1/pipelines/{id}/conversion_statistics", 40, "object"),
    Endpoint("GET", "v1/pipelines/{id}/movement_statistics", 40, "object"),
    # lists below records that no stream reads yet: a stream of one needs a row of its own and a schema only
    Endpoint("GET", "v1/deals/{id}/files", 20, "offset", 100),
    Endpoint("GET", "v1/deals/{id}/participantsChangelog", 10, "cursor"),
    Endpoint("GET", "v1/deals/{id}/permittedUsers", 10),
    Endpoint("GET", "v1/persons/{id}/files", 20, "offset", 100),
    Endpoint("GET", "v1/persons/{id}/permittedUsers", 10),
    Endpoint("GET", "v1/organizations/{id}/files", 20, "offset", 100),
    Endpoint("GET", "v1/organizations/{id}/permittedUsers", 10),
    Endpoint("GET", "v1/products/{id}/files", 20, "offset", 100),
    Endpoint("GET", "v1/products/{id}/deals", 20, "offset"),
    Endpoint("GET", "api/v2/deals/{id}/followers/changelog", 10, "cursor"),
    Endpoint("GET", "api/v2/persons/{id}/followers/changelog", 10, "cursor"),
    Endpoint("GET", "api/v2/organizations/{id}/followers/changelog", 10, "cursor"),
    Endpoint("GET", "api/v2/products/{id}/followers/changelog", 10, "cursor"),
    Endpoint("GET", "api/v2/users/{id}/followers", 10, "cursor"),
    # mail, account, administration
    Endpoint("GET", "v1/mailbox/mailThreads", 20, "offset"),
    Endpoint("GET", "v1/mailbox/mailThreads/{id}", 20),
    Endpoint("PUT", "v1/mailbox/mailThreads/{id}", 10),
    Endpoint("DELETE", "v1/mailbox/mailThreads/{id}", 6),
    Endpoint("GET", "v1/mailbox/mailThreads/{id}/mailMessages", 20),
    Endpoint("GET", "v1/filters", 20),
    Endpoint("GET", "v1/filters/{id}", 2),
    *_changes("v1/filters"),
    Endpoint("GET", "v1/goals/find", 20, inside="goals"),
    Endpoint("GET", "v1/goals/{id}/results", 20, "object"),
    *_changes("v1/goals"),
    Endpoint("GET", "v1/webhooks", 10),
    *_relation("v1/webhooks", "/{id}", 10),
    Endpoint("GET", "v1/callLogs", 20, "offset", 50),
    Endpoint("GET", "v1/leadSources", 2),
    Endpoint("GET", "v1/roles", 20, "offset"),
    Endpoint("GET", "v1/roles/{id}", 2),
    *_changes("v1/roles"),
    Endpoint("GET", "v1/roles/{id}/assignments", 10, "offset"),
    Endpoint("GET", "v1/permissionSets", 20),
    Endpoint("GET", "v1/permissionSets/{id}", 2),
    Endpoint("GET", "v1/permissionSets/{id}/assignments", 20, "offset"),
    Endpoint("GET", "v1/legacyTeams", 20, deprecated=True),
    # projects
    *_crud("api/v2/projects"),
    Endpoint("GET", "api/v2/projects/archived", 10, "cursor"),
    Endpoint("GET", "api/v2/projects/{id}/changelog", 10, "cursor"),
    *_crud("api/v2/tasks"),
    Endpoint("GET", "api/v2/boards", 10),
    Endpoint("GET", "api/v2/phases", 10),
    Endpoint("GET", "api/v2/projectTemplates", 10, "cursor"),
)

_BY_TEMPLATE = {(row.method, row.path): row for row in ENDPOINTS}


def endpoint(method: str, path: str) -> Endpoint:
    """The row of a path template. Raises KeyError with the name of what is missing."""
    try:
        return _BY_TEMPLATE[method, path]
    except KeyError:
        raise KeyError(f"No endpoint row for {method} {path}; add one to pipedrive_client/endpoints.py") from None
