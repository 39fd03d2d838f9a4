"""An answer is parsed into typed rows or into dicts: both say the same of whatever the API may send."""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipedrive_client.field_definitions import Field, Option
from pipedrive_client.field_types import API_FIELD_TYPES
from pipedrive_client.lenient_json import loads
from pipedrive_client.typed_rows import as_rows, column, written
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, Names, compile_plan
from source_pipedrive.records.customs import ColumnCustoms
from source_pipedrive.records.problems import as_json
from source_pipedrive.records.transformer import Lookups, RecordTransformer
from source_pipedrive.streams.schemas import read_as
from source_pipedrive.streams.table import BY_NAME

Row = dict[str, Any]
COLUMNS = read_as(BY_NAME["deals"])
FIELDS = [Field(name, name, name, True, (Option(1, "One"), Option(2, "Two"))) for name in API_FIELD_TYPES]
NAMES = {field.key: f"own_{field.key}" for field in FIELDS if field.key != "boolean"}
CONSTANTS = {"origin": "here"}

#: No shrinking, which takes minutes where a row has fifty columns.
SETTINGS = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
TIMES = st.sampled_from(
    [
        *("2024-05-01T10:00:00Z", "2024-05-01T10:00:00.123Z", "2024-05-01 10:00:00", "0000-00-00", ""),
        *("0000-00-00T00:00:00Z", "2024-02-30T10:00:00Z", "2024-W18-3T10:00:00Z"),
    ]
)
DATES = st.sampled_from(["2024-05-01", "2024-02-29", "2024-02-30", "0000-00-00", "2024-05-01 10:00:00"])
INTEGERS = st.integers(-(2**63), 2**63 - 1)
NUMBERS = INTEGERS | st.floats(allow_nan=False, allow_infinity=False)
#: What a key may hold by the end of a type's name in the schema, mostly what it should.
WEIRD = (
    st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["7", "\0", "\ud83d", "true", [], {}, [None], [True], ["x"], [1, [2, {"a": [3]}]], {"id": 1}])
)


def values(kind: str) -> st.SearchStrategy[Any]:
    """Values of a column or field."""
    known = {
        "date-time": TIMES,
        "date": DATES,
        "string": TEXTS,
        "integer": INTEGERS,
        "number": NUMBERS,
        "boolean": st.booleans(),
        "array": st.lists(st.integers(0, 9), max_size=3),
        "enum": st.integers(0, 3),
        "set": st.lists(st.integers(0, 3), max_size=3),
        "double": NUMBERS,
        "int": NUMBERS,
        "price_list": NUMBERS,
        "visible_to": NUMBERS,
        "monetary": st.fixed_dictionaries({"value": NUMBERS | st.none(), "currency": TEXTS}),
        "daterange": st.fixed_dictionaries({"value": DATES, "until": DATES | st.none()}),
        "time": st.fixed_dictionaries({"value": TEXTS, "timezone_id": st.integers(0, 9), "timezone_name": TEXTS}),
        "timerange": st.fixed_dictionaries({"value": TEXTS, "until": TEXTS, "timezone_name": TEXTS}),
        "address": st.fixed_dictionaries({"value": TEXTS, "country": TEXTS | st.none(), "geo": NUMBERS | st.none()}),
        "lead": TEXTS,
    }
    references = ("user", "org", "people", "deal", "project", "product", "activity", "pipeline", "stage")
    return known.get(kind, st.integers(1, 9) if kind in references else TEXTS) | st.none()


def kind_of(schema: Row) -> str:
    return str(schema.get("format") or next(one for one in schema["type"] if one != "null"))


OWN = st.fixed_dictionaries({name: values(name) for name in API_FIELD_TYPES})
ALWAYS = {
    name: values(kind_of(schema)) for name, schema in COLUMNS.items() if name not in ("labels", "owner_email")
} | {"id": st.integers(1, 99), "unheard_of": st.none() | TEXTS, CUSTOM_FIELDS: OWN}
SOMETIMES = {name: ALWAYS.pop(name) for name in ("local_won_date", "lost_reason", "archive_time", "is_deleted")}
ROWS = st.lists(st.fixed_dictionaries(ALWAYS, optional=SOMETIMES), min_size=1, max_size=3)
#: A key, or one of a custom field, and what it holds instead.
ODD = st.tuples(st.sampled_from([*ALWAYS, *SOMETIMES, "never_met"]), WEIRD)
ODD_OWN = st.tuples(st.sampled_from([*API_FIELD_TYPES, "never_met"]), WEIRD)


def transformer() -> RecordTransformer:
    made = RecordTransformer(COLUMNS, Lookups(lambda: {1: "a@b.example"}, lambda: {1: "Hot"}), drop=["unheard_of"])
    plan = compile_plan(FIELDS, NAMES, Names({7: "Ada", 8: None}))
    made.use(ColumnCustoms(FIELDS, NAMES, plan, False))
    return made


def answer(rows: list[Row], is_ascii: bool = False) -> bytes:
    body = {"success": True, "data": rows, "additional_data": {"next_cursor": None}}
    return json.dumps(body, ensure_ascii=is_ascii).encode(errors="surrogatepass")


