"""`delete_when`: records that say that their row is gone."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record

GONE = "2026-01-02T03:04:05Z"


def people(account: Account) -> None:
    """Ann and Bob are there; Cleo never was."""
    for name in ("Ann", "Bob"):
        email = {"value": f"{name.lower()}@x.test", "primary": True, "label": "work"}
        account.put("persons", name=name, emails=[email])


def deleted(name: str, column: str = "_ab_cdc_deleted_at", **data: Any) -> dict[str, Any]:
    """A record of a row that its source deleted: nothing but the key is left."""
    return record("persons", name=None, email=f"{name}@x.test", **{column: GONE}, **data)


def outcomes(**counts: int) -> dict[str, int]:
    """Counts of all outcomes."""
    return dict.fromkeys(("created", "updated", "unchanged", "deleted", "skipped", "rejected"), 0) | counts


@pytest.mark.parametrize("column", ["_ab_cdc_deleted_at", "_AB_CDC_DELETED_AT"])
@pytest.mark.parametrize("is_dry", [False, True])
def test_a_row_that_is_gone_at_its_source_is_skipped(account: Account, column: str, is_dry: bool) -> None:
    """Without `delete_when` it is neither created nor changed nor deleted."""
    people(account)
    rows = [deleted("ann", column), deleted("cleo", column), record("persons", name="B", email="bob@x.test")]
    run = account.write(rows, dry_run=is_dry)

    assert run.summary["objects"]["persons"] == outcomes(skipped=2, updated=1)
    assert {row["name"] for row in account.rows("persons")} == {"Ann", "Bob" if is_dry else "B"}


@pytest.mark.parametrize("mode", ["append_dedup", "update"])
def test_it_is_deleted_where_it_is_found_and_never_created(account: Account, mode: str) -> None:
    """By its key alone, whatever its other columns hold, once; the next run finds nothing to do."""
    people(account)
    mapping = {"stream": "persons", "delete_when": "_ab_cdc_deleted_at != null"}
    rows = [
        record("persons", name="Ann B", email="ann@x.test", _ab_cdc_deleted_at=None),
        deleted("ann", owner="nobody"),
        deleted("cleo"),
        record("persons", name="Bob", email="bob@x.test", _ab_cdc_deleted_at=None),
    ]
    run = account.write(rows, catalog_of("persons", mode=mode), mappings=[mapping])

    assert run.summary["objects"]["persons"]["deleted"] == 1
    assert run.summary["objects"]["persons"]["created"] == run.summary["objects"]["persons"]["rejected"] == 0
    assert [row["name"] for row in account.rows("persons") if not row.get("is_deleted")] == ["Bob"]

    again = account.write(rows[1:], catalog_of("persons", mode=mode), mappings=[mapping])
    assert again.summary["objects"]["persons"] == outcomes(unchanged=3)


def test_a_row_that_comes_back_after_its_deletion_is_created(account: Account) -> None:
    """The last word about a row counts, in the order in which the records come."""
    people(account)
    mapping = {
        "stream": "persons",
        "delete_when": "status == 'gone'",
        "fields": [{"source": "status", "mode": "ignore"}],
    }
    rows = [
        record("persons", name="Ann", email="ann@x.test", status="gone"),
        record("persons", name="Ann again", email="ann@x.test", status="new"),
    ]
    run = account.write(rows, mappings=[mapping])

    assert run.summary["objects"]["persons"] == outcomes(deleted=1, created=1)
    assert sorted(row["name"] for row in account.rows("persons") if not row.get("is_deleted")) == ["Ann again", "Bob"]


def test_what_cannot_be_deleted_is_told_by_check(account: Account) -> None:
    """Pipedrive's API deletes no user."""
    run = account.check(mappings=[{"stream": "users", "object": "users", "delete_when": "active == false"}])

    assert run.connection_status["status"] == "FAILED"
    assert "`/mappings/0/delete_when`: Pipedrive's API has no delete of users" in run.connection_status["message"]


def test_values_that_deletions_leave_out_are_told(account: Account) -> None:
    """What `on_invalid: leave_out` drops from records that only delete is counted with the rest."""
    people(account)
    fields = [{"source": "labels", "target": "labels", "on_invalid": "leave_out"}, {"source": "gone", "mode": "ignore"}]
    mapping = {"stream": "persons", "delete_when": "gone == true", "fields": fields}
    odd = {"no": "label"}
    rows = [record("persons", name=name, email=f"{name}@x.test", gone=True, labels=odd) for name in ("ann", "bob")]
    run = account.write(rows, mappings=[mapping])

    assert run.summary["objects"]["persons"] == outcomes(deleted=2)
    assert [text for text in run.logs("WARN") if "Column `labels`: 2 values not accepted" in text]
