"""Values by other names: maps, unknown options, stages inside pipelines, owners."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record


def deal_with(account: Account, **more: Any) -> int:
    """A stored deal."""
    return account.put("deals", title="Deal", org_id=account.put("organizations", name="Holder"), **more)


def options(account: Account, label: str = "Lead source") -> dict[str, int]:
    """Label -> id of a deal field's options."""
    row = next(row for row in account.sandbox.rows("dealFields") if row["field_name"] == label)
    return {each["label"]: each["id"] for each in row["options"]}


def write_source(account: Account, value: Any, **rules: Any) -> Any:
    """Write one deal's lead source; the value that the server then has."""
    deal = deal_with(account)
    account.write([record("deals", id=deal, **{"Lead source": value})], mappings=[{"stream": "deals", **rules}])
    custom = account.row("deals", deal).get("custom_fields") or {}
    return custom.get(account.key("dealFields", "Lead source"))


def test_a10_incoming_values_by_the_names_of_pipedrive(account: Account) -> None:
    """A10: stage, status and option by a map, letter case aside."""
    stage = account.sandbox.rows("stages")[0]
    maps = {
        "stage": {"SQL": str(stage["id"])},
        "status": {"Closed": "won"},
        "Lead source": {"Web": "Website"},
    }
    deal = deal_with(account)
    row = {"stage": "sql", "status": "closed", "Lead source": "web"}
    account.write([record("deals", id=deal, **row)], mappings=[{"stream": "deals", "value_maps": maps}])
    stored = account.row("deals", deal)

    assert (stored["stage_id"], stored["status"]) == (stage["id"], "won")
    assert stored["custom_fields"][account.key("dealFields", "Lead source")] == options(account)["Website"]


@pytest.mark.parametrize("policy", ["reject", "null", "create"])
def test_t38_an_unknown_option(account: Account, policy: str) -> None:
    """T38: rejected, taken as empty, or created once for 5 tokens, as the option says."""
    deals = [deal_with(account) for _ in range(3)]
    rows = [record("deals", id=deal, title="Renamed", **{"Lead source": "Podcast"}) for deal in deals]
    run = account.write(rows, mappings=[{"stream": "deals", "on_unknown_option": policy}])

    assert len([row for row in account.rows("deals") if row["title"] == "Renamed"]) == (0 if policy == "reject" else 3)
    assert ("Podcast" in options(account)) == (policy == "create")
    posts = [path for method, path in account.writes() if method == "POST"]
    assert len(posts) == (1 if policy == "create" else 0)
    assert any("`Lead source`: 3 values not accepted" in text for text in run.logs("WARN")) == (policy == "null")


def test_a11_auto_create_options_is_the_default_of_every_mapping(account: Account) -> None:
    """A11: without mappings, too; several options of one row are created together with those that are there."""
    deal = deal_with(account)
    row = record("deals", id=deal, **{"Products of interest": ["Team", "New one", "New two"]})
    account.write([row], auto_create_options=True)
    labels = options(account, "Products of interest")
    held = account.row("deals", deal)["custom_fields"][account.key("dealFields", "Products of interest")]

    assert held == [labels["Team"], labels["New one"], labels["New two"]]
    account.write([row], auto_create_options=True)
    assert account.writes() == []


def test_t2_a_lost_answer_makes_one_option(account: Account) -> None:
    """T2: an option whose response was lost is looked up before it is created again."""
    account.sandbox.set_faults({"kind": "apply_then_drop", "method": "POST", "path": "/options$"})

    assert write_source(account, "Podcast", on_unknown_option="create") == options(account)["Podcast"]
    assert account.writes().count(account.writes()[0]) == 1


@pytest.mark.parametrize("policy", ["reject", "create"])
def test_a12_a_value_that_is_mapped_elsewhere_is_neither_mapped_nor_created(account: Account, policy: str) -> None:
    """A12: `Website` is what `Web` is mapped to, so an incoming `Website` is neither; others that exist are taken."""
    rules = {"value_maps": {"Lead source": {"Web": "Website"}}, "on_unknown_option": policy}
    before = options(account)

    assert write_source(account, "Website", **rules) is None
    assert options(account) == before
    assert write_source(account, "Referral", **rules) == before["Referral"]


@pytest.mark.parametrize(
    ("maps", "said"),
    [
        ({"Lead source": {"a": "Website", "b": "website"}}, "`/mappings/0/value_maps/Lead source/b`"),
        ({"Lead source": {"a": "Websit"}}, "`/mappings/0/value_maps/Lead source/a`: `Websit` is not one of"),
        ({"Lead source": {"a": "Websit"}}, "Did you mean `Website`?"),
        ({"stage": {"a": "Nowhere"}}, "`/mappings/0/value_maps/stage/a`: `Nowhere` names no stage"),
        ({"owner": {"a": "x@y.test"}}, "`/mappings/0/value_maps/owner/a`"),
        ({"Lead sauce": {"a": "b"}}, "`/mappings/0/value_maps/Lead sauce`"),
        ({"Lead source": {"a": None}}, "must be the name or id"),
    ],
)
def test_a13_a14_check_names_what_does_not_fit(account: Account, maps: dict[str, Any], said: str) -> None:
    """A13, A14, T38: a map that is not one to one, or whose right side is gone, fails `check` and `write`."""
    mappings = [{"stream": "deals", "value_maps": maps}]
    checked = account.check(mappings=mappings)
    run = account.write([record("deals", id=deal_with(account), title="x")], mappings=mappings)

    assert said in checked.connection_status["message"]
    assert said in run.errors()[0]["message"]
    assert account.writes() == []


