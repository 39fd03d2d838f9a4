"""What a read costs that its `token_budget` stops again and again, beside one that nothing stops."""

from __future__ import annotations

import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer
from source_pipedrive.run import main

DEALS = 300
STREAMS = ("deals", "deal_changelog")
BUDGETS = (100, 200, 500, 1_000, 2_000)


class Reading:
    """Reads of the streams, each going on from the states of those before."""

    def __init__(self, url: str, folder: Path) -> None:
        self.config: dict[str, Any] = {
            "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
            "api_url": url,
        }
        self._folder = folder
        self.states: dict[str, Any] = {}

    def read(self) -> tuple[int, int]:
        """One run: its exit code and its tokens."""
        streams = [
            {
                "stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["incremental"]},
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for name in STREAMS
        ]
        files = {"config": self.config, "catalog": {"streams": streams}, "state": list(self.states.values())}
        arguments = ["read"]
        for name, content in files.items():
            path = self._folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        lines: list[str] = []
        logs = _Texts()
        logging.getLogger().handlers = [logs]
        code = main(arguments, lines.append)
        for message in (json.loads(line) for text in lines for line in text.splitlines()):
            if message["type"] == "STATE":
                self.states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
        summary = next(text for text in logs.texts if text.startswith("SUMMARY "))
        return code, int(json.loads(summary.removeprefix("SUMMARY "))["tokens"])


class _Texts(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def cost(url: str, budget: int | None) -> tuple[int, int]:
    """Runs and tokens until all is read."""
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(url, Path(folder))
        if budget:
            reading.config["token_budget"] = budget
        runs, tokens, code = 0, 0, 1
        while code:
            code, spent = reading.read()
            runs, tokens = runs + 1, tokens + spent
    return runs, tokens


if __name__ == "__main__":
    clock.skip_waits(True)
    # What it loads sets up logging, which is replaced then.
    main(["spec"], lambda _: None)
    with SandboxServer(Sandbox(seed=1, scale=0)) as server:
        server.sandbox.seed(scale=0, deals=DEALS, changes=DEALS)
        _, whole = cost(server.url, None)
        print(f"without a budget: {whole:,} tokens")
        for budget in BUDGETS:
            runs, tokens = cost(server.url, budget)
            print(f"| {budget:,} | {runs} | {tokens:,} | {tokens / whole:.2f} |")
