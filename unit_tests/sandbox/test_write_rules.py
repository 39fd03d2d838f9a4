"""Rules of single kinds: deals, persons, activities, deal products."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import NOW, Api

MAIL = {"value": "a@b.example"}


def test_new_deal_goes_to_the_first_stage(api: Api) -> None:
    """Without stage and pipeline a deal starts in the default pipeline."""
    deal = api.created("/api/v2/deals", title="A")

    assert (deal["pipeline_id"], deal["stage_id"], deal["status"], deal["currency"]) == (1, 1, "open", "EUR")


def test_stage_decides_the_pipeline(seeded: Api) -> None:
    """A stage of another pipeline wins over the pipeline named."""
    deal = seeded.created("/api/v2/deals", title="A", stage_id=7, pipeline_id=1)

    assert (deal["stage_id"], deal["pipeline_id"]) == (7, 2)


def test_pipeline_alone_means_its_first_stage(seeded: Api) -> None:
    """A pipeline without a stage leads to its first one, on creation and on change."""
    assert seeded.created("/api/v2/deals", title="A", pipeline_id=2)["stage_id"] == 6

    deal = seeded.created("/api/v2/deals", title="B")
    changed = seeded.patch(f"/api/v2/deals/{deal['id']}", {"pipeline_id": 3}).json()["data"]
    assert (changed["stage_id"], changed["stage_change_time"]) == (11, NOW)


@pytest.mark.parametrize("status", ["won", "lost"])
def test_closing_sets_times(api: Api, status: str) -> None:
    """Winning or losing a deal stamps it, opening it again clears the stamps."""
    api.created("/api/v2/deals", title="A")
    closed = api.patch("/api/v2/deals/1", {"status": status}).json()["data"]
    opened = api.patch("/api/v2/deals/1", {"status": "open"}).json()["data"]

    assert (closed[f"{status}_time"], closed["close_time"]) == (NOW, NOW)
    assert (opened[f"{status}_time"], opened["close_time"]) == (None, None)


def test_lost_reason_goes_with_lost(api: Api) -> None:
    """A lost reason is kept while the deal is lost."""
    deal = api.created("/api/v2/deals", title="A", status="lost", lost_reason="Price", lost_time="2026-01-02T03:04:05Z")

    assert (deal["lost_reason"], deal["lost_time"]) == ("Price", "2026-01-02T03:04:05Z")


def test_archived_deal_moves_and_locks(api: Api) -> None:
    """An archived deal changes lists and can only be un-archived."""
    api.created("/api/v2/deals", title="A")
    archived = api.patch("/api/v2/deals/1", {"is_archived": True}).json()["data"]

    assert archived["archive_time"] == NOW
    assert api.rows("/api/v2/deals") == []
    assert api.patch("/api/v2/deals/1", {"title": "B"}).status == 403
    assert api.patch("/api/v2/deals/1", {"is_archived": False}).json()["data"]["is_archived"] is False


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"first_name": "Ann"},
        {"first_name": "", "last_name": ""},
        {"name": "  "},
        {"name": "Ann Lee", "last_name": "Lee"},
    ],
)
def test_person_needs_a_name(api: Api, body: dict[str, Any]) -> None:
    """A person needs a name, or both its parts, and not the name beside a part."""
    assert api.post("/api/v2/persons", body).status == 400


def test_name_and_parts_derive_each_other(api: Api) -> None:
    """Name gives parts, split at its last space; parts give the name, and a changed part rebuilds it."""
    whole = api.created("/api/v2/persons", name="Ann Lee Smith")
    single = api.created("/api/v2/persons", name="Cher")
    last = api.created("/api/v2/persons", first_name="", last_name="Moreau")
    parts = api.created("/api/v2/persons", first_name="Bob", last_name="Ray")
    changed = api.patch(f"/api/v2/persons/{parts['id']}", {"first_name": "Rob"}).json()["data"]

    assert (whole["first_name"], whole["last_name"]) == ("Ann Lee", "Smith")
    assert (single["first_name"], single["last_name"]) == ("Cher", None)
    assert (parts["name"], changed["name"], last["name"]) == ("Bob Ray", "Rob Ray", "Moreau")
    assert api.patch(f"/api/v2/persons/{parts['id']}", {"name": "R Ray", "first_name": "R"}).status == 400


def test_first_email_is_primary_by_default(api: Api) -> None:
    """Without a mark the first email is primary, with label work."""
    person = api.created("/api/v2/persons", name="Ann", emails=[MAIL, {"value": "c@d.example", "label": "home"}])

    assert [(each["primary"], each["label"]) for each in person["emails"]] == [(True, "work"), (False, "home")]


@pytest.mark.parametrize(
    "emails", [[{**MAIL, "primary": True}, {**MAIL, "primary": True}], [{"label": "work"}], ["a@b.example"], MAIL]
)
def test_bad_emails_are_refused(api: Api, emails: Any) -> None:
    """Two primaries, no value, or another shape are a 400."""
    assert api.post("/api/v2/persons", {"name": "Ann", "emails": emails}).status == 400


def test_arrays_are_replaced(api: Api) -> None:
    """A changed email list replaces the old one."""
    api.created("/api/v2/persons", name="Ann", emails=[MAIL, {"value": "c@d.example"}])

    assert len(api.patch("/api/v2/persons/1", {"emails": [MAIL]}).json()["data"]["emails"]) == 1


def test_contact_sync_key_is_forbidden_without_it(api: Api) -> None:
    """A job title without Contact Sync is a 403."""
    assert api.post("/api/v2/persons", {"name": "Ann", "job_title": "CEO"}).status == 403

    api.sandbox.change_settings(contact_sync=True)
    assert api.created("/api/v2/persons", name="Ann", job_title="CEO")["job_title"] == "CEO"


def test_primary_participant_is_the_person(api: Api) -> None:
    """The primary participant becomes the activity's person."""
    api.created("/api/v2/persons", name="Ann")
    activity = api.created("/api/v2/activities", participants=[{"person_id": 1, "primary": True}])

    assert (activity["person_id"], activity["subject"], activity["type"]) == (1, "Call", "call")


