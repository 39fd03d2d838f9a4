"""Writes of v1 records: leads, notes, labels, activity types, files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from pipedrive_sandbox import Request

from .conftest import NOW, Api


@pytest.fixture
def person(api: Api) -> Any:
    """A person to attach things to."""
    return api.created("/api/v2/persons", name="Ann")


def test_lead_answers_201(api: Api, person: Any) -> None:
    """A new lead has a UUID, text visibility, and answers 201."""
    response = api.post("/v1/leads", {"title": "L", "person_id": 1, "value": {"amount": 5, "currency": "EUR"}})
    lead = response.json()["data"]

    assert response.status == 201
    assert len(lead["id"]) == 36
    assert (lead["visible_to"], lead["value"], lead["is_archived"]) == ("3", {"amount": 5, "currency": "EUR"}, False)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"person_id": 1}, '"title" is required'),
        ({"title": "L"}, 'One of the "person_id" or "organization_id" must be set.'),
        ({"title": "L", "person_id": 1, "foo": 1}, '"foo" is not allowed'),
        ({"title": "L", "person_id": 1, "value": {"amount": 5}}, '"value" must hold an amount and a currency'),
        ({"title": "L", "person_id": 1, "label_ids": ["nope"]}, '"label_ids" holds the unknown label'),
        ({"title": "x" * 256, "person_id": 1}, '"title" length must be less than or equal to 255 characters long'),
        ({"title": "L", "person_id": 99}, '"person_id" '),
    ],
)
def test_bad_lead_is_refused(api: Api, person: Any, body: dict[str, Any], sentence: str) -> None:
    """Bad lead bodies are a 400 in the v1 envelope."""
    response = api.post("/v1/leads", body)

    assert response.status == 400
    assert sentence in response.json()["error"]
    assert response.json()["data"] is None


def test_lead_takes_flat_deal_fields(api: Api, person: Any) -> None:
    """Custom values are written as flat keys with siblings, or as objects."""
    key = api.created("/api/v2/dealFields", field_name="Budget", field_type="monetary")["field_code"]
    flat = api.created("/v1/leads", title="L", person_id=1, **{key: 5, f"{key}_currency": "USD"})
    nested = api.created("/v1/leads", title="L", person_id=1, **{key: {"value": 6, "currency": "EUR"}})

    assert (flat[key], flat[f"{key}_currency"]) == (5, "USD")
    assert (nested[key], nested[f"{key}_currency"]) == (6, "EUR")


def test_lead_is_unset_by_null(api: Api, person: Any) -> None:
    """Null unsets what a lead may be without, but not its last link."""
    lead = api.created("/v1/leads", title="L", person_id=1, expected_close_date="2026-01-01")
    path = f"/v1/leads/{lead['id']}"

    assert api.patch(path, {"expected_close_date": None}).json()["data"]["expected_close_date"] is None
    assert api.patch(path, {"person_id": None}).status == 400


def test_archived_lead_is_locked(api: Api, person: Any) -> None:
    """An archived lead can only be un-archived."""
    path = f"/v1/leads/{api.created('/v1/leads', title='L', person_id=1)['id']}"
    api.patch(path, {"is_archived": True})

    assert api.patch(path, {"title": "M"}).status == 403
    assert api.patch(path, {"is_archived": False}).status == 200


def test_deleted_lead_is_gone_from_both_lists(api: Api, person: Any) -> None:
    """A deleted lead is in no list."""
    lead_id = api.created("/v1/leads", title="L", person_id=1)["id"]

    assert api.delete(f"/v1/leads/{lead_id}").json()["data"] == {"id": lead_id}
    assert api.rows("/v1/leads") == api.rows("/v1/leads/archived") == []


def test_note_needs_a_parent(api: Api) -> None:
    """A note without a parent is refused with the API's sentence."""
    response = api.post("/v1/notes", {"content": "x"})

    assert response.status == 400
    assert response.json()["error"].startswith("Note must be associated with at least one")


def test_note_flags_are_0_and_1_in_and_booleans_out(api: Api, person: Any) -> None:
    """Pins are written as 0 or 1 and read as booleans."""
    note = api.created("/v1/notes", content="x", person_id=1, pinned_to_person_flag=1)

    assert note["pinned_to_person_flag"] is True
    assert note["add_time"] == NOW.replace("T", " ").removesuffix("Z")


def test_pin_needs_its_parent(api: Api, person: Any) -> None:
    """A note can be pinned only to a parent it has."""
    assert api.post("/v1/notes", {"content": "x", "person_id": 1, "pinned_to_deal_flag": 1}).status == 400


def test_note_add_time_can_be_set(api: Api, person: Any) -> None:
    """The time of a note may lie in the past."""
    note = api.created("/v1/notes", content="x", person_id=1, add_time="2020-01-02 03:04:05")

    assert note["add_time"] == "2020-01-02 03:04:05"


def test_note_is_changed_by_put(api: Api, person: Any) -> None:
    """Notes are changed by PUT and deleted to `true`."""
    api.created("/v1/notes", content="x", person_id=1)

    assert api.call("PUT", "/v1/notes/1", {"content": "y"}).json()["data"]["content"] == "y"
    assert api.delete("/v1/notes/1").json()["data"] is True
    assert api.sandbox.rows("notes")[0]["active_flag"] is False


def test_v1_takes_forms(api: Api, person: Any) -> None:
    """A v1 body may be a form."""
    headers = {**api.headers, "content-type": "application/x-www-form-urlencoded"}
    body = urlencode({"content": "x", "person_id": "1"}).encode()

    assert api.sandbox.handle(Request("POST", "/v1/notes", (), headers, body)).json()["data"]["person_id"] == 1


def test_lead_label(api: Api) -> None:
    """A lead label has a colour of the list."""
    assert len(api.created("/v1/leadLabels", name="New", color="pink")["id"]) == 36
    assert api.post("/v1/leadLabels", {"name": "New", "color": "mauve"}).status == 400


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("plain & simple", "plain &amp; simple"),
        ('<p onclick="x()">Call <b>back</b></p>\n<script>1</script>', "<p>Call <b>back</b></p>\n"),
        ("a<br>b<hr/>", "a<br />b<hr />"),
        ('<a href="https://x.test" rel="me">x</a>', '<a href="https://x.test">x</a>'),
        ('<a href="javascript:x()">x</a>', "<a>x</a>"),
        ("<font>x</font> <ann@acme.test>", "x "),
    ],
)
def test_notes_are_cleaned(api: Api, person: Any, sent: str, stored: str) -> None:
    """Of the HTML of a note only some elements and attributes stay, also when it is changed, and comments alike."""
    note = api.created("/v1/notes", content=sent, person_id=1)
    comment = api.created(f"/v1/notes/{note['id']}/comments", content=sent)
    changed = api.call("PUT", f"/v1/notes/{note['id']}", {"content": sent}).json()["data"]

    assert [each["content"] for each in (note, comment, changed)] == [stored] * 3


def test_activity_type_key_is_derived(api: Api) -> None:
    """A new activity type can be used by its derived key."""
    made = api.created("/v1/activityTypes", name="Site visit", icon_key="car")

    assert made["key_string"] == "site_visit"
    assert api.created("/api/v2/activities", type="site_visit")["subject"] == "Site visit"


def test_file_is_renamed_and_deleted(seeded: Api) -> None:
    """A file can be renamed and deleted."""
    assert seeded.call("PUT", "/v1/files/1", {"name": "n.pdf"}).json()["data"]["name"] == "n.pdf"
    assert seeded.delete("/v1/files/1").status == 200
    assert 1 not in {row["id"] for row in seeded.rows("/v1/files")}
