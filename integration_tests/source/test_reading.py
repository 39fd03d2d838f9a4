"""What a read returns: every row, typed, named, once. Scenarios R1, R2, R3, R11 and the price."""

from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox


def keys(rows: list[dict[str, Any]]) -> list[Any]:
    return sorted(row["id"] for row in rows)


def live(sandbox: Sandbox, resource: str) -> list[dict[str, Any]]:
    rows = sandbox.rows(resource)
    return [row for row in rows if not row.get("is_deleted") and row.get("active_flag") is not False]


def test_r1_every_row_once_and_valid(pipedrive: Sandbox, source: InProcess) -> None:
    """R1: a full read of every stream emits every row once, each declared and valid against its discovered schema."""
    catalog = source.catalog()

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    for stream in (entry["stream"] for entry in catalog["streams"]):
        validator = Draft7Validator(stream["json_schema"], format_checker=FormatChecker())
        rows = run.records(stream["name"])
        assert rows, stream["name"]
        keyed = [tuple(row[key[0]] for key in stream["source_defined_primary_key"]) for row in rows]
        assert len(set(keyed)) == len(keyed), stream["name"]
        for row in rows:
            assert row.keys() <= stream["json_schema"]["properties"].keys(), stream["name"]
            assert not list(validator.iter_errors(row)), stream["name"]
    assert not run.logs("WARN")


def test_what_is_said_of_the_records_counts_each_of_them(pipedrive: Sandbox, source: InProcess) -> None:
    """R1: lists of several pages and children alike: states, statuses, the log and SUMMARY agree with the records."""
    pipedrive.put_rows("activities", [{"subject": f"Call {number}"} for number in range(1100)])
    run = source.read("activities", "deals", "deal_changelog")
    counts = run.record_counts()
    told = dict.fromkeys(counts, 0.0)
    for state in run.states():
        told[state["stream"]["stream_descriptor"]["name"]] += state["sourceStats"]["recordCount"]

    assert counts["activities"] > 1100
    assert told == counts
    assert {name: line["records"] for name, line in run.summary["streams"].items()} == counts
    assert {f"Read {count} records from {name} stream" for name, count in counts.items()} <= set(run.logs())
    assert run.statuses() == {key: ["STARTED", "RUNNING", "COMPLETE"] for key in counts}


@pytest.mark.parametrize("stream", ["organizations", "activities", "products", "leads", "notes", "files", "persons"])
def test_r1_rows_equal_those_of_the_server(pipedrive: Sandbox, source: InProcess, stream: str) -> None:
    """R1: the rows of the live lists are those that the server holds."""
    run = source.read(stream)

    assert keys(run.records(stream)) == keys(live(pipedrive, stream))


def test_r12_archived_and_deleted_deals_are_in_the_stream(pipedrive: Sandbox, source: InProcess) -> None:
    """R12: live, archived and deleted deals come in one stream, told apart by two columns."""
    rows = source.read("deals").records("deals")

    assert keys(rows) == keys(pipedrive.rows("deals"))
    assert {row["id"] for row in rows if row["is_archived"]} == {
        row["id"] for row in pipedrive.rows("deals") if row["is_archived"]
    }
    assert any(row["is_deleted"] for row in rows)


def test_deletions_ignored(pipedrive: Sandbox, source: InProcess) -> None:
    """With `deletions: ignore` deleted deals are left out."""
    source.config["deletions"] = "ignore"

    rows = source.read("deals").records("deals")

    assert rows
    assert not any(row["is_deleted"] for row in rows)


def test_r12_a_deal_archived_between_two_syncs_comes_once(pipedrive: Sandbox, source: InProcess) -> None:
    """R12: a deal that was archived since the last sync is in the next one, once and archived."""
    first = source.read("deals")
    deal = next(row["id"] for row in first.records("deals") if not row["is_archived"] and not row["is_deleted"])
    pipedrive.put_rows("deals", [{"id": deal, "is_archived": True, "update_time": "2026-11-20T00:00:00Z"}])

    second = source.read("deals", state=first.last_states())

    assert [(row["id"], row["is_archived"]) for row in second.records("deals")] == [(deal, True)]


def test_r2_unchanged_second_run(pipedrive: Sandbox, source: InProcess) -> None:
    """R2: with nothing changed no row comes again, and each filtered list costs one call (deals 10 + 20 tokens)."""
    streams = ("deals", "persons", "organizations", "activities", "products", "leads", "notes")
    first = source.read(*streams)

    second = source.read(*streams, state=first.last_states())

    assert not second.records()
    tokens = {name: usage["tokens"] for name, usage in second.summary["streams"].items()}
    assert tokens == {
        "deals": 30,
        "persons": 10,
        "organizations": 10,
        "activities": 10,
        "products": 10,
        "leads": 60,
        "notes": 20,
    }
    assert second.summary["tokens"] == pipedrive.meter()["tokens"] == 150


def test_r3_a_change_within_the_bookmarks_second_comes(pipedrive: Sandbox, source: InProcess) -> None:
    """R3: a row that changes again within the second of the bookmark is emitted, its neighbours are not."""
    time = "2026-11-21T10:00:00Z"
    pipedrive.put_rows("persons", [{"id": number, "update_time": time} for number in (1, 2)])
    first = source.read("persons")
    pipedrive.put_rows("persons", [{"id": 2, "name": "Changed at once", "update_time": time}])

    second = source.read("persons", state=first.last_states())

    assert [(row["id"], row["name"]) for row in second.records("persons")] == [(2, "Changed at once")]


