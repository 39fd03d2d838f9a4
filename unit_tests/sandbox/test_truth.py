"""What the real API was seen to do, by the number that each fact has in the notes on its behaviour (C1–C18)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipedrive_sandbox import Request
from pipedrive_sandbox.model.registry import RESOURCES, ROOTS

from .conftest import NOW, Api

LATER = "2026-11-24T10:01:00Z"
PARENTS = ("deals", "persons", "organizations")
CHILDREN: dict[str, tuple[str, dict[str, Any]]] = {
    "activities": ("/api/v2/activities", {"subject": "Call", "deal_id": 1, "org_id": 1}),
    "notes": ("/v1/notes", {"content": "Hello", "deal_id": 1}),
    "leads": ("/v1/leads", {"title": "Lead", "person_id": 1, "organization_id": 1}),
    "deal_products": ("/api/v2/deals/1/products", {"product_id": 1, "item_price": 5, "quantity": 1}),
}
EVENTS = ("deal_product", "deal_installment", "project", "task", "board", "phase")


@pytest.fixture
def linked(api: Api) -> Api:
    """An account with one deal of a person of an organization, and a product, made a minute ago."""
    api.created("/api/v2/organizations", name="Acme")
    api.created("/api/v2/persons", name="Ann Lee", org_id=1, emails=[{"value": "ann@acme.example"}])
    api.created("/api/v2/deals", title="Deal", value=5000, person_id=1, org_id=1)
    api.created("/api/v2/products", name="Desk")
    api.sandbox.advance(60)
    return api


def upload(api: Api, **links: Any) -> Any:
    """The answer to the upload of a file."""
    fields = "".join(
        f'--x\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in links.items()
    )
    file = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n--x--\r\n'
    headers = {**api.headers, "content-type": "multipart/form-data; boundary=x"}
    response = api.sandbox.handle(Request("POST", "/v1/files", [], headers, (fields + file).encode()))
    assert response.status == 200, response.body
    return response.json()["data"]


def test_c1_activities_have_an_outcome(linked: Api) -> None:
    """C1: `outcome` is written and read, a number or null."""
    made = linked.created("/api/v2/activities", subject="Call", outcome=2)
    cleared = linked.patch(f"/api/v2/activities/{made['id']}", {"outcome": None}).json()["data"]

    assert (made["outcome"], cleared["outcome"]) == (2, None)


@pytest.mark.parametrize("kind", PARENTS)
def test_c2_new_rows_have_no_update_time(linked: Api, kind: str) -> None:
    """C2: a row just made has no `update_time` until it is first touched."""
    title = {"title": "B"} if kind == "deals" else {"name": "B"}
    made = linked.created(f"/api/v2/{kind}", **title)
    changed = linked.patch(f"/api/v2/{kind}/{made['id']}", title).json()["data"]

    assert (made["update_time"], changed["update_time"]) == (None, LATER)


def test_c2_others_have_a_time_at_once(linked: Api) -> None:
    """C2: activities, products, leads, notes and files have an `update_time` from the start."""
    rows = [linked.created(path, **body) for path, body in CHILDREN.values()]
    rows += [linked.created("/api/v2/products", name="Lamp"), upload(linked, deal_id=1)]

    assert all(row["update_time"] is not None for row in rows)


@pytest.mark.parametrize(("meaning", "expected"), [("excluded", []), ("coalesced", [1])])
def test_c2_two_meanings_of_updated_since(linked: Api, meaning: str, expected: list[int]) -> None:
    """C2: rows without `update_time` are left out by `updated_since`, or go by their `add_time`."""
    linked.sandbox.change_settings(unstamped_rows=meaning)
    query = {"updated_since": NOW, "sort_by": "update_time"}

    assert [row["id"] for row in linked.rows("/api/v2/deals", **query)] == expected
    assert linked.rows("/api/v2/deals", updated_since=LATER) == []


def test_c2_coalesced_rows_stand_in_order(linked: Api) -> None:
    """C2: where `add_time` stands in, pages are sorted by it too."""
    linked.sandbox.change_settings(unstamped_rows="coalesced")
    linked.patch("/api/v2/deals/1", {"title": "Changed"})
    linked.sandbox.advance(60)
    linked.created("/api/v2/deals", title="New")
    walked = linked.walk("/api/v2/deals", updated_since=NOW, sort_by="update_time", limit=1)

    assert [row["id"] for row in walked] == [1, 2]


@pytest.mark.parametrize("kind", CHILDREN)
def test_c3_new_children_touch_their_parents(linked: Api, kind: str) -> None:
    """C3: what is added below a deal, person or organization moves its `update_time`."""
    path, body = CHILDREN[kind]
    linked.created(path, **body)
    touched = {parent for parent in PARENTS if linked.rows(f"/api/v2/{parent}/1")["update_time"] == LATER}

    assert touched == {column for column in PARENTS if column in touched_by(kind)}


def touched_by(kind: str) -> set[str]:
    """Which parents the example child of a kind hangs below."""
    return {
        "activities": {"deals", "organizations"},
        "notes": set(PARENTS),
        "leads": {"persons", "organizations"},
        "deal_products": {"deals"},
    }[kind]


def test_c3_which_children_touch_is_a_setting(linked: Api) -> None:
    """C3: which of the five kinds did it is not known."""
    linked.sandbox.change_settings(touching_children=["activities"])
    linked.created("/v1/notes", content="Hello", deal_id=1)

    assert linked.rows("/api/v2/deals/1")["update_time"] is None


def test_c4_products_set_the_value_of_their_deal(linked: Api) -> None:
    """C4: adding, changing and removing a product sets value, acv, mrr and arr, and touches the deal."""
    made = linked.created("/api/v2/deals/1/products", product_id=1, item_price=99.99, quantity=2)
    added = linked.rows("/api/v2/deals/1")
    linked.patch(f"/api/v2/deals/1/products/{made['id']}", {"quantity": 1})
    changed = linked.rows("/api/v2/deals/1")
    linked.delete(f"/api/v2/deals/1/products/{made['id']}")

    assert [added[name] for name in ("value", "acv", "mrr", "arr", "update_time")] == [199.98, 199.98, 0, 0, LATER]
    assert changed["value"] == 99.99
    assert linked.rows("/api/v2/deals/1")["value"] == 0


def test_c4_recurring_products(linked: Api) -> None:
    """C4: what is billed monthly counts by the month and the year."""
    body = {"product_id": 1, "item_price": 10, "quantity": 1, "billing_frequency": "monthly"}
    linked.created("/api/v2/deals/1/products/bulk", data=[body])
    deal = linked.rows("/api/v2/deals/1")

    assert [deal[name] for name in ("value", "acv", "mrr", "arr")] == [10, 120, 10, 120]


def test_c5_name_or_parts(linked: Api) -> None:
    """C5: a person is named by parts or as a whole, never both."""
    made = linked.created("/api/v2/persons", first_name="Bob", last_name="Ray")

    assert made["name"] == "Bob Ray"
    assert linked.patch("/api/v2/persons/1", {"last_name": "Ray"}).json()["data"]["name"] == "Ann Ray"
    assert linked.post("/api/v2/persons", {"name": "Bob Ray", "first_name": "Bob"}).status == 400


def test_c6_names_are_split_at_their_last_space(linked: Api) -> None:
    """C6: the last word is the last name."""
    made = linked.created("/api/v2/persons", name="Ana de la Cruz")

    assert (made["first_name"], made["last_name"]) == ("Ana de la", "Cruz")


def test_c7_notes_and_files_of_a_deal_alone(linked: Api) -> None:
    """C7: a note or file made with `deal_id` alone answers with the deal's person and organization."""
    for row in (linked.created("/v1/notes", content="Hello", deal_id=1), upload(linked, deal_id=1)):
        assert (row["deal_id"], row["person_id"], row["org_id"]) == (1, 1, 1)
    assert linked.created("/v1/notes", content="Hello", deal_id=1, org_id=1)["person_id"] is None


