"""Shapes of v1 records: leads, notes, files, users."""

from __future__ import annotations

import re

import pytest

from .conftest import Api

SPACED = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


def test_lead_times_have_milliseconds(seeded: Api) -> None:
    """Lead times are RFC 3339 with milliseconds."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", seeded.rows("/v1/leads")[0]["update_time"])


def test_lead_custom_fields_are_flat(seeded: Api) -> None:
    """Custom values of a lead are top-level keys with suffixed siblings; unset ones are absent."""
    key = seeded.field_key("dealFields", "Budget")
    leads = seeded.rows("/v1/leads")
    stored = {row["id"]: row["custom_fields"].get(key) for row in seeded.sandbox.rows("leads")}

    for lead in leads:
        value = stored[lead["id"]]
        assert lead.get(key) == (value and value["value"])
        assert (f"{key}_currency" in lead) == (value is not None)
        assert "custom_fields" not in lead


def test_lead_options_are_text(seeded: Api) -> None:
    """An enum of a lead is its option id as text, a set its ids joined by commas."""
    key = seeded.field_key("dealFields", "Products of interest")

    values = [lead[key] for lead in seeded.rows("/v1/leads") if key in lead]
    assert values
    assert all(re.fullmatch(r"\d+(,\d+)*", value) for value in values)


def test_archived_leads_have_their_own_list(seeded: Api) -> None:
    """A lead is either in the list or among the archived ones."""
    live = {lead["id"] for lead in seeded.rows("/v1/leads")}
    archived = {lead["id"] for lead in seeded.rows("/v1/leads/archived")}

    assert live
    assert archived
    assert not live & archived


def test_leads_sort_and_filter_by_change(seeded: Api) -> None:
    """Leads can be asked for by change time, in its order."""
    since = "2025-06-01T00:00:00Z"
    times = [lead["update_time"] for lead in seeded.rows("/v1/leads", updated_since=since, sort="update_time ASC")]

    assert times == sorted(times)
    assert times[0] >= since[:19]


def test_updated_since_is_inclusive_for_leads(api: Api) -> None:
    """A lead of exactly that second is listed, milliseconds or not."""
    api.sandbox.put_rows("leads", [{"id": "a", "title": "A", "update_time": "2026-01-01T00:00:00Z"}])

    assert len(api.rows("/v1/leads", updated_since="2026-01-01T00:00:00Z")) == 1


def test_note_embeds_names(seeded: Api) -> None:
    """A note shows the title of its deal and its author's name."""
    note = next(row for row in seeded.rows("/v1/notes") if row["deal_id"])

    assert note["deal"]["title"]
    assert note["user"]["name"]
    assert note["pinned_to_deal_flag"] in (True, False)


@pytest.mark.parametrize("name", ["notes", "files", "activityTypes"])
def test_spaced_times(seeded: Api, name: str) -> None:
    """These v1 records write times with a space."""
    assert re.fullmatch(SPACED, seeded.rows(f"/v1/{name}")[0]["update_time"])


def test_me(api: Api) -> None:
    """The token's owner comes with the company."""
    me = api.rows("/v1/users/me")

    assert (me["is_you"], me["company_domain"]) == (True, "sandbox")


def test_inactive_user_is_listed(seeded: Api) -> None:
    """The user list holds inactive users, and marks one as the caller."""
    users = seeded.rows("/v1/users")

    assert {user["active_flag"] for user in users} == {True, False}
    assert [user["id"] for user in users if user["is_you"]] == [1]


def test_lead_fields_share_the_custom_fields_of_deals(seeded: Api) -> None:
    """The keys of a lead's custom fields are those of deals."""
    deal_keys = {row["key"] for row in seeded.rows("/v1/dealFields") if row["edit_flag"]}

    assert {row["key"] for row in seeded.rows("/v1/leadFields") if row["edit_flag"]} == deal_keys


def test_notes_of_one_deal(seeded: Api) -> None:
    """Notes can be asked for by deal."""
    deal_id = next(row["deal_id"] for row in seeded.rows("/v1/notes") if row["deal_id"])

    assert {row["deal_id"] for row in seeded.rows("/v1/notes", deal_id=deal_id)} == {deal_id}


def test_pinned_filter_takes_0_and_1(seeded: Api) -> None:
    """The pin filters take 0 or 1 and compare the flag."""
    rows = seeded.rows("/v1/notes", pinned_to_deal_flag=1)

    assert all(row["pinned_to_deal_flag"] for row in rows)
    assert seeded.get("/v1/notes", pinned_to_deal_flag="yes").status == 400


def test_files_page_limit_is_100(seeded: Api) -> None:
    """Files answer at most 100 a page."""
    assert seeded.get("/v1/files", limit=101).status == 400
    assert seeded.get("/v1/files", limit=100, sort="id ASC").status == 200


def test_currencies_by_term(api: Api) -> None:
    """Currencies can be searched by name or code."""
    assert [row["code"] for row in api.rows("/v1/currencies", term="krona")] == ["SEK"]


def test_deleted_notes_in_lists_is_a_setting(api: Api) -> None:
    """Whether deleted notes are listed is a setting."""
    api.sandbox.put_rows("notes", [{"id": 1, "content": "x", "active_flag": False}])
    assert api.rows("/v1/notes") == []

    api.sandbox.change_settings(deleted_in_lists=True)
    assert len(api.rows("/v1/notes")) == 1
