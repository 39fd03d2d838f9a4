"""C21: `check` names every problem of a config at once, each with its JSON pointer and what comes nearest."""

import json
import re
from typing import Any

import pytest
import yaml

from integration_tests.destination.account import Account, record

#: Wrong in every part that can be read without an account.
UNREADABLE: dict[str, Any] = {
    "visible_to": 4,
    "dry_run": "yes",
    "conflict_policy": "mine",
    "mappings": [
        {
            "stream": "people",
            "object": "persons",
            "operation": "truncate",
            "matchon": ["email"],
            "fields": [{"source": "a"}, {"source": "b", "target": "name", "mode": "loud"}],
            "links": {"boss": {"from": "x"}, "organization": {}},
            "value_maps": {"labels": {"a": "Hot", "b": "hot"}},
            "filter": "score >",
            "min_change": {"score": -1},
            "actions": [{"action": "create_deal"}],
        },
        {"object": "deals", "create": "no"},
    ],
}
UNREADABLE_PARTS = (
    *("`/visible_to`", "`/dry_run`", "`/conflict_policy`"),
    *("/mappings/0/operation", "`matchon`", "/mappings/0/fields/0", "/mappings/0/fields/1/mode"),
    *("/mappings/0/links/boss", "/mappings/0/links/organization/from", "/mappings/0/value_maps/labels/b"),
    *("/mappings/0/filter", "/mappings/0/min_change/score", "/mappings/0/actions/0/pipeline"),
    *("/mappings/1/stream", "/mappings/1/create"),
)
#: Readable, but the account has none of it.
UNKNOWN: dict[str, Any] = {
    "default_owner": 987654,
    "mappings": [
        {
            "stream": "deals",
            "match_on": ["Contract numbr", "id"],
            "external_id_field": "Nonsense",
            "owner": "nobody@acme.test",
            "fields": [
                {"source": "a", "target": "Lead sorce"},
                {"source": "b", "target": "update_time"},
                {"source": "c", "target": "title", "null": "clear"},
            ],
            "constants": {"pipeline": "Nowhere", "owner_id": 987654, "status": "opn"},
            "value_maps": {"Lead source": {"web": "Websit", "call": "Telepathy"}},
            "min_change": {"title": 5},
            "links": {"person": {"by": "Shoe size", "from": "x"}},
            "actions": [
                {"action": "create_deal", "pipeline": "Nowhere"},
                {"action": "add_activity", "subject": "x", "assignee": "Nobody"},
                {"action": "add_activity", "subject": "x", "assignee": 987654},
                {"action": "move_deal_to_stage", "stage": "987654", "pipeline": 987654},
            ],
        },
        {"stream": "orgs", "object": "organisations"},
        {"stream": "companies", "object": "organizations", "domain_field": "Shoe size"},
    ],
}
UNKNOWN_PARTS = (
    *("`/default_owner`", "/mappings/0/match_on`: match key `Contract numbr`", "/mappings/0/external_id_field"),
    *("/mappings/0/owner", "/mappings/0/fields/0/target", "Did you mean `Lead source`", "/mappings/0/fields/1/target"),
    *("/mappings/0/fields/2/target", "/mappings/0/constants/pipeline", "/mappings/0/constants/owner_id"),
    *("/mappings/0/constants/status", "/mappings/0/value_maps/Lead source/web", "Did you mean `Website`"),
    *("/mappings/0/value_maps/Lead source/call", "/mappings/0/min_change/title", "/mappings/0/links/person/by"),
    *("/mappings/0/actions/0/pipeline", "/mappings/0/actions/1/assignee", "/mappings/1/object"),
    *("/mappings/0/actions/2/assignee", "/mappings/0/actions/3/pipeline"),
    *("Did you mean `organizations`", "/mappings/2/domain_field"),
)