def test_c8_c9_activities_are_due_today_by_the_minute(linked: Api) -> None:
    """C8, C9: without a due date it is today; times of day have no seconds."""
    made = linked.created("/api/v2/activities", subject="Call", due_time="09:30", duration="00:15")

    assert (made["due_date"], made["due_time"], made["duration"]) == (NOW[:10], "09:30", "00:15")


def test_c10_deleted_rows_by_id(linked: Api) -> None:
    """C10: a deleted deal has the status deleted, a deleted note is inactive, children stay alive."""
    note = linked.created("/v1/notes", content="Hello", deal_id=1)
    activity = linked.created("/api/v2/activities", subject="Call", deal_id=1)
    linked.delete("/api/v2/deals/1")
    deal = linked.rows("/api/v2/deals/1")

    assert (deal["status"], deal["is_deleted"]) == ("deleted", True)
    assert linked.rows(f"/v1/notes/{note['id']}")["active_flag"] is True
    assert linked.rows(f"/api/v2/activities/{activity['id']}")["is_deleted"] is False
    linked.delete(f"/v1/notes/{note['id']}")
    assert linked.rows(f"/v1/notes/{note['id']}")["active_flag"] is False


def test_c11_search_still_finds_what_was_deleted(linked: Api) -> None:
    """C11: deleted organizations are found for ever, persons for a while, deals no more."""
    for kind in PARENTS:
        linked.delete(f"/api/v2/{kind}/1")

    assert (hits(linked, "organizations", "acme"), hits(linked, "persons", "ann"), hits(linked, "deals", "deal")) == (
        [1],
        [1],
        [],
    )
    linked.sandbox.advance(3601)
    assert (hits(linked, "organizations", "acme"), hits(linked, "persons", "ann")) == ([1], [])


