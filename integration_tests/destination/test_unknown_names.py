"""Lead labels and built-in choices that Pipedrive does not have."""

from typing import Any
from uuid import uuid4

import pytest

from integration_tests.destination.account import Account, record


def lead(account: Account, **more: Any) -> dict[str, Any]:
    """A record of a stored lead."""
    org = account.put("organizations", name="Holder")
    row_id = str(uuid4())
    account.sandbox.put_rows("leads", [{"id": row_id, "title": "Lead", "organization_id": org}])
    return record("leads", id=row_id, title="Renamed", **more)


def labels(account: Account) -> dict[str, Any]:
    """Name -> id of the lead labels."""
    return {row["name"]: row["id"] for row in account.rows("leadLabels")}


def posts(account: Account) -> list[str]:
    """Paths of what was created."""
    return [path for method, path in account.writes() if method == "POST"]


@pytest.mark.parametrize("policy", ["reject", "null", "create"])
def test_a12_t38_an_unknown_lead_label(account: Account, policy: str) -> None:
    """A12, T38: rejected, left out and counted, or created once, in gray, beside one that is there."""
    known = next(iter(labels(account)))
    rows = [lead(account, labels=[known, name]) for name in ("Chosen", "chosen ")]
    run = account.write(rows, mappings=[{"stream": "leads", "on_unknown_option": policy}])
    held = [row["label_ids"] for row in account.rows("leads") if row["title"] == "Renamed"]

    if policy == "create":
        assert held == [[labels(account)[known], labels(account)["Chosen"]]] * 2
        assert account.bodies("POST") == [{"name": "Chosen", "color": "gray"}]
        assert run.summary["objects"]["lead_labels"]["created"] == 1
        return
    assert "Chosen" not in labels(account)
    assert held == ([] if policy == "reject" else [[], []])
    assert any("[unknown_option, field `label_ids`]" in text for text in run.logs("WARN")) == (policy == "reject")
    assert any("`labels`: 2 values not accepted" in text for text in run.logs("WARN")) == (policy == "null")


def test_a11_auto_create_options_covers_lead_labels(account: Account) -> None:
    """A11: without mappings, too; the second run writes nothing."""
    rows = [lead(account, labels="One, Two"), lead(account, labels="Two")]
    account.write(rows, auto_create_options=True)
    assert posts(account) == ["/v1/leadLabels", "/v1/leadLabels"]
    account.write(rows, auto_create_options=True)
    assert account.writes() == []


@pytest.mark.parametrize("kind", ["apply_then_drop", "apply_then_status", "drop"])
def test_t2_a_lost_answer_makes_one_lead_label(account: Account, kind: str) -> None:
    """T2, T3: the label is looked up in the list before it is created again."""
    account.sandbox.set_faults({"kind": kind, "method": "POST", "path": "/leadLabels$", "status": 502})
    account.write([lead(account, labels="Chosen")], auto_create_options=True)

    assert len([row for row in account.rows("leadLabels") if row["name"] == "Chosen"]) == 1
    assert account.rows("leads")[0]["label_ids"] == [labels(account)["Chosen"]]
    assert len(posts(account)) == (2 if kind == "drop" else 1)


def test_a12_a_lead_label_that_is_mapped_elsewhere_is_neither_taken_nor_created(account: Account) -> None:
    """A12: the name that `Web` is mapped to is refused, whether the label is there or not."""
    rules = {"on_unknown_option": "create", "value_maps": {"labels": {"Web": "Chosen"}}}
    run = account.write([lead(account, labels="Chosen")], mappings=[{"stream": "leads", **rules}])
    assert account.writes() == []
    assert any("unknown_option" in text for text in run.logs("WARN"))

    account.write([lead(account, labels="web")], mappings=[{"stream": "leads", **rules}])
    assert posts(account) == ["/v1/leadLabels"]
    assert "Chosen" in labels(account)


def test_a_text_that_looks_like_an_id_is_no_name_for_a_new_label(account: Account) -> None:
    """An id of another account is refused instead of created."""
    run = account.write([lead(account, labels="0b9b1a0e-9f0e-11ee-8c90-0242ac120002")], auto_create_options=True)

    assert account.writes() == []
    assert run.summary["objects"]["leads"]["rejected"] == 1


def test_a_lead_label_that_is_refused_rejects_its_records(account: Account) -> None:
    """What Pipedrive says stands in the rejection; other records go on."""
    account.sandbox.set_faults({"kind": "status", "status": 403, "method": "POST", "path": "/leadLabels$"})
    run = account.write([lead(account, labels="Chosen"), lead(account)], auto_create_options=True)

    assert run.summary["objects"]["leads"] | {"skipped": 0} == {
        "created": 0, "updated": 1, "unchanged": 0, "deleted": 0, "skipped": 0, "rejected": 1,
    }  # fmt: skip
    assert any("takes no new label" in text for text in run.logs("WARN"))


def test_t45_a_lead_label_is_part_of_the_plan(account: Account) -> None:
    """T45: planned once, priced with 10 tokens, nothing written; the real run costs what was said."""
    rows = [lead(account, labels="Chosen"), lead(account, labels="Chosen, Other")]
    dry = account.write(rows, auto_create_options=True, dry_run=True)
    assert account.writes() == []
    real = account.write(rows, auto_create_options=True)

    assert real.summary["objects"] == dry.summary["objects"]
    assert account.tokens() == dry.summary["tokens"] + dry.summary["planned_tokens"]


@pytest.mark.parametrize("policy", ["reject", "null"])
@pytest.mark.parametrize(
    ("stream", "column"), [("deals", "status"), ("persons", "marketing_status"), ("products", "billing_frequency")]
)
def test_t38_an_unknown_choice_of_a_built_in_field(account: Account, stream: str, column: str, policy: str) -> None:
    """T38: an invalid status is rejected as unknown_option, or left out and counted."""
    row_id = account.put(stream, **{"title" if stream == "deals" else "name": "Old"})
    row = record(stream, id=row_id, **{"title" if stream == "deals" else "name": "New", column: "whatever"})
    rules = {"stream": stream, "match_on": ["id"], "on_unknown_option": policy}
    run = account.write([row], mappings=[rules])
    warnings = run.logs("WARN")

    assert len(account.writes()) == (1 if policy == "null" else 0)
    assert any(f"[unknown_option, field `{column}`]" in text for text in warnings) == (policy == "reject")
    assert any(f"`{column}`: 1 value not accepted" in text for text in warnings) == (policy == "null")
