"""Creating, changing and deleting v2 records."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import NOW, Api


def error(response: Any) -> str:
    """The sentence of a refusal."""
    assert response.status == 400, response.body
    return str(response.json()["error"])


def test_created_organization_is_complete(api: Api) -> None:
    """A created row carries defaults and the clock's time, and answers 200."""
    response = api.post("/api/v2/organizations", {"name": "Acme"})
    row = response.json()["data"]

    assert response.status == 200
    assert (row["name"], row["owner_id"], row["add_time"], row["update_time"]) == ("Acme", 1, NOW, None)


def test_created_product_answers_201(api: Api) -> None:
    """Products answer 201 and get a zero price when none is given."""
    response = api.post("/api/v2/products", {"name": "Desk"})

    assert response.status == 201
    assert response.json()["data"]["prices"][0]["price"] == 0


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("organizations", {}, "name: Parameter 'name' is required"),
        ("organizations", {"name": ""}, "name: The value must not be empty"),
        ("organizations", {"name": 5}, "name: The value is not a valid 'string'"),
        ("organizations", {"name": "A", "user_id": 1}, "user_id: Parameter 'user_id' is not allowed for this request"),
        ("organizations", {"name": "A", "owner_id": "1"}, "owner_id: The value is not a valid 'integer'"),
        ("organizations", {"name": "A", "owner_id": True}, "owner_id: The value is not a valid 'integer'"),
        ("organizations", {"name": "A", "owner_id": 99}, "owner_id: "),
        ("organizations", {"name": "A", "visible_to": 2}, "visible_to: "),
        ("organizations", {"name": "A", "label_ids": [99999]}, "label_ids: "),
        ("organizations", {"name": "A", "owner_id": None}, "owner_id: The value is not a valid 'integer'"),
        ("organizations", {"name": "A", "add_time": "2026-01-01"}, "add_time: The value is not a valid 'datetime'"),
        ("organizations", {"name": "A" * 256}, "name: length must be less than or equal to 255"),
        ("deals", {"title": "A", "probability": 101}, "probability: "),
        ("deals", {"title": "A", "add_time": NOW}, "add_time: Parameter 'add_time' is not allowed"),
        ("deals", {"title": "A", "lost_reason": "x"}, "lost_reason: "),
        ("deals", {"title": "A", "status": "deleted"}, "status: "),
        ("deals", {"title": "A", "is_deleted": True}, "is_deleted: "),
        ("deals", {"title": "A", "currency": "XXX"}, "currency: "),
        ("deals", {"title": "A", "expected_close_date": None}, "The value is not a valid 'string'"),
        ("deals", {"title": "A", "expected_close_date": "2026-13-01"}, "expected_close_date: "),
        ("deals", {"title": "A", "person_id": 4242}, "person_id: "),
        ("activities", {"subject": "A", "done": 1}, "done: The value is not a valid 'boolean'"),
        ("activities", {"subject": "A", "person_id": 1}, "person_id: Parameter 'person_id' is not allowed"),
        ("activities", {"subject": "A", "type": "dance"}, "type: "),
        ("activities", {"subject": "A", "due_time": "25:00"}, "due_time: "),
        ("stages", {"name": "S", "pipeline_id": 77}, "pipeline_id: "),
        ("stages", {"name": "S", "pipeline_id": 1, "order_nr": 1}, "order_nr: Parameter 'order_nr' is not allowed"),
        ("products", {"name": "A", "prices": [{"price": "5", "currency": "EUR"}]}, "prices: "),
        ("products", {"name": "A", "prices": [{"currency": "EUR"}, {"currency": "EUR"}]}, "prices: "),
    ],
)
def test_bad_body_is_refused(api: Api, path: str, body: dict[str, Any], sentence: str) -> None:
    """Bad bodies are a 400 that names key and reason."""
    assert sentence in error(api.post(f"/api/v2/{path}", body))


def test_several_problems_in_one_answer(api: Api) -> None:
    """All problems of a body are joined."""
    assert error(api.post("/api/v2/deals", {"foo": 1, "value": "5"})) == (
        "Validation failed: foo: Parameter 'foo' is not allowed for this request; "
        "value: The value is not a valid 'number'; title: Parameter 'title' is required"
    )


@pytest.mark.parametrize("body", [[], "text", None])
def test_body_must_be_an_object(api: Api, body: Any) -> None:
    """A body that is no object is a 400."""
    assert "body: " in error(api.post("/api/v2/deals", body))


