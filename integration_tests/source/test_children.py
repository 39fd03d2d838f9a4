"""Rows below parents: which are asked for, how, and what happens when a parent is gone. Scenarios R2, R4, R5, R9."""

from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.test_faults import between_pages
from pipedrive_sandbox import Sandbox
from source_pipedrive.streams.table import STREAMS

CHILDREN = [spec for spec in STREAMS if spec.child]
OF_DEALS = [spec.name for spec in CHILDREN if spec.child and spec.child.parent == "deals"]


def calls(sandbox: Sandbox, ending: str) -> list[dict[str, Any]]:
    return [request for request in sandbox.requests() if request["path"].endswith(ending)]


def test_a_parent_is_listed_once_for_all_its_children(pipedrive: Sandbox, source: InProcess) -> None:
    """Deals with all their children: the two lists of deals are read once."""
    run = source.read("deals", *OF_DEALS)

    assert run.exit_code == 0
    assert len(calls(pipedrive, "/deals")) == len(calls(pipedrive, "/deals/archived")) == 1
    assert all(run.records(name) for name in OF_DEALS)


def test_only_children_selected(pipedrive: Sandbox, source: InProcess) -> None:
    """When only children are selected the parent is read with one custom field and the counters they need."""
    run = source.read("deal_products", "deal_followers")

    query = dict(calls(pipedrive, "/deals")[0]["query"])
    assert query["include_fields"] == "products_count,followers_count"
    assert len(query["custom_fields"].split(",")) == 1
    assert run.record_counts().keys() == {"deal_products", "deal_followers"}


def test_batches_and_gates(pipedrive: Sandbox, source: InProcess) -> None:
    """Products take one call per 100 deals that have any; followers one call per deal that has any."""
    source.read("deal_products", "deal_followers")

    deals = [row for row in pipedrive.rows("deals") if not row["is_deleted"]]
    alive = {row["id"] for row in deals}
    with_products = {row["deal_id"] for row in pipedrive.rows("deal_products")} & alive
    with_followers = {row["deal_id"] for row in pipedrive.rows("followers") if row.get("deal_id")} & alive
    asked = [dict(call["query"])["deal_ids"].split(",") for call in calls(pipedrive, "/deals/products")]
    assert sorted(int(number) for ids in asked for number in ids) == sorted(with_products)
    assert len(asked) == 1
    assert len(calls(pipedrive, "/followers")) == len(with_followers)


def test_rows_carry_their_parent(pipedrive: Sandbox, source: InProcess) -> None:
    """Child rows hold their parent's id and its change time."""
    run = source.read("deals", "deal_products", "deal_changelog")

    times = {row["id"]: row["update_time"] for row in run.records("deals")}
    for stream in ("deal_products", "deal_changelog"):
        rows = run.records(stream)
        assert rows
        assert all(row["parent_update_time"] == times[row["deal_id"]] for row in rows)


def test_r2_nothing_changed_no_child_call(pipedrive: Sandbox, source: InProcess) -> None:
    """R2: with nothing changed only the parents' lists are called."""
    streams = [spec.name for spec in CHILDREN if spec.cursor]
    first = source.read(*streams)
    catalog = source.catalog(*streams)

    second = source.read_catalog(catalog, first.last_states())

    assert second.exit_code == 0
    assert not second.records()
    paths = {request["path"] for request in pipedrive.requests()}
    lists = {"deals", "deals/archived", "persons", "organizations", "products", "notes", "mailbox/mailThreads"}
    lists |= {"projects", "projects/archived", "pipelines", "goals/find"}
    assert {path.removeprefix("/api/v2/").removeprefix("/v1/") for path in paths} == lists


