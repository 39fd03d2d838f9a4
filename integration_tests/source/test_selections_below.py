"""`selections`: children of selected parents, saved filters, and deletions beside a selection."""

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.selecting import LISTS, asked, ids, where
from pipedrive_sandbox import Sandbox


def test_children_of_the_wanted_parents_only(pipedrive: Sandbox, source: InProcess) -> None:
    """A selection of deals limits what hangs below them; nothing is asked for the others."""
    whole = source.read("deal_products", "deal_followers")
    wanted = set(ids(pipedrive.rows("deals"), lambda row: row["stage_id"] in (1, 2, 3, 7)))
    where(source, deals="stage in ['Qualified', 'Contact made', 'Demo scheduled']")
    pipedrive.clear_requests()

    run = source.read("deals", "deal_products", "deal_followers")

    for stream in ("deal_products", "deal_followers"):
        rows = run.records(stream)
        assert rows
        assert len(rows) == len([row for row in whole.records(stream) if row["deal_id"] in wanted])
        assert {row["deal_id"] for row in rows} <= wanted
    called = {int(one["path"].split("/")[4]) for one in pipedrive.requests() if one["path"].endswith("/followers")}
    assert called <= wanted


@pytest.mark.parametrize("text", ["value > 20000", "region != null", "activities_count > 2", "pipeline == 'Sales'"])
def test_children_alone(pipedrive: Sandbox, source: InProcess, text: str) -> None:
    """The parent's selection holds as well when only children are read: what it tests is asked for, nothing else."""
    where(source, deals=text)
    together = source.read("deals", "deal_followers").records("deal_followers")
    catalog = source.catalog("deal_followers")

    alone = source.read_catalog(catalog)

    assert alone.records("deal_followers")
    assert sorted(map(str, alone.records("deal_followers"))) == sorted(map(str, together))
    assert "deals" not in alone.summary["streams"]
    fields = next(dict(one["query"]) for one in pipedrive.requests() if one["path"] == LISTS[0])
    assert len(fields["custom_fields"].split(",")) == 1
    assert ("activities_count" in fields["include_fields"]) == ("activities_count" in text)


def test_unwanted_parents_move_the_childrens_bookmark(pipedrive: Sandbox, source: InProcess) -> None:
    """A second run of the children asks for parents since the newest one, wanted or not, and for no child."""
    where(source, persons="owner_id == 2 or name == 'x'")
    first = source.read("person_followers")
    pipedrive.clear_requests()

    second = source.read("person_followers", state=first.last_states())

    newest = max(row["update_time"] for row in pipedrive.rows("persons") if not row["is_deleted"])
    assert first.records("person_followers")
    assert not second.records("person_followers")
    assert asked(pipedrive, "/api/v2/persons")["updated_since"] == newest


def test_a_selection_of_children(pipedrive: Sandbox, source: InProcess) -> None:
    """Rows of a child stream are chosen by their own columns."""
    whole = source.read("deal_products").records("deal_products")
    where(source, deal_products="quantity > 1")

    run = source.read("deal_products")

    assert ids(run.records("deal_products")) == ids(whole, lambda row: row["quantity"] > 1)
    assert run.summary["streams"]["deal_products"]["records"] == len(run.records("deal_products"))


def test_a_saved_filter(pipedrive: Sandbox, source: InProcess) -> None:
    """A filter's id is sent alone, its where is tested here: the API ignores other parameters beside a filter."""
    source.config["selections"] = [{"stream": "deals", "filter_id": 1, "where": "status == 'won' and stage_id == 6"}]

    rows = source.read("deals").records("deals")

    won = ids(
        pipedrive.rows("deals"), lambda row: row["value"] > 10000 and row["status"] == "won" and row["stage_id"] == 6
    )
    assert ids(rows) == won
    assert rows
    for path in LISTS:
        assert asked(pipedrive, path) == {"filter_id": "1"}


def test_a_saved_filter_limits_children(pipedrive: Sandbox, source: InProcess) -> None:
    """Children come below the rows of the filter only."""
    source.config["selections"] = [{"stream": "deals", "filter_id": 1}]

    rows = source.read("deal_followers").records("deal_followers")

    assert rows
    assert {row["deal_id"] for row in rows} <= set(ids(pipedrive.rows("deals"), lambda row: row["value"] > 10000))


@pytest.mark.parametrize("stream", ["deals", "projects", "leads"])
def test_a_filter_that_is_refused(pipedrive: Sandbox, source: InProcess, stream: str) -> None:
    """A filter that does not exist ends the stream with a sentence that names the entry, gated list or not."""
    source.config["selections"] = [{"stream": stream, "filter_id": 999}]

    run = source.read(stream)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert f"`selections[0].filter_id`: Pipedrive refuses filter 999 for `{stream}`" in run.errors()[0]["message"]


def test_compared_deletions_see_every_row(pipedrive: Sandbox, source: InProcess) -> None:
    """With `deletions: compare` a row that leaves the selection does not look deleted, and one that is gone does."""
    where(source, notes="user_id == 1")
    source.config["deletions"] = "compare"
    first = source.read("notes")
    leaves, goes = ids(first.records("notes"))[:2]
    pipedrive.put_rows("notes", [{"id": leaves, "user_id": 2, "update_time": "2026-11-20T00:00:00Z"}])
    outside = ids(pipedrive.rows("notes"), lambda row: row["user_id"] == 3)[0]
    for gone in (goes, outside):
        pipedrive.purge("notes", gone)

    second = source.read("notes", state=first.last_states())

    assert [(row["id"], row["is_deleted"]) for row in second.records("notes")] == [(goes, True)]
    assert asked(pipedrive, "/v1/notes") == {}
