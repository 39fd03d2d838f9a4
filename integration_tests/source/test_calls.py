"""How many functions a record passes on its way from a page to standard output: speed that no busy machine hides."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import pipedrive_client
import source_pipedrive
from integration_tests.harness import ROOT
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

#: Ours, and code that was written for the layout of rows.
OURS = (*(str(Path(package.__file__ or ROOT).parent) for package in (pipedrive_client, source_pipedrive)), "<layout>")
#: Calls of our functions for one more deal with all of its custom fields.
MOST_CALLS = 20
PAGES = (1, 3)
PAGE = 500


@pytest.fixture
def calls() -> Iterator[Counter[str]]:
    """How often each of our functions is called, or goes on, by threads that are started from now on."""
    found: Counter[str] = Counter()
    lock = threading.Lock()

    def count(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            with lock:
                found[f"{Path(code.co_filename).name}: {code.co_qualname}"] += 1

    threading.setprofile(count)
    sys.setprofile(count)
    yield found
    sys.setprofile(None)
    threading.setprofile(None)


@pytest.mark.parametrize("mode", ["columns_by_name", "object_and_columns"])
def test_a_record_takes_few_calls(empty: Sandbox, source: InProcess, calls: Counter[str], mode: str) -> None:
    """Whole pages more cost a few calls for each of their rows, and none for each of their values."""
    source.config |= {"custom_fields": mode}
    counted = []
    for pages in PAGES:
        empty.reset(seed=1, scale=0)
        empty.seed(scale=0, deals=pages * PAGE)
        catalog = source.catalog("deals")
        calls.clear()
        run = source.read_catalog(catalog)
        assert len(run.records("deals")) == pages * PAGE
        counted.append(Counter(calls))

    more = counted[1] - counted[0]
    assert more.total() / (PAGE * (PAGES[1] - PAGES[0])) < MOST_CALLS, more.most_common(20)
