"""Operation and match to one decision."""

import pytest

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.flow import Match, Result, Step
from destination_pipedrive.objects.records import PERSONS
from destination_pipedrive.planning.planner import plan

NONE, ONE, TWO, NO_KEY, NO_ID = Match("email"), Match("email", (1,)), Match("email", (1, 2)), Match(), Match("id")


@pytest.mark.parametrize(
    ("operation", "match", "rules", "wanted"),
    [
        ("insert", ONE, {}, "unchanged"),
        ("insert", NO_KEY, {}, "create"),
        ("upsert", NONE, {}, "create"),
        ("upsert", ONE, {}, "update"),
        ("upsert", TWO, {}, "ambiguous_match"),
        ("upsert", NO_KEY, {}, "match_key_missing"),
        ("upsert", NO_KEY, {"require_match_key": False}, "create"),
        ("upsert", NO_ID, {}, "no_match"),
        ("upsert", NONE, {"create": False}, "skipped"),
        ("upsert", ONE, {"update": False}, "skipped"),
        ("upsert", ONE, {"on_duplicate": "skip"}, "skipped"),
        ("upsert", ONE, {"on_duplicate": "create"}, "create"),
        ("upsert", TWO, {"on_ambiguous": "oldest"}, "update"),
        ("update", NONE, {}, "no_match"),
        ("update", ONE, {}, "update"),
        ("update", NO_KEY, {}, "match_key_missing"),
        ("update", NO_KEY, {"require_match_key": False}, "match_key_missing"),
        ("delete", ONE, {}, "delete"),
        ("delete", NONE, {}, "unchanged"),
        ("delete", TWO, {}, "ambiguous_match"),
        ("delete", NO_ID, {}, "unchanged"),
        ("delete", NO_KEY, {}, "match_key_missing"),
    ],
)
def test_decisions(operation: str, match: Match, rules: dict[str, object], wanted: str) -> None:
    """Every operation against every kind of match."""
    decided = plan(operation, Rules.model_validate({"stream": "s", **rules}), PERSONS, match)

    if isinstance(decided, Step):
        assert decided.action == wanted
    else:
        assert wanted in (decided.code, decided.outcome)


def test_oldest_and_newest() -> None:
    """The lower id is the older row."""
    assert plan("upsert", Rules(stream="s", on_ambiguous="oldest"), PERSONS, TWO) == Step("update", 1)
    assert plan("upsert", Rules(stream="s", on_ambiguous="newest"), PERSONS, TWO) == Step("update", 2)


def test_b19_the_words_people_know() -> None:
    """Sentences open with the words of other CRM tools."""
    decided = plan("upsert", Rules(stream="s"), PERSONS, TWO)
    assert isinstance(decided, Result)
    assert decided.sentence == "Duplicate found: 2 persons have the same `email` (ids 1, 2)."
