"""The steps of the demo, in their order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo import product
from demo.activation import OUTCOMES, Destination, Plan, Rows, totals
from demo.console import Screen
from demo.rows import differences, readable
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
    SELECT title, value, currency, lead_source,
        array_to_string(CAST(products_of_interest AS VARCHAR[]), ', ') AS products_of_interest,
        budget, budget_currency
    FROM deals WHERE lead_source IS NOT NULL AND budget IS NOT NULL ORDER BY id LIMIT 5
"""
QUERY = "SELECT status, count(*) AS deals, round(sum(value)) AS value FROM pipedrive.deals GROUP BY ALL ORDER BY ALL"
#: Tokens of one search. Source: x-token-cost of GET /itemSearch and its like.
SEARCH_COST = 20
NEXT = (
    ("Look at the plan as a page", "{folder}/plan.html"),
    ("See what a first sync of your account costs", "source-pipedrive estimate --config config.json"),
    ("Get a mapping for a file of yours", "destination-pipedrive propose --from contacts.csv"),
    ("Or choose its fields on a page", "destination-pipedrive studio --config config.json --from contacts.csv"),
    ("Set it up in Airbyte, PyAirbyte or a shell", "README.md"),
)


class Demo:
    """A sandbox account, a warehouse, and both connectors between them."""

    def __init__(self, sandbox: SandboxProcess, folder: Path, screen: Screen) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.screen = screen
        self.warehouse = Warehouse(folder)
        self.destination = Destination(folder, product.destination_config(sandbox.config()))

    def run(self) -> dict[str, Any]:
        """Run all steps; answers the figures of the DEMO line."""
        rows_read = self.read_all()
        self.show_custom_fields()
        incremental_rows = self.read_changes()
        rows = product.rows(self.warehouse)
        plan = self.plan(rows)
        first = self.write(rows, plan)
        replayed = self.replay()
        second = self.write_again(product.mended(rows))
        self.close()
        counts, again = totals(first), totals(second)
        return {
            "rows_read": rows_read,
            "incremental_rows": incremental_rows,
            "created": counts["created"],
            "updated": counts["updated"],
            "unchanged": counts["unchanged"],
            "rejected": counts["rejected"],
            "replayed": totals(replayed)["created"],
            "tokens": first["tokens"],
            "planned_tokens": plan.price,
            "second_run_writes": again["created"] + again["updated"] + again["deleted"],
            "second_run_tokens": second["tokens"],
        }

    def read_all(self) -> int:
        """First sync."""
        self.screen.heading("source-pipedrive reads a Pipedrive account into DuckDB")
        user = self.sandbox.call("GET", "v1/users/me")["data"]
        self.screen.say(f"The account is a local stand-in: {user['company_name']}, read as {user['name']}.")
        with self.screen.working("Reading everything with PyAirbyte", self.sandbox.meter):
            counts = self.warehouse.sync(self.sandbox.config(), STREAMS)
        self.screen.table(("table", "rows"), counts.items())
        return sum(counts.values())

    def show_custom_fields(self) -> None:
        """Some columns that were 40-character keys in the API."""
        self.screen.say()
        self.screen.say("Custom fields are columns named by their labels, with options as text:")
        self.screen.say()
        self.screen.table(*self.warehouse.query(NAMED_COLUMNS))

    def read_changes(self) -> int:
        """Second sync, from the state of the first."""
        self.screen.heading("Somebody works in Pipedrive; the next sync reads only what changed")
        for sentence in self.change_rows():
            self.screen.say(sentence)
        with self.screen.working("Reading the changes", self.sandbox.meter):
            counts = self.warehouse.sync(self.sandbox.config(), INCREMENTAL)
        self.screen.say()
        self.screen.table(("table", "rows read"), [each for each in counts.items() if each[1]])
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

    def plan(self, rows: Rows) -> Plan:
        """What a write would do, before it is done."""
        self.screen.heading("destination-pipedrive plans a write of warehouse rows")
        sent = ", ".join(f"{len(records)} {stream}" for stream, records in rows.items())
        self.screen.say(f"The rows of three queries: {sent}. Nothing is written yet.")
        with self.screen.working("Planning", self.sandbox.meter):
            plan = self.destination.plan(rows)
        self.screen.say()
        self.screen.lines(plan.examples())
        self.screen.say()
        count = sum(map(len, rows.values()))
        self.screen.bars([("this write", plan.price), ("a search per row instead", plan.writes + SEARCH_COST * count)])
        self.screen.say()
        self.screen.say(f"Every change, old and new, is on a page: {self.destination.page}")
        return plan

    def write(self, rows: Rows, plan: Plan) -> dict[str, Any]:
        """The write itself, and one record before and after it."""
        self.screen.heading("The plan is carried out")
        person = plan.first_updated("persons")
        before = self._person(person)
        with self.screen.working("Writing", self.sandbox.meter, plan.price):
            summary = self.destination.write(rows)
        self._outcomes(summary)
        self.screen.say(f"{summary['tokens']} tokens; the plan said {plan.price}.")
        after = self._person(person)
        self.screen.say()
        self.screen.say(f"Person {person}, {after['name']}, before and after; all other fields stayed:")
        self.screen.say()
        self.screen.table(("field", "before", "after"), differences(before, after), ("", "red", "green"))
        return summary

    def replay(self) -> dict[str, Any]:
        """The rejected row: why, and how it gets in after all."""
        self.screen.heading("One row was rejected; it is mended and sent again")
        (file,) = self.destination.rejections()
        text = file.read_text(encoding="utf-8")
        message = json.loads(text.splitlines()[0])
        rejection, data = message["rejection"], message["record"]["data"]
        self.screen.table(
            ("", ""), [("row", data["email"]), ("code", rejection["code"]), ("field", rejection["field"])]
        )
        self.screen.say()
        self.screen.say(f"{rejection['message']} The row has {product.WRONG_OPTION}.", "yellow")
        self.screen.say("The others were not held up, and the row waits in a file. With the option mended there:")
        self.screen.say()
        config, catalog = self.destination.config, self.destination.catalog
        self.screen.code(f"sed s/{product.WRONG_OPTION}/{product.RIGHT_OPTION}/ {file} |")
        self.screen.code(f"  .venv/bin/destination-pipedrive write --config {config} --catalog {catalog}")
        with self.screen.working("Writing the mended row", self.sandbox.meter):
            summary = self.destination.replay(text.replace(product.WRONG_OPTION, product.RIGHT_OPTION))
        self._outcomes(summary)
        return summary

    def write_again(self, rows: Rows) -> dict[str, Any]:
        """The same rows once more."""
        self.screen.heading("The same rows once more: nothing differs, so nothing is written")
        with self.screen.working("Comparing", self.sandbox.meter):
            summary = self.destination.write(rows)
        self._outcomes(summary)
        self.screen.say(f"{summary['tokens']} tokens, all of them to compare.")
        return summary

    def close(self) -> None:
        """A query to try, and where to go on."""
        self.screen.heading("Go on from here")
        self.screen.say("A query to try on the warehouse:")
        self.screen.say()
        code = f"import duckdb; db = duckdb.connect('{self.warehouse.path}'); db.sql('{QUERY}').show()"
        self.screen.code(f'.venv/bin/python -c "{code}"')
        self.screen.say()
        self.screen.table(*self.warehouse.query(QUERY))
        self.screen.say()
        for what, how in NEXT:
            self.screen.say(f"{what}:")
            self.screen.code(how.format(folder=self.folder))

    def _person(self, row_id: str) -> dict[str, str]:
        fields = self.sandbox.rows("api/v2/personFields")
        return readable(self.sandbox.call("GET", f"api/v2/persons/{row_id}")["data"], fields)

    def _outcomes(self, summary: dict[str, Any]) -> None:
        self.screen.say()
        objects = summary["objects"].items()
        cells = [[name, *(counts.get(outcome, 0) for outcome in OUTCOMES)] for name, counts in objects]
        self.screen.table(("object", *OUTCOMES), cells)
        self.screen.say()
