"""The log of results: one line a record, beside the rejected records and apart from them."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record, stream_state

EMAIL = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
MAPPING = {
    "stream": "crm",
    "object": "persons",
    "filter": "Name != 'Nobody'",
    "fields": [
        {"source": "Name", "target": "name"},
        {"source": "E-Mail", "target": "email"},
        {"source": "Since", "target": "birthday", "on_invalid": "leave_out"},
    ],
}


def person(name: str, email: str, **more: Any) -> dict[str, Any]:
    """A RECORD of the stream `crm`."""
    return record("crm", **{"Name": name, "E-Mail": email, **more})


def storage(folder: Path) -> dict[str, Any]:
    """A config whose results are kept below a folder."""
    return {"result_log": True, "object_storage_config": {"storage_type": "Local", "path": str(folder)}}


def results(folder: Path) -> list[dict[str, Any]]:
    """The lines of the result log, by number of the record."""
    files = sorted((folder / "_results").rglob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return sorted(lines, key=lambda line: line["number"])


def test_every_record_has_one_line_with_its_outcome(account: Account, tmp_path: Path) -> None:
    """Created, updated, skipped and rejected: key as sent, id, changed fields, and why."""
    bob = account.put("persons", name="Bob", emails=EMAIL)
    rows = [
        person("Ann", "Ann@Acme.test"),
        person("Robert", "bob@acme.test"),
        person("Nobody", "n@acme.test"),
        person("Bad", "no address"),
    ]
    account.write([*rows, stream_state("crm", 1)], mappings=[MAPPING], **storage(tmp_path))
    created, updated, skipped, rejected = results(tmp_path)

    ann = next(row["id"] for row in account.rows("persons") if row["name"] == "Ann")
    assert (created["outcome"], created["id"], created["key"]) == ("created", ann, {"E-Mail": "Ann@Acme.test"})
    assert (created["object"], created["stream"], created["number"]) == ("persons", "crm", 1)
    assert created["match_key"] == "email"
    assert (updated["outcome"], updated["id"], updated["changed"]) == ("updated", bob, ["name"])
    assert updated["code"] is None
    assert skipped["outcome"] == "skipped"
    assert "`filter`" in skipped["message"]
    assert (rejected["outcome"], rejected["code"], rejected["columns"]) == ("rejected", "invalid_value", ["E-Mail"])
    assert (rejected["id"], rejected["key"]) == (None, {"E-Mail": "no address"})


def test_values_left_out_have_the_form_of_the_protocol(account: Account, tmp_path: Path) -> None:
    """What was not sent stands in `changes` as in a record's `meta.changes`, with the column as it came."""
    rows = [person("Ann", "ann@acme.test", Since="soon"), person("Bo", "bo@acme.test", Since="1990-01-31")]
    run = account.write(rows, mappings=[MAPPING], **storage(tmp_path))
    left, whole = results(tmp_path)

    assert left["outcome"] == "created"
    assert left["changes"] == [{"field": "Since", "change": "NULLED", "reason": "DESTINATION_TYPECAST_ERROR"}]
    assert whole["changes"] == []
    assert any("`Since`" in text and "1 value " in text for text in run.logs("WARN"))


def test_the_log_is_apart_from_rejected_records(account: Account, tmp_path: Path) -> None:
    """Only records that can be written again are outside of `_results`."""
    account.write(
        [person("Ann", "ann@acme.test"), person("Bad", "no address")], mappings=[MAPPING], **storage(tmp_path)
    )
    outside = [path for path in tmp_path.rglob("*.jsonl") if "_results" not in path.parts]

    assert [path.parent.name for path in outside] == ["crm"]
    assert len(outside[0].read_text(encoding="utf-8").splitlines()) == 1
    assert len(results(tmp_path)) == 2


def test_results_are_kept_when_the_run_fails(account: Account, tmp_path: Path) -> None:
    """A state that is out has the lines of its records on disk, also when the run ends with an error."""
    rows = [person("Ann", "ann@acme.test"), stream_state("crm", 1), person("Bad", "x"), person("Bad", "y")]
    run = account.write(rows, mappings=[MAPPING], reject_threshold=1, **storage(tmp_path))

    assert run.exit_code == 1
    assert len(run.states()) == 1
    assert [line["outcome"] for line in results(tmp_path)] == ["created", "rejected", "rejected"]


def test_the_second_record_of_a_row_is_logged_by_itself(account: Account, tmp_path: Path) -> None:
    """Two records of one new row: one is created, the other finds it; both carry the id that Pipedrive gave."""
    account.write([person("Ann", "ann@acme.test")] * 2, mappings=[MAPPING], **storage(tmp_path))
    (row,) = account.rows("persons")

    assert [(line["outcome"], line["id"]) for line in results(tmp_path)] == [
        ("created", row["id"]),
        ("unchanged", row["id"]),
    ]


def test_no_log_without_the_option_and_none_in_a_dry_run(account: Account, tmp_path: Path) -> None:
    """Off by default; a dry run keeps nothing."""
    config = storage(tmp_path)
    account.write([person("Ann", "ann@acme.test")], mappings=[MAPPING], **{**config, "result_log": False})
    account.write([person("Bo", "bo@acme.test")], mappings=[MAPPING], dry_run=True, **config)

    assert not list(tmp_path.rglob("_results"))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"result_log": True}, "`/result_log` needs a place"),
        ({"result_log": True, "object_storage_config": {"storage_type": "None"}}, "`/result_log` needs a place"),
        ({"result_log": "yes"}, "`/result_log` must be true or false"),
    ],
)
def test_check_wants_a_place_for_the_log(account: Account, config: dict[str, Any], said: str) -> None:
    """A log that has nowhere to go is found before a run."""
    run = account.check(**config)

    assert run.connection_status["status"] == "FAILED"
    assert said in run.connection_status["message"]


@pytest.mark.parametrize("data", [KeyError, None, "text", 5, True, [], [{"Name": "A"}]], ids=str)
def test_t18_a_record_that_holds_no_columns(account: Account, tmp_path: Path, data: Any) -> None:
    """It is rejected and has its line, without a key; a plan shows it, too."""
    held = {} if data is KeyError else {"data": data}
    odd = {"type": "RECORD", "record": {"stream": "crm", "emitted_at": 1, **held}}
    rows = [odd, person("Ann", "ann@acme.test")]
    account.write([*rows, stream_state("crm", 1)], mappings=[MAPPING], **storage(tmp_path))
    lines = results(tmp_path)
    config = account.config(mappings=[MAPPING])
    plan = account.run("plan", rows, config=config, catalog=catalog_of("crm"))

    assert [(line["outcome"], line["key"]) for line in lines] == [
        ("rejected", {}),
        ("created", {"E-Mail": "ann@acme.test"}),
    ]
    assert plan.exit_code == 0, plan
    assert "[invalid_value]" in plan.stdout
