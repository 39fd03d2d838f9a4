"""Times to come, early years, and changes of one second."""

import json
from itertools import pairwise
from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, put
from pipedrive_sandbox import Sandbox

FUTURE = "2098-07-01T00:00:00Z"


STREAMS_BY_TIME = ["persons", "activities", "leads", "notes", "files", "pipelines", "users", "projects"]


@pytest.mark.parametrize("stream", STREAMS_BY_TIME)
def test_a_time_to_come_moves_no_bookmark(pipedrive: Sandbox, source: InProcess, stream: str) -> None:
    """A row dated in the future comes once; rows that change later come in the next run; nothing comes twice."""
    cursor = "modified" if stream == "users" else "update_time"
    rows = [row for row in pipedrive.rows(stream) if not row.get("is_deleted") and row.get("active_flag", True)]
    odd, changed = rows[0]["id"], rows[1]["id"]
    pipedrive.put_rows(stream, [{"id": odd, cursor: FUTURE}])
    catalog = source.catalog(stream)
    first = source.read_catalog(catalog)
    pipedrive.put_rows(stream, [{"id": changed, cursor: pipedrive.now()}])

    second = source.read_catalog(catalog, first.last_states())
    third = source.read_catalog(catalog, second.last_states())
    pipedrive.put_rows(stream, [{"id": odd, "name": "new", "title": "new", "content": "new", "subject": "new"}])
    fourth = source.read_catalog(catalog, third.last_states())

    assert FUTURE in [row[cursor] for row in first.records(stream)]
    assert FUTURE not in json.dumps(first.last_states())
    assert [row["id"] for row in second.records(stream)] == [changed]
    assert third.records(stream) == []
    assert {row["id"] for row in fourth.records(stream)} <= {odd}


def test_a_parent_with_a_time_to_come(pipedrive: Sandbox, source: InProcess) -> None:
    """Below a parent dated in the future rows come once, and those below parents that change later come too."""
    odd, changed = (row["id"] for row in pipedrive.rows("organizations")[:2])
    pipedrive.put_rows("organizations", [{"id": odd, "update_time": FUTURE}])
    catalog = source.catalog("organization_changelog")
    first = source.read_catalog(catalog)
    pipedrive.put_rows("organizations", [{"id": changed, "update_time": pipedrive.now()}])
    pipedrive.clear_requests()

    second = source.read_catalog(catalog, first.last_states())
    third = source.read_catalog(catalog, second.last_states())

    below = [one["path"] for one in pipedrive.requests() if one["path"].endswith("/changelog")]
    assert below == [f"/v1/organizations/{changed}/changelog"]
    assert third.records() == []


def test_an_account_of_times_to_come(empty: Sandbox, source: InProcess) -> None:
    """When all rows are dated in the future they come once."""
    empty.seed(scale=0, persons=5)
    empty.put_rows(
        "persons", [{"id": row["id"], "is_deleted": False, "update_time": FUTURE} for row in empty.rows("persons")]
    )
    catalog = source.catalog("persons")

    first = source.read_catalog(catalog)
    second = source.read_catalog(catalog, first.last_states())

    assert len(first.records("persons")) == 5
    assert second.records("persons") == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("0031-02-03T04:05:06Z", "0031-02-03T04:05:06Z"),
        ("0999-01-01 00:00:00", "0999-01-01T00:00:00Z"),
        ("31-02-03T04:05:06Z", None),
    ],
)
def test_early_years_have_four_digits(pipedrive: Sandbox, source: InProcess, given: str, told: str | None) -> None:
    """A year before 1000 keeps its four digits, also in the config; one of two digits is none."""
    source.config["start_date"] = "0024-01-01"
    catalog = source.catalog("deals")

    with answers(pipedrive, put("/api/v2/deals", lost_time=given, expected_close_date="0031-02-03")):
        run = source.read_catalog(catalog)

    (row,) = [row for row in run.records("deals") if row.get("expected_close_date") == "0031-02-03"]
    assert row["lost_time"] == told
    assert dict(pipedrive.requests()[0]["query"])["updated_since"] == "0024-01-01T00:00:00Z"


def test_changes_within_a_second_have_keys_of_their_own(pipedrive: Sandbox, source: InProcess) -> None:
    """Changes of one field within one second are numbered from the earliest; a later one changes no number."""
    deal = next(row["id"] for row in pipedrive.rows("deals") if not row["is_deleted"] and not row["is_archived"])
    values = ["A", "B", "A", "B"]
    changes = [
        {"field_key": "title", "old_value": old, "new_value": new, "time": "2026-03-01 09:00:00"}
        for old, new in pairwise(values)
    ]
    catalog = source.catalog("deal_changelog")
    keys = [path[0] for path in catalog["streams"][0]["primary_key"]]

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith(f"/deals/{deal}/changelog"):
            body["data"] = [{**one, "field_key": "value"} for one in changes[:1]] + changes[::-1]
        return body

    def read() -> dict[tuple[Any, ...], str]:
        with answers(pipedrive, change):
            run = source.read_catalog(catalog)
        rows = [row for row in run.records() if row["deal_id"] == deal]
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows) == len(changes) + 1
        return {tuple(row[key] for key in keys): row["new_value"] for row in rows}

    before = read()
    changes.append({"field_key": "title", "old_value": "B", "new_value": "C", "time": "2026-03-01 09:00:00"})
    assert read().items() >= before.items()
