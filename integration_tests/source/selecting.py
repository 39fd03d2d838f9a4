"""Short words for the tests of `selections`."""

from collections.abc import Callable
from typing import Any

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

Row = dict[str, Any]
LISTS = ("/api/v2/deals", "/api/v2/deals/archived")


def where(source: InProcess, **conditions: str) -> None:
    """Select rows of streams by conditions."""
    source.config["selections"] = [{"stream": stream, "where": text} for stream, text in conditions.items()]


def asked(sandbox: Sandbox, path: str) -> dict[str, str]:
    """The parameters of the first request for a list, without those of paging and extras."""
    queries = [dict(request["query"]) for request in sandbox.requests() if request["path"] == path]
    rest = ("limit", "cursor", "start", "sort", "sort_by", "sort_direction", "include_fields", "custom_fields")
    return {key: value for key, value in queries[0].items() if key not in rest}


def ids(rows: list[Row], keeps: Callable[[Row], bool] = bool) -> list[Any]:
    return sorted(row["id"] for row in rows if keeps(row))
