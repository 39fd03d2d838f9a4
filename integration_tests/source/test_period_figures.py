"""Goal results, pipeline statistics, changes of projects, bodies of emails: what is read, and what it costs."""

from typing import Any

import pytest
import requests

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

FIGURES = ("goal_results", "pipeline_statistics")
DAY = 86_400


def starts(run: Run, stream: str) -> set[str]:
    return {row["period_start"] for row in run.records(stream)}


def tokens(run: Run, stream: str) -> int:
    return int(run.summary["streams"][stream]["tokens"])


@pytest.fixture
def november(pipedrive: Sandbox) -> Sandbox:
    """The account on the second last day of a month."""
    pipedrive.set_clock("2026-11-29T10:00:00Z", freeze=True)
    return pipedrive


def test_the_first_read_takes_two_periods(november: Sandbox, source: InProcess) -> None:
    """The current one up to today, and the one before; keys are unique."""
    run = source.read(*FIGURES)

    for stream, parent in zip(FIGURES, ("goals", "pipelines"), strict=True):
        rows = run.records(stream)
        assert starts(run, stream) == {"2026-10-01", "2026-11-01"}
        assert {row["period_end"] for row in rows} == {"2026-10-31", "2026-11-29"}
        assert len({(row[f"{parent[:-1]}_id"], row["period_start"]) for row in rows}) == len(rows)
        assert {row[f"{parent[:-1]}_id"] for row in rows} == {row["id"] for row in november.rows(parent)}
    assert all(isinstance(row["progress"], int) and row["expected_outcome"] for row in run.records("goal_results"))
    assert all(row["new_deals"]["count"] is not None for row in run.records("pipeline_statistics"))
    assert not run.logs("WARN")


def test_they_are_asked_once_a_day(november: Sandbox, source: InProcess) -> None:
    """A second run on the same day costs the parents' lists, one on the next day one period of each."""
    catalog = source.catalog("goals", "pipelines", *FIGURES)
    first = source.read_catalog(catalog)
    again = source.read_catalog(catalog, first.last_states())
    november.advance(DAY)
    tomorrow = source.read_catalog(catalog, again.last_states())

    assert [tokens(first, stream) for stream in FIGURES] == [2 * 20 * 4, 2 * 80 * 3]
    assert [tokens(again, stream) for stream in FIGURES] == [0, 0]
    assert [again.records(stream) for stream in FIGURES] == [[], []]
    assert [tokens(tomorrow, stream) for stream in FIGURES] == [20 * 4, 80 * 3]
    assert {row["period_end"] for row in tomorrow.records("pipeline_statistics")} == {"2026-11-30"}


def test_a_period_that_ended_gets_its_last_figures(november: Sandbox, source: InProcess) -> None:
    """The run after the end of a month reads that month as a whole once more, however long it has been."""
    catalog = source.catalog(*FIGURES)
    first = source.read_catalog(catalog)
    november.advance(35 * DAY)
    later = source.read_catalog(catalog, first.last_states())

    ends = {row["period_start"]: row["period_end"] for row in later.records("pipeline_statistics")}
    assert ends == {"2026-11-01": "2026-11-30", "2026-12-01": "2026-12-31", "2027-01-01": "2027-01-03"}
    assert starts(later, "goal_results") == {"2026-11-01", "2026-12-01"}


def test_a_goal_that_is_new_today(november: Sandbox, source: InProcess) -> None:
    """It is asked on the same day, alone."""
    catalog = source.catalog("goal_results")
    first = source.read_catalog(catalog)
    goal = november.rows("goals")[-1]
    november.put_rows("goals", [{**goal, "id": "0" * 32}])

    run = source.read_catalog(catalog, first.last_states())

    assert [row["goal_id"] for row in run.records("goal_results")] == ["0" * 32]


def test_a_full_refresh_reads_them_again(november: Sandbox, source: InProcess) -> None:
    """The same two periods, with the same keys."""
    catalog = source.catalog(*FIGURES, sync_mode="full_refresh")
    runs = [source.read_catalog(catalog), source.read_catalog(catalog)]

    for stream in FIGURES:
        assert runs[0].records(stream) == runs[1].records(stream) != []


def test_changes_of_projects(pipedrive: Sandbox, source: InProcess) -> None:
    """A row holds what changed at once; only projects that changed are asked again."""
    catalog = source.catalog("projects", "project_changelog")
    first = source.read_catalog(catalog)
    rows = first.records("project_changelog")
    idle = source.read_catalog(catalog, first.last_states())
    project = pipedrive.rows("projects")[0]["id"]
    url = f"{source.config['api_url']}/api/v2/projects/{project}"
    change(url, {"title": "Another title"})
    last = source.read_catalog(catalog, idle.last_states())

    assert rows
    assert len({(row["project_id"], row["time"], row["change_number"]) for row in rows}) == len(rows)
    assert all(row["old_values"].keys() == row["new_values"].keys() for row in rows)
    assert tokens(first, "project_changelog") == 10 * len({row["id"] for row in first.records("projects")})
    assert tokens(idle, "project_changelog") == 0
    assert tokens(last, "project_changelog") == 10
    assert any(row["new_values"].get("title") == "Another title" for row in last.records("project_changelog"))


def change(url: str, body: dict[str, Any]) -> None:
    requests.patch(url, json=body, headers={"x-api-token": "sandbox"}, timeout=60).raise_for_status()


@pytest.mark.parametrize("parent", ["deal", "person", "organization"])
def test_bodies_of_e_mails(pipedrive: Sandbox, source: InProcess, parent: str) -> None:
    """With `mail_bodies` they come in the same calls; without it the column is declared and stays empty."""
    stream = f"{parent}_mail_messages"
    plain = source.read(stream)
    source.config["mail_bodies"] = True
    catalog = source.catalog(stream)
    whole = source.read_catalog(catalog)

    assert "body" in catalog["streams"][0]["stream"]["json_schema"]["properties"]
    assert not any(row.get("body") for row in plain.records(stream))
    assert whole.records(stream)
    assert all(row["body"].startswith("<p>") for row in whole.records(stream))
    assert tokens(whole, stream) == tokens(plain, stream)