def by_type(first: list[Row], content: bytes) -> tuple[list[Row], list[bytes], list[str]] | None:
    """The rows of an answer, their records and the warnings, by the layout of rows that came before."""
    made = transformer()
    layout = made.typed_layout(first, CONSTANTS)
    body = layout.decode(content) if layout else None
    if body is None or not body["data"]:
        return None
    rows = body["data"]
    assert column(rows, "id") == [row["id"] for row in as_rows(rows)]
    return as_rows(rows), written(rows), made.problems.sentences()


def by_dicts(content: bytes) -> tuple[list[Row], list[bytes], list[str]]:
    """The same without a layout."""
    made = transformer()
    rows = loads(content)[0]["data"]
    records = [as_json({**record, **CONSTANTS}) for record in made.records(rows)]
    return rows, records, made.problems.sentences()


def told(lines: list[bytes]) -> list[str]:
    """Records and their changes in a form that tells 1 from 1.0, whatever order columns come in."""
    whole = [orjson.loads(b'{"data":' + line + b"}") for line in lines]
    for one in whole:
        one.get("meta", {}).get("changes", []).sort(key=itemgetter("field"))
    return [repr(orjson.loads(orjson.dumps(one, option=orjson.OPT_SORT_KEYS))) for one in whole]


@SETTINGS
@given(ROWS, ROWS, st.lists(ODD, max_size=1), st.lists(ODD_OWN, max_size=1), st.booleans())
def test_typed_rows_say_what_dicts_say(
    first: list[Row], rows: list[Row], odd: list[Any], odd_own: list[Any], is_ascii: bool
) -> None:
    """Rows, records, changes and warnings are the same, or the answer does not fit."""
    last = {**rows[-1], **dict(odd)}
    if isinstance(last[CUSTOM_FIELDS], dict):
        last[CUSTOM_FIELDS] = {**last[CUSTOM_FIELDS], **dict(odd_own)}
    try:
        content = answer([*rows[:-1], last], is_ascii)
    except ValueError:
        return
    found = by_type(first, content)
    if found is None:
        return

    expected = by_dicts(content)

    assert repr(found[0]) == repr(expected[0]) or found[0] == expected[0]
    assert told(found[1]) == told(expected[1])
    assert found[2] == expected[2]


@settings(SETTINGS, max_examples=30)
@given(ROWS)
def test_rows_of_one_layout_fit(rows: list[Row]) -> None:
    """It is what happens to answers that are as they should be, the one that showed the layout among them."""
    assert by_type(rows, answer(rows)) is not None


def test_a_key_of_no_field_is_read_into_dicts_once_it_has_a_value() -> None:
    """It may be one of a field that is new, whose columns are made there."""
    row: Row = {"id": 1, "add_time": None, "update_time": None, CUSTOM_FIELDS: {"varchar": "x", "new": None}}

    assert by_type([row], answer([row])) is not None
    assert by_type([row], answer([row, row | {CUSTOM_FIELDS: {"varchar": "x", "new": 1}}])) is None


#: JSON as a text may have it: numbers in every spelling, escapes, the same key twice, what is no JSON at all.
SPELLINGS = [
    *(
        "1",
        "-0",
        "1.0",
        "1e2",
        "1E+2",
        "0.1e-7",
        "1e400",
        "-1e400",
        "5e-324",
        "01",
        "1.",
        ".5",
        "+1",
        "NaN",
        "Infinity",
    ),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "12345678901234567890.5",
    ),
    *(
        "0.12345678901234567890",
        "true",
        "null",
        '"a"',
        '"\\u00e9"',
        '"\\/"',
        '"\\ud83d\\ude00"',
        '"\\ud83d"',
        '"\\ude00\\ud83d"',
    ),
    *(
        '"\\u0000"',
        '"\\\\u0000"',
        '"\x01"',
        '"\n"',
        '"\x7f"',
        '"\\x"',
        '1,"value":2',
        '"a","value":2',
        '1,"value":"a"',
        "[1",
        "1 ",
        " 1",
    ),
    *("[]", "[1, 2]", '{"a": {"b": [1]}}', "nul", "", '"', "1}", '1, "id": null', '1, "id": 2', "\ufeff1", '"\u2028"'),
]


@pytest.mark.parametrize("key", ["value", "title", "label_ids", "is_deleted", "won_time", "unheard_of", "data"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_a_value_in_any_spelling(key: str, encoding: str) -> None:
    """It is read alike, or the answer does not fit."""
    row: Row = {"id": 1, "add_time": None, "update_time": None, "value": 1, "title": "", "label_ids": [1]}
    row |= {"is_deleted": False, "won_time": None, "unheard_of": None, CUSTOM_FIELDS: {}}
    before, place = answer([row]).decode(), f'"{key}": '
    start = before.index(place) + len(place)
    end = min(before.index(mark, start) for mark in (', "', "}") if mark in before[start:])
    for text in SPELLINGS:
        content = (before[:start] + text + before[end:]).encode(encoding, "replace")
        found = by_type([row], content)
        if found is not None:
            rows, records, sentences = by_dicts(content)
            assert (found[0], told(found[1]), found[2]) == (rows, told(records), sentences), text
            assert repr(found[0]) == repr(rows), text
