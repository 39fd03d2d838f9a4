"""The dbt package on a warehouse that the source filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from integration_tests.downstream.dbt import Dbt
from integration_tests.downstream.reference import time_in_stage

Query = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def built(dbt: Dbt, warehouse: Path) -> Query:
    """Rows of a query, after everything was built and tested."""
    dbt.run("build", duckdb=str(warehouse))

    def query(sql: str) -> list[dict[str, Any]]:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            result = connection.execute(sql)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    return query


def test_every_model_and_every_test_passes(dbt: Dbt, built: Query) -> None:
    """Warnings are failures here: the change log is whole."""
    results = dbt.results()

    assert set(results.values()) == {"success", "pass"}
    assert sum(name.startswith("test.") for name in results) > 60


def test_time_in_stage_agrees_with_a_replay_of_the_changes(built: Query) -> None:
    """To the second, for every deal and stage."""
    expected = time_in_stage(built("FROM pipedrive.deals"), built("FROM pipedrive.deal_changelog"))
    rows = built("FROM analytics_pipedrive.pipedrive__time_in_stage")
    found = {(row["deal_id"], row["stage_id"]): int(row["open_seconds"]) for row in rows}

    assert {key: seconds for key, seconds in found.items() if seconds} == {
        key: seconds for key, seconds in expected.items() if seconds
    }
    assert len(found) > 200
    assert len({deal for deal, _ in found}) == len(built("FROM pipedrive.deals"))


def test_the_history_of_a_deal_is_read_at_any_moment(built: Query) -> None:
    """A version holds what the last change before it said, field by field."""
    history = built("FROM analytics_pipedrive.pipedrive__deal_history")
    changes = built("FROM pipedrive.deal_changelog WHERE field_key = 'stage_id' ORDER BY time, change_number")
    checked = 0
    for version in history:
        own = [change for change in changes if change["deal_id"] == version["deal_id"]]
        before = [change["new_value"] for change in own if change["time"] <= version["valid_from"]]
        if own:
            checked += 1
            assert version["stage_id"] == int(before[-1] if before else own[0]["old_value"])

    assert checked > 300


def test_the_funnel_counts_every_deal_once(built: Query) -> None:
    """Won, lost and open deals of all stages are the deals that there are; who reached a stage is counted by hand."""
    funnel = built("FROM analytics_pipedrive.pipedrive__stage_conversion")
    deals = built("FROM pipedrive.deals WHERE NOT is_deleted")

    assert sum(row["deals_won"] + row["deals_lost"] + row["deals_open"] for row in funnel) == len(deals)
    order = {row["stage_id"]: row["order_nr"] for row in funnel}
    pipeline = {row["stage_id"]: row["pipeline_id"] for row in funnel}
    visited: dict[int, list[int]] = defaultdict(list)
    for stay in built("FROM analytics_pipedrive.pipedrive__deal_stage_history"):
        visited[stay["deal_id"]].append(stay["stage_id"])
    for row in funnel:
        reached = moved_on = 0
        for deal in (deal for deal in deals if deal["pipeline_id"] == row["pipeline_id"]):
            places = [order[stage] for stage in visited[deal["id"]] if pipeline[stage] == row["pipeline_id"]]
            is_won = deal["status"] == "won"
            is_reached = min(places) <= row["order_nr"] and (row["order_nr"] <= max(places) or is_won)
            reached += is_reached
            moved_on += is_reached and (row["order_nr"] < max(places) or is_won)
        assert (row["deals_reached"], row["deals_moved_on"]) == (reached, moved_on)


def test_velocity_is_what_its_factors_say(built: Query) -> None:
    """Open deals × win rate × average value ÷ days, by hand for each pipeline and currency."""
    deals = built("FROM pipedrive.deals WHERE NOT is_deleted")
    rows = built("FROM analytics_pipedrive.pipedrive__pipeline_velocity")
    for row in rows:
        own = [d for d in deals if (d["pipeline_id"], d["currency"]) == (row["pipeline_id"], row["currency"])]
        won = [deal for deal in own if deal["status"] == "won"]
        lost = sum(deal["status"] == "lost" for deal in own)
        if won:
            rate = len(won) / (len(won) + lost)
            value = float(sum(deal["value"] for deal in won)) / len(won)
            days = sum((deal["won_time"] - deal["add_time"]).total_seconds() for deal in won) / len(won) / 86_400
            expected = sum(deal["status"] == "open" for deal in own) * rate * value / days
            assert float(row["velocity_per_day"]) == pytest.approx(expected, rel=1e-6)

    assert len(rows) > 5


def test_activities_and_lost_reasons_count_what_there_is(built: Query) -> None:
    """Every activity has an owner's month, every lost deal a reason or none given."""
    activities = built("FROM pipedrive.activities WHERE NOT is_deleted")
    lost = built("FROM pipedrive.deals WHERE status = 'lost' AND NOT is_deleted")
    owners = built("FROM analytics_pipedrive.pipedrive__activities_per_owner")
    reasons = built("FROM analytics_pipedrive.pipedrive__lost_reasons")

    assert sum(row["activities"] for row in owners) == len(activities)
    assert sum(row["done"] for row in owners) == sum(bool(row["done"]) for row in activities)
    assert sum(row["deals"] for row in reasons) == len(lost)
    assert {row["lost_reason"] for row in reasons} == {row["lost_reason"] or "(none given)" for row in lost}


def test_freshness_is_measured(dbt: Dbt, warehouse: Path) -> None:
    """A table that was filled a moment ago is fresh."""
    told = dbt.run("source freshness", duckdb=str(warehouse))

    assert told.count("PASS freshness of pipedrive.") == 4


def test_what_is_not_synced_is_empty(dbt: Dbt, tmp_path: Path, warehouse: Path) -> None:
    """With deals, stages and pipelines alone, without some column, and with custom columns, everything is built."""
    small = tmp_path / "small.duckdb"
    with duckdb.connect(str(small)) as connection:
        connection.execute(f"ATTACH '{warehouse}' AS whole (READ_ONLY); CREATE SCHEMA pipedrive")
        for stream in ("deals", "stages", "pipelines"):
            connection.execute(f"CREATE TABLE pipedrive.{stream} AS FROM whole.pipedrive.{stream}")
        connection.execute("ALTER TABLE pipedrive.deals DROP COLUMN probability")
    dbt.run("build", "--vars", "{pipedrive_custom_columns: {deals: [lead_source]}}", duckdb=str(small))

    with duckdb.connect(str(small), read_only=True) as connection:
        stages = connection.execute("SELECT count(*) FROM analytics_pipedrive.pipedrive__time_in_stage").fetchall()
        connection.execute("SET schema = 'analytics_pipedrive_staging'")
        columns = connection.execute(
            "SELECT count(id), count(probability), count(lead_source) FROM stg_pipedrive__deals"
        ).fetchall()
    assert stages[0][0] == columns[0][0]
    assert columns[0][1] == 0
    assert columns[0][2] > 0
