"""Reads of files that are cut off: what was emitted is whole, and the next run goes on with the next file."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo.server import executable
from integration_tests.harness import Run, environment
from integration_tests.source.conftest import InProcess
from integration_tests.source.storage import (
    FILES,
    LIST_PRICE,
    PRICE,
    Storage,
    change,
    left,
    references,
    with_files,
)
from integration_tests.source.storage import staging as staging
from integration_tests.source.storage import storage as storage
from pipedrive_sandbox import Sandbox
from source_pipedrive.source import READ_AHEAD

#: Files that are fetched ahead, one by each worker; those whose record and state wait in the queue to be printed; and
#: the one that is being printed.
AHEAD = 8 + READ_AHEAD // 2 + 1


def test_an_outage_of_the_storage(empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """R6: it is no business of single files: the stream fails, and the next run goes on there."""
    catalog = with_files(source)
    storage.answers = {str(number): [(503, b"", {})] * 3 for number in range(1, FILES + 1)}
    first = source.read_catalog(catalog)
    storage.answers = {}
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert first.errors()[0]["failure_type"] == "transient_error"
    assert second.exit_code == 0
    assert set(references(first)) | set(references(second)) == set(range(1, FILES + 1))


def test_a_budget_that_ends_within_a_page(empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """R7: each run goes on with the next file; none is fetched or emitted twice, in a first read or a further one."""
    catalog = with_files(source)
    assert _read_in_parts(source, catalog, None, FILES) == list(range(1, FILES + 1))
    assert set(storage.fetched.values()) == {1}


def _read_in_parts(source: InProcess, catalog: dict[str, Any], state: Any, count: int) -> list[int]:
    source.config["token_budget"] = LIST_PRICE + 7 * PRICE
    found: list[int] = []
    runs = 0
    while True:
        run = source.read_catalog(catalog, state)
        state = run.last_states()
        found += references(run)
        runs += 1
        assert None not in references(run).values()
        assert run.summary["tokens"] <= source.config["token_budget"]
        assert run.summary["streams"]["files"]["records"] == len(references(run))
        if run.exit_code == 0 or runs > count:
            return sorted(found)


@pytest.mark.parametrize("deletions", ["reported", "compare"])
def test_a_budget_that_ends_in_a_further_run(
    deletions: str, empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """R7: what changed since the last run is copied from the oldest change on, so that the next run can go on there."""
    source.config["deletions"] = deletions
    catalog = with_files(source)
    state = source.read_catalog(catalog).last_states()
    storage.asked.clear()
    changed = list(range(1, 21))
    for number in changed:
        change(empty, number, update_time=f"2026-11-27 00:00:{number:02}", name=f"again-{number}.pdf")

    assert _read_in_parts(source, catalog, state, FILES) == changed
    assert set(storage.fetched.values()) == {1}


def test_a_full_disk(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: the message names the folder; what was copied stays, the rest comes with the next run."""
    catalog, opened, free = with_files(source), Path.open, iter(range(10))

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if staging in path.parents and next(free, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, *arguments, **options)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", refuse)
        first = source.read_catalog(catalog)
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert str(staging) in first.errors()[0]["message"]
    assert "No space left on device" in first.errors()[0]["message"]
    assert first.errors()[0]["failure_type"] == "transient_error"
    assert sorted([*references(first), *references(second)]) == list(range(1, FILES + 1))
    assert len(left(staging)) == FILES


def test_what_is_not_emitted_is_not_left_behind(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """A run that stops removes the files that it fetched ahead, and the half of one."""
    source.config["token_budget"] = LIST_PRICE + 12 * PRICE
    storage.answers["5"] = [(200, b"half", {"content-length": "1000"})] * 3
    run = source.read_catalog(with_files(source))
    kept = {reference["staging_file_url"] for reference in references(run).values() if reference}

    assert run.exit_code == 1
    assert {str(path) for path in left(staging)} == kept
    assert json.dumps(run.last_states())


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_ended(
    ending: signal.Signals, empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """R4: whatever it emitted is whole, the next run brings the rest, and nearly nothing is fetched again."""
    paths = {"config": source.config, "catalog": with_files(source)}
    arguments = [executable("source-pipedrive"), "read"]
    for name, content in paths.items():
        path = source.folder / f"ended-{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    settings = {**environment(), "AIRBYTE_STAGING_DIRECTORY": str(staging), "PIPEDRIVE_SKIP_WAITS": "1"}
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, errors="replace", env=settings)
    storage.before = lambda _: process.send_signal(ending) if len(storage.asked) == 15 else None
    first = Run(arguments, 0, process.communicate()[0], "")
    storage.before = lambda _: None
    second = source.read_catalog(paths["catalog"], first.last_states() or None)
    found = {**references(first), **references(second)}

    assert process.returncode == -ending
    assert 0 < len(references(first)) < FILES
    assert sorted(found) == list(range(1, FILES + 1))
    for number, reference in [*references(first).items(), *references(second).items()]:
        assert reference
        assert Path(reference["staging_file_url"]).read_bytes() == Storage.content(number)
    assert len(storage.asked) <= FILES + AHEAD