def hits(api: Api, kind: str, term: str) -> list[int]:
    """Ids that a search finds."""
    return [hit["item"]["id"] for hit in api.rows(f"/api/v2/{kind}/search", term=term)["items"]]


@pytest.mark.parametrize("name", ["lost_reason", "lost_time"])
def test_c12_lost_keys_need_a_lost_deal(linked: Api, name: str) -> None:
    """C12: reason and time of losing are a 400 unless the deal ends up lost."""
    value = "Price" if name == "lost_reason" else NOW

    assert linked.patch("/api/v2/deals/1", {name: value}).status == 400
    assert linked.patch("/api/v2/deals/1", {name: value, "status": "won"}).status == 400
    assert linked.patch("/api/v2/deals/1", {name: value, "status": "lost"}).json()["data"][name] == value


def test_c13_products_by_default(linked: Api) -> None:
    """C13: an empty description, one zero price, `additional_data: null`; deal products are numbered from 0."""
    response = linked.post("/api/v2/products", {"name": "Lamp"}).json()
    body = {"product_id": 1, "item_price": 5, "quantity": 1}
    answers = [linked.post("/api/v2/deals/1/products", body).json() for _ in range(2)]
    price = response["data"]["prices"]

    assert (response["data"]["description"], [(row["price"], row["currency"]) for row in price]) == ("", [(0, "EUR")])
    assert [row["additional_data"] for row in (response, *answers)] == [None] * 3
    assert [row["data"]["order_nr"] for row in answers] == [0, 1]


def test_c14_leads_and_hits(linked: Api) -> None:
    """C14: leads have `archive_time`; hits of deals have the pipeline, those of persons the primary address."""
    lead = linked.created("/v1/leads", title="Lead", person_id=1)
    archived = linked.patch(f"/v1/leads/{lead['id']}", {"is_archived": True}).json()["data"]
    deal = linked.rows("/api/v2/deals/search", term="deal")["items"][0]["item"]
    person = linked.rows("/api/v2/persons/search", term="ann")["items"][0]["item"]

    assert (lead["archive_time"], archived["archive_time"]) == (None, LATER.replace("Z", ".000Z"))
    assert deal["pipeline"] == {"id": 1, "name": "Sales"}
    assert (person["primary_email"], person["update_time"]) == ("ann@acme.example", LATER)


@pytest.mark.parametrize("event", EVENTS)
def test_c15_webhooks_of_children(api: Api, event: str) -> None:
    """C15: webhooks are offered for these objects too."""
    body = {"subscription_url": "https://a.example", "event_action": "*", "name": "Hook"}

    assert api.created("/v1/webhooks", event_object=event, **body)["event_object"] == event


def test_c16_times_of_call_logs(api: Api) -> None:
    """C16: call logs take and give times with a space."""
    times = {"start_time": "2026-01-01 00:00:00", "end_time": "2026-01-01 00:01:00"}
    made = api.created("/v1/callLogs", to_phone_number="+1", outcome="busy", **times)
    wrong = {**times, "start_time": "2026-01-01T00:00:00Z", "to_phone_number": "+1", "outcome": "busy"}

    assert {name: made[name] for name in times} == times
    assert api.post("/v1/callLogs", wrong).status == 400


