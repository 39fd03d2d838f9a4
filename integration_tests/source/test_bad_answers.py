"""Answers that are not clean JSON, and values beyond their column: read, left out or named, and the rest comes."""

import json
from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, put, rows_of
from pipedrive_sandbox import Sandbox
from source_pipedrive.source import SourcePipedrive

pytestmark = pytest.mark.network


def test_bad_characters_are_replaced_and_named(pipedrive: Sandbox, source: InProcess) -> None:
    """Half an emoji and a NUL are replaced, in built-in, custom and nested values, and told once per column."""
    catalog = source.catalog("persons", "notes")
    source.config["num_workers"] = 1

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        for row in rows_of(path, body):
            if path.endswith("/persons"):
                row["name"], row["emails"] = "Kai \ud83e", [{"value": "kai\x00@example.com", "primary": True}]
            elif path.endswith("/notes"):
                row["content"] = "<b>\udd70</b>"
        return body

    with answers(pipedrive, change):
        run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert {row["name"] for row in run.records("persons")} == {"Kai \ufffd"}
    assert {row["email_normalized"] for row in run.records("persons")} == {"kai\ufffd@example.com"}
    assert {row["content"] for row in run.records("notes")} == {"<b>\ufffd</b>"}
    count = len(run.records("persons"))
    assert sorted(text.split(" held")[0] for text in run.logs("WARN")) == [
        f"Stream `notes`: `content`: {len(run.records('notes'))} values",
        f"Stream `persons`: `name`: {count} values",
        f"Stream `persons`: `value`: {count} values",
    ]


def test_answers_in_other_encodings(pipedrive: Sandbox, source: InProcess) -> None:
    """Latin-1, UTF-16 and a byte order mark are read as what they mean."""
    encodings = {"deals": "latin-1", "persons": "utf-16", "organizations": "utf-8-sig"}
    catalog = source.catalog("deals", "persons", "organizations")

    def change(path: str, body: dict[str, Any]) -> Any:
        resource = path.rsplit("/", 1)[1]
        if resource not in encodings:
            return body
        for row in rows_of(path, body):
            row["title" if resource == "deals" else "name"] = "Smørrebrød"
        return json.dumps(body).replace(json.dumps("Smørrebrød"), '"Smørrebrød"').encode(encodings[resource])

    with answers(pipedrive, change):
        run = source.read_catalog(catalog)

    assert run.exit_code == 0
    for stream, name in (("deals", "title"), ("persons", "name"), ("organizations", "name")):
        texts = [row[name] for row in run.records(stream) if not row.get("is_archived")]
        assert texts
        assert set(texts) == {"Smørrebrød"}


@pytest.mark.parametrize("mode", ["columns_by_name", "object"])
@pytest.mark.parametrize(
    "number", [2**63, 10**19, -(10**25), 10**4500], ids=lambda n: f"{len(str(abs(n))) if n < 10**4000 else 4501} digits"
)
def test_integers_beyond_64_bits(pipedrive: Sandbox, source: InProcess, number: int, mode: str) -> None:
    """Too large an integer is null and counted in a column of numbers, exact in one of text, and ends nothing."""
    source.config["custom_fields"] = mode
    digits = "1" + "0" * 4500 if number == 10**4500 else str(number)
    key = next(row["field_code"] for row in pipedrive.rows("dealFields") if row["field_type"] == "varchar")

    def change(path: str, body: dict[str, Any]) -> Any:
        if path.endswith("/api/v2/deals"):
            body["data"][0] |= {"value": "BIG", "title": "BIG", "person_id": "BIG"}
            body["data"][0]["custom_fields"][key] = "BIG"
        return json.dumps(body).replace('"BIG"', digits).encode()

    catalog = source.catalog("deals", "deal_persons")
    with answers(pipedrive, change):
        run = source.read_catalog(catalog)
        again = source.read_catalog(catalog, run.last_states())

    assert (run.exit_code, again.exit_code) == (0, 0)
    (row,) = [row for row in run.records("deals") if row["title"] == digits]
    assert (row["value"], row["person_id"]) == (None, None)
    custom = (
        row["custom_fields"][key]
        if mode == "object"
        else next(v for k, v in row.items() if v == digits and k != "title")
    )
    assert custom in (digits, number)
    assert [text for text in run.logs("WARN") if "`value` had another type in 1 row" in text]
    assert run.summary["status"] == "Success"


@pytest.mark.parametrize("key", [10**20, None, "", [], {"id": 1}, True, 1.5, "x"], ids=str)
def test_no_row_without_its_key(pipedrive: Sandbox, source: InProcess, key: Any) -> None:
    """A row whose key cannot be read is left out and counted, in its stream and for the streams below it."""
    catalog = source.catalog("organizations", "organization_changelog", "organization_followers")
    whole = source.read_catalog(catalog)
    source.config["deletions"] = "compare"

    with answers(pipedrive, put("/api/v2/organizations", id=key)):
        run = source.read_catalog(catalog)
        again = source.read_catalog(catalog, run.last_states())

    assert (run.exit_code, again.exit_code) == (0, 0)
    ids = {row["id"] for row in run.records("organizations")}
    assert len(ids) == len(whole.records("organizations")) - 1
    assert {row["organization_id"] for row in run.records("organization_changelog")} <= ids
    assert [text for text in run.logs("WARN") if "1 row left out, without a readable `id`, their key" in text]
    assert again.records("organizations") == []


def test_a_key_in_another_type(pipedrive: Sandbox, source: InProcess) -> None:
    """An id that came as text is the same id."""
    catalog = source.catalog("products", "product_variations")

    with answers(pipedrive, put("/api/v2/products", id="3")):
        run = source.read_catalog(catalog)

    assert 3 in [row["id"] for row in run.records("products")]
    assert run.exit_code == 0


def test_a_run_that_breaks_outside_the_reader_is_an_error(
    pipedrive: Sandbox, source: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SUMMARY says `Error` whenever the run ends with 1, also when a message could not be printed."""
    catalog = source.catalog("currencies")
    read = SourcePipedrive.read_chunks

    def broken(self: Any, *arguments: Any) -> Any:
        for number, message in enumerate(read(self, *arguments)):
            if number == 3:
                raise TypeError("cannot be printed")
            yield message

    monkeypatch.setattr(SourcePipedrive, "read_chunks", broken)
    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert run.summary["status"] == "Error"
