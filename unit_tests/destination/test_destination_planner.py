"""Operation and match to one decision."""

import pytest

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.flow import Match, NoOp, Outcome, Reject, Skip
from destination_pipedrive.objects.records import PERSONS
from destination_pipedrive.planning.planner import Intent, decide

NONE, ONE, TWO, NO_KEY, NO_ID = Match("email"), Match("email", (1,)), Match("email", (1, 2)), Match(), Match("id")


@pytest.mark.parametrize(
    ("operation", "match", "rules", "wanted"),
    [
        ("insert", ONE, {}, "noop"),
        ("insert", NO_KEY, {}, "create"),
        ("upsert", NONE, {}, "create"),
        ("upsert", ONE, {}, "update"),
        ("upsert", TWO, {}, "ambiguous_match"),
        ("upsert", NO_KEY, {}, "match_key_missing"),
        ("upsert", NO_KEY, {"require_match_key": False}, "create"),
        ("upsert", NO_ID, {}, "no_match"),
        ("upsert", NONE, {"create": False}, "skip"),
        ("upsert", ONE, {"update": False}, "skip"),
        ("upsert", ONE, {"on_duplicate": "skip"}, "skip"),
        ("upsert", ONE, {"on_duplicate": "create"}, "create"),
        ("upsert", TWO, {"on_ambiguous": "oldest"}, "update"),
        ("update", NONE, {}, "no_match"),
        ("update", ONE, {}, "update"),
        ("update", NO_KEY, {}, "match_key_missing"),
        ("update", NO_KEY, {"require_match_key": False}, "match_key_missing"),
        ("delete", ONE, {}, "delete"),
        ("delete", NONE, {}, "noop"),
        ("delete", TWO, {}, "ambiguous_match"),
        ("delete", NO_ID, {}, "noop"),
        ("delete", NO_KEY, {}, "match_key_missing"),
    ],
)
def test_decisions(operation: str, match: Match, rules: dict[str, object], wanted: str) -> None:
    """Every operation against every kind of match."""
    decided = decide(operation, Rules.model_validate({"stream": "s", **rules}), PERSONS, match)

    assert wanted == said(decided)


def said(decided: Intent | NoOp | Skip | Reject) -> str:
    """A decision in one word."""
    if isinstance(decided, Intent):
        return decided.action
    return decided.code if isinstance(decided, Reject) else type(decided).__name__.lower()


def test_oldest_and_newest() -> None:
    """The lower id is the older row."""
    assert decide("upsert", Rules(stream="s", on_ambiguous="oldest"), PERSONS, TWO) == Intent("update", 1)
    assert decide("upsert", Rules(stream="s", on_ambiguous="newest"), PERSONS, TWO) == Intent("update", 2)


def test_b19_the_words_people_know() -> None:
    """Sentences open with the words of other CRM tools."""
    decided = decide("upsert", Rules(stream="s"), PERSONS, TWO)
    assert isinstance(decided, Reject)
    assert Outcome.of_rejection(decided).sentence == "Duplicate found: 2 persons have the same `email` (ids 1, 2)."