def test_a14_drift_is_found_at_the_start_of_a_write(account: Account) -> None:
    """A14: an option that was renamed since the config was made is named before anything is written."""
    rules = {"value_maps": {"Lead source": {"Web": "Website"}}}
    assert write_source(account, "Web", **rules) is not None
    row = next(row for row in account.sandbox.rows("dealFields") if row["field_name"] == "Lead source")
    renamed = [
        {**each, "label": "Home page" if each["label"] == "Website" else each["label"]} for each in row["options"]
    ]
    account.sandbox.put_rows("dealFields", [{**row, "options": renamed}])

    assert write_source(account, "Web", **rules) is None
    assert account.writes() == []


def test_t39_a_stage_by_name_inside_a_pipeline(account: Account) -> None:
    """T39: a name that two pipelines have is ambiguous alone and resolved with the pipeline."""
    first, second = account.sandbox.rows("pipelines")[:2]
    ids = [account.put("stages", name="Twin", pipeline_id=each["id"], order_nr=90) for each in (first, second)]
    deal = deal_with(account)
    alone = account.write([record("deals", id=deal, stage="Twin")])
    assert account.writes() == []
    assert any("2 stages" in text for text in alone.logs("WARN"))

    account.write([record("deals", id=deal, stage="twin", pipeline=second["name"])])
    assert account.row("deals", deal)["stage_id"] == ids[1]
    account.write(
        [record("deals", id=deal, stage="Twin")],
        mappings=[{"stream": "deals", "constants": {"pipeline": first["name"]}}],
    )
    assert account.row("deals", deal)["stage_id"] == ids[0]


def user(account: Account) -> dict[str, Any]:
    """An active user who is not the acting one."""
    return next(row for row in account.sandbox.rows("users") if row["active_flag"] and row["id"] != 1)


@pytest.mark.parametrize("by", ["column", "email", "name", "id"])
def test_t40_a21_c4_d7_the_owner_of_a_mapping(account: Account, by: str) -> None:
    """T40, C4, D7: by a column, or by a user's email, name or id."""
    mari = user(account)
    owner = "account_manager" if by == "column" else str(mari[by])
    row = record("persons", name="Ann", email="ann@acme.test", account_manager=mari["email"])
    account.write([row], mappings=[{"stream": "persons", "owner": owner}])

    assert account.rows("persons")[0]["owner_id"] == mari["id"]


@pytest.mark.parametrize("default", [True, False])
def test_t40_a21_an_unknown_or_inactive_owner(account: Account, default: bool) -> None:
    """T40: the default owner where there is one, else rejected."""
    inactive = next(row for row in account.sandbox.rows("users") if not row["active_flag"])
    rows = [
        record("persons", name="A", email="a@x.test", by=inactive["email"]),
        record("persons", name="B", email="b@x.test", by="nobody@x.test"),
    ]
    config = {"default_owner": user(account)["email"]} if default else {}
    run = account.write(rows, mappings=[{"stream": "persons", "owner": "by"}], **config)

    assert [row["owner_id"] for row in account.rows("persons")] == [user(account)["id"]] * (2 if default else 0)
    assert run.summary["objects"]["persons"]["rejected"] == (0 if default else 2)


def test_t40_c21_check_names_an_owner_that_is_no_user(account: Account) -> None:
    """C21: an email address that no user has fails `check` with its pointer."""
    run = account.check(mappings=[{"stream": "persons", "owner": "nobody@x.test"}])

    assert "`/mappings/0/owner`" in run.connection_status["message"]


@pytest.mark.parametrize(
    ("constants", "said"),
    [
        ({"Lead source": "Websit"}, "`/mappings/0/constants/Lead source`: `Websit` is not one of the field's options"),
        ({"status": "paused"}, "`/mappings/0/constants/status`"),
        ({"value": "much"}, "`/mappings/0/constants/value`"),
        ({"labels": "Hottest"}, "`/mappings/0/constants/labels`"),
        ({"Signing date": "soon"}, "`/mappings/0/constants/Signing date`"),
        ({"owner": "nobody@x.test"}, "`/mappings/0/constants/owner`"),
        ({"No such field": 1}, "`/mappings/0/constants/No such field`"),
    ],
)
def test_c10_a_constant_that_does_not_fit_fails_check(account: Account, constants: dict[str, Any], said: str) -> None:
    """C10, C21: the option is named by its pointer."""
    run = account.check(mappings=[{"stream": "deals", "constants": constants}])

    assert said in run.connection_status["message"]


def test_c10_constants_of_every_kind(account: Account) -> None:
    """C10: number, date, option, several options, label, user, money and stage, from the config alone."""
    mari, stage = user(account), account.sandbox.rows("stages")[0]
    pipeline = next(row for row in account.sandbox.rows("pipelines") if row["id"] == stage["pipeline_id"])
    constants = {
        "value": 5,
        "Signing date": "2026-05-01",
        "Lead source": "Website",
        "Products of interest": ["Team", "Starter"],
        "labels": "Hot",
        "owner": mari["email"],
        "Budget": {"value": 7, "currency": "EUR"},
        "pipeline": pipeline["name"],
        "stage": stage["name"],
        "status": "open",
    }
    deal = deal_with(account)
    for _ in range(2):
        run = account.write([record("deals", id=deal)], mappings=[{"stream": "deals", "constants": constants}])
        assert run.logs("WARN") == []
    stored = account.row("deals", deal)

    assert account.writes() == []
    assert (stored["value"], stored["owner_id"], stored["stage_id"]) == (5, mari["id"], stage["id"])
    assert len(stored["custom_fields"]) == 4