#: One part of each kind is wrong, so that the rest is still compared with the account.
BOTH: dict[str, Any] = {
    "default_owner": 987654,
    "reject_threshold": -1,
    "object_storage_config": {"storage_type": "Tape"},
    "mappings": [
        "persons",
        {
            "stream": "persons",
            "update": "no",
            "fields": [{"source": "a"}, {"source": "b", "target": "Newsleter"}],
            "value_maps": {"labels": {"a": "Nope", "b": "nope"}, "Newsletter": {"x": "Nevr", "y": []}},
            "min_change": {"score": -1, "name": 3},
            "actions": [{"action": "explode"}, {"action": "create_deal", "pipeline": "Nowhere"}],
        },
        {"stream": "orgs", "object": "organisations", "links": {"boss": {"from": "x"}}},
        {"stream": "persons"},
    ],
}
BOTH_PARTS = (
    *("`/default_owner`", "`/reject_threshold`", "`/object_storage_config/storage_type`", "`/mappings/0`"),
    *("/mappings/1/update", "/mappings/1/fields/0", "/mappings/1/fields/1/target", "Did you mean `Newsletter`"),
    *("/mappings/1/value_maps/labels/b", "/mappings/1/value_maps/Newsletter/y", "/mappings/1/min_change/score"),
    *("/mappings/1/min_change/name", "/mappings/1/actions/0/action", "/mappings/1/actions/1/pipeline"),
    *(
        "/mappings/2/object",
        "Did you mean `organizations`",
        "/mappings/2/links/boss",
        "`/mappings/3`: stream `persons`",
    ),
)


@pytest.mark.parametrize(
    ("config", "parts"), [(UNREADABLE, UNREADABLE_PARTS), (UNKNOWN, UNKNOWN_PARTS), (BOTH, BOTH_PARTS)]
)
def test_c21_every_problem_is_named_at_once(account: Account, config: dict[str, Any], parts: tuple[str, ...]) -> None:
    """C21, A13, A14: one `check` is enough to know all that is to be mended."""
    status = account.check(**config).connection_status

    assert status["status"] == "FAILED"
    assert [part for part in parts if part not in status["message"]] == []


def test_c21_a_write_says_the_same_before_anything_is_written(account: Account) -> None:
    """The run fails with the sentences of `check`; no field, option or row was created."""
    config = {**UNKNOWN, "mappings": [{**UNKNOWN["mappings"][0], "actions": []}], "visible_to": 4}
    said = account.check(**config).connection_status["message"]
    run = account.write([record("deals", title="x", shoe="8")], **config)

    assert run.exit_code == 1
    assert set(run.errors()[0]["message"].split(". ")) == set(said.split(". "))
    assert account.writes() == []


def test_c21_what_cannot_be_read_is_told_without_the_account(account: Account) -> None:
    """C21: a wrong token, or no answer, does not hide what is wrong with the config itself."""
    wrong = {**BOTH, "credentials": {"auth_type": "api_token", "api_token": "wrong"}}
    said = account.check(**wrong).connection_status["message"]
    run = account.write([record("persons", name="x")], **wrong)

    assert "/reject_threshold" in said
    assert "Invalid API key" in said
    assert "/reject_threshold" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"


def test_c21_a_name_that_is_known_is_not_proposed(account: Account) -> None:
    """C21: an inactive user is called so, and a stage of two pipelines is told apart by the pipeline or its id."""
    account.put("users", name="Old Olaf", email="olaf@acme.test", active_flag=False)
    for name in ("One", "Two"):
        account.put("stages", name="Twice", pipeline_id=account.put("pipelines", name=name), order_nr=1)
    move = {"action": "move_deal_to_stage", "stage": "Twice"}
    assigned = {"action": "add_activity", "subject": "x", "assignee": "olaf@acme.test"}
    mapping = {"stream": "people", "object": "persons", "owner": "olaf@acme.test", "actions": [move, assigned]}
    deals = {"stream": "deals", "constants": {"owner": "Old Olaf"}}
    said = account.check(default_owner="Old Olaf", mappings=[mapping, deals]).connection_status["message"]

    assert "`/default_owner`: `Old Olaf` is inactive." in said
    assert "`/mappings/0/owner`: `olaf@acme.test` is inactive." in said
    assert "`/mappings/0/actions/0/stage`: `Twice` is the name of 2 stages; set `pipeline`, or use the id." in said
    assert "`/mappings/0/actions/1/assignee`: `olaf@acme.test` is inactive." in said
    assert "`/mappings/1/constants/owner`: `Old Olaf` is inactive." in said
    assert "Did you mean" not in said