@pytest.mark.parametrize("count", [0, 1, 500, 501])
@pytest.mark.parametrize("last_cursor", ["null", "absent", "no_additional_data"])
def test_r11_sizes(empty: Sandbox, source: InProcess, count: int, last_cursor: str) -> None:
    """R11: no row, one row, exactly a page, a page and one: complete, however the API ends its list."""
    empty.seed(scale=0, organizations=count)
    empty.put_rows("organizations", [{"id": row["id"], "is_deleted": False} for row in empty.rows("organizations")])
    empty.change_settings(last_cursor=last_cursor)

    run = source.read("organizations")

    assert run.exit_code == 0
    assert keys(run.records("organizations")) == keys(live(empty, "organizations"))


@pytest.mark.parametrize("stream", ["notes", "leads", "persons"])
def test_r11_all_rows_in_one_second(empty: Sandbox, source: InProcess, stream: str) -> None:
    """R11: 1,200 rows that share their change time are complete, and so is the next run."""
    empty.seed(scale=0, **{stream: 1200, "organizations": 3, "persons": 1200})
    time = "2026-11-21T10:00:00Z"
    empty.put_rows(stream, [{"id": row["id"], "update_time": time} for row in empty.rows(stream)])

    first = source.read(stream)
    second = source.read(stream, state=first.last_states())

    assert keys(first.records(stream)) == keys(live(empty, stream))
    assert not second.records(stream)
    middle = source.read(stream, state=[{"type": "STREAM", "stream": first.states()[0]["stream"]}])
    assert len(middle.records(stream)) == len(first.records(stream)) - 500


def test_price_of_10_000_deals(empty: Sandbox, source: InProcess) -> None:
    """10,000 deals cost 10 tokens per 500 live and 20 per 500 archived rows, plus definitions and users (30)."""
    empty.seed(scale=0, deals=10_000)
    archived = sum(bool(row["is_archived"]) for row in empty.rows("deals"))

    run = source.read("deals")

    assert len(run.records("deals")) == 10_000
    pages = -(-(10_000 - archived) // 500), -(-archived // 500)
    assert run.summary["tokens"] == empty.meter()["tokens"] == 10 * pages[0] + 20 * pages[1] + 30


def test_start_date_leaves_older_rows_out(pipedrive: Sandbox, source: InProcess) -> None:
    """Rows last changed before `start_date` are not read, whether the server or the connector filters."""
    source.config["start_date"] = "2025-06-01"

    run = source.read("deals", "files", "leads")

    for stream in ("deals", "files", "leads"):
        times = [row["update_time"] for row in run.records(stream)]
        assert times, stream
        assert min(times) >= "2025-06-01T00:00:00Z", stream


@pytest.mark.parametrize("stream", ["persons", "organizations", "products", "activities", "notes", "leads"])
def test_r12_a_vanished_row_comes_once_as_deleted(pipedrive: Sandbox, source: InProcess, stream: str) -> None:
    """R12: with `deletions: compare` a row that vanished is emitted once with `is_deleted`, by a full listing."""
    source.config["deletions"] = "compare"
    first = source.read(stream)
    gone = first.records(stream)[0]["id"]
    pipedrive.purge(stream, gone)

    second = source.read(stream, state=first.last_states())
    third = source.read(stream, state=second.last_states())

    assert [(row["id"], row["is_deleted"]) for row in second.records(stream)] == [(gone, True)]
    assert not third.records(stream)


def test_r12_deals_reported_by_the_api_are_not_reported_twice(pipedrive: Sandbox, source: InProcess) -> None:
    """R12: a deal that the API shows as deleted comes once, and not again when it leaves the list for good."""
    source.config["deletions"] = "compare"
    first = source.read("deals")
    deal = next(row["id"] for row in first.records("deals") if not row["is_deleted"] and not row["is_archived"])
    pipedrive.put_rows(
        "deals", [{"id": deal, "is_deleted": True, "status": "deleted", "update_time": "2026-11-22T00:00:00Z"}]
    )
    second = source.read("deals", state=first.last_states())
    pipedrive.purge("deals", deal)
    third = source.read("deals", state=second.last_states())

    assert [(row["id"], row["is_deleted"]) for row in second.records("deals")] == [(deal, True)]
    assert not third.records("deals")


def test_a_full_refresh_starts_anew_and_an_unfinished_one_goes_on(pipedrive: Sandbox, source: InProcess) -> None:
    """A finished full refresh reads everything again whatever state it is given; an unfinished one is resumed."""
    pipedrive.seed(seed=2, scale=0, persons=1200)
    catalog = source.catalog("persons", "person_followers", sync_mode="full_refresh")
    first = source.read_catalog(catalog)

    again = source.read_catalog(catalog, first.last_states())
    resumed = source.read_catalog(catalog, [{"type": "STREAM", "stream": first.states()[0]["stream"]}])

    assert keys(again.records("persons")) == keys(first.records("persons"))
    assert len(resumed.records("persons")) == len(first.records("persons")) - 500


def test_r12_a_lead_archived_between_two_syncs_comes_once(pipedrive: Sandbox, source: InProcess) -> None:
    """R12: a lead that was archived since the last sync is in the next one, once and archived."""
    first = source.read("leads")
    lead = next(row["id"] for row in first.records("leads") if not row["is_archived"])
    pipedrive.put_rows("leads", [{"id": lead, "is_archived": True, "update_time": "2026-11-20T00:00:00Z"}])

    second = source.read("leads", state=first.last_states())

    assert [(row["id"], row["is_archived"]) for row in second.records("leads")] == [(lead, True)]
