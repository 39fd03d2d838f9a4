"""What hangs below deals, persons, organizations, products and notes."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import NOW, Api

PARENTS = ("deals", "persons", "organizations", "products")


@pytest.fixture
def deal(api: Api) -> Any:
    """A deal with a person and an organization."""
    api.created("/api/v2/persons", name="Ann")
    api.created("/api/v2/organizations", name="Acme")
    api.created("/api/v2/products", name="Desk")
    return api.created("/api/v2/deals", title="A", person_id=1, org_id=1)


@pytest.mark.parametrize("parent", PARENTS)
def test_followers(api: Api, deal: Any, parent: str) -> None:
    """Followers are added once, logged, and removed by user id."""
    path = f"/api/v2/{parent}/1/followers"
    made = api.post(path, {"user_id": 1})

    assert (made.status, made.json()["data"]) == (201, {"user_id": 1, "add_time": NOW})
    assert api.post(path, {"user_id": 1}).status == 400
    assert [row["user_id"] for row in api.rows(path)] == [1]
    assert api.delete(f"{path}/1").json()["data"] == {"user_id": 1}
    assert api.rows(path) == []
    assert [row["action"] for row in api.rows(f"{path}/changelog")] == ["removed", "added"]


def test_participants(api: Api, deal: Any) -> None:
    """A participant shows its person as an object, and is removed by its own id."""
    made = api.created("/v1/deals/1/participants", person_id=1)

    assert made["person_id"]["value"] == 1
    assert api.rows("/api/v2/deals/1", include_fields="participants_count")["participants_count"] == 1
    assert api.delete(f"/v1/deals/1/participants/{made['id']}").json()["data"] == {"id": made["id"]}
    assert len(api.rows("/v1/deals/1/participantsChangelog")) == 2


def test_persons_of_a_deal(api: Api, deal: Any) -> None:
    """`deal_id` lists the deal's person and its participants."""
    api.created("/api/v2/persons", name="Bob")
    api.created("/api/v2/persons", name="Cid")
    api.created("/v1/deals/1/participants", person_id=2)

    assert [row["id"] for row in api.rows("/api/v2/persons", deal_id=1)] == [1, 2]


def test_changelog_is_newest_first(api: Api, deal: Any) -> None:
    """Every changed key of a deal is logged, the newest first."""
    api.patch("/api/v2/deals/1", {"value": 5})
    api.patch("/api/v2/deals/1", {"title": "B"})
    rows = api.rows("/v1/deals/1/changelog")

    assert [(row["field_key"], row["old_value"], row["new_value"]) for row in rows] == [
        ("title", "A", "B"),
        ("value", "0", "5"),
    ]
    assert api.get("/v1/deals/1/changelog", limit=1).json()["additional_data"]["next_cursor"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/v2/deals/1/discounts", {"description": "D", "amount": 5, "type": "amount"}, 201),
        ("/api/v2/deals/1/installments", {"description": "I", "amount": 5, "billing_date": "2026-12-01"}, 200),
        ("/api/v2/products/1/variations", {"name": "V", "prices": [{"price": 5, "currency": "EUR"}]}, 201),
    ],
)
def test_plain_children(api: Api, deal: Any, path: str, body: dict[str, Any], status: int) -> None:
    """Discounts, installments and variations are created, changed and removed."""
    made = api.post(path, body)
    row_path = f"{path}/{made.json()['data']['id']}"
    key = "name" if "name" in body else "description"

    assert made.status == status
    assert api.post(path, {}).status == 400
    assert api.patch(row_path, {key: "New"}).json()["data"][key] == "New"
    assert api.delete(row_path).status == 200
    assert api.patch(row_path, {key: "New"}).status == 404


def test_child_of_another_parent_is_not_found(api: Api, deal: Any) -> None:
    """A child is found only below its own parent."""
    api.created("/api/v2/deals", title="B")
    made = api.created("/api/v2/deals/1/discounts", description="D", amount=5, type="amount")

    assert api.patch(f"/api/v2/deals/2/discounts/{made['id']}", {"amount": 6}).status == 404


def test_note_comments(api: Api, deal: Any) -> None:
    """Comments of a note have UUIDs and are deleted to `true`."""
    api.created("/v1/notes", content="x", deal_id=1)
    comment = api.created("/v1/notes/1/comments", content="y")
    path = f"/v1/notes/1/comments/{comment['uuid']}"

    assert (comment["object_id"], api.call("PUT", path, {"content": "z"}).json()["data"]["content"]) == ("1", "z")
    assert api.delete(path).json()["data"] is True
    assert api.rows("/v1/notes/1/comments") == []


def test_threads_by_folder(seeded: Api) -> None:
    """A folder is required; one thread may lie in two."""
    assert seeded.get("/v1/mailbox/mailThreads").status == 400

    inbox = {row["id"] for row in seeded.rows("/v1/mailbox/mailThreads", folder="inbox")}
    sent = {row["id"] for row in seeded.rows("/v1/mailbox/mailThreads", folder="sent")}
    assert inbox & sent


def test_mail_of_a_deal_is_wrapped(seeded: Api) -> None:
    """Messages of a deal are wrapped, those of a thread are not."""
    deal_id = next(row["deal_id"] for row in seeded.sandbox.rows("mail_messages") if row["deal_id"])
    wrapped = seeded.rows(f"/v1/deals/{deal_id}/mailMessages")[0]
    thread_id = wrapped["data"]["mail_thread_id"]

    assert wrapped["object"] == "mailMessage"
    assert wrapped["data"]["id"] in {
        row["id"] for row in seeded.rows(f"/v1/mailbox/mailThreads/{thread_id}/mailMessages")
    }


def test_files_of_a_deal(seeded: Api) -> None:
    """Files of a deal come in pages of at most 100."""
    deal_id = next(row["deal_id"] for row in seeded.sandbox.rows("files") if row["deal_id"])

    assert {row["deal_id"] for row in seeded.rows(f"/v1/deals/{deal_id}/files", limit=100)} == {deal_id}
    assert seeded.get(f"/v1/deals/{deal_id}/files", limit=101).status == 400


def test_image_of_a_product(seeded: Api) -> None:
    """A product without a picture is a 404."""
    product_id = seeded.sandbox.rows("product_images")[0]["product_id"]

    assert seeded.rows(f"/api/v2/products/{product_id}/images")["product_id"] == product_id
    bare = seeded.created("/api/v2/products", name="Bare")["id"]
    assert seeded.get(f"/api/v2/products/{bare}/images").status == 404


def test_merge(api: Api, deal: Any) -> None:
    """The merged record disappears, what hung below it moves to the other."""
    api.created("/api/v2/deals", title="B")
    api.created("/api/v2/activities", subject="S", deal_id=1)
    merged = api.call("PUT", "/v1/deals/1/merge", {"merge_with_id": 2}).json()["data"]

    assert (merged["id"], merged["title"], merged["merge_what_id"]) == (2, "B", 1)
    assert api.get("/api/v2/deals/1").status == 404
    assert api.rows("/api/v2/activities/1")["deal_id"] == 2
    assert api.rows("/api/v2/deals/2")["person_id"] == 1