def test_c21_the_settings_are_read_with_the_rest(account: Account) -> None:
    """C21: address, credentials, plan, budget and reserve are told at once, with the mappings, each by its pointer."""
    general = {"api_url": "ftp://x", "plan": "gold", "token_budget": "many", "daily_token_reserve": -5}
    credentials = {"auth_type": "oauth2.0", "client_id": "x"}
    status = account.check(**general, credentials=credentials, mappings=[{"object": "person"}]).connection_status
    wrong = ("credentials/client_secret", "credentials/refresh_token", "mappings/0/stream")

    assert [key for key in (*general, *wrong) if f"`/{key}`" not in status["message"]] == []
    assert "an address of another kind that begins with `ftp://`" in status["message"]


#: The mappings of a config as the form holds them.
AS_TEXT = {
    "yaml": lambda mappings: yaml.safe_dump(mappings, sort_keys=False),
    "json": lambda m: json.dumps(m, indent=1),
}


@pytest.mark.parametrize("language", AS_TEXT)
@pytest.mark.parametrize(
    ("config", "parts"), [(UNREADABLE, UNREADABLE_PARTS), (UNKNOWN, UNKNOWN_PARTS), (BOTH, BOTH_PARTS)]
)
def test_c21_a_text_is_checked_like_a_list(
    account: Account, config: dict[str, Any], parts: tuple[str, ...], language: str
) -> None:
    """C21: the same sentences, each place in the mappings with its line: what is unreadable, and what is unknown."""
    listed = account.check(**config).connection_status["message"]
    text = AS_TEXT[language](config["mappings"])
    said = account.check(**{**config, "mappings": text}).connection_status["message"]
    without = re.sub(r" \(line \d+\)", "", said)

    assert sentences(without) == sentences(listed)
    assert [part for part in parts if part not in without] == []
    assert len(re.findall(r"`/mappings[^`]*`", said)) == len(re.findall(r"`/mappings[^`]*` \(line \d+\)", said))


def sentences(message: str) -> list[str]:
    """The parts of a message, in any order."""
    return sorted(message.split(". "))


TEXT = """\
- stream: people
  object: persons
  fields:
    - source: shoe
      target: Shoe sise
  value_maps:
    labels:
      Hot/warm: Lukewarm
"""


def test_c21_a_write_names_the_lines_before_anything_is_written(account: Account) -> None:
    """C21: `write` fails with the sentences of `check`; no field, option or row was created."""
    config: dict[str, Any] = {"mappings": TEXT, "auto_create_options": False}
    said = account.check(**config).connection_status["message"]
    run = account.write([record("people", name="x", email="x@y.test", shoe="8")], **config)

    assert "`/mappings/0/fields/0/target` (line 5): the field `Shoe sise`" in said
    assert "`/mappings/0/value_maps/labels/Hot~1warm` (line 8): `Lukewarm`" in said
    assert (run.exit_code, run.errors()[0]["message"]) == (1, said)
    assert account.writes() == []


def test_c21_a_text_that_is_no_yaml_fails_both(account: Account) -> None:
    """C21: `check` and `write` say in which line; nothing is asked of the account that would cost tokens."""
    config = {"mappings": "- stream: a\n\tobject: persons"}
    said = account.check(**config).connection_status["message"]
    run = account.write([record("a", name="x")], **config)

    assert "`/mappings` cannot be read as YAML or JSON: line 2: a tab; YAML is indented with spaces." in said
    assert "line 2: a tab" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert account.writes() == []


def test_c21_a_text_does_what_the_list_does(account: Account) -> None:
    """C21: rows are written by a mapping in YAML, and the same mapping as a list finds nothing to do."""
    text = "stream: contacts\nobject: persons\nmatch_on: email\nfields:\n  - {source: full, target: name}\n"
    rows = [record("contacts", full="Ann", email="ann@x.test")]
    first = account.write(rows, mappings=text)
    second = account.write(rows, mappings=[yaml.safe_load(text)])

    assert first.summary["objects"]["persons"]["created"] == 1
    assert second.summary["objects"]["persons"]["unchanged"] == 1
    assert account.writes() == []
