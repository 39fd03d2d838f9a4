"""`selections`: mistakes are named with their place."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.selecting import where
from pipedrive_sandbox import Sandbox

MISTAKES: list[tuple[Any, str]] = [
    ("deals", "`selections` must be a list"),
    (["deals"], "`selections[0]` must be an object"),
    ([{"where": "id > 1"}], "`selections[0].stream` must be the name of a stream"),
    (
        [{"stream": "dael", "where": "id > 1"}],
        "`selections[0].stream`: there is no stream `dael`. Did you mean `deals`?",
    ),
    ([{"stream": "deal_flow", "where": "id > 1"}], "its rows are in `deal_changelog`"),
    ([{"stream": "deals"}], "`selections[0]` needs `filter_id` or `where`"),
    ([{"stream": "deals", "filter": 1}], "`selections[0].filter` is not known"),
    ([{"stream": "deals", "filter_id": "12"}], "`selections[0].filter_id` must be the id of a filter"),
    ([{"stream": "deals", "filter_id": True}], "`selections[0].filter_id` must be the id of a filter"),
    ([{"stream": "notes", "filter_id": 1}], "use `where` for `notes`"),
    ([{"stream": "deals", "where": 5}], "`selections[0].where` must be an expression"),
    (
        [{"stream": "deals", "where": "id > 1"}, {"stream": "deals", "filter_id": 1}],
        "`selections[1].stream`: `deals` has a selection already, `selections[0]`",
    ),
    (
        [{"stream": "deals", "where": "value >"}],
        "`selections[0].where`: line 1, column 7: something is missing after `>`",
    ),
    (
        [{"stream": "users", "where": "nmae == 'x'"}],
        "line 1, column 1: there is no column `nmae`. Did you mean `name`?",
    ),
    ([{"stream": "users", "where": "stage == 'x'"}], "there is no column `stage`"),
    ([{"stream": "filters", "where": "conditions != null"}], "there is no column `conditions`"),
]


@pytest.mark.parametrize(("selections", "sentence"), MISTAKES)
def test_r15_a_mistake_is_named_with_its_place(
    pipedrive: Sandbox, source: InProcess, selections: Any, sentence: str
) -> None:
    """A selection that cannot be used fails check before anything is sent; the sentence names entry and place."""
    source.config["selections"] = selections

    run = source.check()

    assert run.connection_status["status"] == "FAILED"
    assert sentence in run.connection_status["message"]
    assert not pipedrive.requests()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("value > 1\n and regoin == 'x'", "line 2, column 6: there is no column `regoin`. Did you mean `region`?"),
        ("stage == 'Propsal'", "`selections[0].where`: there is no stage 'Propsal'. Did you mean 'Proposal'?"),
        ("owner in [1, 'Nobody']", "`selections[0].where`: there is no owner 'Nobody'."),
    ],
)
def test_check_knows_the_accounts_columns_and_names(
    pipedrive: Sandbox, source: InProcess, text: str, sentence: str
) -> None:
    """check asks for the custom fields, stages or users that a condition names, and says what is missing."""
    where(source, deals=text)

    run = source.check()

    assert run.connection_status["status"] == "FAILED"
    assert sentence in run.connection_status["message"]


def test_check_accepts_what_the_account_has(pipedrive: Sandbox, source: InProcess) -> None:
    """Custom fields, stages and users that exist pass; ids and built-in columns ask for nothing."""
    where(source, deals="region == 'x' and stage == 'Proposal' and owner == 'Mari Admin'", leads="owner == 5")

    assert source.check().connection_status["status"] == "SUCCEEDED"
    pipedrive.clear_requests()
    where(source, deals="value > 5 and owner_id == 3")
    assert source.check().connection_status["status"] == "SUCCEEDED"
    assert [request["path"] for request in pipedrive.requests()] == ["/v1/users/me"]


def test_a_read_with_an_unknown_column_ends_at_once(pipedrive: Sandbox, source: InProcess) -> None:
    """A custom field that is gone ends the read with the same sentence before a row is read."""
    catalog = source.catalog("deal_followers")
    where(source, deals="regoin == 'x'")

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert "there is no column `regoin`" in run.errors()[0]["message"]
    assert {request["path"] for request in pipedrive.requests()} == {"/api/v2/dealFields"}


def test_the_example_of_the_document_is_accepted(pipedrive: Sandbox, source: InProcess) -> None:
    """The example in docs/selections.md passes check as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "selections.md").read_text(encoding="utf-8")
    source.config |= json.loads(page.split("```json\n")[1].split("```")[0])

    assert source.check().connection_status["status"] == "SUCCEEDED"
