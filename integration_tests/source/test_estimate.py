"""`estimate` tells for at most 200 tokens what a first sync and an unchanged one then take."""

import json
from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox
from source_pipedrive.commands.estimate import MOST_TOKENS

BELOW_DEALS = "deals,deal_products,deal_participants,deal_persons,deal_followers,deal_changelog"
LISTS = "deals,persons,organizations,activities,products"
STAGE = {"stream": "deals", "where": "stage == 'Proposal'"}
MINE = {"stream": "deals", "where": "pipeline == 'Sales' and owner == current_user"}
COMPANY = {"stream": "leads", "where": "organization == 'Nobody' or person == 'person3@company4.example'"}
CLOSE = 0.05


def estimated(source: InProcess, *flags: str) -> dict[str, Any]:
    """What `estimate --json` prints; what it costs is held against its own limit."""
    source.sandbox.clear_requests()
    run = source.run("estimate", *flags, "--json", config=source.config)
    assert run.exit_code == 0, run
    found = dict(json.loads(run.stdout))
    assert found["spent"] == source.sandbox.meter()["tokens"] <= MOST_TOKENS
    return found


def synced(source: InProcess, streams: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Summaries of a first sync and of one in which nothing changed."""
    catalog = json.loads(source.run("catalog", "--streams", streams, config=source.config).stdout)
    first = source.read_catalog(catalog)
    return first.summary, source.read_catalog(catalog, state=first.last_states()).summary


@pytest.mark.parametrize(
    ("scale", "streams", "config"),
    [
        (1, BELOW_DEALS, {}),
        (0, BELOW_DEALS, {}),
        (4, BELOW_DEALS, {}),
        (4, "deal_products,deal_mail_messages", {}),
        (4, "persons,organization_persons,person_followers,organization_changelog", {}),
        (4, "leads,notes,files,note_comments,activities", {}),
        (1, BELOW_DEALS, {"start_date": "2025-06-01T00:00:00Z"}),
        (1, BELOW_DEALS, {"selections": [{"stream": "deals", "where": "status == 'won'"}]}),
        (1, "filters,roles,permission_sets,role_assignments", {"suppress_extended_requests": True}),
        (1, "filters,roles,permission_sets,role_assignments", {}),
        (1, "deals,deal_fields,users,pipelines,stages,goals,goal_results", {}),
        (1, "deals,persons,organizations,products,leads", {"custom_fields": "object"}),
        (1, "leads,notes", {}),
        (2, LISTS, {"start_date": "2025-06-01T00:00:00Z"}),
        (1, "deals,deal_products", {"start_date": "2030-01-01T00:00:00Z"}),
        (2, "persons,person_changelog", {"start_date": "2026-03-01T00:00:00Z"}),
        (2, "deals,persons,organizations,leads,notes", {"deletions": "compare"}),
        (2, "mail_threads,mail_messages", {"mail_bodies": True}),
        (2, "deals,deal_changelog,persons", {"selections": [STAGE, {"stream": "persons", "where": "owner_id == 1"}]}),
        (1, "deal_changelog", {"start_date": "2026-08-01T00:00:00Z", "selections": [STAGE]}),
        (1, "deals,leads", {"selections": [MINE, COMPANY]}),
    ],
)
def test_the_estimate_is_close_to_the_sync(
    pipedrive: Sandbox, source: InProcess, scale: int, streams: str, config: dict[str, Any]
) -> None:
    """Few and many deals, with children and without, archived rows, a start date, selections, deletions: within 5 %."""
    pipedrive.reset(seed=1, scale=scale)
    source.config |= config
    total = estimated(source, "--streams", streams)["total"]
    first, unchanged = synced(source, streams)

    assert total["tokens"] == pytest.approx(first["tokens"], rel=CLOSE), first
    assert total["unchanged_tokens"] == pytest.approx(unchanged["tokens"], rel=CLOSE), unchanged


def test_all_streams_are_estimated_within_its_own_tokens(pipedrive: Sandbox, source: InProcess) -> None:
    """Where 200 tokens do not reach, the figures say that they are a lower bound."""
    found = estimated(source)
    summary = synced(source, ",".join(found["streams"]))[0]

    assert len(found["streams"]) > 60
    assert found["total"]["sure"] == "at least"
    assert found["total"]["tokens"] == pytest.approx(summary["tokens"], rel=CLOSE)
    assert (found["streams"]["deals"]["rows"], found["streams"]["deals"]["sure"]) == (100, "exact")


def test_people_get_a_table(pipedrive: Sandbox, source: InProcess) -> None:
    """A line for each stream, the total, what the words mean, and what the estimate took."""
    run = source.run("estimate", "--streams", "deals,persons", config=source.config)

    assert [line.split()[0] for line in run.stdout.splitlines()[:4]] == ["STREAM", "deals", "persons", "in"]
    assert "The estimate took 40 tokens." in run.stdout


def test_the_streams_of_a_catalog(pipedrive: Sandbox, source: InProcess) -> None:
    """A configured catalog names the streams; both at once are a wrong command line."""
    catalog = source.catalog("persons", "deals")
    source.sandbox.clear_requests()
    run = source.run("estimate", "--json", config=source.config, catalog=catalog)

    assert list(json.loads(run.stdout)["streams"]) == ["persons", "deals"]
    with pytest.raises(SystemExit) as ended:
        source.run("estimate", "--streams", "deals", config=source.config, catalog=catalog)
    assert ended.value.code == 2
