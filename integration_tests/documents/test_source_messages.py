"""The table of messages in docs/source.md: each quotation is said by the source when that happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from integration_tests.documents.page import Page
from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers
from pipedrive_client.auth import OAuth
from pipedrive_client.errors import Interrupted, PipedriveError, error_for
from pipedrive_sandbox import Sandbox

QUOTED = [row[0] for row in Page("docs/source.md").rows("Troubleshooting")]
#: A refusal by status, as Pipedrive words it.
BODY = {"success": False, "error": "request over limit", "errorCode": 429}

Happening = Callable[[Sandbox, InProcess], Any]


def said(run: Any) -> str:
    """All that a run logs, and its errors."""
    status = [message["connectionStatus"].get("message", "") for message in run.of_type("CONNECTION_STATUS")]
    return "\n".join([*run.logs(), *(error["message"] for error in run.errors()), *status])


def read(stream: str, faults: dict[str, Any] | None = None, **config: Any) -> Happening:
    """A read of a stream with these keys in the config, while the API fails so."""

    def happen(pipedrive: Sandbox, source: InProcess) -> str:
        catalog = source.catalog(stream)
        source.config |= config
        pipedrive.set_faults(*([faults] if faults else []))
        return said(source.read_catalog(catalog))

    return happen


def settings(stream: str, **changed: Any) -> Happening:
    """A read of a stream from an account that has these settings."""

    def happen(pipedrive: Sandbox, source: InProcess) -> str:
        catalog = source.catalog(stream)
        pipedrive.change_settings(**changed)
        return said(source.read_catalog(catalog))

    return happen


def check(**config: Any) -> Happening:
    """A check with this config."""

    def happen(pipedrive: Sandbox, source: InProcess) -> str:
        source.config = {**source.config, **config}
        return said(source.check())

    return happen


def worded(status: int, is_page: bool = False) -> Happening:
    """The words of a final status."""
    return lambda pipedrive, source: error_for("GET", "api/v2/deals", status, None, is_page).message


def catalog_of(stream: str) -> Happening:
    """A read of a stream that does not exist."""

    def happen(pipedrive: Sandbox, source: InProcess) -> str:
        catalog = source.catalog("deals")
        catalog["streams"][0]["stream"]["name"] = stream
        return said(source.read_catalog(catalog))

    return happen


def other_key(pipedrive: Sandbox, source: InProcess) -> str:
    """A read with a primary key of another config."""
    catalog = source.catalog("deal_fields")
    catalog["streams"][0]["primary_key"] = [["key"]]
    return said(source.read_catalog(catalog))


def state(content: dict[str, Any]) -> Happening:
    """A read of deals from a state."""
    stream = {"stream_descriptor": {"name": "deals"}, "stream_state": content}
    return lambda pipedrive, source: said(source.read("deals", state=[{"type": "STREAM", "stream": stream}]))


def renamed(pipedrive: Sandbox, source: InProcess) -> str:
    """A read with the schema of before a field was deleted."""
    catalog = source.catalog("deals")
    properties = catalog["streams"][0]["stream"]["json_schema"]["properties"]
    key = next(each["x-pipedrive-field"] for each in properties.values() if "x-pipedrive-field" in each)
    url, headers = f"{source.config['api_url']}/api/v2/dealFields/{key}", {"x-api-token": "sandbox"}
    requests.delete(url, headers=headers, timeout=60).raise_for_status()
    return said(source.read_catalog(catalog))


def hostile(pipedrive: Sandbox, source: InProcess) -> str:
    """A read of an answer in which nothing is as it should be."""
    catalog = source.catalog("notes")
    with answers(pipedrive, lambda path, body: HOSTILE):
        return said(source.read_catalog(catalog))


def vanished(pipedrive: Sandbox, source: InProcess) -> str:
    """A read after most rows vanished."""
    source.config["deletions"] = "compare"
    catalog = source.catalog("persons")
    first = source.read_catalog(catalog)
    for row in pipedrive.rows("persons"):
        pipedrive.purge("persons", row["id"])
    return said(source.read_catalog(catalog, first.last_states()))


def revoked(pipedrive: Sandbox, source: InProcess) -> str:
    """A refresh of a token that the OAuth server does not know."""
    answer = requests.Response()
    answer.status_code, answer._content = 400, b'{"error": "invalid_grant"}'
    auth = OAuth("id", "secret", "gone", "https://oauth.pipedrive.com", "", post=lambda *_, **__: answer)
    try:
        return auth.token()
    except PipedriveError as error:
        return error.message


LIMITED = {"kind": "status", "status": 429, "body": BODY, "path": "/deals$", "headers": {"x-ratelimit-reset": "1"}}
SPENT = {**LIMITED, "headers": {"x-daily-ratelimit-token-remaining": "0"}}
#: An answer with a key that no schema has, and a value of another type than its column.
ODD = {"kind": "status", "status": 200, "path": "/notes$", "times": None}
ODD["body"] = {"success": True, "data": [{"id": 1, "novelty": 1, "content": ["not", "a", "text"]}]}
#: Rows without a key, rows that are none, text and numbers that are none.
HOSTILE = b'{"success":true,"data":[null,{"id":[]},{"id":1,"content":"\\ud83d gr\xfcn","deal_id":NaN}]}'
CIRCLE = {"kind": "status", "status": 200, "path": "/persons$", "times": None}
CIRCLE["body"] = {"success": True, "data": [{"id": 1}], "additional_data": {"next_cursor": "again"}}
NULL = {"kind": "status", "status": 200, "path": "/persons$", "times": None, "body": {"success": True, "data": None}}
PAGE = {"kind": "status", "status": 200, "path": "/notes$", "times": None, "body": "<html>"}
GONE = {"kind": "status", "status": 404, "body": BODY, "path": "/deals/7/changelog$", "times": None}


def unsendable(pipedrive: Sandbox, source: InProcess) -> str:
    """A check on a machine that is told to use a certificate file which is not there."""
    source.config["api_url"] = "https://api.pipedrive.com"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
        return said(source.check())


#: What happens -> the quotations that are said then.
HAPPENINGS: dict[str, Happening] = {
    "No credentials": check(credentials=None),
    "the token is wrong": worded(401),
    "the OAuth refresh token": revoked,
    "`api_url`": check(api_url="https://pipedrive.example"),
    "redirects": worded(302),
    "daily API tokens are used up": read("deals", {**SPENT, "times": None}),
    "`daily_token_reserve`": read("deals", daily_token_reserve=10_000_000),
    "`token_budget`": read("deals", token_budget=5),
    "too many calls": read(
        "deals", {**LIMITED, "times": None, "headers": {"x-daily-ratelimit-token-remaining": "500"}}
    ),
    "sent again": read("deals", {**LIMITED, "times": 1}),
    "No request can be sent": unsendable,
    "with a web page": worded(403, is_page=True),
    "unpaid or closed": worded(402),
    "or the plan does not include it": worded(403),
    "is empty": settings("projects", features_off=["projects"]),
    "Every one of the": settings("deal_changelog", refused_paths={"/changelog$": 403}),
    "nothing was read below": read("deal_changelog", GONE),
    "of the last sync are gone": vanished,
    "named differently here": catalog_of("deals_archived"),
    "no record has": other_key,
    "Refresh the connection's schema": catalog_of("dealz"),
    "since the schema": renamed,
    "no column": check(selections=[{"stream": "notes", "where": "contend == 'x'"}]),
    "refuses filter": read("deals", selections=[{"stream": "deals", "filter_id": 999}]),
    "are null": settings("deals", refused_paths={"/users$": 403}),
    "read without": settings("persons", refused_include_fields=["doi_status"]),
    "not declared": read("notes", ODD),
    "another type": read("notes", ODD),
    "without a readable": hostile,
    "no object": hostile,
    "no text takes": hostile,
    "NaN": hostile,
    "not UTF-8": hostile,
    "data: null": read("persons", NULL),
    "A web page": read("notes", PAGE),
    "circle": read("persons", CIRCLE),
    "cannot be read": state({"bookmark": "x"}),
    "reads version": state({"version": 99, "lists": {}}),
    "did not answer": read("deals", {"kind": "drop", "path": "/deals$", "times": None}),
    "SIGTERM": lambda pipedrive, source: Interrupted.by("SIGTERM").message,
}


@pytest.mark.parametrize("quoted", QUOTED)
def test_a_quotation_is_said_when_it_happens(quoted: str, pipedrive: Sandbox, source: InProcess) -> None:
    """Every line of the table has a happening, and that makes the source say the very words."""
    (happen,) = {happen for words, happen in HAPPENINGS.items() if words in quoted}

    assert quoted in happen(pipedrive, source)
