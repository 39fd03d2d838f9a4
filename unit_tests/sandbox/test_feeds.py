"""Feeds, figures and small reads: what they are computed from. The contract test holds their shape."""

from __future__ import annotations

import pytest

from pipedrive_sandbox import Request

from .conftest import NOW, Api

PERIOD = {"start_date": "2026-11-01", "end_date": "2026-11-30"}


@pytest.fixture
def sold(api: Api) -> Api:
    """An account with a person and three deals: open in the second stage, won, and lost."""
    api.created("/api/v2/persons", name="Ann Lee")
    api.created("/api/v2/deals", title="Open", value=10, person_id=1, stage_id=2)
    api.created("/api/v2/deals", title="Won", value=20, person_id=1, status="won")
    api.created("/api/v2/deals", title="Lost", value=30, status="lost")
    return api


def test_flow_tells_changes_and_what_was_added(sold: Api) -> None:
    """The newest update comes first; `items` keeps some kinds."""
    sold.sandbox.advance(60)
    sold.patch("/api/v2/deals/1", {"title": "Renamed"})
    sold.sandbox.advance(60)
    sold.created("/v1/notes", content="Hello", deal_id=1)
    body = sold.get("/v1/deals/1/flow").json()

    assert [each["object"] for each in body["data"]] == ["note", "dealChange"]
    assert (body["data"][1]["data"]["old_value"], body["data"][1]["data"]["new_value"]) == ("Open", "Renamed")
    assert body["related_objects"]["deal"]["1"]["title"] == "Renamed"
    assert [each["object"] for each in sold.rows("/v1/deals/1/flow", items="dealChange")] == ["dealChange"]


def test_flow_shows_custom_fields_on_request(sold: Api) -> None:
    """Changes of custom fields need `all_changes=1`."""
    key = sold.created("/api/v2/dealFields", field_name="Region", field_type="varchar")["field_code"]
    sold.patch("/api/v2/deals/1", {"custom_fields": {key: "North"}})

    assert sold.rows("/v1/deals/1/flow") == []
    assert [each["data"]["field_key"] for each in sold.rows("/v1/deals/1/flow", all_changes=1)] == [key]


def test_recents_go_by_the_time_of_change(sold: Api) -> None:
    """Rows changed since a moment, in that order, of the kinds asked for."""
    sold.sandbox.advance(60)
    sold.patch("/api/v2/deals/2", {"title": "Changed"})
    rows = sold.rows("/v1/recents", since_timestamp="2026-11-24 10:01:00", items="deal,person")

    assert [(row["item"], row["id"], row["data"]["title"]) for row in rows] == [("deal", 2, "Changed")]


def test_recents_reach_back_a_month(sold: Api) -> None:
    """An older moment is silently taken for a month ago."""
    sold.patch("/api/v2/deals/2", {"title": "Changed"})
    sold.sandbox.advance(40 * 86_400)

    assert sold.rows("/v1/recents", since_timestamp="2020-01-01 00:00:00", items="deal") == []
    assert sold.get("/v1/recents", since_timestamp="2020-01-01").status == 400


def test_sums_by_currency(sold: Api) -> None:
    """A summary adds up values; a timeline keeps deals of its span."""
    summary = sold.rows("/v1/deals/summary", status="open")
    span = {"start_date": "2026-11-24", "interval": "day", "amount": 1, "field_key": "add_time"}

    assert (summary["total_count"], summary["values_total"]["EUR"]["value"]) == (1, 10)
    assert sold.rows("/v1/deals/timeline", **span)["totals"]["values"] == {"EUR": 60}
    assert sold.rows("/v1/deals/timeline", **{**span, "start_date": "2026-11-25"})["deals"] == []


def test_statistics_of_a_pipeline(sold: Api) -> None:
    """Conversion and movement are computed from the pipeline's deals."""
    conversion = sold.rows("/v1/pipelines/1/conversion_statistics", **PERIOD)
    movement = sold.rows("/v1/pipelines/1/movement_statistics", **PERIOD)

    assert [step["conversion_rate"] for step in conversion["stage_conversions"]][:2] == [33, 0]
    assert (conversion["won_conversion"], conversion["lost_conversion"]) == (33, 33)
    assert (movement["new_deals"]["count"], movement["won_deals"]["deals_ids"]) == (3, [2])


