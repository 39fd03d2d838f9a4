"""The rows of the recipes of docs/destination.md: what goes in becomes what is shown, and a second run nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integration_tests.destination.account import Account, record
from integration_tests.destination.test_recipes import recipes, twice
from integration_tests.documents.page import Page, cells

RECIPES = Page("docs/destination.md").text.split("## Recipes\n")[1].split("\n## ")[0]
#: Kind, name, and the lines of a table.
TABLE = re.compile(r"<!-- (rows|becomes): (\w+) -->\n((?:\|.*\n)+)")
#: Object -> the list of its field definitions.
FIELDS = {"organizations": "organizationFields", "persons": "personFields", "deals": "dealFields"}
#: What is in the account before: recipe -> its rows.
BEFORE: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "scores": [
        ("organizations", {"name": "Northwind"}),
        ("deals", {"title": "Northwind pilot", "org_id": 1}),
        ("deals", {"title": "Lakeside renewal", "org_id": 1}),
    ],
    "events": [
        ("pipelines", {"name": "Outreach", "id": 90}),
        *(("stages", {"name": name, "pipeline_id": 90, "order_nr": n}) for n, name in enumerate(("First", "Talking"))),
    ],
    "external_id": [("organizations", {"name": "Northwind", "website": "https://northwind.example"})],
}
#: Columns whose type is not text, as a warehouse has them.
TYPES = {"scores": {"deal_id": {"type": "integer"}, "score": {"type": "number"}}}

Table = list[dict[str, str]]


def tables(name: str) -> list[tuple[str, str, Table]]:
    """Kind, stream or object, and rows of the tables of a recipe."""
    text = RECIPES.split(f"<!-- recipe: {name} -->")[1].split("\n### ")[0]
    return [(kind, each, rows(lines)) for kind, each, lines in TABLE.findall(text)]


def rows(lines: str) -> Table:
    """The rows of a table."""
    head, _, *body = map(cells, lines.splitlines())
    return [dict(zip(head, line, strict=True)) for line in body]


@pytest.mark.parametrize("name", [name for name in recipes() if name != "objects"])
def test_rows_become_what_the_page_shows(account: Account, name: str) -> None:
    """Every recipe with rows, from the page's own tables."""
    for stored, row in BEFORE.get(name, ()):
        account.put(stored, **row)
    found = tables(name)
    sent = [
        record(stream, **{column: _value(cell) for column, cell in row.items()})
        for kind, stream, rows in found
        for row in rows
        if kind == "rows"
    ]
    twice(account, name, sent, TYPES.get(name))
    shown = {each: expected for kind, each, expected in found if kind == "becomes"}

    assert shown
    for each, expected in shown.items():
        # New rows are sent at the same time, so they may arrive in any order.
        assert in_order(table_of(account, each, list(expected[0]))) == in_order(expected)


def in_order(rows: Table) -> Table:
    """Rows in an order that does not depend on which came first."""
    return sorted(rows, key=lambda row: list(row.values()))


def table_of(account: Account, name: str, columns: list[str]) -> Table:
    """The rows of an object as the page shows them."""
    return [{column: cell(account, name, row, column) for column in columns} for row in account.rows(name)]


def cell(account: Account, name: str, row: dict[str, Any], column: str) -> str:
    """One value: names in the place of ids, the primary email address, a custom field by its label."""
    named = {
        "organization": ("org_id", "organizations"),
        "person": ("person_id", "persons"),
        "stage": ("stage_id", "stages"),
    }
    if column in named:
        key, parents = named[column]
        return str(account.row(parents, row[key])["name"])
    if column == "owner":
        return str(account.row("users", row["owner_id"])["email"])
    if column == "email":
        return str(row["emails"][0]["value"])
    fields = {each["field_name"]: each for each in account.sandbox.rows(FIELDS.get(name, "dealFields"))}
    if column == "labels":
        options = {each["id"]: each["label"] for each in fields["Labels"]["options"]}
        return ", ".join(options[each] for each in row["label_ids"])
    value = row[column] if column in row else row["custom_fields"].get(fields[column]["field_code"])
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _value(text: str) -> Any:
    return int(text) if text.isdigit() else text or None
