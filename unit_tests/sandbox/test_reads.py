"""Lists and single reads: shapes, filters, deleted and archived rows."""

from __future__ import annotations

import pytest

from .conftest import Api

V2_LISTS = ("deals", "persons", "organizations", "activities", "products", "pipelines", "stages", "dealFields")
V1_LISTS = ("leads", "notes", "files", "users", "currencies", "activityTypes", "leadLabels", "leadFields", "noteFields")


@pytest.mark.parametrize("name", V2_LISTS)
def test_v2_list_holds_rows(seeded: Api, name: str) -> None:
    """Every v2 list of a seeded account answers with rows."""
    assert seeded.rows(f"/api/v2/{name}")


@pytest.mark.parametrize("root", ["/v1", "/api/v1"])
@pytest.mark.parametrize("name", V1_LISTS)
def test_v1_list_holds_rows(seeded: Api, root: str, name: str) -> None:
    """Every v1 list answers with rows under both roots."""
    assert seeded.rows(f"{root}/{name}")


def test_record_shows_every_custom_field(seeded: Api) -> None:
    """A deal carries all defined custom fields, unset ones as null."""
    keys = {row["field_code"] for row in seeded.sandbox.rows("dealFields") if row["is_custom_field"]}

    assert all(set(deal["custom_fields"]) == keys for deal in seeded.rows("/api/v2/deals"))


def test_activity_has_no_custom_fields(seeded: Api) -> None:
    """Activities never carry custom fields."""
    assert "custom_fields" not in seeded.rows("/api/v2/activities", limit=1)[0]


def test_custom_fields_parameter_restricts_the_object(seeded: Api) -> None:
    """Only the asked custom fields are sent."""
    key = seeded.field_key("dealFields", "Budget")

    assert list(seeded.rows("/api/v2/deals", limit=1, custom_fields=key)[0]["custom_fields"]) == [key]


def test_empty_built_in_is_absent_or_null(seeded: Api) -> None:
    """Whether an empty built-in key is absent is a setting."""
    seeded.sandbox.put_rows("deals", [{"id": 1, "expected_close_date": None, "is_deleted": False}])
    assert "expected_close_date" not in seeded.rows("/api/v2/deals/1")

    seeded.sandbox.change_settings(absent_empty_builtins=False)
    assert seeded.rows("/api/v2/deals/1")["expected_close_date"] is None


def test_default_deals_are_live(seeded: Api) -> None:
    """The deal list leaves out deleted and archived deals."""
    listed = {deal["id"] for deal in seeded.walk("/api/v2/deals")}
    stored = seeded.sandbox.rows("deals")

    assert listed == {row["id"] for row in stored if not row["is_deleted"] and not row["is_archived"]}


def test_deleted_deals_by_status(seeded: Api) -> None:
    """Deleted deals are listed by `status=deleted` only."""
    listed = {deal["id"] for deal in seeded.walk("/api/v2/deals", status="deleted")}

    assert listed == {row["id"] for row in seeded.sandbox.rows("deals") if row["is_deleted"] and not row["is_archived"]}


def test_status_list_combines(seeded: Api) -> None:
    """Statuses combine with commas."""
    assert {deal["status"] for deal in seeded.walk("/api/v2/deals", status="won,lost")} == {"won", "lost"}


def test_archived_deals_have_their_own_list(seeded: Api) -> None:
    """Archived deals appear only in their own list."""
    deals = seeded.walk("/api/v2/deals/archived")

    assert deals
    assert all(deal["is_archived"] for deal in deals)


def test_updated_since_is_inclusive_and_until_exclusive(api: Api) -> None:
    """A row of the bound's second is in the lower window and not in the upper one."""
    api.sandbox.put_rows("persons", [{"id": 1, "name": "A", "update_time": "2026-01-01T00:00:00Z"}])

    assert len(api.rows("/api/v2/persons", updated_since="2026-01-01T00:00:00Z")) == 1
    assert len(api.rows("/api/v2/persons", updated_until="2026-01-01T00:00:00Z")) == 0


def test_filter_id_switches_other_filters_off(seeded: Api) -> None:
    """With a known filter id, `owner_id` and `ids` are silently ignored."""
    seeded.sandbox.put_rows("filters", [{"id": 5, "name": "All", "type": "deals"}])

    everything = seeded.walk("/api/v2/deals")
    assert seeded.walk("/api/v2/deals", filter_id=5, owner_id=999, ids="1") == everything


def test_filter_conditions_are_applied(seeded: Api) -> None:
    """A saved filter with conditions keeps the rows that meet them."""
    condition = {"object": "deal", "field_id": "value", "operator": ">", "value": "50000", "extra_value": None}
    groups = {"glue": "and", "conditions": [{"glue": "and", "conditions": [condition]}]}
    seeded.sandbox.put_rows("filters", [{"id": 5, "type": "deals", "conditions": groups}])

    values = [deal["value"] for deal in seeded.walk("/api/v2/deals", filter_id=5)]
    assert values
    assert min(values) > 50_000


def test_unknown_filter_is_not_found(seeded: Api) -> None:
    """An unknown filter id is an error."""
    assert seeded.get("/api/v2/deals", filter_id=77).status == 404


