"""Custom fields as columns: names, types, values; and what happens when they change. Scenario R10."""

from typing import Any

import pytest
import requests

from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, put
from pipedrive_sandbox import Request, Sandbox

TOKEN = {"x-api-token": "sandbox"}


class Fields:
    """Deal fields created, renamed and deleted through the API."""

    def __init__(self, source: InProcess) -> None:
        self.url = f"{source.config['api_url']}/api/v2/dealFields"

    def create(self, label: str, kind: str = "varchar", **more: Any) -> str:
        body = {"field_name": label, "field_type": kind, **more}
        answer = requests.post(self.url, json=body, headers=TOKEN, timeout=60).json()
        return str(answer["data"]["field_code"])

    def rename(self, key: str, label: str) -> None:
        requests.patch(f"{self.url}/{key}", json={"field_name": label}, headers=TOKEN, timeout=60).raise_for_status()

    def delete(self, key: str) -> None:
        requests.delete(f"{self.url}/{key}", headers=TOKEN, timeout=60).raise_for_status()


@pytest.fixture
def fields(pipedrive: Sandbox, source: InProcess) -> Fields:
    return Fields(source)


def columns(source: InProcess, stream: str = "deals") -> dict[str, Any]:
    streams = {one["name"]: one for one in source.discover().catalog["streams"]}
    return dict(streams[stream]["json_schema"]["properties"])


def set_deal(sandbox: Sandbox, deal: int, values: dict[str, Any]) -> None:
    row = next(row for row in sandbox.rows("deals") if row["id"] == deal)
    sandbox.put_rows("deals", [{"id": deal, "custom_fields": row["custom_fields"] | values}])


ONE = [{"label": "Hot"}, {"label": "Cold"}]
VALUES = [
    pytest.param("varchar", "a", {"x": "a"}, id="varchar"),
    pytest.param("text", "a\nb 🙂", {"x": "a\nb 🙂"}, id="text"),
    pytest.param("phone", "+372 1", {"x": "+372 1"}, id="phone"),
    pytest.param("double", 1.5, {"x": 1.5}, id="double"),
    pytest.param("monetary", {"value": 2, "currency": "EUR"}, {"x": 2, "x_currency": "EUR"}, id="monetary"),
    pytest.param("people", 3, {"x": {"id": 3}, "x_id": 3}, id="people"),
    pytest.param("org", 4, {"x": {"id": 4}, "x_id": 4}, id="org"),
    pytest.param("user", 1, {"x": {"id": 1, "name": "Mari Admin"}, "x_id": 1}, id="user"),
    pytest.param("date", "2026-01-31", {"x": "2026-01-31"}, id="date"),
    pytest.param(
        "daterange",
        {"value": "2026-01-01", "until": "2026-02-01"},
        {"x": "2026-01-01", "x_until": "2026-02-01"},
        id="daterange",
    ),
    pytest.param(
        "time",
        {"value": "10:00:00", "timezone_id": 1, "timezone_name": "Europe/Tallinn"},
        {"x": "10:00:00", "x_timezone": "Europe/Tallinn"},
        id="time",
    ),
    pytest.param(
        "timerange",
        {"value": "10:00:00", "until": "11:00:00", "timezone_id": 1, "timezone_name": "Europe/Tallinn"},
        {"x": "10:00:00", "x_until": "11:00:00", "x_timezone": "Europe/Tallinn"},
        id="timerange",
    ),
    pytest.param(
        "address",
        {"value": "Main 1", "country": "Estonia"},
        {"x": "Main 1", "x_parts": {"country": "Estonia"}},
        id="address",
    ),
]


@pytest.mark.parametrize("mode", ["columns_by_name", "columns_by_key", "object_and_columns"])
@pytest.mark.parametrize(("kind", "value", "expected"), VALUES)
def test_values_of_every_type(
    pipedrive: Sandbox, source: InProcess, fields: Fields, mode: str, kind: str, value: Any, expected: dict[str, Any]
) -> None:
    """Each type becomes the documented columns, named by label or by key; unset ones are null."""
    key = fields.create("Probe Field", kind)
    set_deal(pipedrive, 1, {key: value})
    source.config["custom_fields"] = mode
    base = key if mode == "columns_by_key" else "probe_field"

    rows = {row["id"]: row for row in source.read("deals").records("deals")}

    wanted = {base + name[1:]: item for name, item in expected.items()}
    assert {name: rows[1].get(name) for name in wanted} == wanted
    assert all(rows[2].get(name) is None for name in wanted)


