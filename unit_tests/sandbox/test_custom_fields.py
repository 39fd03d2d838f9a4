"""Custom fields: definitions, options, and values by type."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

FIELDS = "/api/v2/organizationFields"
ORGANIZATIONS = "/api/v2/organizations"


def field(api: Api, field_type: str, **more: Any) -> Any:
    """A new organization field."""
    return api.created(FIELDS, field_name="F", field_type=field_type, **more)


def set_value(api: Api, field_type: str, value: Any, **more: Any) -> tuple[int, Any]:
    """Write one custom value to a new organization: the status, and the value or the sentence."""
    key = field(api, field_type, **more)["field_code"]
    response = api.post(ORGANIZATIONS, {"name": "A", "custom_fields": {key: value}})
    body = response.json()
    return response.status, body["data"]["custom_fields"][key] if response.status == 200 else body["error"]


TIME = {"value": "10:00:00", "timezone_id": 178, "timezone_name": "Europe/Tallinn"}


@pytest.mark.parametrize(
    ("field_type", "value", "stored"),
    [
        ("varchar", "x", "x"),
        ("varchar_auto", "x", "x"),
        ("text", "x" * 1000, "x" * 1000),
        ("phone", "+1 2", "+1 2"),
        ("double", 1.5, 1.5),
        ("monetary", {"value": 1.5, "currency": "EUR"}, {"value": 1.5, "currency": "EUR"}),
        ("user", 1, 1),
        ("date", "2026-01-31", "2026-01-31"),
        ("daterange", {"value": "2026-01-01", "until": "2026-02-01"}, {"value": "2026-01-01", "until": "2026-02-01"}),
        ("time", {"value": "10:00:00"}, TIME),
        ("timerange", {"value": "10:00:00", "until": "11:00:00"}, {**TIME, "until": "11:00:00"}),
        ("varchar", None, None),
    ],
)
def test_value_is_stored(api: Api, field_type: str, value: Any, stored: Any) -> None:
    """Well-typed values are stored; a time gets the user's time zone."""
    assert set_value(api, field_type, value) == (200, stored)


@pytest.mark.parametrize(
    ("field_type", "value", "sentence"),
    [
        ("varchar", "", "Expected non-empty 'string'"),
        ("varchar", 5, "Expected non-empty 'string'"),
        ("varchar", {"value": "x"}, "Invalid collection"),
        ("varchar", "x" * 256, "255"),
        ("text", "", "use null to clear"),
        ("double", "1.5", "Expected 'number'"),
        ("monetary", 5, "Monetary custom field value expected 'object'"),
        ("monetary", {"value": 5}, "custom_fields: "),
        ("user", "1", "Expected 'number' as value for user custom field"),
        ("org", {"id": 1}, "Invalid collection"),
        ("org", 99, "custom_fields: "),
        ("date", "01/02/2026", "custom_fields: "),
        ("daterange", "2026-01-01", "expected 'object'"),
        ("time", "10:00", "Time custom field value expected 'object'"),
        ("timerange", {"value": "10:00:00"}, "custom_fields: "),
        ("address", "Pikk 1", "Address custom field value expected 'object'"),
        ("address", {"locality": "Tallinn"}, "custom_fields: "),
    ],
)
def test_mistyped_value_is_refused(api: Api, field_type: str, value: Any, sentence: str) -> None:
    """Mis-typed values are a 400 that starts with `custom_fields`."""
    status, error = set_value(api, field_type, value)

    assert status == 400
    assert "custom_fields: " in error
    assert sentence in error


@pytest.mark.parametrize(("value", "is_good"), [("first", True), (999_999, False), ("label", False), ([1], False)])
def test_enum_takes_an_option_id(api: Api, value: Any, is_good: bool) -> None:
    """An enum takes the id of one of its options."""
    row = field(api, "enum", options=[{"label": "A"}, {"label": "B"}])
    value = row["options"][0]["id"] if value == "first" else value
    response = api.post(ORGANIZATIONS, {"name": "A", "custom_fields": {row["field_code"]: value}})

    assert (response.status == 200) == is_good


@pytest.mark.parametrize(("pick", "is_good"), [([0, 1], True), ([], False), (None, True)])
def test_set_takes_option_ids(api: Api, pick: list[int] | None, is_good: bool) -> None:
    """A set takes a non-empty list of option ids, or null."""
    row = field(api, "set", options=[{"label": "A"}, {"label": "B"}])
    value = None if pick is None else [row["options"][position]["id"] for position in pick]
    response = api.post(ORGANIZATIONS, {"name": "A", "custom_fields": {row["field_code"]: value}})

    assert (response.status == 200) == is_good


def test_address_parts_default_to_null(api: Api) -> None:
    """An address needs only its value."""
    status, value = set_value(api, "address", {"value": "Pikk 1"})

    assert (status, value["value"], value["locality"]) == (200, "Pikk 1", None)


def test_unknown_key_is_named(api: Api) -> None:
    """An unknown or deleted key is a 400 that names it."""
    key = "ab" * 20
    error = api.post(ORGANIZATIONS, {"name": "A", "custom_fields": {key: 1}}).json()["error"]

    assert f"custom_fields: Unknown key '{key}'" in error


