"""With the official connector's config its tables go on: columns, types, keys, and the state both ways. R16, R25."""

from datetime import UTC, datetime
from typing import Any

import pytest
from airbyte_cdk.sources.streams.concurrent.cursor import CursorField
from airbyte_cdk.sources.streams.concurrent.state_converters.datetime_stream_state_converter import (
    CustomFormatConcurrentStreamStateConverter,
)
from jsonschema import Draft7Validator, FormatChecker

from integration_tests.official.facts import OFFICIAL, kind
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox
from source_pipedrive.streams.table import BY_NAME, RENAMED

START = "2017-01-25T00:00:00Z"
CONFIGS: dict[str, dict[str, Any]] = {
    "flat": {"api_token": "sandbox", "replication_start_date": START, "num_workers": 3},
    "credentials": {
        "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
        "replication_start_date": START,
    },
}
SAME_NAME = sorted(set(OFFICIAL) - set(RENAMED))
DEFINITIONS = ("deal_fields", "person_fields", "organization_fields", "product_fields", "activity_fields")
#: Official streams whose bookmark is read by that connector, with the column and its spelling.
CURSORS = [(name, *next(iter(OFFICIAL[name].cursor.items()))) for name in SAME_NAME if OFFICIAL[name].cursor]


@pytest.fixture(params=CONFIGS)
def official(request: pytest.FixtureRequest, source: InProcess) -> InProcess:
    """The source with either shape of the official connector's config."""
    source.config = {**CONFIGS[request.param], "api_url": source.config["api_url"]}
    return source