def test_one_changed_parent_is_asked_again(pipedrive: Sandbox, source: InProcess) -> None:
    """Only the parents that changed are asked again."""
    first = source.read("deals", *OF_DEALS)
    deal = next(row["deal_id"] for row in first.records("deal_products"))
    pipedrive.put_rows("deals", [{"id": deal, "update_time": "2026-11-22T00:00:00Z"}])
    catalog = source.catalog("deals", *OF_DEALS)

    second = source.read_catalog(catalog, first.last_states())

    assert {row["deal_id"] for name in OF_DEALS for row in second.records(name)} == {deal}
    assert [dict(call["query"])["deal_ids"] for call in calls(pipedrive, "/deals/products")] == [str(deal)]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_r9_one_parent_gone(pipedrive: Sandbox, source: InProcess, status: int) -> None:
    """R9: one parent that is gone or hidden is skipped and counted, the rest is complete."""
    catalog = source.catalog("deal_changelog", "deal_products")
    body = {"success": False, "error": "Deal not found"}
    pipedrive.set_faults(
        {"kind": "status", "status": status, "body": body, "path": "/deals/7/changelog$", "times": None}
    )

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert run.summary["streams"]["deal_changelog"]["skipped_parents"] == 1
    held = {row["deal_id"] for row in pipedrive.rows("changes") if row.get("deal_id")}
    gone = {row["id"] for row in pipedrive.rows("deals") if row["is_deleted"]}
    assert {row["deal_id"] for row in run.records("deal_changelog")} == held - gone - {7}


def test_r9_every_call_refused(pipedrive: Sandbox, source: InProcess) -> None:
    """R9: when every child call is refused the stream fails with a sentence, and its state does not move."""
    catalog = source.catalog("deals", "deal_changelog")
    pipedrive.change_settings(refused_paths={"/changelog$": 403})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert "Every one of the" in run.errors()[0]["message"]
    assert run.statuses()["deal_changelog"][-1] == "INCOMPLETE"
    assert run.statuses()["deals"][-1] == "COMPLETE"
    last = {state["stream"]["stream_descriptor"]["name"]: state["stream"] for state in run.last_states()}
    assert last["deal_changelog"]["stream_state"]["lists"] == {}


def test_a_refused_batch_is_halved(pipedrive: Sandbox, source: InProcess) -> None:
    """A batch that one parent spoils is halved until that parent stands alone; the others' rows all come."""
    catalog = source.catalog("deal_products")
    spoiled = pipedrive.rows("deal_products")[0]["deal_id"]
    original = pipedrive.handle

    def handle(request: Any) -> Any:
        if request.path.endswith("/deals/products") and str(spoiled) in dict(request.query)["deal_ids"].split(","):
            pipedrive.set_faults({"kind": "status", "status": 403, "body": {"success": False, "error": "No"}})
        return original(request)

    pipedrive.handle = handle  # type: ignore[method-assign]
    try:
        run = source.read_catalog(catalog)
    finally:
        del pipedrive.handle  # type: ignore[attr-defined]

    gone = {row["id"] for row in pipedrive.rows("deals") if row["is_deleted"]}
    held = {row["deal_id"] for row in pipedrive.rows("deal_products")} - gone
    assert {row["deal_id"] for row in run.records("deal_products")} == held - {spoiled}
    assert run.summary["streams"]["deal_products"]["skipped_parents"] == 1


def test_a_gated_child_list_is_empty_with_one_warning(pipedrive: Sandbox, source: InProcess) -> None:
    """Installments that the plan does not include end empty, with one warning that names the feature."""
    catalog = source.catalog("deal_installments")
    pipedrive.change_settings(features_off=["installments"])

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert not run.records()
    assert len([text for text in run.logs("WARN") if "installments" in text]) == 1


@pytest.mark.parametrize("stop_at", [1, 7, 30, 60])
def test_r4_a_child_stream_resumes(pipedrive: Sandbox, source: InProcess, stop_at: int) -> None:
    """R4: a child stream that fails somewhere resumes from its state; the union of both runs is complete."""
    catalog = source.catalog("deals", "deal_changelog", "deal_products")
    source.config["num_workers"] = 2
    whole = source.read_catalog(catalog)
    pipedrive.set_faults({"kind": "status", "status": 400, "path": "/changelog$", "skip": stop_at, "times": 1})

    first = source.read_catalog(catalog)
    pipedrive.clear_requests()
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert second.exit_code == 0
    for stream in ("deals", "deal_changelog", "deal_products"):
        rows = [tuple(sorted(map(str, row.items()))) for row in [*first.records(stream), *second.records(stream)]]
        assert set(rows) == {tuple(sorted(map(str, row.items()))) for row in whole.records(stream)}
    asked = len(calls(pipedrive, "/changelog"))
    assert asked <= 98 - stop_at + 2 * 10