def test_ids_leave_out_what_is_missing(seeded: Api) -> None:
    """Unknown ids are left out of the answer."""
    stages = seeded.rows("/api/v2/persons", ids="1,2,999999")

    assert {row["id"] for row in stages} <= {1, 2}


def test_unknown_parent_in_a_filter_gives_an_empty_list(api: Api) -> None:
    """A list filtered by an unknown id is empty, not 404."""
    assert api.rows("/api/v2/stages", pipeline_id=4242) == []


def test_include_fields_only_on_request(seeded: Api) -> None:
    """Counters come only when asked for."""
    assert "notes_count" not in seeded.rows("/api/v2/deals/1")

    counted = seeded.rows("/api/v2/deals", include_fields="notes_count,products_count", limit=500)
    notes = [row for row in seeded.sandbox.rows("notes") if row["deal_id"] == counted[0]["id"] and row["active_flag"]]
    assert counted[0]["notes_count"] == len(notes)


def test_refused_include_field_is_named(seeded: Api) -> None:
    """A counter that the plan refuses is a 400 that names it."""
    seeded.sandbox.change_settings(refused_include_fields=["email_messages_count"])

    response = seeded.get("/api/v2/deals", include_fields="email_messages_count")
    assert response.status == 400
    assert "email_messages_count" in response.json()["error"]


def test_option_labels_on_request(seeded: Api) -> None:
    """Options appear as id and label when asked for."""
    key = seeded.field_key("dealFields", "Lead source")
    deals = seeded.rows("/api/v2/deals", include_option_labels="true")

    values = [deal["custom_fields"][key] for deal in deals if deal["custom_fields"][key] is not None]
    assert values
    assert all(set(value) == {"id", "label"} for value in values)


def test_labels_on_request(seeded: Api) -> None:
    """Label rows stand next to label ids when asked for."""
    deals = seeded.rows("/api/v2/deals", include_labels="true")

    assert all([label["id"] for label in deal["labels"]] == deal["label_ids"] for deal in deals)


def test_contact_sync_keys_need_the_setting(seeded: Api) -> None:
    """Person keys of Contact Sync exist only with it."""
    assert "job_title" not in seeded.rows("/api/v2/persons/1")

    seeded.sandbox.change_settings(contact_sync=True, absent_empty_builtins=False)
    assert "job_title" in seeded.rows("/api/v2/persons/1")


@pytest.mark.parametrize("status", [200, 404, 410])
def test_deleted_by_id_is_a_setting(api: Api, status: int) -> None:
    """Reading a deleted row by id answers as set."""
    api.sandbox.put_rows("persons", [{"id": 1, "name": "A", "is_deleted": True}])
    api.sandbox.change_settings(deleted_by_id=status)

    assert api.get("/api/v2/persons/1").status == status


def test_hidden_row_is_absent_and_not_found(api: Api) -> None:
    """A row the token may not see is in no list and 404 by id."""
    api.sandbox.put_rows("persons", [{"id": 1, "name": "A", "invisible": True}])

    assert api.rows("/api/v2/persons") == []
    assert api.get("/api/v2/persons/1").status == 404


def test_not_found_body(api: Api) -> None:
    """A missing v2 row answers with its noun and code."""
    body = api.get("/api/v2/deals/4242").json()

    assert body == {"success": False, "error": "Deal not found", "code": "ERR_NOT_FOUND"}


def test_missing_lead_body(api: Api) -> None:
    """A missing lead has the body of the v1 documentation."""
    body = api.get("/v1/leads/39c433f0-8a4c-11ec-8728-09968f0a1ca0").json()

    assert (body["error"], body["error_info"]) == ("requested lead not found", "Object was not found.")


def test_field_extras_on_request(seeded: Api) -> None:
    """Visibility of a field comes only when asked for."""
    assert "ui_visibility" not in seeded.rows("/api/v2/dealFields")[0]
    assert "ui_visibility" in seeded.rows("/api/v2/dealFields", include_fields="ui_visibility")[0]


def test_v1_field_has_a_numeric_id(seeded: Api) -> None:
    """v1 definitions carry the numeric id and the key."""
    numbers = {row["key"]: row["id"] for row in seeded.rows("/v1/dealFields")}

    assert isinstance(numbers["title"], int)


def test_unmodelled_operation_says_so(api: Api) -> None:
    """An operation that is not modelled answers 501 with its name."""
    response = api.get("/v1/channels")

    assert response.status == 501
    assert "/v1/channels" in response.json()["error"]


def test_known_path_with_another_method(api: Api) -> None:
    """A known path refuses methods it does not have."""
    assert api.delete("/v1/currencies").status == 405


def test_shared_host_lacks_some_paths(api: Api) -> None:
    """On api.pipedrive.com `/api/v1/leads` is not found while `/v1/leads` works."""
    from pipedrive_sandbox import Request

    for path, status in (("/api/v1/leads", 404), ("/v1/leads", 200)):
        request = Request("GET", path, (), api.headers, base="https://api.pipedrive.com")
        assert api.sandbox.handle(request).status == status
