"""Before the first record: the form, sign-in, rights, what can be mapped."""

import io
import json
from typing import Any

import pytest

from destination_pipedrive.run import main
from integration_tests.destination.account import Account, record
from integration_tests.harness import Run

OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "refresh_token": "sandbox-refresh",
}
ANN = record("persons", name="Ann", email="ann@acme.test")


def by_oauth(account: Account) -> dict[str, Any]:
    """The part of a config that signs in as an app."""
    return {"credentials": OAUTH, "oauth_url": account.url}


def offered(account: Account, name: str, mode: str = "append_dedup") -> dict[str, Any]:
    """The operation that `discover` offers for an object and mode."""
    operations = account.run("discover", config=account.config()).destination_catalog["operations"]
    return next(each for each in operations if (each["object_name"], each["sync_mode"]) == (name, mode))


def test_a2_b1_the_form_starts_the_oauth_flow() -> None:
    """A2, B1: the spec tells the platform where consent is asked for, and where each part of the answer is kept."""
    out = io.StringIO()
    assert main(["spec"], io.BytesIO(), out) == 0
    spec = Run([], 0, out.getvalue(), "").spec
    flow = spec["advanced_auth"]
    config = flow["oauth_config_specification"]

    assert (flow["auth_flow_type"], flow["predicate_key"]) == ("oauth2.0", ["credentials", "auth_type"])
    assert config["oauth_connector_input_specification"]["consent_url"].startswith("https://oauth.pipedrive.com/")
    kept = config["complete_oauth_output_specification"]["properties"]
    assert kept["refresh_token"]["path_in_connector_config"] == ["credentials", "refresh_token"]
    ways = {each["properties"]["auth_type"]["const"] for each in _credentials(spec)["oneOf"]}
    assert ways == {"api_token", flow["predicate_value"]}


@pytest.mark.parametrize("signs_in", ["token", "flat token", "oauth"])
def test_c1_e3_a_token_or_an_app(account: Account, signs_in: str) -> None:
    """C1, E3: each way checks, writes the same row, and never shows a secret."""
    ways: dict[str, dict[str, Any]] = {
        "token": {},
        "flat token": {"credentials": None, "api_token": "sandbox"},
        "oauth": by_oauth(account),
    }
    config = {key: value for key, value in account.config(**ways[signs_in]).items() if value is not None}
    checked = account.run("check", config=config)
    written = account.run("write", [ANN], config=config, catalog=_catalog())

    assert checked.connection_status == {"status": "SUCCEEDED"}, checked
    assert [row["name"] for row in account.rows("persons")] == ["Ann"]
    assert not [each for each in ("sandbox-secret", "sandbox-refresh") if each in checked.stdout + written.stdout]


@pytest.mark.parametrize(
    ("mapping", "lacking"),
    [
        ({"stream": "persons"}, "contacts"),
        ({"stream": "deals"}, "deals"),
        ({"stream": "activities"}, "activities"),
        ({"stream": "products"}, "products"),
        ({"stream": "leads"}, "leads"),
        (
            {"stream": "activities", "links": {"organization": {"from": "company", "create_if_missing": True}}},
            "contacts",
        ),
        ({"stream": "persons", "actions": [{"action": "create_deal", "pipeline": "Sales"}]}, "deals"),
        ({"stream": "persons", "actions": [{"action": "add_activity", "subject": "Call"}]}, "activities"),
    ],
)
def test_a3_b1_check_names_the_scope_of_every_object_that_is_used(
    account: Account, mapping: dict[str, Any], lacking: str
) -> None:
    """A3, B1: objects of mappings, of links that create, and of actions; reading alone is not enough."""
    granted = _scopes(account)
    account.sandbox.change_settings(oauth_scopes=granted.replace(f"{lacking}:full", f"{lacking}:read"))
    status = account.check(mappings=[mapping], **by_oauth(account)).connection_status
    assert status["status"] == "FAILED"
    assert f"`{lacking}:full`" in status["message"]

    account.sandbox.change_settings(oauth_scopes=granted)
    assert account.check(mappings=[mapping], **by_oauth(account)).connection_status["status"] == "SUCCEEDED"


