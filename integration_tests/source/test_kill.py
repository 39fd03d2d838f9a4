"""A reader that is killed goes on where it stopped. Scenario R4, with the real executable."""

import json
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import Connector, Run, Sandbox, configured

DEALS = 10_000
PAGE = 500


@pytest.fixture(scope="module")
def big() -> Iterator[Sandbox]:
    """An account of 10,000 deals with 16 and more custom fields."""
    with Sandbox.start(scale=0) as server:
        server.admin("POST", "settings", {"burst": False})
        server.admin("POST", "seed", {"scale": 0, "deals": DEALS})
        yield server


def read_until_killed(source: Connector, config: Any, catalog: Any, lines: int) -> Run:
    """Kill -9 the reader after so many lines of stdout; what it had printed until then is its output."""
    with source.start("read", config=config, catalog=catalog) as process:
        assert process.stdout is not None
        head = list(islice(process.stdout, lines))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    whole = ("".join(head) + rest).rsplit("\n", 1)[0]
    return Run(["read"], process.returncode, whole, "")


def ids(run: Run) -> set[int]:
    return {row["id"] for row in run.records("deals")}


@pytest.mark.parametrize("lines", [40, 2_600, 5_300, 9_700])
def test_r4_kill_9_in_the_middle_of_10_000_deals(big: Sandbox, tmp_path: Path, lines: int) -> None:
    """R4: killed anywhere and resumed from the last printed state, nothing is lost and at most two pages come again."""
    source = Connector("source-pipedrive", tmp_path)
    catalog = configured(source.discover(big.config()).catalog, ["deals"])

    first = read_until_killed(source, big.config(), catalog, lines)
    second = source.read(big.config(), catalog, first.last_states())

    assert first.exit_code == -signal.SIGKILL
    assert second.exit_code == 0
    held = {row["id"] for row in big.admin("GET", "rows/deals")}
    assert ids(first) | ids(second) == held
    again = len(first.records("deals")) + len(second.records("deals")) - DEALS
    assert again <= 2 * PAGE
    assert json.dumps(first.last_states()).count("seen") <= 2
