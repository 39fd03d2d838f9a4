"""What the log of a write shows people on call, with a clock that moves by hand."""

import logging
from pathlib import Path

import pytest

from destination_pipedrive.flow import Outcome, Tally
from destination_pipedrive.results.ledger import Ledger
from destination_pipedrive.results.progress import KEPT, NOT_KEPT, Progress
from integration_tests.destination.account import Account, record
from pipedrive_client.token_budget import Meter, Usage


def test_each_object_has_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """Records by outcome, tokens, and the time since the run began."""
    logger, now, meter = logging.getLogger("airbyte"), [0.0], Meter()
    ledger = Ledger(logger)
    progress = Progress(ledger, meter, logger, lambda: now[0])
    for number in range(1_200):
        kind = "created" if number < 1_000 else "unchanged"
        ledger.add(Tally(), "crm", "persons", number, Outcome(kind))
    meter.by_label["persons"] = Usage(tokens=5_010)
    now[0] = 120.0
    caplog.set_level(logging.INFO)
    progress.tell()

    assert caplog.messages == [
        "Object `persons`: 1,200 records done (1,000 created, 200 unchanged), 5,010 tokens, 2 min."
    ]


@pytest.mark.parametrize("keeps", [True, False])
def test_rejections_are_grouped_by_reason(account: Account, tmp_path: Path, keeps: bool) -> None:
    """One line for each code with the first three records, where the rest is, and a table beside SUMMARY."""
    rows = [record("persons", name=f"P{number}", email="no address") for number in range(5)]
    storage = {"object_storage_config": {"storage_type": "Local", "path": str(tmp_path)}} if keeps else {}
    run = account.write([*rows, record("persons", name="Ann", email="ann@acme.test")], **storage)
    grouped = [text for text in run.logs("INFO") if text.startswith("5 of persons rejected as invalid_value ")]
    table = next(text for text in run.logs("INFO") if text.startswith("What was written:\n")).splitlines()

    assert len(grouped) == 1
    assert [number for number in range(1, 6) if f"Record {number} of stream `persons`" in grouped[0]] == [1, 2, 3]
    assert grouped[0].endswith(KEPT if keeps else NOT_KEPT)
    assert table[1].split() == ["OBJECT", "CREATED", "UPDATED", "UNCHANGED", "DELETED", "SKIPPED", "REJECTED", "TOKENS"]
    assert table[2].split()[:7] == ["persons", "1", "0", "0", "0", "0", "5"]
    assert len(run.summaries()) == 1
