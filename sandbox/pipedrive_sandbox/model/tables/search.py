"""Searches: of one kind, of all, of one field.

Source: https://developers.pipedrive.com/docs/api/v1/ItemSearch
"""

from __future__ import annotations

from pipedrive_sandbox.actions import search
from pipedrive_sandbox.model.params import OFFSET, PAGE, YES_NO
from pipedrive_sandbox.model.resource import Param, Resource, read_only

CONTENT = ("custom_fields", "notes")
LINKED = ("person_id", "organization_id")
SCOPE = {"deals": "deals", "persons": "contacts", "organizations": "contacts", "products": "products", "leads": "leads"}
STATUS = Param("choices", ("open", "won", "lost"))
PAGE_LIMIT = 100


def _search(kind: str, fields: tuple[str, ...], narrow: tuple[str, ...] = (), extra: str = "") -> Resource:
    return read_only(
        f"/{kind}/search",
        20,
        search.search,
        *(SCOPE.get(kind, kind), "search:read"),
        query=("term", "fields", "exact_match", *narrow, *(("include_fields",) if extra else ()), *PAGE),
        version="v2",
        collection=kind,
        params={"status": STATUS},
        search_fields=fields,
        include_fields=(extra,) if extra else (),
        page_limit=PAGE_LIMIT,
        feature="projects" if kind == "projects" else "",
    )


TABLES = (
    _search("deals", (*CONTENT, "title"), (*LINKED, "status"), "deal.cc_email"),
    _search("persons", (*CONTENT, "email", "phone", "name"), ("organization_id",), "person.picture"),
    _search("organizations", (*CONTENT, "address", "name")),
    _search("products", ("code", "custom_fields", "name"), (), "product.price"),
    _search("leads", (*CONTENT, "title"), LINKED, "lead.was_seen"),
    _search("projects", (*CONTENT, "title", "description"), LINKED),
    read_only(
        "/leads/search",
        40,
        search.search_by_offset,
        *("leads", "search:read"),
        query=("term", "fields", "exact_match", *LINKED, "include_fields", *OFFSET),
        collection="leads",
        search_fields=(*CONTENT, "title"),
        include_fields=("lead.was_seen",),
    ),
    read_only(
        "/itemSearch",
        20,
        search.search_all,
        "search:read",
        query=("term", "item_types", "fields", "search_for_related_items", "exact_match", "include_fields", *PAGE),
        version="v2",
        params={
            "item_types": Param("choices", (*search.NOUNS.values(), "file", "mail_attachment")),
            "search_for_related_items": YES_NO,
        },
        search_fields=(*CONTENT, "address", "code", "description", "email", "name", "phone", "title"),
        include_fields=("deal.cc_email", "person.picture", "product.price"),
        page_limit=PAGE_LIMIT,
    ),
    read_only(
        "/itemSearch/field",
        20,
        search.search_field,
        "search:read",
        query=("term", "entity_type", "match", "field", *PAGE),
        version="v2",
        params={
            "entity_type": Param("choice", tuple(search.NOUNS.values()), required=True),
            "match": Param("choice", ("exact", "beginning", "middle")),
            "field": Param("text", required=True),
        },
    ),
)
