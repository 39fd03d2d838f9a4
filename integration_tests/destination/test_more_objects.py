"""What a deal consists of, followers, and what an account is set up with: the whole table of what can be written."""

import re
from typing import Any

import pytest

from destination_pipedrive.objects.records import CORE, OBJECTS
from integration_tests.destination.account import Account, record
from integration_tests.destination.more_objects import CHANGES, ROWS, example, mappings, parents

CREATED = [name for name, spec in OBJECTS.items() if spec not in CORE and "insert" in spec.operations]
DELETED = [name for name in CREATED if "delete" in OBJECTS[name].operations]
PREPARED = 12


def rows(account: Account, name: str, count: int = 5) -> list[dict[str, Any]]:
    """Records of an object."""
    return [record(name, **example(name, number, account)) for number in range(count)]


def live(account: Account, name: str) -> list[dict[str, Any]]:
    """Its rows on the server."""
    return [row for row in account.rows(ROWS[name]) if row.get("active_flag") is not False]


@pytest.mark.parametrize("name", CREATED)
def test_e15_t1_twice_is_once(account: Account, name: str) -> None:
    """E15, T1: an upsert creates rows, and writes nothing the second time."""
    messages, before = rows(account, name), len(live(account, name))
    first = account.write(messages, mappings=mappings(name))

    assert first.summary["objects"][name]["created"] == 5, first
    assert len(live(account, name)) == before + 5
    second = account.write(messages, mappings=mappings(name))
    assert account.writes() == []
    assert second.summary["objects"][name]["unchanged"] == 5


@pytest.mark.parametrize("name", CHANGES)
def test_e15_one_field_changes(account: Account, name: str) -> None:
    """E15: a changed field is sent alone, and once; a filter's conditions go along because the API wants them."""
    messages, (key, value) = rows(account, name, 3), CHANGES[name]
    account.write(messages, mappings=mappings(name))
    messages[1]["record"]["data"][key] = value
    run = account.write(messages, mappings=mappings(name))

    assert run.summary["objects"][name] == {
        **dict.fromkeys(("created", "deleted", "skipped", "rejected"), 0),
        "updated": 1,
        "unchanged": 2,
    }, run
    (body,) = account.bodies(OBJECTS[name].update_method)
    assert set(body) == {key, *OBJECTS[name].sent_along}
    assert account.write(messages, mappings=mappings(name)).summary["objects"][name]["unchanged"] == 3
    assert account.writes() == []


@pytest.mark.parametrize("name", DELETED)
def test_e15_deleted_once(account: Account, name: str) -> None:
    """E15, T31: soft_delete removes the rows that the records name; what is gone already is unchanged."""
    messages, before = rows(account, name, 3), len(live(account, name))
    account.write(messages, mappings=mappings(name))
    keyed = mappings(name) or [{"stream": name, "match_on": list(OBJECTS[name].match_on or ("title",))}]
    run = account.write(messages[:2], mode="soft_delete", mappings=keyed)

    assert run.summary["objects"][name]["deleted"] == 2, run
    assert len(live(account, name)) == before + 1
    again = account.write(messages[:2], mode="soft_delete", mappings=keyed)
    assert again.summary["objects"][name]["unchanged"] == 2
    assert account.writes() == []


@pytest.mark.parametrize("mode", ["append", "append_dedup"])
@pytest.mark.parametrize("name", CREATED)
def test_t2_a_lost_answer_leaves_one_row(account: Account, name: str, mode: str) -> None:
    """T2: apply-then-drop on every third POST leaves exactly one row per record."""
    messages, before = rows(account, name, PREPARED), len(live(account, name))
    account.sandbox.set_faults({"kind": "apply_then_drop", "method": "POST", "path": "", "every": 3, "times": None})
    run = account.write(messages, mode=mode, mappings=mappings(name))

    assert run.exit_code == 0, run
    assert run.summary["objects"][name]["created"] == PREPARED, run
    assert len(live(account, name)) == before + PREPARED


