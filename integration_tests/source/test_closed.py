"""Features that an account lacks: a stream ends empty only when nothing of it can be read, never half read."""

from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

REFUSED = {"kind": "status", "body": {"success": False, "error": "No permission", "data": None}}


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["id"] for row in rows)


@pytest.mark.parametrize("status", [402, 403, 404, 415])
@pytest.mark.parametrize(("path", "skip"), [("/projects$", 1), ("/projects/archived$", 0)])
def test_a_list_refused_half_way_fails(empty: Sandbox, source: InProcess, status: int, path: str, skip: int) -> None:
    """A refusal after some rows of a gated stream is a failure: the rest would be missing without a word."""
    empty.seed(scale=0, boards=1, phases=2, projects=1_200)
    catalog = source.catalog("projects")
    empty.set_faults({**REFUSED, "status": status, "path": path, "skip": skip, "times": 1})

    run = source.read_catalog(catalog)
    rest = source.read_catalog(catalog, run.last_states())

    assert run.exit_code == 1
    assert f"status {status}" in run.errors()[0]["message"]
    assert set(ids(run.records("projects"))) | set(ids(rest.records("projects"))) == set(ids(empty.rows("projects")))


@pytest.mark.parametrize("status", [403, 404, 410])
@pytest.mark.parametrize("skip", [0, 1])
def test_a_refused_batch_of_a_gated_stream(empty: Sandbox, source: InProcess, status: int, skip: int) -> None:
    """One deal that spoils a batch of installments does not make the feature look absent."""
    empty.seed(scale=0, deals=350, products=5, installments=120)
    source.config["num_workers"] = 1
    whole = source.read("deal_installments")
    catalog = source.catalog("deal_installments")
    spoiled = whole.records("deal_installments")[0]["deal_id"]
    original, count = empty.handle, [0]

    def handle(request: Any) -> Any:
        if request.path.endswith("/deals/installments"):
            count[0] += 1
            if str(spoiled) in dict(request.query)["deal_ids"].split(","):
                empty.set_faults({**REFUSED, "status": status})
        return original(request)

    empty.handle = handle  # type: ignore[method-assign]
    try:
        run = source.read_catalog(catalog)
    finally:
        del empty.handle  # type: ignore[attr-defined]

    assert run.exit_code == 0
    assert run.summary["streams"]["deal_installments"]["skipped_parents"] == 1
    kept = [row["id"] for row in whole.records("deal_installments") if row["deal_id"] != spoiled]
    assert ids(run.records("deal_installments")) == sorted(kept)