def test_done_is_stamped(api: Api) -> None:
    """Marking an activity done stamps it, undoing removes the stamp; without a day it is due today."""
    api.created("/api/v2/activities", subject="A", due_time="09:30", done=True)
    undone = api.patch("/api/v2/activities/1", {"done": False}).json()["data"]

    stored = api.sandbox.rows("activities")[0]
    assert (stored["due_time"], undone["marked_as_done_time"]) == ("09:30", None)
    assert stored["due_date"] == NOW[:10]


def test_one_link_survives(api: Api) -> None:
    """Of deal and lead only the deal stays linked."""
    api.created("/api/v2/deals", title="A")
    api.created("/api/v2/persons", name="Ann")
    lead = api.created("/v1/leads", title="L", person_id=1)
    activity = api.created("/api/v2/activities", subject="A", deal_id=1, lead_id=lead["id"])

    assert (activity["deal_id"], activity["lead_id"]) == (1, None)


def test_attendees_on_request(api: Api) -> None:
    """Attendees are stored, and shown when asked for."""
    api.created("/api/v2/activities", subject="A", attendees=[{"email": "x@y.example"}])

    assert "attendees" not in api.rows("/api/v2/activities/1")
    assert api.rows("/api/v2/activities/1", include_fields="attendees")["attendees"][0]["email"] == "x@y.example"


def test_product_category_is_a_number_in_and_text_out(api: Api) -> None:
    """A category is written as a number and read as text."""
    assert api.created("/api/v2/products", name="Desk", category=7)["category"] == "7"


def test_prices_are_replaced(api: Api) -> None:
    """A changed price list replaces the old one."""
    api.created(
        "/api/v2/products", name="Desk", prices=[{"price": 5, "currency": "EUR"}, {"price": 6, "currency": "USD"}]
    )
    prices = api.patch("/api/v2/products/1", {"prices": [{"price": 7, "currency": "EUR"}]}).json()["data"]["prices"]

    assert [(price["price"], price["currency"], price["product_id"]) for price in prices] == [(7, "EUR", 1)]


def deal_with_product(api: Api, **more: Any) -> Any:
    """A deal with one product attached; the attachment."""
    api.created("/api/v2/deals", title="A")
    api.created("/api/v2/products", name="Desk")
    return api.created("/api/v2/deals/1/products", product_id=1, item_price=10, quantity=2, **more)


def test_deal_product_sum(api: Api) -> None:
    """The sum follows price, quantity and discount."""
    assert deal_with_product(api, discount=10)["sum"] == 18
    assert api.patch("/api/v2/deals/1/products/1", {"quantity": 3}).json()["data"]["sum"] == 27


def test_deal_products_by_many_deals(seeded: Api) -> None:
    """Products of up to 100 deals come in one list."""
    deal_ids = sorted({row["deal_id"] for row in seeded.sandbox.rows("deal_products")})[:3]
    rows = seeded.rows("/api/v2/deals/products", deal_ids=",".join(map(str, deal_ids)))

    assert {row["deal_id"] for row in rows} == set(deal_ids)
    assert seeded.get("/api/v2/deals/products").status == 400


def test_bulk_add_is_all_or_none(api: Api) -> None:
    """One bad product of a bulk call adds none."""
    deal_with_product(api)
    good, bad = {"product_id": 1, "item_price": 1, "quantity": 1}, {"product_id": 1}

    assert api.post("/api/v2/deals/1/products/bulk", {"data": [good, bad]}).status == 400
    assert len(api.rows("/api/v2/deals/1/products")) == 1
    assert len(api.created("/api/v2/deals/1/products/bulk", data=[good, good])) == 2


def test_bulk_delete_without_ids_takes_all(api: Api) -> None:
    """Without ids up to a hundred products are removed."""
    deal_with_product(api)

    assert api.delete("/api/v2/deals/1/products").json()["data"] == {"ids": [1]}
    assert api.rows("/api/v2/deals/1/products") == []


def test_children_of_a_missing_deal(api: Api) -> None:
    """Children of an unknown deal are a 404."""
    assert api.get("/api/v2/deals/99/products").status == 404
    assert api.post("/api/v2/deals/99/products", {}).status == 404
