"""Two accounts in memory: a seeded one with every hard case, and an empty one; and what goes between them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from demo.accounts import Account as ReadAccount
from integration_tests.destination.account import Account
from integration_tests.harness import Run, configured
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

#: The streams of the objects that can be written, and of what tells what their ids mean.
STREAMS = (
    *("organization_fields", "person_fields", "deal_fields", "product_fields", "project_fields", "activity_fields"),
    *("users", "roles", "pipelines", "stages", "activity_types", "lead_labels"),
    *("organizations", "persons", "deals", "leads", "products", "activities", "notes", "projects", "tasks"),
    *("deal_products", "deal_installments", "deal_participants", "deal_followers", "person_followers"),
    *("organization_followers", "product_followers", "organization_relationships"),
    *("filters", "goals", "webhooks", "mail_threads"),
)
TOLD_APART = STREAMS[6:]
COPY = {"mappings": {"copy": True}}


@dataclass
class Copied:
    """What the source said of an account: the messages, and the catalog with its schemas."""

    messages: list[dict[str, Any]]
    catalog: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def read_as(self, old_id: str = "") -> ReadAccount:
        """The account for a comparison; ``old_id``: the column that holds ids of the other account."""
        schemas = {
            each["stream"]["name"]: each["stream"]["json_schema"]["properties"] for each in self.catalog["streams"]
        }
        return ReadAccount(self.rows, schemas, old_id)

    def from_warehouse(self) -> Copied:
        """The same records as a warehouse hands them back: lists and objects as text, schemas without keywords."""
        streams = [
            {**each, "stream": {**each["stream"], "json_schema": {"type": "object", "properties": {}}}}
            for each in self.catalog["streams"]
        ]
        return Copied([_as_text(each) for each in self.records], {"streams": streams}, self.rows)

    @property
    def records(self) -> list[dict[str, Any]]:
        """The RECORD messages alone."""
        return [each for each in self.messages if each["type"] == "RECORD"]


def _as_text(message: dict[str, Any]) -> dict[str, Any]:
    record = message["record"]
    data = {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
        for name, value in record["data"].items()
    }
    return {**message, "record": {**record, "data": data}}


def read(source: InProcess, custom_fields: str = "columns_by_name", streams: Sequence[str] = STREAMS) -> Copied:
    """Read an account with the source."""
    source.config["custom_fields"] = custom_fields
    catalog = configured(source.discover().catalog, list(streams))
    run = source.run("read", config=source.config, catalog=catalog)
    assert run.exit_code == 0, run
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for message in run.of_type("RECORD"):
        rows[message["record"]["stream"]].append(message["record"]["data"])
    kept = [each for each in run.messages if each["type"] in ("RECORD", "STATE", "TRACE")]
    return Copied(kept, catalog, dict(rows))


def write(account: Account, copied: Copied, messages: Sequence[Any] | None = None, **config: Any) -> Run:
    """Copy what was read into an account."""
    given = copied.messages if messages is None else messages
    return account.write(given, copied.catalog, **{**COPY, **config})


def fill_with_hard_cases(sandbox: Sandbox, url: str, scale: float = 1) -> None:
    """The seeded account, with links in circles, twins, a task below a task, and rows that others made."""
    sandbox.reset(seed=1, scale=scale)
    call = _Caller(url)
    contact = call("organizationFields", field_name="Main contact", field_type="people")["field_code"]
    deputy = call("personFields", field_name="Deputy", field_type="people")["field_code"]
    _circle(sandbox, contact, deputy)
    deal = next(row for row in sandbox.rows("deals") if not row["is_deleted"] and not row["is_archived"])
    activity = {"subject": "Twin", "type": "call", "deal_id": deal["id"], "due_date": "2026-01-31"}
    note = {"content": "Twin", "deal_id": deal["id"], "person_id": deal["person_id"], "org_id": deal["org_id"]}
    product = {"deal_id": deal["id"], "product_id": 1, "item_price": 5, "quantity": 2, "sum": 10, "order_nr": 0}
    sandbox.put_rows("activities", [activity] * 2)
    sandbox.put_rows("notes", [{**note, "add_time": "2026-01-31T10:00:00Z"}] * 2)
    sandbox.put_rows("deal_products", [{**product, "name": sandbox.rows("products")[0]["name"]}] * 2)
    first, second = sandbox.rows("tasks")[:2]
    sandbox.put_rows("tasks", [{"id": first["id"], "parent_task_id": second["id"], "project_id": second["project_id"]}])
    sandbox.put_rows("deals", [{"id": deal["id"], "creator_user_id": 3}])
    sandbox.clear_requests()


def _circle(sandbox: Sandbox, contact: str, deputy: str) -> None:
    """Each organization names a person that names the next one, whatever comes first."""
    persons = [row for row in sandbox.rows("persons") if not row["is_deleted"]]
    for number, row in enumerate(sandbox.rows("organizations")):
        person = persons[-1 - number % len(persons)]
        sandbox.put_rows("organizations", [{**row, "custom_fields": {**row["custom_fields"], contact: person["id"]}}])
    for one, other in zip(persons, [*persons[1:], persons[0]], strict=True):
        sandbox.put_rows("persons", [{**one, "custom_fields": {**one["custom_fields"], deputy: other["id"]}}])


def empty(sandbox: Sandbox) -> None:
    """A new account in which everybody was invited already."""
    users = Sandbox(seed=1, scale=0).rows("users")
    sandbox.reset()
    sandbox.put_rows("users", users[1:])
    sandbox.clear_requests()


class _Caller:
    """Creates fields as a person with the token would."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, name: str, **body: Any) -> dict[str, Any]:
        headers = {"x-api-token": "sandbox"}
        answer = requests.post(f"{self._url}/api/v2/{name}", json=body, headers=headers, timeout=60).json()
        made: dict[str, Any] = answer["data"]
        return made