@pytest.mark.parametrize("name", ["pipelines", "users", "webhooks"])
def test_a3_what_an_admin_may_do_has_one_scope(account: Account, name: str) -> None:
    """A3: `admin` has no `:full`; with it `check` passes, without it the scope is named as it is."""
    granted = _scopes(account)
    assert account.check(mappings=[{"stream": name}], **by_oauth(account)).connection_status["status"] == "SUCCEEDED"
    account.sandbox.change_settings(oauth_scopes=",".join(each for each in granted.split(",") if each != "admin"))
    status = account.check(mappings=[{"stream": name}], **by_oauth(account)).connection_status
    assert "the OAuth scope `admin` is missing" in status["message"]


def test_b1_a_write_without_the_right_says_so(account: Account) -> None:
    """B1: what may be read only is rejected as `permission_denied`, in Pipedrive's words; nothing is written."""
    account.sandbox.change_settings(oauth_scopes=_scopes(account).replace("contacts:full", "contacts:read"))
    run = account.write([ANN], **by_oauth(account))

    assert account.rows("persons") == []
    said = [*run.logs("WARN"), *(each["message"] for each in run.errors())]
    assert any("Permission denied" in text or "scope" in text.lower() for text in said), said


def test_a8_c6_e4_what_can_be_mapped(account: Account) -> None:
    """A8, C6, E4: built-in and custom fields by the names that people know; counters and times are not offered."""
    for name, present, absent in (
        ("organizations", {"name", "domain", "address", "owner", "labels", "Tier"}, {"update_time", "people_count"}),
        ("persons", {"email", "phone", "first_name", "organization", "Interests"}, {"update_time", "email_normalized"}),
        (
            "deals",
            {"title", "stage", "pipeline", "person", "Budget"},
            {"add_time", "won_deals_count", "weighted_value"},
        ),
    ):
        names = set(offered(account, name)["json_schema"]["properties"])
        assert present <= names, name
        assert not absent & names, name


def test_c20_e4_new_fields_options_and_stages_show_up(account: Account) -> None:
    """C20, E4: `discover` and `write` see what was made in Pipedrive a moment ago."""
    before = offered(account, "deals")["json_schema"]["properties"]
    pipeline = account.put("pipelines", name="Renewals")
    stage = account.put("stages", name="Called", pipeline_id=pipeline, order_nr=1)
    custom = {"field_name": "Health", "field_type": "enum", "is_custom_field": True, "field_code": "ab" * 20}
    account.sandbox.put_rows("dealFields", [{**_like(account), **custom, "options": [{"id": 901, "label": "Good"}]}])
    after = offered(account, "deals")["json_schema"]["properties"]
    org = account.put("organizations", name="Acme")
    account.write([record("deals", id=account.put("deals", title="D", org_id=org), stage="called", Health="good")])

    assert set(after) - set(before) == {"Health"}
    assert "Good" in after["Health"]["description"]
    (deal,) = account.rows("deals")
    assert (deal["stage_id"], deal["custom_fields"]["ab" * 20]) == (stage, 901)


def _like(account: Account) -> dict[str, Any]:
    """A custom field of deals with options, as the server keeps it."""
    rows = account.sandbox.rows("dealFields")
    found = next(row for row in rows if row["is_custom_field"] and row["field_name"] == "Lead source")
    return {**found, "id": "ab" * 20}


def _scopes(account: Account) -> str:
    return str(account.sandbox.state.settings.oauth_scopes)


def _credentials(spec: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(spec))["connectionSpecification"]["properties"]["credentials"])


def _catalog() -> dict[str, Any]:
    stream = {"name": "persons", "json_schema": {"type": "object", "properties": {}}}
    return {"streams": [{"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}]}
