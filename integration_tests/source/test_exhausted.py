"""Every stream, cut off by a budget somewhere and resumed: the union is complete. Scenarios R4 and R7."""

from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from integration_tests.straight import straight
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox

Keys = dict[str, list[str]]


def rows(run: Run, keys: Keys) -> set[tuple[Any, ...]]:
    """Stream and primary key of each record."""
    records = [message["record"] for message in run.of_type("RECORD")]
    return {(one["stream"], *(str(one["data"][key]) for key in keys[one["stream"]])) for one in records}


def merged(before: list[dict[str, Any]], run: Run) -> list[dict[str, Any]]:
    """The states that a platform keeps: the last one of each stream, over all runs."""
    kept = {one["stream"]["stream_descriptor"]["name"]: one for one in [*before, *run.last_states()]}
    return list(kept.values())


@pytest.fixture(scope="module")
def undisturbed(served: tuple[Sandbox, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Run]:
    """A configured catalog of all streams, and a read that nothing stops."""
    source = InProcess(*served, tmp_path_factory.mktemp("whole"))
    served[0].reset(seed=1, scale=1)
    clock.skip_waits(True)
    with straight():
        catalog = source.catalog()
        return catalog, source.read_catalog(catalog)


@pytest.fixture(scope="module")
def catalog(undisturbed: tuple[dict[str, Any], Run]) -> dict[str, Any]:
    """The catalog."""
    return undisturbed[0]


@pytest.fixture(scope="module")
def keys(catalog: dict[str, Any]) -> Keys:
    """The columns of each stream's primary key."""
    streams = [one["stream"] for one in catalog["streams"]]
    return {one["name"]: [key for (key,) in one["source_defined_primary_key"]] for one in streams}


@pytest.fixture(scope="module")
def everything(undisturbed: tuple[dict[str, Any], Run], keys: Keys) -> set[tuple[Any, ...]]:
    """All rows."""
    return rows(undisturbed[1], keys)


@pytest.mark.parametrize(
    ("budget", "workers", "deletions"),
    [(95, 8, "reported"), (640, 1, "compare"), (2_300, 20, "compare"), (9_700, 3, "reported")],
)
def test_r7_cut_off_and_resumed(
    everything: set[tuple[Any, ...]],
    pipedrive: Sandbox,
    source: InProcess,
    catalog: dict[str, Any],
    keys: Keys,
    budget: int,
    workers: int,
    deletions: str,
) -> None:
    """R4, R7: twice cut off by the budget, then read to the end: every row of every stream has come."""
    source.config |= {"num_workers": workers, "deletions": deletions}
    found, states, codes = set[tuple[Any, ...]](), list[dict[str, Any]](), []

    for limit in (budget, budget, 1_000_000):
        source.config["token_budget"] = limit
        run = source.read_catalog(catalog, states)
        found, states = found | rows(run, keys), merged(states, run)
        codes.append(run.exit_code)
        assert run.summary["tokens"] <= limit

    assert codes[0] == 1
    assert codes[-1] == 0
    assert found == everything
