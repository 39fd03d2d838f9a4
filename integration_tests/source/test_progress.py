"""What the log of a read shows people on call, with a clock that moves by hand."""

import logging
import threading

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_client.ticker import Ticker, span
from pipedrive_client.token_budget import Usage
from pipedrive_sandbox import Sandbox
from source_pipedrive.config.config import Config
from source_pipedrive.sync.progress import Progress
from source_pipedrive.sync.run_context import RunContext


def test_each_stream_under_way_has_a_line(source: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    """Rows, parents done of all, tokens and an estimated end; one line more when a stream ends, and none afterwards."""
    logger, now = logging.getLogger("airbyte"), [0.0]
    account = RunContext.connect(Config.parse(source.config), logger)
    progress = Progress(account, logger, lambda: now[0])
    caplog.set_level(logging.INFO)
    progress.status("deals", "STARTED")
    progress.status("deal_products", "STARTED")
    account.records["deals"], now[0] = 12_400, 60.0
    account.parents_known["deal_products"] = 10_000
    account.add_parents_done("deal_products", 2_500)
    account.client.meter.by_label["deals"] = Usage(tokens=250)
    progress.tell()
    progress.status("deals", "COMPLETE")
    progress.status("deal_products", "INCOMPLETE")
    progress.tell()

    assert caplog.messages == [
        "Stream `deals`: 12,400 rows, 250 tokens, 60 s.",
        "Stream `deal_products`: 0 rows, 2,500 of 10,000 parents done, 0 tokens, 60 s, about 3 min left.",
        "Stream `deals` is complete: 12,400 rows, 250 tokens, 60 s.",
        "Stream `deal_products` is not complete: 0 rows, 0 tokens, 60 s.",
    ]


def test_a_read_ends_with_a_line_per_stream_and_a_table(pipedrive: Sandbox, source: InProcess) -> None:
    """Each stream says how it ended; the table has the figures of SUMMARY, of which there is one."""
    run = source.read("deals", "deal_products")
    summary = run.summary["streams"]["deal_products"]
    table = next(text for text in run.logs() if text.startswith("What was read:\n")).splitlines()

    assert sum(text.startswith("Stream `deals` is complete: ") for text in run.logs()) == 1
    assert [line.split()[0] for line in table[1:]] == ["STREAM", "deals", "deal_products", "in"]
    counts = (summary[key] for key in ("records", "requests", "tokens", "skipped_parents"))
    assert table[3].split() == ["deal_products", *(f"{count:,}" for count in counts)]


def test_a_ticker_calls_until_its_end() -> None:
    """It calls beside the work, and no more once that is over."""
    called = threading.Event()
    with Ticker(called.set, 0.0):
        assert called.wait(60)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (99, "99 s"), (100, "2 min"), (5_900, "98 min"), (12_000, "3 h 20 min")]
)
def test_times_are_for_people(seconds: float, text: str) -> None:
    """Seconds, minutes, hours."""
    assert span(seconds) == text
