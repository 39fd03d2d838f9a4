"""Searches: summaries of matching records, from an index that lags behind writes.

Source: https://developers.pipedrive.com/docs/api/v1/ItemSearch. A term has at least two characters, or one with
`exact_match`, which compares whole values and ignores case.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

from pipedrive_sandbox.actions.search_hits import NOUNS, Hit, Texts, shown
from pipedrive_sandbox.messages import Refusal, Response, json_response, v1_error, v2_error
from pipedrive_sandbox.model.paging import cursor_response, offset_slice, slice_page
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.clock import to_text
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State, custom_keys

SEARCHABLE_TYPES = ("address", "varchar", "text", "varchar_auto", "double", "monetary", "phone")
NARROWED_AT_MOST = 2_000
NOTE_COLUMN = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id", "leads": "lead_id"}
NOTE_COLUMN["projects"] = "project_id"
FIELDS = {
    "deals": ("dealFields", "title"),
    "leads": ("dealFields", "title"),
    "persons": ("personFields", "name"),
    "organizations": ("organizationFields", "name"),
    "products": ("productFields", "name"),
    "projects": ("projectFields", "title"),
}

_COLLECTIONS = {noun: collection for collection, noun in NOUNS.items()}


def search(call: Call) -> Response:
    """Matching records of one kind, a cursor page at a time."""
    page, following = slice_page(call, _shown_hits(call))
    return cursor_response(call, {"items": page}, following)


def search_by_offset(call: Call) -> Response:
    """Matching records of one kind, an offset page at a time (v1)."""
    body = offset_slice(call, _shown_hits(call)).json()
    return json_response({**body, "data": {"items": body["data"] or []}})


def _shown_hits(call: Call) -> list[Row]:
    return [shown(call.state, call.resource.name, hit, call) for hit in find_hits(call, call.resource.name)]


def search_all(call: Call) -> Response:
    """Matching records of several kinds in one list (`item_types`)."""
    kinds = call.query.get("item_types") or list(NOUNS.values())
    found: list[tuple[float, dict[str, Any]]] = []
    for collection, noun in NOUNS.items():
        if noun in kinds:
            found += [(hit.score, shown(call.state, collection, hit, call)) for hit in find_hits(call, collection)]
    found.sort(key=itemgetter(0), reverse=True)
    page, following = slice_page(call, [shown for _, shown in found])
    return cursor_response(call, {"items": page, "related_items": []}, following)


def search_field(call: Call) -> Response:
    """Distinct values of one field that hold a term; upper and lower case differ."""
    return cursor_response(call, *slice_page(call, _field_hits(call)))


def _field_hits(call: Call) -> list[Row]:
    query, match = call.query, call.query.get("match", "exact")
    rows = call.state.store[_COLLECTIONS[query["entity_type"]]].rows.values()
    found = []
    for row in rows:
        value = row.get("custom_fields", {}).get(query["field"], row.get(query["field"]))
        if isinstance(value, str) and not row.get("is_deleted") and _fits(value, query["term"], match):
            found.append({"id": row["id"], "name": value})
    return found


def _fits(value: str, term: str, match: str) -> bool:
    if match == "exact":
        return value == term
    return value.startswith(term) if match == "beginning" else term in value


def find_hits(call: Call, collection: str) -> list[Hit]:
    """Matching live rows, best first. Raises 400 for a term that is too short."""
    is_exact = call.query.get("exact_match", False)
    term = _term(call, is_exact)
    wanted = call.query.get("fields")
    hits = []
    for row, texts, folded in _indexed(call.state, collection):
        if _is_narrowed_out(call, row):
            continue
        notes = _notes(call.state, collection, row["id"])
        searched = {**folded, "notes": [note.casefold() for note in notes]} if notes else folded
        score = _best(term, searched, wanted, is_exact)
        if score:
            hits.append(Hit(score, row, {**texts, "notes": notes}))
    hits.sort(key=lambda hit: -hit.score)
    is_narrowed = any(name in call.query for name in ("person_id", "organization_id", "status"))
    return hits[:NARROWED_AT_MOST] if is_narrowed else hits


def _term(call: Call, is_exact: bool) -> str:
    term: str = call.query["term"].strip().casefold()
    if not term:
        raise _bad_term(call, 'Invalid input: "term" is not allowed to be empty')
    if len(term) < 2 and not is_exact:
        raise _bad_term(call, 'Invalid input: "term" length must be at least 2 characters long')
    return term


def _bad_term(call: Call, sentence: str) -> Refusal:
    return v1_error(400, sentence) if call.resource.version == "v1" else v2_error(400, sentence, "ERR_INVALID_INPUT")


def _indexed(state: State, collection: str) -> Iterator[tuple[Row, Texts, Texts]]:
    rows, moment = state.store[collection], state.clock.now() - state.settings.search_lag
    cache: dict[Any, tuple[Row, Texts, Texts]] = state.search_texts.setdefault(collection, {})
    for current in rows.rows.values():
        row = rows.as_of(current, moment)
        if row is None or current.get("invisible") or _is_forgotten(state, collection, row, moment):
            continue
        known = cache.get(row["id"])
        if known is None or known[0] is not row:
            texts = {name: values for name, values in _texts(state, collection, row).items() if values}
            folded = {name: [value.casefold() for value in values] for name, values in texts.items()}
            known = cache[row["id"]] = (row, texts, folded)
        yield known


def _is_forgotten(state: State, collection: str, row: Row, moment: float) -> bool:
    # Seen with the real API: deleted organizations stay in the index, unmarked, and persons for a while.
    if not row.get("is_deleted") or collection == "organizations":
        return False
    kept = state.settings.deleted_persons_searchable
    return collection != "persons" or (row["update_time"] or "") < to_text(moment - kept)


def _texts(state: State, collection: str, row: Row) -> Texts:
    fields, title = FIELDS[collection]
    return {
        title: [row[title] or ""],
        "email": [each["value"] for each in row.get("emails") or ()],
        "phone": [each["value"] for each in row.get("phones") or ()],
        "code": [row["code"]] if row.get("code") else [],
        "description": [row["description"]] if collection == "projects" and row["description"] else [],
        "address": [row["address"]["value"]] if row.get("address") else [],
        "custom_fields": _custom_texts(state, fields, row.get("custom_fields") or {}),
    }


def _custom_texts(state: State, fields: str, values: Row) -> list[str]:
    known = custom_keys(state, fields)
    found = [
        value["value"] if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None and key in known and known[key]["field_type"] in SEARCHABLE_TYPES
    ]
    return [str(value) for value in found]


def _notes(state: State, collection: str, row_id: Any) -> list[str]:
    column = NOTE_COLUMN.get(collection)
    if column is None:
        return []
    return [note["content"] for note in state.store["notes"].having(column, row_id) if note["active_flag"]]


def _best(term: str, texts: Texts, wanted: Sequence[str] | None, is_exact: bool) -> float:
    searched = (values for category, values in texts.items() if wanted is None or category in wanted)
    return max((_match(term, value, is_exact) for values in searched for value in values), default=0.0)


def _match(term: str, value: str, is_exact: bool) -> float:
    if term not in value:
        return 0.0
    if value.strip() == term:
        return 1.0
    if is_exact:
        return 0.0
    return round(0.2 + 0.5 * len(term) / len(value), 4)


def _is_narrowed_out(call: Call, row: Row) -> bool:
    query = call.query
    people = row.get("person_ids", [row.get("person_id")])
    organizations = row.get("org_ids", [row.get("org_id", row.get("organization_id"))])
    return (
        ("person_id" in query and query["person_id"] not in people)
        or ("organization_id" in query and query["organization_id"] not in organizations)
        or ("status" in query and row.get("status") not in query["status"])
    )
