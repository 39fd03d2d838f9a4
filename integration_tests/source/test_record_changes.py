"""`meta.changes`: a record says which of its values could not be read and are null for that reason."""

import json
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer

from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, put
from integration_tests.source.selecting import where
from pipedrive_sandbox import Sandbox

NULLED = {"change": "NULLED", "reason": "SOURCE_SERIALIZATION_ERROR"}


def messages(source: InProcess, pipedrive: Sandbox, path: str, stream: str, **values: Any) -> list[dict[str, Any]]:
    """The record messages of a stream whose first row has these values."""
    catalog = source.catalog(stream)
    with answers(pipedrive, put(path, **values)):
        run = source.read_catalog(catalog)
    assert run.exit_code == 0
    return run.of_type("RECORD")


@pytest.mark.parametrize(
    ("path", "stream", "values", "fields"),
    [
        ("/api/v2/deals", "deals", {"value": "a lot", "person_id": [1]}, ["person_id", "value"]),
        ("/api/v2/deals", "deals", {"custom_fields": [1]}, ["custom_fields"]),
        ("/api/v2/products", "products", {"prices": [{"price": "x"}, {"price": "y"}]}, ["prices[].price"]),
        ("/v1/leads", "leads", {"add_time": "yesterday"}, ["add_time"]),
        ("/api/v2/deals", "deals", {"value": float("nan"), "probability": float("-inf")}, ["probability", "value"]),
    ],
    ids=["columns", "custom fields", "parts", "times", "no numbers"],
)
def test_a_record_says_what_is_null(
    pipedrive: Sandbox, source: InProcess, path: str, stream: str, values: dict[str, Any], fields: list[str]
) -> None:
    """One change for each place, and every other record is as it was."""
    found = messages(source, pipedrive, path, stream, **values)

    changed = [message["record"] for message in found if "meta" in message["record"]]
    assert [sorted(each["field"] for each in record["meta"]["changes"]) for record in changed] == [fields]
    assert all(each == {"field": each["field"], **NULLED} for each in changed[0]["meta"]["changes"])
    assert not any("\0" in key for message in found for key in message["record"]["data"])
    assert all(message["record"].keys() - {"meta"} == {"stream", "data", "emitted_at"} for message in found)


def test_the_protocol_reads_it(pipedrive: Sandbox, source: InProcess) -> None:
    """The message is one of the Airbyte protocol."""
    found = messages(source, pipedrive, "/api/v2/deals", "deals", value="a lot")
    (message,) = [AirbyteMessageSerializer.load(each) for each in found if "meta" in each["record"]]

    assert message.record is not None
    assert "NULLED" in json.dumps(found)


def test_with_a_condition(pipedrive: Sandbox, source: InProcess) -> None:
    """Records that are tested before they are emitted say it, too."""
    where(source, deals="value == null")

    found = messages(source, pipedrive, "/api/v2/deals", "deals", value="a lot")

    assert [each["record"]["meta"]["changes"][0]["field"] for each in found if "meta" in each["record"]] == ["value"]


def test_outcomes_of_activities(pipedrive: Sandbox, source: InProcess) -> None:
    """An activity's outcome is the id that the API shows, or null."""
    first, second = pipedrive.rows("activities")[:2]
    pipedrive.put_rows("activities", [{"id": first["id"], "outcome": 7}, {"id": second["id"], "outcome": None}])

    rows = {row["id"]: row for row in source.read("activities").records("activities")}

    assert (rows[first["id"]]["outcome"], rows[second["id"]]["outcome"]) == (7, None)