def test_top_level_key_is_refused(api: Api) -> None:
    """A custom key outside `custom_fields` is not allowed."""
    key = field(api, "varchar")["field_code"]

    assert "is not allowed" in api.post(ORGANIZATIONS, {"name": "A", key: "x"}).json()["error"]


def test_patch_keeps_other_custom_fields(api: Api) -> None:
    """A patch changes only the named custom fields; null clears one."""
    first, second = field(api, "varchar")["field_code"], field(api, "varchar")["field_code"]
    api.created(ORGANIZATIONS, name="A", custom_fields={first: "1", second: "2"})
    row = api.patch(f"{ORGANIZATIONS}/1", {"custom_fields": {first: None}}).json()["data"]

    assert row["custom_fields"] == {first: None, second: "2"}


@pytest.mark.parametrize(
    "body",
    [
        {"field_name": "F"},
        {"field_name": "", "field_type": "text"},
        {"field_name": "F", "field_type": "picture"},
        {"field_name": "F", "field_type": "enum"},
        {"field_name": "F", "field_type": "text", "options": [{"label": "A"}]},
        {"field_name": "F", "field_type": "set", "options": [{"label": ""}]},
    ],
)
def test_bad_field_is_refused(api: Api, body: dict[str, Any]) -> None:
    """A field needs a name, a known type, and options where the type has them."""
    assert api.post(FIELDS, body).status == 400


def test_field_key_has_forty_digits_and_type_is_fixed(api: Api) -> None:
    """Code and type of a field cannot be changed, its name can."""
    key = field(api, "varchar")["field_code"]

    assert len(key) == 40
    assert api.patch(f"{FIELDS}/{key}", {"field_type": "text"}).status == 400
    assert api.patch(f"{FIELDS}/{key}", {"field_name": "New"}).json()["data"]["field_name"] == "New"


def test_deleted_field_vanishes(api: Api) -> None:
    """A deleted field leaves list, records and writable keys."""
    key = field(api, "varchar")["field_code"]
    api.created(ORGANIZATIONS, name="A", custom_fields={key: "x"})
    api.delete(f"{FIELDS}/{key}")

    assert key not in {row["field_code"] for row in api.rows(FIELDS)}
    assert api.rows(f"{ORGANIZATIONS}/1")["custom_fields"] == {}
    assert api.patch(f"{ORGANIZATIONS}/1", {"custom_fields": {key: "y"}}).status == 400


def test_built_in_field_can_not_be_deleted(api: Api) -> None:
    """Built-in fields stay."""
    assert api.delete(f"{FIELDS}/name").status == 400


def test_options_are_added_renamed_and_deleted(api: Api) -> None:
    """Option calls answer with the touched options only."""
    row = field(api, "enum", options=[{"label": "A"}])
    path = f"{FIELDS}/{row['field_code']}/options"
    added = api.post(path, [{"label": "B"}]).json()["data"]
    renamed = api.patch(path, [{"id": added[0]["id"], "label": "C"}]).json()["data"]
    gone = api.call("DELETE", path, [{"id": row["options"][0]["id"]}]).json()["data"]

    assert ([each["label"] for each in added], renamed[0]["label"], gone[0]["label"]) == (["B"], "C", "A")
    left = api.rows(f"{FIELDS}/{row['field_code']}")["options"]
    assert [option["label"] for option in left] == ["C"]


def test_option_calls_are_all_or_none(api: Api) -> None:
    """One unknown option id changes nothing."""
    row = field(api, "enum", options=[{"label": "A"}])
    path = f"{FIELDS}/{row['field_code']}/options"
    body = [{"id": row["options"][0]["id"], "label": "B"}, {"id": 999_999, "label": "C"}]

    assert api.patch(path, body).status == 400
    assert api.rows(f"{FIELDS}/{row['field_code']}")["options"][0]["label"] == "A"


def test_labels_are_options_of_the_label_field(api: Api) -> None:
    """A new option of the label field can be set on a record."""
    label = api.post(f"{FIELDS}/label_ids/options", [{"label": "VIP"}]).json()["data"][0]

    assert api.created(ORGANIZATIONS, name="A", label_ids=[label["id"]])["label_ids"] == [label["id"]]


def test_activity_fields_are_read_only(api: Api) -> None:
    """Activity fields can only be read."""
    assert api.post("/api/v2/activityFields", {"field_name": "F", "field_type": "text"}).status == 405


def test_deleted_option_leaves_the_records(api: Api) -> None:
    """A deleted option is taken out of the values that hold it."""
    one = field(api, "enum", options=[{"label": "A"}])
    many = field(api, "set", options=[{"label": "A"}, {"label": "B"}])
    first, second = (option["id"] for option in many["options"])
    values = {one["field_code"]: one["options"][0]["id"], many["field_code"]: [first, second]}
    api.created(ORGANIZATIONS, name="A", custom_fields=values)
    api.call("DELETE", f"{FIELDS}/{one['field_code']}/options", [{"id": one["options"][0]["id"]}])
    api.call("DELETE", f"{FIELDS}/{many['field_code']}/options", [{"id": first}])

    assert api.rows(f"{ORGANIZATIONS}/1")["custom_fields"] == {one["field_code"]: None, many["field_code"]: [second]}