@pytest.mark.parametrize("name", CREATED)
def test_t45_a_dry_run_says_what_the_run_does(account: Account, name: str) -> None:
    """T45: nothing is written, and the counts are those of the run that follows."""
    messages = rows(account, name)
    planned = account.write(messages, mappings=mappings(name), dry_run=True)
    assert account.writes() == []
    real = account.write(messages, mappings=mappings(name))

    assert planned.summary["objects"] == real.summary["objects"]


def test_e15_mail_threads_are_changed_and_deleted(busy_account: Account) -> None:
    """E15: a thread is linked to a deal by a form, as the API takes it; it cannot be created."""
    thread, deal = busy_account.rows("mail_threads")[0], busy_account.rows("deals")[0]
    change = [record("mail_threads", id=thread["id"], deal_id=deal["id"], read_flag=0)]
    run = busy_account.write(change)

    assert run.summary["objects"]["mail_threads"]["updated"] == 1, run
    assert busy_account.row("mail_threads", thread["id"])["deal_id"] == deal["id"]
    assert busy_account.write(change).summary["objects"]["mail_threads"]["unchanged"] == 1
    gone = busy_account.write([record("mail_threads", id=thread["id"])], mode="soft_delete")
    assert gone.summary["objects"]["mail_threads"]["deleted"] == 1
    nothing = busy_account.write([record("mail_threads", id=987654, read_flag=1)])
    assert "no_match" in nothing.logs("WARN")[0]
    assert busy_account.writes() == []


@pytest.mark.parametrize(
    ("name", "operation", "said"),
    [
        ("users", "delete", "no delete of users, only insert and update"),
        ("webhooks", "update", "no update of webhooks"),
        ("deal_followers", "update", "no update of deal_followers"),
        ("mail_threads", "insert", "no insert of mail_threads"),
    ],
)
def test_e15_what_the_api_cannot_do(account: Account, name: str, operation: str, said: str) -> None:
    """E15: an operation that Pipedrive does not have is a config error that says which it has."""
    run = account.write([record(name, id=1)], mappings=[{"stream": name, "operation": operation}])

    assert run.exit_code == 1
    assert said in run.errors()[0]["message"]
    assert account.writes() == []


def test_a_row_below_a_parent_needs_it(account: Account) -> None:
    """Without its deal a product cannot be looked for; one bad record does not stop the others."""
    ids = parents(account, 1)
    good = {"product_id": ids["product"], "item_price": 1, "quantity": 1}
    messages = [record("deal_products", **good), record("deal_products", deal_id=ids["deal"], **good)]
    messages.append(record("deal_products", deal_id=987654, **good))
    run = account.write(messages)

    assert run.summary["objects"]["deal_products"]["created"] == 1
    assert run.summary["objects"]["deal_products"]["rejected"] == 2
    assert "[match_key_missing, field `deal_id`]" in run.logs("WARN")[0]


def test_deal_products_by_names(account: Account) -> None:
    """By the deal's title and the product's code; two lines of one product are ambiguous, by id they are not."""
    ids = parents(account, 1)
    account.put("products", name="Pro", code="PRO")
    links = {"deal": {"by": "name", "from": "deal_title"}, "product": {"from": "sku"}}
    entry = {"stream": "lines", "object": "deal_products", "links": links}
    line = record("lines", deal_title="Deal 1", sku="pro", item_price=5, quantity=1)
    assert account.write([line], mappings=[entry]).summary["objects"]["deal_products"]["created"] == 1
    (row,) = account.rows("deal_products")
    assert row["deal_id"] == ids["deal"]

    account.put("deal_products", **{key: value for key, value in row.items() if key != "id"})
    line["record"]["data"]["quantity"] = 3
    assert "[ambiguous_match" in account.write([line], mappings=[entry]).logs("WARN")[0]
    line["record"]["data"]["id"] = row["id"]
    by_id = account.write([line], mappings=[{**entry, "match_on": ["id"]}])
    assert by_id.summary["objects"]["deal_products"]["updated"] == 1, by_id
    assert account.row("deal_products", row["id"])["quantity"] == 3