def test_mail_messages_once_a_thread(pipedrive: Sandbox, source: InProcess) -> None:
    """A thread in two folders is two rows of `mail_threads`; its messages come once, with both folders."""
    run = source.read("mail_threads", "mail_messages")

    folders: dict[int, set[str]] = {}
    for row in run.records("mail_threads"):
        folders.setdefault(row["id"], set()).add(row["folder"])
    assert any(len(names) > 1 for names in folders.values())
    messages = run.records("mail_messages")
    assert len({row["id"] for row in messages}) == len(messages)
    assert all(sorted(row["folders"]) == sorted(folders[row["mail_thread_id"]]) for row in messages)


def test_extended_details_can_be_suppressed(pipedrive: Sandbox, source: InProcess) -> None:
    """Conditions, contents and role settings cost one call each, unless `suppress_extended_requests`."""
    streams = ("filters", "permission_sets", "roles")
    full = source.read(*streams)
    source.config["suppress_extended_requests"] = True
    short = source.read(*streams)

    assert all(row["conditions"] for row in full.records("filters"))
    assert all(row["contents"] for row in full.records("permission_sets"))
    assert all(row["deal_default_visibility"] for row in full.records("roles"))
    assert short.summary["requests"] == 3
    assert short.record_counts() == full.record_counts()


def test_no_deprecated_operation_but_one(pipedrive: Sandbox, source: InProcess) -> None:
    """Of the operations that the vendor marks as deprecated only the one of legacy teams is used."""
    from pipedrive_client.endpoints import ENDPOINTS

    assert [row.path for row in ENDPOINTS if row.deprecated] == ["v1/legacyTeams"]


@pytest.mark.parametrize("workers", [1, 2, 20])
def test_any_number_of_workers(pipedrive: Sandbox, source: InProcess, workers: int) -> None:
    """Children that wait for their parents leave a worker to read them, however few there are."""
    source.config["num_workers"] = workers

    run = source.read("deal_changelog", "person_followers", "organization_persons", "deals", "phases", "mail_messages")

    assert run.exit_code == 0
    assert all(run.record_counts().values())


def test_a_refused_counter_skips_no_child(pipedrive: Sandbox, source: InProcess) -> None:
    """Where the plan refuses a counter it says nothing about a parent's children: every parent is asked."""
    whole = source.read("deal_products", "deal_followers", "deal_persons")
    refused = ["products_count", "followers_count", "participants_count"]
    pipedrive.change_settings(refused_include_fields=refused)

    run = source.read("deal_products", "deal_followers", "deal_persons")

    assert run.record_counts() == whole.record_counts()


def test_r12_children_of_a_deal_that_was_archived(pipedrive: Sandbox, source: InProcess) -> None:
    """R12: a deal archived between two syncs brings its children again, under the same ids; the others do not come."""
    first = source.read("deal_products")
    deal = next(row["deal_id"] for row in first.records("deal_products"))
    held = {row["id"] for row in first.records("deal_products") if row["deal_id"] == deal}
    pipedrive.put_rows("deals", [{"id": deal, "is_archived": True, "update_time": "2026-11-22T00:00:00Z"}])

    second = source.read("deal_products", state=first.last_states())

    assert {(row["deal_id"], row["id"]) for row in second.records("deal_products")} == {(deal, one) for one in held}


def test_r5_children_of_parents_that_change_while_they_are_listed(empty: Sandbox, source: InProcess) -> None:
    """R5: deals that change between two pages of their list keep their children."""
    empty.seed(scale=0, deals=1300, products=10, deal_products=400)
    catalog = source.catalog("deal_products")
    alive = [row for row in empty.rows("deals") if not row["is_deleted"] and not row["is_archived"]]
    oldest = sorted(alive, key=lambda row: row["update_time"])[:40]

    def change(count: int) -> None:
        for row in oldest if count == 1 else ():
            empty.put_rows("deals", [{"id": row["id"], "update_time": "2026-11-22T00:00:00Z"}])

    with between_pages(empty, "deals", change):
        run = source.read_catalog(catalog)

    gone = {row["id"] for row in empty.rows("deals") if row["is_deleted"]}
    held = {row["id"] for row in empty.rows("deal_products") if row["deal_id"] not in gone}
    assert {row["id"] for row in run.records("deal_products")} == held
