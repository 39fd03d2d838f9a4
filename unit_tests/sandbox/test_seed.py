"""Example data."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import pytest

from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server import controls

from .conftest import Api

KINDS = ("organizations", "persons", "products", "deals", "leads", "activities", "notes", "files", "deal_products")
CUSTOM_TYPES = {
    *("varchar", "varchar_auto", "text", "double", "monetary", "set", "enum", "user", "org", "people", "phone"),
    *("time", "timerange", "date", "daterange", "address"),
}


def test_same_seed_same_rows() -> None:
    """The same seed gives the same rows, another seed others."""
    first, other = Sandbox(seed=1), Sandbox(seed=2)
    # Made anew, not unpacked.
    controls.example.cache_clear()
    second = Sandbox(seed=1)

    for kind in (*KINDS, "dealFields"):
        assert first.rows(kind) == second.rows(kind)
    assert first.rows("deals") != other.rows("deals")


def test_custom_fields_cover_every_type(seeded: Api) -> None:
    """Deals have a custom field of every type, and some value for each."""
    fields = {
        row["field_code"]: row["field_type"] for row in seeded.sandbox.rows("dealFields") if row["is_custom_field"]
    }
    used = {fields[key] for deal in seeded.sandbox.rows("deals") for key in deal["custom_fields"]}

    assert set(fields.values()) == used == CUSTOM_TYPES


def test_awkward_labels(seeded: Api) -> None:
    """There are equal labels, other scripts, a built-in label and one of punctuation only."""
    labels = [row["field_name"] for row in seeded.sandbox.rows("dealFields")]

    assert labels.count("Segment") == labels.count("Title") == labels.count("Status") == 2
    assert {"Источник", "担当者", "!!!"} <= set(labels)


def test_awkward_rows(seeded: Api) -> None:
    """There are shared change times, a stage without one, long notes, second emails, an inactive user."""
    rows = seeded.sandbox.rows

    times = [row["update_time"] for kind in ("deals", "persons") for row in rows(kind)]
    assert len(times) > len(set(times))
    assert any(row["update_time"] is None for row in rows("stages"))
    assert max(len(row["content"]) for row in rows("notes")) >= 10_000
    assert any(len(row["emails"]) == 2 for row in rows("persons"))
    assert [row["id"] for row in rows("users") if not row["active_flag"]] == [6]
    assert any(row["is_archived"] for row in rows("leads"))


def test_a_change_log_leads_to_what_its_record_is() -> None:
    """Old values are the new values before them; the last ones, stage and closing included, are the record's own."""
    account = Sandbox(seed=1, scale=0, organizations=1, persons=1, deals=20, changes=400)
    deals = {row["id"]: row for row in account.rows("deals")}
    stories: dict[tuple[int, str], list[dict[str, Any]]] = defaultdict(list)
    for entry in account.rows("changes"):
        if entry["deal_id"]:
            stories[entry["deal_id"], entry["field_key"]].append(entry)

    assert len(stories) > 50
    for (deal_id, key), entries in stories.items():
        assert [entry["time"] for entry in entries] == sorted(entry["time"] for entry in entries)
        assert [entry["new_value"] for entry in entries[:-1]] == [entry["old_value"] for entry in entries[1:]]
        assert entries[-1]["new_value"] == str(deals[deal_id][key])
        if key == "stage_id":
            assert entries[-1]["time"] == deals[deal_id]["stage_change_time"]
        if key == "status":
            assert entries[0]["old_value"] == "open"
            assert deals[deal_id]["close_time"] in (None, entries[-1]["time"])


def test_times_lie_in_the_past(seeded: Api) -> None:
    """Change times lie between 2023 and November 2026."""
    for kind in KINDS:
        times = [row["update_time"] for row in seeded.sandbox.rows(kind)]
        assert "2023-01-01" <= min(times) <= max(times) < "2026-11-02"


def test_exact_counts() -> None:
    """Exact counts win over the scale."""
    sandbox = Sandbox(seed=1, scale=0, deals=7, users=9)

    assert (len(sandbox.rows("deals")), len(sandbox.rows("users")), len(sandbox.rows("persons"))) == (7, 9, 0)


def test_seeding_twice_adds(sandbox: Sandbox) -> None:
    """A second seeding adds rows and no second set of fields."""
    sandbox.seed(deals=3, scale=0)
    fields = len(sandbox.rows("dealFields"))
    sandbox.seed(deals=4, scale=0)

    assert (len(sandbox.rows("deals")), len(sandbox.rows("dealFields"))) == (7, fields)


def test_unknown_kind_is_refused() -> None:
    """A count of an unknown kind is an error."""
    with pytest.raises(ValueError, match="no seed for"):
        Sandbox(seed=1, unicorns=1)


def test_ten_thousand_deals_are_fast() -> None:
    """A large account is made and walked in seconds of computing."""
    started = time.process_time()
    api = Api(Sandbox(seed=1, scale=0, deals=10_000))
    deals = api.walk("/api/v2/deals", limit=500, sort_by="update_time")

    assert len(deals) > 8_000
    assert time.process_time() - started < 10


def test_what_happens_to_one_account_happens_to_no_other() -> None:
    """Accounts of one seed start alike, whatever was done to those before, and each has rows of its own."""
    first, second = Sandbox(seed=1), Sandbox(seed=1)
    before = second.rows("deals")
    first.put_rows("deals", [{"id": before[0]["id"], "title": "Changed"}])
    first.state.store["deals"].rows[before[1]["id"]]["custom_fields"].clear()

    assert second.rows("deals") == before
    assert Sandbox(seed=1).rows("deals") == before
    first.reset(seed=1)
    assert first.rows("deals") == before