def test_progress_of_a_goal(sold: Api) -> None:
    """A goal counts what its kind names, within the period."""
    goal = {
        "title": "Start deals",
        "assignee": {"id": 1, "type": "person"},
        "type": {"name": "deals_started", "params": {"pipeline_id": [1]}},
        "expected_outcome": {"target": 10, "tracking_metric": "quantity"},
        "duration": {"start": "2026-01-01", "end": "2026-12-31"},
        "interval": "monthly",
    }
    made = sold.post("/v1/goals", goal).json()["data"]["goal"]
    path, period = f"/v1/goals/{made['id']}/results", {"period.start": "2026-11-01", "period.end": "2026-11-30"}

    assert sold.rows(path, **period)["progress"] == 3
    assert sold.rows(path, **{**period, "period.start": "2026-11-25"})["progress"] == 0


def test_the_change_log_of_a_project(api: Api) -> None:
    """A change of a project leaves one entry with old and new values."""
    project = api.created("/api/v2/projects", title="Old")
    api.patch(f"/api/v2/projects/{project['id']}", {"title": "New"})
    [entry] = api.rows(f"/api/v2/projects/{project['id']}/changelog")

    assert (entry["old_values"], entry["new_values"]) == ({"title": "Old"}, {"title": "New"})
    assert entry["time"] == NOW.replace("Z", ".000Z")


def test_projects_are_found(sold: Api) -> None:
    """The search for projects is not taken for a project with the id search."""
    sold.created("/api/v2/projects", title="Office", person_ids=[1])
    hits = sold.rows("/api/v2/projects/search", term="office", person_id=1)["items"]

    assert [(hit["item"]["title"], hit["item"]["person"]["name"]) for hit in hits] == [("Office", "Ann Lee")]
    assert sold.rows("/api/v2/projects/search", term="office", person_id=2)["items"] == []


def test_filter_helpers_are_no_filter(api: Api) -> None:
    """The helpers of filters are not taken for a filter with the id helpers."""
    assert "LIKE '$%'" in api.rows("/v1/filters/helpers")["operators"]["varchar"]


def test_field_search_tells_cases_apart(sold: Api) -> None:
    """One field is searched, exactly unless said otherwise, by upper and lower case."""
    query = {"entity_type": "person", "field": "name"}

    assert sold.rows("/api/v2/itemSearch/field", term="Ann Lee", **query) == [{"id": 1, "name": "Ann Lee"}]
    assert sold.rows("/api/v2/itemSearch/field", term="ann", match="beginning", **query) == []


def test_conversions_go_both_ways(sold: Api) -> None:
    """A deal becomes a lead, and that a deal again; what was converted is deleted."""
    job = sold.post("/api/v2/deals/1/convert/lead", {}).json()["data"]["conversion_id"]
    lead = sold.rows(f"/api/v2/deals/1/convert/status/{job}")
    back = sold.post(f"/api/v2/leads/{lead['lead_id']}/convert/deal", {"stage_id": 3}).json()["data"]["conversion_id"]
    deal = sold.rows(f"/api/v2/leads/{lead['lead_id']}/convert/status/{back}")

    assert sold.rows("/api/v2/deals/1")["status"] == "deleted"
    assert sold.rows(f"/api/v2/deals/{deal['deal_id']}")["stage_id"] == 3
    assert sold.get("/api/v2/deals/1/convert/status/unknown").status == 404


def test_what_v1_still_shows(seeded: Api) -> None:
    """Records that v2 took over, in their old shape."""
    project = seeded.rows("/v1/projects", limit=1)[0]
    archived = seeded.rows("/v1/deals/archived", limit=1)[0]

    assert seeded.rows(f"/v1/projects/{project['id']}")["title"] == project["title"]
    assert (archived["is_archived"], archived["user_id"]["id"]) == (True, archived["user_id"]["value"])


def test_the_page_that_asks_for_consent(api: Api) -> None:
    """It needs no token, and leads back to the app with the code."""
    query = [("client_id", "sandbox-client"), ("redirect_uri", "https://app.example/back"), ("state", "7")]
    page = api.sandbox.handle(Request("GET", "/oauth/authorize", query, {}, b""))

    assert b"https://app.example/back?code=sandbox-code&amp;state=7" in page.body
    assert api.sandbox.handle(Request("GET", "/oauth/authorize", [], {}, b"")).status == 400
