"""An account copied whole into an empty one, over plain files, and what became of it. Ends with ``COPY {json}``."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo import activation
from demo.accounts import Account
from demo.comparison import Comparison, compare
from demo.console import Screen
from demo.copy_page import page
from demo.limits import not_restored, reason
from demo.server import SandboxProcess, executable

#: What tells what ids and keys of the account mean, and the objects in the order in which they are written.
NAMES = (
    *("organization_fields", "person_fields", "deal_fields", "product_fields", "project_fields", "activity_fields"),
    "users",
)
OBJECTS = (
    *("roles", "pipelines", "stages", "activity_types", "lead_labels", "organizations", "persons", "deals", "leads"),
    *("products", "activities", "notes", "projects", "tasks", "deal_products", "deal_installments"),
    *("deal_participants", "deal_followers", "person_followers", "organization_followers", "product_followers"),
    *("organization_relationships", "filters", "goals", "webhooks", "mail_threads"),
)
#: The column of the field in which a copied row keeps the id that it had.
OLD_ID = "original_id"
COLUMNS = ("object", "rows", "copied", "equal", "different", "in which fields", "not written, and why")


def main() -> int:
    """Run the demo. Answers the exit code."""
    options = _parser().parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        with SandboxProcess.start(scale=options.scale) as first, SandboxProcess.start(empty=True) as second:
            result = Demo(first, second, options.folder).run()
    except RuntimeError as error:
        print(f"\nThe demo stopped: {error}", file=sys.stderr)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} s. The page: {options.folder / 'comparison.html'}\n")
    print(f"COPY {json.dumps(result)}", flush=True)
    return 0


class Demo:
    """The steps, in order."""

    def __init__(self, first: SandboxProcess, second: SandboxProcess, folder: Path) -> None:
        self.first = first
        self.second = second
        self.folder = folder
        self.screen = Screen()

    def run(self) -> dict[str, Any]:
        """Run all steps; answers the figures of the last line."""
        self.invite()
        self.screen.heading("source-pipedrive reads the whole account into files")
        before = self.read(self.first, "account")
        price = self.plan()
        copied = self.write("destination-pipedrive writes it into an empty account", "Writing", price)
        again = self.write("The same once more: nothing differs, so nothing is written", "Comparing")
        self.screen.heading("Both accounts are read and compared")
        found = compare(before, self.read(self.second, "copy", OLD_ID), OBJECTS, not_restored)
        lines = [line_of(each) for each in found]
        self.screen.table(COLUMNS, lines)
        (self.folder / "comparison.html").write_text(page(COLUMNS, lines, found), encoding="utf-8")
        counts, second = activation.totals(copied), activation.totals(again)
        return {
            "rows": sum(each.before for each in found),
            "equal": sum(each.equal for each in found),
            "different": sum(each.different for each in found),
            "missing": sum(each.missing for each in found),
            "rejected": counts["rejected"],
            "planned_tokens": price,
            "tokens": copied["tokens"],
            "second_run_writes": second["created"] + second["updated"] + second["deleted"],
        }

    def invite(self) -> None:
        """The users of the first account in the second: a copy finds them by their email addresses."""
        self.screen.heading("Two accounts: a busy one, and a new one to which everybody was invited")
        there = {user["email"] for user in self.second.call("GET", "v1/users")["data"]}
        for user in self.first.call("GET", "v1/users")["data"]:
            if user["email"] not in there and user["active_flag"]:
                self.second.call("POST", "v1/users", {"email": user["email"]})
        self.screen.say(f"The busy one is {self.first.url}, the new one {self.second.url}.")

    def read(self, sandbox: SandboxProcess, name: str, old_id: str = "") -> Account:
        """Read an account into ``<name>.jsonl`` with its catalog beside it."""
        config, catalog = self._file(f"{name}-config", sandbox.config()), self.folder / f"{name}-catalog.json"
        streams = ",".join((*NAMES, *OBJECTS))
        with self.screen.working("Reading", sandbox.meter):
            catalog.write_text(_run("source-pipedrive", "catalog", "--config", config, "--streams", streams), "utf-8")
            text = _run("source-pipedrive", "read", "--config", config, "--catalog", str(catalog))
        (self.folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        rows = _rows(text)
        self.screen.say(
            f"{sum(map(len, rows.values()))} rows of {len(rows)} streams are in {self.folder / name}.jsonl."
        )
        streams_of = json.loads(catalog.read_text(encoding="utf-8"))["streams"]
        schemas = {each["stream"]["name"]: each["stream"]["json_schema"]["properties"] for each in streams_of}
        return Account(rows, schemas, old_id)

    def plan(self) -> int:
        """What the copy will cost, before anything is written."""
        self.screen.heading("A dry run shows the price")
        with self.screen.working("Planning", self.second.meter):
            summary = self._destination("dry", dry_run=True)
        price = int(summary["tokens"] + summary["planned_tokens"])
        self.screen.say(f"{price} tokens of the account's daily budget.")
        return price

    def write(self, heading: str, action: str, price: int | None = None) -> dict[str, Any]:
        """Copy the files into the second account and show the summary. ``price``: what it will take in tokens."""
        self.screen.heading(heading)
        with self.screen.working(action, self.second.meter, price):
            summary = self._destination("copy")
        self.screen.say()
        cells = [[name, *map(counts.get, activation.OUTCOMES)] for name, counts in sorted(summary["objects"].items())]
        self.screen.table(("object", *activation.OUTCOMES), cells)
        self.screen.say()
        self.screen.say(f"{summary['tokens']} tokens.")
        return summary

    def _destination(self, name: str, **more: Any) -> dict[str, Any]:
        config = self._file(f"{name}-destination", {**self.second.config(), "mappings": {"copy": True}, **more})
        given = (self.folder / "account.jsonl").read_text(encoding="utf-8")
        catalog = str(self.folder / "account-catalog.json")
        return activation.summary(
            _run("destination-pipedrive", "write", "--config", config, "--catalog", catalog, given=given)
        )

    def _file(self, name: str, content: Mapping[str, Any]) -> str:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)


def line_of(found: Comparison) -> list[Any]:
    """The cells of an object."""
    odd = [name for name in found.fields if not not_restored(found.stream, name)]
    why = f"{found.missing}: {reason(found.stream)}" if found.missing else ""
    return [found.stream, found.before, found.after, found.equal, found.different, ", ".join(odd), why]


def _rows(text: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in map(json.loads, text.splitlines()):
        if message["type"] == "RECORD":
            found[message["record"]["stream"]].append(message["record"]["data"])
    return dict(found)


def _run(*arguments: str, given: str = "") -> str:
    """What a connector prints. Raises RuntimeError with its own words when it fails."""
    name, *rest = arguments
    done = subprocess.run([executable(name), *rest], input=given, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"{name} {rest[0]} ended with {done.returncode}: {activation.last_error(done.stdout)}")
    return done.stdout


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.copying", description=__doc__)
    parser.add_argument("--scale", type=float, default=1, help="size of the account; 1 is about 100 deals")
    parser.add_argument("--folder", type=Path, default=Path(".cache/copy-demo"), help="where the files go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