def streams(catalog: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Stream name -> the discovered stream."""
    return {stream["name"]: stream for stream in catalog["streams"]}


def test_r25_no_column_goes_away_and_none_changes(pipedrive: Sandbox, official: InProcess) -> None:
    """R25: every official stream of the same name has its columns with its types, its primary key and its cursor."""
    found = streams(official.discover().catalog)

    for name in SAME_NAME:
        properties = found[name]["json_schema"]["properties"]
        declared = {column: kind(properties[column]) for column in OFFICIAL[name].columns if column in properties}
        assert declared == OFFICIAL[name].columns, name
        assert found[name]["source_defined_primary_key"] == [[column] for column in OFFICIAL[name].key], name
        if OFFICIAL[name].cursor:
            assert found[name]["default_cursor_field"] == list(OFFICIAL[name].cursor), name


def test_r25_every_row_fits_those_columns(pipedrive: Sandbox, official: InProcess) -> None:
    """R25: every stream's rows are declared and valid, each key comes once, and nothing is left out."""
    official.config["replication_start_date"] = "2000-01-01T00:00:00Z"
    catalog = official.catalog()

    run = official.read_catalog(catalog)

    assert run.exit_code == 0
    for stream in (entry["stream"] for entry in catalog["streams"]):
        validator = Draft7Validator(stream["json_schema"], format_checker=FormatChecker())
        rows = run.records(stream["name"])
        keyed = [tuple(row[key[0]] for key in stream["source_defined_primary_key"]) for row in rows]
        assert rows, stream["name"]
        assert len(set(keyed)) == len(keyed), stream["name"]
        assert not [error for row in rows for error in validator.iter_errors(row)], stream["name"]
        assert {key for row in rows for key in row} <= set(stream["json_schema"]["properties"]), stream["name"]
    assert not run.logs("WARN")


def test_r25_all_field_definitions_keep_their_keys(pipedrive: Sandbox, official: InProcess) -> None:
    """R25: the five streams of field definitions have `key`, `id` and `name`, for 20 tokens a list."""
    run = official.read(*DEFINITIONS)

    for name in DEFINITIONS:
        rows = run.records(name)
        assert all(row["key"] and row["name"] for row in rows), name
        assert all(isinstance(row["id"], int) for row in rows if not row.get("is_subfield")), name
        assert not any("field_code" in row for row in rows), name
    codes = {row["field_code"] for row in pipedrive.rows("dealFields") if row["active_flag"]}
    assert {row["key"] for row in run.records("deal_fields")} >= codes
    assert {request["path"] for request in pipedrive.requests()} == {
        f"/v1/{kind}Fields" for kind in ("deal", "person", "organization", "product", "activity")
    }
    assert run.summary["tokens"] == 20 * len(DEFINITIONS)


def test_a_selection_knows_those_columns(pipedrive: Sandbox, official: InProcess) -> None:
    """An expression names the columns that the stream has with the config."""
    official.config["selections"] = [{"stream": "deal_fields", "where": "key == 'title'"}]

    assert [row["name"] for row in official.read("deal_fields").records("deal_fields")] == ["Title"]


def test_field_definitions_of_our_own_config_are_the_second_versions(pipedrive: Sandbox, source: InProcess) -> None:
    """Without an official config they are keyed by `field_code` and cost half."""
    run = source.read("deal_fields")

    assert all(row["field_code"] for row in run.records("deal_fields"))
    assert run.summary["tokens"] == 10


#: What the API sends beside what it documents, for columns that the official connector declares.
UNDOCUMENTED = [
    ("users", "/v1/users$", {"id": 1, "is_admin": 1, "signup_flow_variation": "google"}),
    ("roles", "/v1/roles", {"id": 1, "name": "Sales", "description": "Sells", "assignment_count": "3"}),
    ("files", "/v1/files", {"id": 1, "people_name": "Ann", "update_time": "2024-05-01 10:00:00"}),
    ("activity_types", "/v1/activityTypes", {"id": 1, "update_time": "2024-05-01 10:00:00"}),
    ("call_logs", "/v1/callLogs", {"id": "a", "start_time": "2024-05-01 10:00:00"}),
    ("filters", "/v1/filters", {"id": 1, "last_used_time": "2024-05-01 10:00:00"}),
    ("deal_fields", "/v1/dealFields", {"id": 1, "key": "a", "mandatory_flag": {"stage_ids": [1]}, "group_id": 7}),
    ("person_fields", "/v1/personFields", {"id": 1, "key": "a", "options": [{"id": 5, "label": "X"}]}),
    ("legacy_teams", "/v1/legacyTeams", {"id": 1, "active_flag": 1, "add_time": "2024-05-01 10:00:00"}),
]
IN_UTC = "2024-05-01T10:00:00Z"


@pytest.mark.parametrize(("stream", "path", "row"), UNDOCUMENTED, ids=[one[0] for one in UNDOCUMENTED])
def test_r25_what_the_api_sends_arrives(
    pipedrive: Sandbox, official: InProcess, stream: str, path: str, row: dict[str, Any]
) -> None:
    """R25: columns that only the official connector declares carry what the API sends; times are in UTC."""
    official.config["suppress_extended_requests"] = True
    catalog = official.catalog(stream)
    body = {"success": True, "data": [row]}
    pipedrive.set_faults({"kind": "status", "status": 200, "method": "GET", "path": path, "body": body, "times": None})

    (record,) = official.read_catalog(catalog).records(stream)

    expected = {key: IN_UTC if value == "2024-05-01 10:00:00" else value for key, value in row.items()}
    assert {key: record[key] for key in row} == expected


@pytest.mark.parametrize("of_ours", [False, True], ids=["key of the official connector", "key of ours"])
def test_a_primary_key_that_no_row_has_is_refused(pipedrive: Sandbox, source: InProcess, of_ours: bool) -> None:
    """A catalog of another config ends the read with a config error that names stream and key; nothing is read."""
    own, url = source.config, source.config["api_url"]
    theirs = {**CONFIGS["flat"], "api_url": url}
    source.config = own if of_ours else theirs
    catalog = source.catalog("deals", "deal_fields", "person_fields")
    source.config = theirs if of_ours else own

    run = source.read_catalog(catalog)

    (error,) = run.errors()
    wrong, right = ("field_code", "key") if of_ours else ("key", "field_code")
    assert (run.exit_code, error["failure_type"]) == (1, "config_error")
    for stream in ("deal_fields", "person_fields"):
        assert f"Stream `{stream}`: the catalog's primary key names `{wrong}`" in error["message"]
    assert f"is `{right}` here" in error["message"]
    assert "`deals`" not in error["message"]
    assert not pipedrive.requests()


def test_a_custom_field_may_be_a_primary_key(pipedrive: Sandbox, source: InProcess) -> None:
    """What the catalog declares of an account's own fields is emitted, so it can be a key."""
    catalog = source.catalog("deals")
    own = set(catalog["streams"][0]["stream"]["json_schema"]["properties"]) - set(OFFICIAL["deals"].columns)
    catalog["streams"][0]["primary_key"] = [["id"], [sorted(own)[0]]]

    assert source.read_catalog(catalog).exit_code == 0


def test_all_renamed_streams_are_told_at_once(pipedrive: Sandbox, official: InProcess) -> None:
    """An official catalog with all four streams of other names ends with one message that names each replacement."""
    catalog = official.catalog("deals")
    for name in (*RENAMED, "dael"):
        entry = catalog["streams"][0]
        catalog["streams"].append({**entry, "stream": {**entry["stream"], "name": name}})

    run = official.read_catalog(catalog)

    (error,) = run.errors()
    assert error["failure_type"] == "config_error"
    assert all(f"`{new}` instead of `{old}`" in error["message"] for old, new in RENAMED.items())
    assert "Stream `dael` does not exist. Did you mean `deals`?" in error["message"]


@pytest.mark.parametrize(("stream", "column", "spelling"), CURSORS, ids=[one[0] for one in CURSORS])
def test_r25_the_way_back(pipedrive: Sandbox, source: InProcess, stream: str, column: str, spelling: str) -> None:
    """R25: the official connector reads the bookmark that a read leaves, at the newest row, and the empty one."""
    source.config["num_workers"] = 1
    run = source.read(stream)
    state = run.last_states()[-1]["stream"]["stream_state"]
    # It has no other spelling for `files`; others would do for the rest.
    converter = CustomFormatConcurrentStreamStateConverter(spelling, [spelling])
    begin = datetime(2010, 1, 1, tzinfo=UTC)

    since, _ = converter.convert_from_sequential_state(CursorField(column), state, begin)
    anew, _ = converter.convert_from_sequential_state(CursorField(column), {"version": 1, "lists": {}}, begin)

    times = [row[column] for row in run.records(stream) if row[column]]
    newest = {bool(row.get("is_archived")): row[column] for row in sorted(run.records(stream), key=lambda r: r[column])}
    assert since.strftime("%Y-%m-%dT%H:%M:%SZ") == min(newest.values()) <= max(times)
    assert anew == begin


@pytest.mark.parametrize("time", ["2026-03-01T00:00:00Z", "2026-03-01 00:00:00"])
@pytest.mark.parametrize("lists", [{}, {"lists": {"live": {"update_time": "2026-03-01T00:00:00Z"}}, "version": 1}])
def test_every_state_of_files_is_accepted(
    pipedrive: Sandbox, source: InProcess, time: str, lists: dict[str, Any]
) -> None:
    """States of the official connector, of earlier versions and of now go on from the bookmark, in either spelling."""
    state = {"stream_descriptor": {"name": "files"}, "stream_state": {"update_time": time, **lists}}

    rows = source.read("files", state=[{"type": "STREAM", "stream": state}]).records("files")

    expected = [row["id"] for row in pipedrive.rows("files") if row["update_time"] >= "2026-03-01T00:00:00Z"]
    assert sorted(row["id"] for row in rows) == sorted(expected)
    assert expected


def test_the_facts_are_whole() -> None:
    """All 35 official streams are described, and every one of them has a successor."""
    assert len(OFFICIAL) == 35
    assert {RENAMED.get(name, name) for name in OFFICIAL} <= set(BY_NAME)