def test_a_stage_is_known_in_its_pipeline(account: Account) -> None:
    """Two pipelines may have a stage of one name; a new pipeline's stages come in the same run."""
    messages = [
        *(record("stages", name="Won soon", pipeline=name) for name in ("North", "South")),
        *(record("pipelines", name=name) for name in ("North", "South")),
    ]
    run = account.write(messages)

    assert run.summary["objects"]["stages"]["created"] == 2, run
    assert len({row["pipeline_id"] for row in account.rows("stages") if row["name"] == "Won soon"}) == 2
    account.write(messages)
    assert account.writes() == []


def test_what_a_run_creates_is_known_by_name(account: Account) -> None:
    """The list of pipelines was read before, for a constant; a pipeline of this run is found all the same."""
    first = account.rows("pipelines")[0]["name"]
    entries = [
        {"stream": "deals", "operation": "insert", "constants": {"pipeline": first}},
        {"stream": "stages", "match_on": ["name"]},
    ]
    person = account.put("persons", name="Ann")
    messages = [
        record("deals", title="D", person_id=person),
        record("pipelines", name="North"),
        record("stages", name="Open", pipeline="North"),
    ]
    assert account.write(messages, mappings=entries).summary["objects"]["stages"]["created"] == 1


def test_tokens_of_rows_below(account: Account) -> None:
    """100 deals' products are listed in one call: 10 tokens, 2 for the acting user, 5 a write."""
    deals = [account.put("deals", title=f"D{number}") for number in range(100)]
    product = account.put("products", name="P")
    messages = [record("deal_products", deal_id=deal, product_id=product, item_price=1, quantity=1) for deal in deals]
    account.write(messages)
    assert account.tokens() <= 2 + 10 + 100 * 5
    account.write(messages)
    assert account.tokens() <= 2 + 10


def test_tokens_of_followers(account: Account) -> None:
    """Deals that say that nobody follows them are not asked one by one: 10 tokens for 100 of them."""
    deals = [account.put("deals", title=f"D{number}") for number in range(100)]
    user = account.rows("users")[0]["id"]
    messages = [record("deal_followers", deal_id=deal, user_id=user) for deal in deals]
    run = account.write(messages)

    assert run.summary["objects"]["deal_followers"]["created"] == 100
    assert account.tokens() <= 2 + 10 + 100 * 5


@pytest.mark.parametrize("name", [name for name, spec in OBJECTS.items() if spec not in CORE])
def test_a3_check_reads_every_object(busy_account: Account, name: str) -> None:
    """A3: a mapping of each object passes `check`, which reads its list, below the first parent where it has one."""
    status = busy_account.check(mappings=[{"stream": "rows", "object": name}]).connection_status

    assert status == {"status": "SUCCEEDED"}
    spec = OBJECTS[name]
    listed = spec.below.list_path if spec.below else (spec.lists[0][0] if spec.lists else spec.path)
    paths = {re.sub(r"/\d+", "/{id}", path) for method, path in busy_account.calls() if method == "GET"}
    assert f"/{listed}" in paths


def test_a3_check_says_that_a_plan_has_no_installments(busy_account: Account) -> None:
    """A3: the list of the first deal's installments is refused, so `check` fails before a write would."""
    busy_account.sandbox.change_settings(features_off=["installments"])
    status = busy_account.check(mappings=[{"stream": "deal_installments"}]).connection_status

    assert status["status"] == "FAILED"
    assert "deal_installments: " in status["message"]


