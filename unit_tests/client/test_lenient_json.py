"""JSON that is not clean: read, replaced where no column could hold it, counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pytest
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import TransientError
from pipedrive_client.lenient_json import BYTES, MOST_DIGITS, NUMBER, TEXT, dumps, loads
from pipedrive_client.pagination import rows

from .conftest import DEALS


@pytest.mark.parametrize(
    ("content", "value", "found"),
    [
        pytest.param(b'{"title":"Ok \\ud83c!"}', {"title": "Ok \ufffd!"}, {("title", TEXT): 1}, id="first half"),
        pytest.param(b'["\\udf89"]', ["\ufffd"], {("", TEXT): 1}, id="second half"),
        pytest.param(b'["\\udf89\\ud83c"]', ["\ufffd\ufffd"], {("", TEXT): 1}, id="halves in the wrong order"),
        pytest.param(b'["\\ud83c\\udf89", NaN]', ["🎉", None], {("", NUMBER): 1}, id="whole emoji beside NaN"),
        pytest.param(b'["\xed\xa0\xbc\xed\xbe\x89"]', ["🎉"], {("", BYTES): 1, ("", TEXT): 1}, id="halves as bytes"),
        pytest.param(b'{"\\ud83c":{"a":"\\ud83c"}}', {"\ufffd": {"a": "\ufffd"}}, {("a", TEXT): 1}, id="in a key"),
        pytest.param(b'["a\\u0000b"]', ["a\ufffdb"], {("", TEXT): 1}, id="NUL"),
        pytest.param(b'["a\x00b\tc\x1f"]', ["a\ufffdb\tc\x1f"], {("", TEXT): 1}, id="bare control characters"),
        pytest.param(b'\xef\xbb\xbf {"a":1}', {"a": 1}, {}, id="byte order mark"),
        pytest.param('{"a":"ä"}'.encode("utf-16"), {"a": "ä"}, {}, id="UTF-16"),
        pytest.param('{"a":"Zoë Müller"}'.encode("latin-1"), {"a": "Zoë Müller"}, {("", BYTES): 1}, id="Latin-1"),
        pytest.param('["ü'.encode() + b"\xfc" + '€"]'.encode(), ["üü€"], {("", BYTES): 1}, id="one stray byte"),
        pytest.param(b'["5 \x80"]', ["5 €"], {("", BYTES): 1}, id="Windows' euro"),
        pytest.param(b'["\xe2\x82"]', ["\ufffd"], {("", BYTES): 1}, id="character cut in half"),
        pytest.param(
            b'{"a":NaN,"b":[Infinity,-Infinity]}',
            {"a": None, "b": [None] * 2},
            {("a", NUMBER): 1, ("b", NUMBER): 2},
            id="NaN",
        ),
        pytest.param(b'{"a":1e999}', {"a": None}, {("a", NUMBER): 1}, id="beyond all floats"),
        pytest.param(b'{"a":123456789012345678901}', {"a": 123456789012345678901}, {}, id="21 digits"),
        pytest.param(b"[-9223372036854775809]", [-9223372036854775809], {}, id="just below 64 bits"),
        pytest.param(b'{"a":"' + b"1" * 40 + b'"}', {"a": "1" * 40}, {}, id="digits in a text"),
        pytest.param(b"[" + b"7" * MOST_DIGITS + b"]", ["7" * MOST_DIGITS], {}, id="more digits than Python reads"),
        pytest.param(b'{"id":1,"id":2}', {"id": 2}, {}, id="the same key twice"),
    ],
)
def test_reading(content: bytes, value: Any, found: dict[Any, int]) -> None:
    """What is not clean JSON is read all the same; what was replaced is counted by its key."""
    assert loads(content) == (value, Counter(found))


@pytest.mark.parametrize("content", [b"", b"{", b'{"a":"b', b"<html>", b"[" * 5000, b'{"a":1} x', b"\xff"])
def test_no_json(content: bytes) -> None:
    """What is no JSON is a ValueError, however it is nested."""
    with pytest.raises(ValueError):  # noqa: PT011 - orjson's, json's and ours
        loads(content)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param({"a": 2**63}, b'{"a":9223372036854775808}', id="what orjson writes stays"),
        pytest.param({"a": 2**64}, b'{"a":"18446744073709551616"}', id="beyond 64 bits"),
        pytest.param(
            [{"\ud83c": "x\udf89", "n": -(2**70)}],
            '[{"�":"x�","n":"-1180591620717411303424"}]'.encode(),
            id="half emojis",
        ),
        pytest.param(
            {5: 2**64, "b": True, "f": 1.5},
            b'{"5":"18446744073709551616","b":true,"f":1.5}',
            id="keys that are no text",
        ),
    ],
)
def test_writing(value: Any, text: bytes) -> None:
    """What orjson refuses to write becomes text; everything else stays what it is."""
    assert dumps(value) == text


def test_writing_deep_nesting() -> None:
    """What is nested deeper than orjson writes is cut off, and does not end the run."""
    deep: Any = "end"
    for _ in range(500):
        deep = [deep]

    assert orjson.loads(dumps({"a": deep}))["a"][0][0]


def test_an_answer_with_bad_text_is_read(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A page with half an emoji is read with one call, and what was replaced is told once."""
    asked = api.get(DEALS, content=b'{"success":true,"data":[{"id":4,"title":"\\ud83c","value":NaN}]}')

    assert list(rows(client.labelled("deals"), "api/v2/deals")) == [{"id": 4, "title": "\ufffd", "value": None}]
    assert asked.call_count == 1
    assert [text.split(" ")[0] for text in client.repairs.take("deals")] == ["`title`:", "`value`:"]


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        pytest.param(b"<!doctype html><p>Sign in", "text/html", "A web page came instead", id="web page"),
        pytest.param(b"\xef\xbb\xbf\n<html>", "application/json", "A web page came instead", id="web page as JSON"),
        pytest.param(
            b"upstream error", "text/plain", "is not from Pipedrive's API (content type text/plain)", id="text"
        ),
        pytest.param(b"[1]", "application/json", "is a JSON list where an object belongs", id="list"),
        pytest.param(b'"no"', "application/json", "is a JSON text where an object belongs", id="text as JSON"),
        pytest.param(b"", "application/json", "is empty", id="empty"),
        pytest.param(b'{"success":tr', "application/json", "was cut short", id="cut inside a word"),
        pytest.param(b'{"data":[{"id":1', "application/json", "was cut short", id="cut"),
        pytest.param(b'{"data":[{"title":"a', "application/json", "was cut short", id="cut inside a text"),
        pytest.param(b'{"data":[{"id":1,,}]}', "application/json", "is not valid JSON", id="two commas"),
    ],
)
def test_an_unreadable_answer_is_named(
    api: requests_mock.Mocker, client: PipedriveClient, content: bytes, kind: str, says: str
) -> None:
    """A 200 that is not a JSON object is named as what it is."""
    api.get(DEALS, content=content, headers={"content-type": kind})

    with pytest.raises(TransientError) as caught:
        client.request("GET", "api/v2/deals")
    assert says in (caught.value.message or "")