def test_c17_users_are_modified_by_signing_in(api: Api) -> None:
    """C17: `modified` moves with each login, and there is no `update_time`."""
    before = api.rows("/v1/users")[0]
    api.sandbox.log_in(1)
    after = api.rows("/v1/users")[0]

    assert before["modified"] != after["modified"] == "2026-11-24 10:00:00"
    assert "update_time" not in after


def test_c18_writable_keys(linked: Api) -> None:
    """C18: attendees, a task's `assignee_id`, a relationship's `org_id` and a deal's `archive_time` are writable."""
    linked.created("/api/v2/organizations", name="Beta")
    project = linked.created("/api/v2/projects", title="Project")
    task = linked.created("/api/v2/tasks", title="Task", project_id=project["id"], assignee_id=1)
    pair = {"type": "related", "rel_owner_org_id": 1, "rel_linked_org_id": 2}
    relationship = linked.post("/v1/organizationRelationships", {"org_id": 1, **pair})
    deal = linked.patch("/api/v2/deals/1", {"is_archived": True, "archive_time": "2026-01-02 03:04:05"}).json()["data"]
    call = linked.created("/api/v2/activities", subject="Call", attendees=[{"email": "ann@acme.example"}])
    shown = linked.rows(f"/api/v2/activities/{call['id']}", include_fields="attendees")

    assert (task["assignee_ids"], relationship.status) == ([1], 200)
    assert deal["archive_time"] == "2026-01-02T03:04:05Z"
    assert shown["attendees"][0]["email"] == "ann@acme.example"


def test_notes_are_cleaned(linked: Api) -> None:
    """The HTML of a note comes back without what could run."""
    made = linked.created("/v1/notes", content="<p onclick='x()'>Hi<script>y()</script></p>", deal_id=1)

    assert made["content"] == "<p>Hi</p>"


@pytest.mark.parametrize(
    ("settings", "path", "query", "status"),
    [
        ({"non_numeric_id": 400}, "/api/v2/deals/abc", {}, 400),
        ({"non_numeric_id": 404}, "/api/v2/deals/abc", {}, 404),
        ({"v1_bad_query": "reject"}, "/v1/notes", {"limit": "many"}, 400),
        ({"v1_bad_query": "ignore"}, "/v1/notes", {"limit": "many", "sort": "colour"}, 200),
        ({"unknown_path": 501}, "/v1/unknown", {}, 501),
        ({"unknown_path": 404}, "/v1/unknown", {}, 404),
        ({"limit_over_500": "reject"}, "/api/v2/deals", {"limit": 501}, 400),
        ({"limit_over_500": "clamp"}, "/api/v2/deals", {"limit": 501}, 200),
    ],
)
def test_undecided_points_are_settings(
    api: Api, settings: dict[str, Any], path: str, query: dict[str, Any], status: int
) -> None:
    """What nobody could observe is a setting."""
    api.sandbox.change_settings(**settings)

    assert api.get(path, **query).status == status


def test_daily_headers_may_be_late(api: Api) -> None:
    """The first calls after a pause may lack the daily headers."""
    api.sandbox.change_settings(daily_headers_late=1)
    first, second = api.get("/v1/users"), api.get("/v1/users")
    api.sandbox.advance(61)
    third = api.get("/v1/users")
    shown = ["x-daily-ratelimit-token-limit" in response.headers for response in (first, second, third)]

    assert shown == [False, True, False]


ROOT_OF = {version: root for root, version in ROOTS.items()}
ID_ROUTES = [
    (route.method, f"{ROOT_OF[resource.version]}{route.path}")
    for resource in RESOURCES
    for route in resource.routes
    if "{" in route.path
]


@pytest.mark.parametrize("text", ["x", "1.5", "-1", "²", "9" * 5000])
def test_whatever_stands_in_the_place_of_an_id_is_answered(linked: Api, text: str) -> None:
    """A path may hold anything; the answer is one of the API's."""
    paths = {(method, re.sub(r"\{\w+\}", text, path)) for method, path in ID_ROUTES}
    answers = {each: linked.sandbox.handle(Request(*each, headers={"x-api-token": "sandbox"})) for each in paths}

    assert [each for each, response in answers.items() if response.status >= 500] == []
