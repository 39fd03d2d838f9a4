"""`discover`: the catalog of what can be written."""

from typing import Any

import jsonschema
import pytest
from airbyte_cdk.models.airbyte_protocol import DestinationCatalog, DestinationOperation, DestinationSyncMode

from destination_pipedrive.objects.records import OBJECTS
from integration_tests.destination.account import Account, catalog_of, record

#: Sync mode -> what the API must be able to do for it.
MODES = {"append": "insert", "append_dedup": "insert", "update": "update", "soft_delete": "delete"}


@pytest.fixture
def operations(account: Account) -> dict[tuple[str, str], dict[str, Any]]:
    """The operations by object and mode."""
    run = account.run("discover", config=account.config())
    assert run.exit_code == 0, run
    return {(each["object_name"], each["sync_mode"]): each for each in run.destination_catalog["operations"]}


def test_t46_one_operation_an_object_and_mode(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    """T46: every object in every mode that the API has, readable as the protocol's own classes, with valid schemas."""
    assert set(operations) == {
        (name, mode) for name, spec in OBJECTS.items() for mode, needed in MODES.items() if needed in spec.operations
    }
    DestinationCatalog([DestinationOperation(**each) for each in operations.values()])
    assert {each["sync_mode"] for each in operations.values()} <= {mode.value for mode in DestinationSyncMode}
    for (_, mode), each in operations.items():
        schema = each["json_schema"]
        jsonschema.Draft7Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
        keys = {key for columns in each["matching_keys"] for key in columns}
        assert keys <= set(schema["properties"])
        assert not keys & set(schema["required"])
        assert bool(keys) == (mode != "append")


def test_t46_c6_custom_fields_in_and_read_only_ones_out(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    """T46: custom fields by label, or by column name where a label is taken; nothing that cannot be written."""
    deals = operations["deals", "append_dedup"]["json_schema"]["properties"]
    persons = operations["persons", "append"]["json_schema"]["properties"]

    assert {"title", "value", "stage", "Lead source", "Budget", "担当者", "id"} <= set(deals)
    assert len([name for name in deals if name.startswith("segment_")]) == 2
    assert not {"update_time", "add_time", "won_deals_count", "owner_email", "custom_fields"} & set(deals)
    assert "Website" in deals["Lead source"]["description"]
    assert "id" not in persons
    assert "add_time" in persons


def test_t42_contact_sync_fields_are_left_out(operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    """T42: an account without contact sync is not offered its fields."""
    assert not {"job_title", "birthday", "im", "postal_address", "notes"} & set(
        operations["persons", "append"]["json_schema"]["properties"]
    )


def test_t46_every_name_offered_is_taken(account: Account, operations: dict[tuple[str, str], dict[str, Any]]) -> None:
    """T46: each property is a target that `write` knows."""
    for name, mode in operations:
        for column in operations[name, mode]["json_schema"]["properties"] if mode == "update" else ():
            run = account.write([record(name, **{column: "x", "title": 5})], catalog_of(name, mode=mode))
            assert not [text for text in run.logs("WARN") if f"Column `{column}`" in text]
