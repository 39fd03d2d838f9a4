"""What a read sends when columns are deselected, and with the official connector's newer config."""

import requests

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

KEEP = {"id", "update_time"}


def test_r22_deselected_columns(pipedrive: Sandbox, source: InProcess) -> None:
    """What stays selected is sent, a derived column without its base too, and nothing is said of new fields."""
    catalog = source.catalog("deals")
    properties = catalog["streams"][0]["stream"]["json_schema"]["properties"]
    derived = {name for name, one in properties.items() if "x-pipedrive-suffix" in one}
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = {
        name: one for name, one in properties.items() if name in KEEP | derived
    }
    whole = source.read("deals").records("deals")

    run = source.read_catalog(catalog)

    assert {"_currency", "_id", "_ids", "_until"} <= {properties[name]["x-pipedrive-suffix"] for name in derived}
    assert run.logs("WARN") == []
    for before, row in zip(whole, run.records("deals"), strict=True):
        assert {name: row[name] for name in derived} == {name: before[name] for name in derived}


def test_r22_deselected_columns_keep_the_schemas_names(pipedrive: Sandbox, source: InProcess) -> None:
    """A derived column keeps the name of the schema, although its base is deselected and the label changed."""
    catalog = source.catalog("deals")
    properties = catalog["streams"][0]["stream"]["json_schema"]["properties"]
    name, column = next((n, one) for n, one in properties.items() if one.get("x-pipedrive-suffix") == "_currency")
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = {n: properties[n] for n in ("id", name)}
    url = f"{source.config['api_url']}/api/v2/dealFields/{column['x-pipedrive-field']}"
    requests.patch(url, json={"field_name": "Renamed"}, headers={"x-api-token": "sandbox"}, timeout=60)

    run = source.read_catalog(catalog)

    assert all(name in row and "renamed_currency" not in row for row in run.records("deals"))
    assert any(row[name] for row in run.records("deals"))


def test_the_official_connectors_newer_config(pipedrive: Sandbox, source: InProcess) -> None:
    """`credentials` beside `replication_start_date` is the official connector's config: one object of custom fields."""
    source.config["replication_start_date"] = "2017-01-25T00:00:00Z"
    catalog = source.catalog("deals", "leads")

    run = source.read_catalog(catalog)

    for one in catalog["streams"]:
        columns = one["stream"]["json_schema"]["properties"]
        assert "custom_fields" in columns
        assert not [name for name, column in columns.items() if "x-pipedrive-field" in column]
    assert all(isinstance(row["custom_fields"], dict) for row in run.records("deals"))
