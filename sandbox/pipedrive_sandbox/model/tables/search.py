"""Searches: of one kind, of all, of one field.

Source: https://developers.pipedrive.com/docs/api/v1/ItemSearch
"""

from pipedrive_sandbox.actions import search, search_hits
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.resource import Param, Resource, get

CONTENT = "custom_fields notes"
ALL_FIELDS = f"{CONTENT} address code description email name phone title"
TERM = "term fields exact_match"
LINKED = "person_id organization_id"
ALL_EXTRAS = "deal.cc_email person.picture product.price"
SCOPE = {"persons": "contacts", "organizations": "contacts"}
NOUNS = tuple(search_hits.NOUNS.values())
PARAMS = {
    "status": Param("choices", ("open", "won", "lost")),
    "item_types": Param("choices", (*NOUNS, "file", "mail_attachment")),
    "search_for_related_items": v.YES_NO,
    "entity_type": Param("choice", NOUNS, required=True),
    "match": Param("choice", ("exact", "beginning", "middle")),
    "field": Param("text", required=True),
}
PAGE_LIMIT = 100


def _search(name: str, version: str, fields: str, extras: str) -> Resource:
    scopes = "search:read" if name == "items" else f"{SCOPE.get(name, name)} search:read"
    shown = {"search_fields": tuple(fields.split()), "include_fields": tuple(extras.split())}
    return Resource(name, "Record", version, scopes, params=PARAMS, page_limit=PAGE_LIMIT).at(**shown)


def _of(kind: str, fields: str, narrow: str = "", extra: str = "") -> Resource:
    query = f"{TERM} {narrow} {'include_fields' if extra else ''} {v.PAGE}"
    feature = "projects" if kind == "projects" else ""
    return _search(kind, "v2", fields, extra).at(get(f"/{kind}/search", 20, search.search, query), feature=feature)


TABLES = (
    _of("deals", f"{CONTENT} title", f"{LINKED} status", "deal.cc_email"),
    _of("persons", f"{CONTENT} email phone name", "organization_id", "person.picture"),
    _of("organizations", f"{CONTENT} address name"),
    _of("products", "code custom_fields name", "", "product.price"),
    _of("leads", f"{CONTENT} title", LINKED, "lead.was_seen"),
    _of("projects", f"{CONTENT} title description", LINKED),
    _search("leads", "v1", f"{CONTENT} title", "lead.was_seen").at(
        get("/leads/search", 40, search.search_by_offset, f"{TERM} {LINKED} include_fields {v.OFFSET}"), page_limit=500
    ),
    _search("items", "v2", ALL_FIELDS, ALL_EXTRAS).at(
        get("/itemSearch", 20, search.search_all, f"{TERM} item_types search_for_related_items include_fields {v.PAGE}")
    ),
    _search("items", "v2", "", "").at(
        get("/itemSearch/field", 20, search.search_field, f"term entity_type match field {v.PAGE}"), page_limit=500
    ),
)