def test_options_become_labels_and_ids(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """enum and set columns hold labels, and ids beside them."""
    single, several = fields.create("Heat", "enum", options=ONE), fields.create("Heats", "set", options=ONE)
    options = {field["field_code"]: field["options"] for field in _definitions(source)}
    hot, cold = options[several][0]["id"], options[several][1]["id"]
    set_deal(pipedrive, 1, {single: options[single][1]["id"], several: [hot, cold]})

    row = next(row for row in source.read("deals").records("deals") if row["id"] == 1)

    assert (row["heat"], row["heat_id"]) == ("Cold", options[single][1]["id"])
    assert (row["heats"], row["heats_ids"]) == (["Hot", "Cold"], [hot, cold])


def _definitions(source: InProcess) -> list[dict[str, Any]]:
    url = f"{source.config['api_url']}/api/v2/dealFields"
    return list(requests.get(url, params={"limit": 500}, headers=TOKEN, timeout=60).json()["data"])


def test_object_mode_emits_the_apis_own_object(pipedrive: Sandbox, source: InProcess) -> None:
    """With `object` the rows carry `custom_fields` as the API sends it, and no further columns."""
    source.config["custom_fields"] = "object"

    rows = {row["id"]: row for row in source.read("deals").records("deals")}

    held = next(row for row in pipedrive.rows("deals") if row["id"] == 1)
    sent = {key: value for key, value in rows[1]["custom_fields"].items() if value is not None}
    assert sent.keys() == {key for key, value in held["custom_fields"].items() if value is not None}
    assert columns(source)["custom_fields"]["type"] == ["null", "object"]


@pytest.mark.parametrize("stream", ["deals", "leads", "persons", "organizations", "products", "projects"])
def test_object_beside_columns(pipedrive: Sandbox, source: InProcess, stream: str) -> None:
    """With `object_and_columns` a row has the columns of the one mode and the object of the other, both declared."""
    by_mode = {}
    for mode in ("columns_by_name", "object", "object_and_columns"):
        source.config["custom_fields"] = mode
        run = source.read(stream)
        assert (run.exit_code, run.logs("WARN")) == (0, [])
        assert {name for row in run.records(stream) for name in row} <= columns(source, stream).keys()
        by_mode[mode] = {row["id"]: row for row in run.records(stream)}

    assert by_mode["object_and_columns"] == {
        one: row | by_mode["object"][one] for one, row in by_mode["columns_by_name"].items()
    }
    assert any(value is not None for row in by_mode["object"].values() for value in row["custom_fields"].values())


def test_a_label_named_like_the_object(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """A field labelled “Custom fields” does not take the object's place; without the object it has the name."""
    key = fields.create("Custom fields")
    assert "custom_fields" in columns(source)
    source.config["custom_fields"] = "object_and_columns"

    declared = columns(source)

    assert declared["custom_fields"]["type"] == ["null", "object"]
    assert declared[f"custom_fields_{key[:8]}"]["x-pipedrive-field"] == key


def test_object_beside_columns_when_it_is_none(pipedrive: Sandbox, source: InProcess) -> None:
    """What stands in the place of the object is counted once for both."""
    source.config["custom_fields"] = "object_and_columns"
    catalog = source.catalog("deals")

    with answers(pipedrive, put("/api/v2/deals", custom_fields=[1])):
        run = source.read_catalog(catalog)

    assert sum(row["custom_fields"] is None for row in run.records("deals")) == 1
    assert len(run.logs("WARN")) == 1
    assert "`custom_fields` had another type" in run.logs("WARN")[0]


def test_r10_equal_labels_scripts_and_built_ins(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """R10: equal labels, labels that equal a built-in or derived column, other scripts: all told apart."""
    keys = {label: fields.create(label) for label in ("Status", "Wert €", "名前", "...")}
    twins = [fields.create("Twin Field"), fields.create("Twin field!")]
    money, clash = fields.create("Sum", "monetary"), fields.create("Sum currency")

    names = columns(source).keys()

    assert {f"status_{keys['Status'][:8]}", "wert", "mingqian", f"field_{keys['...'][:8]}"} <= names
    assert {f"twin_field_{key[:8]}" for key in twins} <= names
    assert {f"sum_{money[:8]}", f"sum_{money[:8]}_currency", f"sum_currency_{clash[:8]}"} <= names
    assert not {"twin_field", "sum", "sum_currency"} & names


def test_r10_long_labels(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """R10: column names are at most 63 bytes in any script."""
    fields.create("очень " * 20, "monetary")
    fields.create("long " * 30)

    assert all(len(name.encode()) <= 63 for name in columns(source))


def test_r10_added_renamed_deleted(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """R10: between two syncs a field is added, one renamed, one deleted: discover and read agree each time."""
    renamed, deleted = fields.create("Old name"), fields.create("Short-lived")
    first = source.read("deals")
    fields.rename(renamed, "New name")
    fields.delete(deleted)
    added = fields.create("Newcomer")
    set_deal(pipedrive, 1, {renamed: "kept", added: "here"})
    pipedrive.put_rows("deals", [{"id": 1, "update_time": "2026-11-22T00:00:00Z"}])

    second = source.read("deals", state=first.last_states())

    declared = columns(source)
    row = next(row for row in second.records("deals") if row["id"] == 1)
    assert row.keys() <= declared.keys()
    assert (row["new_name"], row["newcomer"]) == ("kept", "here")
    assert not {"old_name", "short_lived"} & (row.keys() | declared.keys())


def test_r10_a_field_added_while_reading(pipedrive: Sandbox, source: InProcess) -> None:
    """R10: a field that comes when the schema is known already is left out, and told; the next schema has it."""
    catalog = source.catalog("deals")
    original, created = pipedrive.handle, []
    body = b'{"field_name": "Just now", "field_type": "varchar"}'

    def handle(request: Any) -> Any:
        if request.path.endswith("dealFields") and request.method == "GET" and not created:
            created.append(original(Request("POST", "/api/v2/dealFields", [], TOKEN, body)))
        return original(request)

    pipedrive.handle = handle  # type: ignore[method-assign]
    try:
        run = source.read_catalog(catalog)
    finally:
        del pipedrive.handle  # type: ignore[attr-defined]

    assert run.exit_code == 0
    assert not run.logs("WARN")
    assert sum("newer than it, are left out: just_now" in text for text in run.logs("INFO")) == 1
    assert not any("just_now" in row for row in run.records("deals"))
    assert all("just_now" in row for row in source.read("deals").records("deals"))


def test_r10_an_old_schema_keeps_its_columns(pipedrive: Sandbox, source: InProcess, fields: Fields) -> None:
    """R10: until the schema is refreshed a column holds the field it held, even when two labels change places."""
    first, second, gone = fields.create("Alpha one"), fields.create("Beta two"), fields.create("Gamma")
    catalog = source.catalog("deals")
    set_deal(pipedrive, 1, {first: "a", second: "b"})
    fields.rename(first, "Beta two")
    fields.rename(second, "Alpha one")
    fields.delete(gone)

    run = source.read_catalog(catalog)

    row = next(row for row in run.records("deals") if row["id"] == 1)
    assert (row["alpha_one"], row["beta_two"]) == ("a", "b")
    assert row.keys() <= catalog["streams"][0]["stream"]["json_schema"]["properties"].keys()
    assert len(run.logs("WARN")) == 1
    assert "renamed: alpha_one (now beta_two)" in run.logs("WARN")[0]


def test_leads_carry_deal_fields_in_the_same_columns(pipedrive: Sandbox, source: InProcess) -> None:
    """Leads have the deals' custom columns, with the same names and types, although the API sends them flat."""
    streams = {one["name"]: one["json_schema"]["properties"] for one in source.discover().catalog["streams"]}
    custom = {name: schema["type"] for name, schema in streams["deals"].items() if "x-pipedrive-field" in schema}

    assert len(custom) > 16
    assert {name: streams["leads"][name]["type"] for name in custom} == custom
    leads = source.read("leads").records("leads")
    assert any(lead.get("lead_source") and lead.get("lead_source_id") for lead in leads)


def test_derived_columns(pipedrive: Sandbox, source: InProcess) -> None:
    """Owners get their email, label ids their names, persons a normal email, organizations a domain."""
    run = source.read("deals", "persons", "organizations", "leads")
    emails = {user["id"]: user["email"] for user in pipedrive.rows("users")}

    for stream in ("deals", "persons", "organizations", "leads"):
        assert all(row["owner_email"] == emails[row["owner_id"]] for row in run.records(stream))
        labelled = [row for row in run.records(stream) if row.get("label_ids")]
        assert labelled, stream
        assert all(all(isinstance(name, str) for name in row["labels"]) for row in labelled)
    assert any(row.get("email_normalized") for row in run.records("persons"))
    assert any(row.get("domain") for row in run.records("organizations"))


def test_a_refused_extra_is_dropped_with_one_warning(pipedrive: Sandbox, source: InProcess) -> None:
    """An extra that the plan refuses is dropped for the run; everything else comes."""
    pipedrive.change_settings(refused_include_fields=["marketing_status", "doi_status"])

    run = source.read("persons")

    assert run.exit_code == 0
    warnings = run.logs("WARN")
    assert len(warnings) == 1
    assert "marketing_status" in warnings[0]
    assert all("notes_count" in row for row in run.records("persons"))