def test_an_account_without_the_projects_add_on(account: Account) -> None:
    """`discover` leaves projects out, `check` says what Pipedrive said, and `write` rejects only what needs it."""
    account.sandbox.change_settings(features_off=["projects", "installments"])
    found = account.run("discover", config=account.config()).destination_catalog["operations"]
    assert set(OBJECTS) - {each["object_name"] for each in found} == {"projects", "tasks"}
    status = account.check(mappings=[{"stream": "tasks"}, {"stream": "roles"}]).connection_status
    assert "tasks: " in status["message"]
    assert "Required suites missing" in status["message"]

    deal = account.put("deals", title="D")
    installment = {"deal_id": deal, "description": "a", "amount": 1, "billing_date": "2026-12-01"}
    run = account.write([record("deal_installments", **installment), record("roles", name="x")])
    assert run.exit_code == 0
    assert run.summary["objects"]["roles"]["created"] == 1
    assert run.summary["objects"]["deal_installments"]["rejected"] == 1
    assert "[feature_limit" in run.logs("WARN")[0]


def test_t31_only_the_keys_decide_about_a_deletion(account: Account) -> None:
    """T31: a value that cannot be read does not keep a row, a parent is not created, and what is gone is unchanged."""
    ids = parents(account, 1)
    account.put("deal_products", deal_id=ids["deal"], product_id=ids["product"], item_price=1, quantity=1)
    line = record(
        "deal_products", deal_id=ids["deal"], product_id=ids["product"], item_price="abc", billing_frequency="x"
    )
    assert account.write([line], mode="soft_delete").summary["objects"]["deal_products"]["deleted"] == 1

    gone = [
        record("deal_products", deal_id=987654, product_id=1),
        record("deal_followers", deal_id=987654, user_id=1),
        record("stages", name="x", pipeline="Gone"),
    ]
    run = account.write(gone, mode="soft_delete")
    assert sum(counts["unchanged"] for counts in run.summary["objects"].values()) == 3
    assert account.writes() == []
    link = {"organization": {"by": "name", "from": "company", "create_if_missing": True}}
    account.write(
        [record("persons", email="x@acme.test", company="New")],
        mode="soft_delete",
        mappings=[{"stream": "persons", "links": link}],
    )
    assert account.writes() == []


def test_t23_a_parent_that_does_not_exist(account: Account) -> None:
    """T23: rows below a deal that is not there are parent_not_found, whether its list or the write says so."""
    ids = parents(account, 1)
    run = account.write(
        [
            record("deal_products", deal_id=987654, product_id=ids["product"], item_price=1, quantity=1),
            record("deal_participants", deal_id=987654, person_id=ids["person"]),
            record("deal_followers", deal_id=987654, user_id=1),
        ]
    )
    assert sum("[parent_not_found, field `deal_id`]" in text for text in run.logs("WARN")) == 3, run.logs("WARN")


@pytest.mark.parametrize("name", CREATED)
def test_t2_an_answer_without_the_row(account: Account, name: str) -> None:
    """T2: a success response without the row counts as a lost response: the row is found in its list."""
    fault = {"kind": "apply_then_status", "method": "POST", "status": 200, "body": {"success": True, "data": None}}
    messages, before = rows(account, name, 2), len(live(account, name))
    account.sandbox.set_faults({**fault, "path": "", "times": None})
    run = account.write(messages, mappings=mappings(name))

    assert run.exit_code == 0, run
    assert run.summary["objects"][name]["created"] == 2
    assert len(live(account, name)) == before + 2


def test_projects_by_a_field_of_their_own(account: Account) -> None:
    """The list of projects takes no `custom_fields` parameter; their rows hold all fields anyway."""
    account.sandbox.put_rows("projectFields", [_text_field(account, "Plan key")])
    entry = {"stream": "projects", "external_id_field": "Plan key"}
    rows_ = [record("projects", title="Roll-out", **{"Plan key": "K1"})]
    first = account.write(rows_, mappings=[entry])
    assert first.summary["objects"]["projects"]["created"] == 1, first
    account.write(rows_, mappings=[entry])
    assert account.writes() == []


def _text_field(account: Account, label: str) -> dict[str, Any]:
    """A custom text field as the server keeps it, made after one of persons."""
    found = next(row for row in account.sandbox.rows("personFields") if row["field_type"] == "varchar")
    key = "ab" * 20
    return {**found, "id": key, "field_code": key, "field_name": label, "is_custom_field": True}