def test_include_fields_are_refused_on_writes(api: Api) -> None:
    """Writes take no query parameters."""
    api.created("/api/v2/deals", title="A")

    assert "include_fields" in error(api.call("PATCH", "/api/v2/deals/1", {"title": "B"}, include_fields="notes_count"))


def test_patch_changes_only_the_given_keys(api: Api) -> None:
    """Keys that are absent stay as they are, and the change time moves."""
    api.created("/api/v2/organizations", name="Acme", website="https://acme.example")
    api.sandbox.advance(60)
    row = api.patch("/api/v2/organizations/1", {"name": "New"}).json()["data"]

    assert (row["name"], row["website"], row["update_time"]) == ("New", "https://acme.example", "2026-11-24T10:01:00Z")


def test_nullable_built_in_is_cleared(api: Api) -> None:
    """The few nullable keys can be emptied."""
    api.created("/api/v2/organizations", name="Acme", website="https://acme.example")

    assert "website" not in api.patch("/api/v2/organizations/1", {"website": None}).json()["data"]


def test_empty_date_is_stored_as_zero_date(api: Api) -> None:
    """An empty expected_close_date becomes the zero date."""
    assert api.created("/api/v2/deals", title="A", expected_close_date="")["expected_close_date"] == "0000-00-00"


def test_null_unlinks_only_when_so_set(api: Api) -> None:
    """Whether null unlinks a reference is a setting."""
    api.created("/api/v2/organizations", name="Acme")
    api.created("/api/v2/deals", title="A", org_id=1)
    assert api.patch("/api/v2/deals/1", {"org_id": None}).status == 400

    api.sandbox.change_settings(null_unlinks=True)
    assert api.patch("/api/v2/deals/1", {"org_id": None}).json()["data"]["org_id"] is None


def test_address_parts_left_out_become_null(api: Api) -> None:
    """An address replaces all its parts."""
    api.created("/api/v2/organizations", name="A", address={"value": "Pikk 1, Tallinn", "locality": "Tallinn"})
    row = api.patch("/api/v2/organizations/1", {"address": {"value": "Pikk 2"}}).json()["data"]

    assert row["address"]["value"] == "Pikk 2"
    assert row["address"]["locality"] is None


@pytest.mark.parametrize("kind", ["deals", "persons", "organizations", "activities", "products", "pipelines", "stages"])
def test_delete_is_soft(seeded: Api, kind: str) -> None:
    """A deleted row leaves the list, keeps its row, and is not found by a second delete."""
    row_id = seeded.rows(f"/api/v2/{kind}", limit=1)[0]["id"]

    assert seeded.delete(f"/api/v2/{kind}/{row_id}").json() == {"success": True, "data": {"id": row_id}}
    assert row_id not in {row["id"] for row in seeded.walk(f"/api/v2/{kind}")}
    assert next(row for row in seeded.sandbox.rows(kind) if row["id"] == row_id)["is_deleted"] is True
    assert seeded.delete(f"/api/v2/{kind}/{row_id}").status == 404


@pytest.mark.parametrize("status", [404, 403, 410])
def test_deleted_row_is_not_editable(api: Api, status: int) -> None:
    """Changing a deleted row answers as set."""
    api.created("/api/v2/deals", title="A")
    api.delete("/api/v2/deals/1")
    api.sandbox.change_settings(deleted_on_write=status)

    assert api.patch("/api/v2/deals/1", {"title": "B"}).status == status


def test_no_uniqueness_checks(api: Api) -> None:
    """The same body twice makes two rows."""
    first, second = (api.created("/api/v2/persons", name="Ann", emails=[{"value": "a@b.c"}]) for _ in range(2))

    assert first["id"] != second["id"]


def test_deleted_parent_can_not_be_referred_to(api: Api) -> None:
    """A reference to a deleted row is refused."""
    api.created("/api/v2/organizations", name="Acme")
    api.delete("/api/v2/organizations/1")

    assert "org_id" in error(api.post("/api/v2/persons", {"name": "Ann", "org_id": 1}))


def test_stage_is_appended_to_its_pipeline(api: Api) -> None:
    """A new stage comes last in its pipeline."""
    assert api.created("/api/v2/stages", name="Extra", pipeline_id=1)["order_nr"] == 6
