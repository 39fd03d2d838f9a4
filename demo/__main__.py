"""Both connectors, end to end, against a sandbox of their own. The last line of the output is ``DEMO {json}``."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from demo import activation, product
from demo.console import Steps, say, table
from demo.server import SandboxProcess
from demo.warehouse import Warehouse

STREAMS = (
    "deals",
    "persons",
    "organizations",
    "activities",
    "products",
    "leads",
    "notes",
    "users",
    "pipelines",
    "stages",
    "deal_fields",
)
INCREMENTAL = ("deals", "persons", "organizations", "activities", "products", "leads", "notes")
NAMED_COLUMNS = """
    SELECT title, value, currency, lead_source, products_of_interest, budget, budget_currency, istochnik
    FROM deals WHERE lead_source IS NOT NULL AND budget IS NOT NULL ORDER BY id LIMIT 5
"""


def main() -> int:
    """Run the demo. Answers the exit code."""
    options = _parser().parse_args()
    started = time.monotonic()
    try:
        with SandboxProcess.start(scale=options.scale) as sandbox:
            result = Demo(sandbox, Warehouse(options.folder), options.folder).run()
    except RuntimeError as error:
        print(f"\nThe demo stopped: {error}", file=sys.stderr)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} s. The warehouse: {options.folder / 'warehouse.duckdb'}\n")
    print(f"DEMO {json.dumps(result)}", flush=True)
    return 0


class Demo:
    """The steps, in order."""

    def __init__(self, sandbox: SandboxProcess, warehouse: Warehouse, folder: Path) -> None:
        self.sandbox = sandbox
        self.warehouse = warehouse
        self.folder = folder
        self.steps = Steps()

    def run(self) -> dict[str, Any]:
        """Run all steps; answers the figures of the DEMO line."""
        self.introduce()
        rows_read = self.read_all()
        self.show_custom_fields()
        incremental_rows = self.read_changes()
        rows = product.rows(self.warehouse)
        first = self.write(rows, "Warehouse rows go into Pipedrive")
        second = self.write(rows, "The same rows once more: nothing differs, so nothing is written")
        counts, again = activation.totals(first), activation.totals(second)
        return {
            "rows_read": rows_read,
            "incremental_rows": incremental_rows,
            "created": counts["created"],
            "updated": counts["updated"],
            "unchanged": counts["unchanged"],
            "rejected": counts["rejected"],
            "tokens": first["tokens"],
            "second_run_writes": again["created"] + again["updated"] + again["deleted"],
            "second_run_tokens": second["tokens"],
        }

    def introduce(self) -> None:
        """Who the account belongs to."""
        self.steps.heading("A Pipedrive account")
        user = self.sandbox.call("GET", "v1/users/me")["data"]
        say(f"A stand-in for the Pipedrive API runs on {self.sandbox.url}.")
        say(f"The company is {user['company_name']}, the token belongs to {user['name']}.")

    def read_all(self) -> int:
        """First sync."""
        self.steps.heading("source-pipedrive reads it into DuckDB, run by PyAirbyte")
        counts = self.warehouse.sync(self.sandbox.config(), STREAMS)
        table(("table", "rows"), counts.items())
        return sum(counts.values())

    def show_custom_fields(self) -> None:
        """Some columns that were 40-character keys in the API."""
        say("")
        say("Custom fields are columns named by their labels, with options as text; `Источник` is `istochnik`:")
        say("")
        table(*self.warehouse.query(NAMED_COLUMNS))

    def read_changes(self) -> int:
        """Second sync, from the state of the first."""
        self.steps.heading("Somebody works in Pipedrive; the next sync reads what changed")
        for sentence in self.change_rows():
            say(sentence)
        say("")
        counts = self.warehouse.sync(self.sandbox.config(), INCREMENTAL)
        table(("table", "rows read"), counts.items())
        return sum(counts.values())

    def change_rows(self) -> list[str]:
        """Change a few rows through the API, as a person would; answers what was done."""
        first, second = (row for row in self.sandbox.rows("api/v2/deals", status="open")[:2])
        self.sandbox.call("PATCH", f"api/v2/deals/{first['id']}", {"status": "won"})
        self.sandbox.call("PATCH", f"api/v2/deals/{second['id']}", {"is_archived": True})
        email = [{"value": "ada@analytical.example", "primary": True, "label": "work"}]
        ada = self.sandbox.call("POST", "api/v2/persons", {"name": "Ada Newcomer", "emails": email})
        # A row that was only made has no change time yet; the source looks for such rows once a day.
        phone = {"phones": [{"value": "+372 5550100"}]}
        self.sandbox.call("PATCH", f"api/v2/persons/{ada['data']['id']}", phone)
        return [
            f"Won: deal {first['id']}, {first['title']}.",
            f"Archived: deal {second['id']}, {second['title']}. It stays in the table, with is_archived set.",
            "Added: Ada Newcomer, and then her phone number.",
        ]

    def write(self, rows: activation.Rows, heading: str) -> dict[str, Any]:
        """Feed the rows to the destination and show its summary."""
        self.steps.heading(heading)
        sent = ", ".join(f"{len(records)} {stream}" for stream, records in rows.items())
        say(f"Sent to destination-pipedrive: {sent}.")
        say("")
        summary = activation.write(self.folder, product.destination_config(self.sandbox.config()), rows)
        objects = summary["objects"].items()
        cells = [[name, *(counts.get(outcome, 0) for outcome in activation.OUTCOMES)] for name, counts in objects]
        table(("object", *activation.OUTCOMES), cells)
        say("")
        say(f"{summary['requests']} requests, {summary['tokens']} tokens of the account's daily budget.")
        return summary


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--scale", type=float, default=5, help="size of the account; 1 is about 100 deals")
    parser.add_argument(
        "--folder", type=Path, default=Path(".cache/demo"), help="where DuckDB and logs go; emptied first"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
