"""Searches: terms, categories, summaries, and the index that lags."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api


def found(api: Api, kind: str, term: str, **query: Any) -> list[Any]:
    """Ids that a search finds, best first."""
    body = api.get(f"/api/v2/{kind}/search", term=term, **query).json()
    return [hit["item"]["id"] for hit in body["data"]["items"]]


def ann(api: Api) -> None:
    """Two persons whose email addresses contain each other."""
    api.created("/api/v2/persons", name="Ann", emails=[{"value": "self@example.com"}], phones=[{"value": "123"}])
    api.created("/api/v2/persons", name="Annabel", emails=[{"value": "myself@example.com"}])


def test_part_of_a_value_is_found(api: Api) -> None:
    """A term is found inside values, the whole value first."""
    ann(api)

    assert found(api, "persons", "ann") == [1, 2]


def test_exact_match_ignores_case_only(api: Api) -> None:
    """`exact_match` compares whole values without regard to case."""
    ann(api)

    assert found(api, "persons", "SELF@example.com", exact_match="true") == [1]
    assert found(api, "persons", "self@example", exact_match="true") == []


def test_fields_are_categories(api: Api) -> None:
    """`fields` limits the search; hashes and unknown names are refused."""
    ann(api)

    assert found(api, "persons", "self", fields="name") == []
    assert api.get("/api/v2/persons/search", term="self", fields="ab" * 20).status == 400


@pytest.mark.parametrize(("term", "exact", "status"), [("a", "false", 400), ("a", "true", 200), ("", "true", 400)])
def test_term_length(api: Api, term: str, exact: str, status: int) -> None:
    """A term has two characters, or one with `exact_match`."""
    response = api.get("/api/v2/persons/search", term=term, exact_match=exact)

    assert response.status == status


def test_term_is_required(api: Api) -> None:
    """A search without a term is refused."""
    assert "term" in api.get("/api/v2/persons/search").json()["error"]


def test_limit_is_100(api: Api) -> None:
    """Searches answer at most 100 hits a page."""
    assert api.get("/api/v2/persons/search", term="ann", limit=101).status == 400


def test_hits_are_summaries(api: Api) -> None:
    """Hits show emails as plain text and custom values as a bare list."""
    key = api.created("/api/v2/personFields", field_name="Nickname", field_type="varchar")["field_code"]
    api.created("/api/v2/persons", name="Ann", emails=[{"value": "a@b.example"}], custom_fields={key: "Birdie"})
    item = api.rows("/api/v2/persons/search", term="birdie")["items"][0]["item"]

    assert (item["emails"], item["custom_fields"], item["type"]) == (["a@b.example"], ["Birdie"], "person")


def test_options_are_not_searchable(seeded: Api) -> None:
    """Option labels are not part of the index."""
    assert found(seeded, "deals", "Trade fair") == []


def test_lagging_index_misses_new_rows(api: Api) -> None:
    """With a lag, a search shows rows as they were that long ago."""
    api.sandbox.change_settings(search_lag=60)
    ann(api)
    assert found(api, "persons", "ann") == []

    api.sandbox.advance(61)
    api.patch("/api/v2/persons/1", {"name": "Zoe"})
    assert found(api, "persons", "ann") == [1, 2]

    api.sandbox.advance(61)
    assert found(api, "persons", "ann") == [2]


def test_deleted_rows_are_not_found(api: Api) -> None:
    """Deleted products leave the index."""
    api.created("/api/v2/products", name="Desk")
    api.delete("/api/v2/products/1")

    assert found(api, "products", "desk") == []


def test_hits_are_paged(api: Api) -> None:
    """Hits come in cursor pages."""
    ann(api)
    first = api.get("/api/v2/persons/search", term="ann", limit=1).json()
    cursor = first["additional_data"]["next_cursor"]

    assert found(api, "persons", "ann", limit=1, cursor=cursor) == [2]


def test_notes_are_searched(api: Api) -> None:
    """A word of a note finds the person."""
    ann(api)
    api.created("/v1/notes", content="likes marmalade", person_id=2)

    assert found(api, "persons", "marmalade", fields="notes") == [2]


@pytest.mark.parametrize("kind", ["deals", "persons", "organizations", "products", "leads"])
def test_every_kind_can_be_searched(seeded: Api, kind: str) -> None:
    """Each searchable kind finds a row by its own name."""
    row = next(row for row in seeded.sandbox.rows(kind) if not row["is_deleted"])

    assert row["id"] in found(seeded, kind, row.get("title") or row["name"], exact_match="true", limit=100)


def test_lead_search_of_v1(seeded: Api) -> None:
    """The v1 lead search pages by offset."""
    body = seeded.get("/v1/leads/search", term="lead", limit=5).json()

    assert len(body["data"]["items"]) == 5
    assert body["additional_data"]["pagination"]["next_start"] == 5


def test_item_search_mixes_kinds(api: Api) -> None:
    """The common search finds several kinds and can be limited to some."""
    ann(api)
    api.created("/api/v2/deals", title="Ann deal")

    types = [hit["item"]["type"] for hit in api.rows("/api/v2/itemSearch", term="ann")["items"]]
    assert sorted(types) == ["deal", "person", "person"]
    assert len(api.rows("/api/v2/itemSearch", term="ann", item_types="deal")["items"]) == 1
