"""Lines and values that strict readers refuse: none of them ends a run, and none disappears without a word."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.run import main
from integration_tests.destination.account import Account, catalog_of, record, stream_state
from integration_tests.destination.test_rejects import kept
from integration_tests.harness import Run

DEEP = "[" * 3_000 + "]" * 3_000
BIG = 12345678901234567890123
GOOD = [record("persons", name=f"Good {n}", email=f"good{n}@acme.test") for n in range(2)]
STATE = json.dumps(stream_state("persons", 1))
#: Values of states that may be spelled in another way.
PLAIN = ("1.0", "1e2", '"{[\\"}"', '"\ufeff"', "0.1000000000000000055511151231257827")


def line(data: str) -> str:
    """A RECORD of persons whose data is written as text, so that it can hold what Python would not write."""
    return '{"type":"RECORD","record":{"stream":"persons","data":' + data + ',"emitted_at":1}}'


def write_bytes(account: Account, *lines: bytes | str, **config: Any) -> Run:
    """Write lines as they are, broken ones too."""
    paths = {"config": account.folder / "c.json", "catalog": account.folder / "k.json"}
    paths["config"].write_text(json.dumps(account.config(**config)))
    paths["catalog"].write_text(json.dumps(catalog_of("persons")))
    arguments = ["write", *(each for name, path in paths.items() for each in (f"--{name}", str(path)))]
    given = b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in lines)
    out = io.StringIO()
    code, limit = main(arguments, io.BytesIO(given), out), sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # for the deep lines that the test itself has to read
    try:
        return Run(arguments, code, out.getvalue(), "")
    finally:
        sys.setrecursionlimit(limit)


def with_good(*lines: bytes | str) -> list[bytes | str]:
    """Odd lines between good ones, and a state behind them."""
    return [json.dumps(GOOD[0]), *lines, json.dumps(GOOD[1]), STATE]


def assert_the_rest_is_there(account: Account, run: Run, rejected: int) -> None:
    """Both good records are written, and the state counts the others."""
    assert run.exit_code == 0, run
    assert run.noise == []
    assert {"Good 0", "Good 1"} <= {row["name"] for row in account.rows("persons")}
    counts = run.states()[-1]["destinationStats"]
    assert counts["rejectedRecordCount"] == rejected
    assert run.summary["objects"]["persons"]["rejected"] == rejected


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (r'{"name":"Cut \ud83d","email":"a@x.test"}', "Cut \ufffd"),
        (r'{"name":"Whole \ud83d\ude00","email":"a@x.test"}', "Whole \U0001f600"),
        (r'{"name":"A","email":"a@x.test","\ud83d":1}', "A"),
        ('{"name":"A","email":"a@x.test","org_id":NaN,"owner_id":-Infinity,"visible_to":1e999}', "A"),
        (f'{{"name":{BIG},"email":"a@x.test"}}', str(BIG)),
        (f'{{"name":{"7" * 5000},"email":"a@x.test","unmapped":{BIG}}}', None),
    ],
)
def test_t68_what_can_be_written_is_written(account: Account, data: str, name: str | None) -> None:
    """Half a character is replaced, NaN counts as null, a number beyond 64 bits stays exact as text."""
    run = write_bytes(account, *with_good(line(data)))

    assert_the_rest_is_there(account, run, 0 if name else 1)
    assert name is None or name in {row["name"] for row in account.rows("persons")}


def test_a_byte_order_mark_is_no_part_of_a_line(account: Account) -> None:
    """Before any line, twice as well as once: tools that join files leave several."""
    mark = b"\xef\xbb\xbf"
    run = write_bytes(account, *(mark + str(each).encode() for each in with_good()))

    assert_the_rest_is_there(account, run, 0)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (line("null"), "`data`"),
        (line("[]"), "`data`"),
        (line('"text"'), "`data`"),
        (
            line('{"name":"A","email":"a@x.test"}').replace('"emitted_at"', '"namespace":["x"],"emitted_at"'),
            "namespace",
        ),
        (line('{"name":"A","email":"a@x.test"}').replace('"emitted_at"', '"namespace":{},"emitted_at"'), "namespace"),
        (line('{"name":"A","email":"a@x.test","notes":' + DEEP + "}"), "nested"),
        (line('{"name":"A","email":"a@x.test","notes":' + '{"a":' * 400 + "1" + "}" * 400 + "}"), "nested"),
        (line('{"name":"Jos\xe9","email":"a@x.test"}').encode("latin-1"), "UTF-8"),
        (line(f'{{"name":"A","email":"a@x.test","owner_id":{BIG}}}'), "owner_id"),
        (line(f'{{"name":"A","email":"a@x.test","visible_to":"{BIG}"}}'), "visible_to"),
    ],
)
def test_t68_what_cannot_be_written_is_rejected_and_counted(
    account: Account, given: bytes | str, said: str, tmp_path: Path
) -> None:
    """It is a rejected record with its reason, kept in the file as it came; the others are written."""
    storage = {"storage_type": "Local", "path": str(tmp_path / "rejected")}
    run = write_bytes(account, *with_good(given), object_storage_config=storage)

    assert_the_rest_is_there(account, run, 1)
    assert [text for text in run.logs("WARN") if "[invalid_value" in text and said in text]
    (found,) = kept(tmp_path / "rejected")
    assert '"rejection":' in found
    assert found.startswith('{"type":"RECORD","record":{"stream":"persons"')
    again = write_bytes(account, found)
    # Bytes that are no text were replaced when they were kept.
    assert again.summary["objects"]["persons"]["rejected"] == (said != "UTF-8")


def test_a_number_beyond_64_bits_is_no_number(account: Account) -> None:
    """In a number field it is an invalid value, as a number and as text; a text field takes it digit by digit."""
    run = account.write(
        [record("deals", title="D", value=BIG, organization_id=1), record("deals", title="E", value=str(-BIG))],
        mappings=[{"stream": "deals", "match_on": ["title"]}],
    )

    assert run.summary["objects"]["deals"]["rejected"] == 2
    assert len([text for text in run.logs("WARN") if "[invalid_value, field `value`]" in text]) == 2


@pytest.mark.parametrize(
    "odd",
    [
        '{"type":["RECORD"],"record":{"stream":"persons","data":{}}}',
        '{"type":{"a":1}}',
        '{"type":null}',
        '{"type":"TRACE","trace":[]}',
        '{"type":"TRACE","trace":null}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":[]}}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":"persons"}}}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":["a"]},"status":"COMPLETE"}}}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"persons","namespace":[1]},"status":"COMPLETE"}}}',
        '{"type":"TRACE","trace":{"type":"STREAM_STATUS","stream_status":{"stream_descriptor":{"name":"persons"},"status":["COMPLETE"]}}}',
        '{"type":"TRACE","trace":{"type":"ESTIMATE","estimate":' + DEEP + "}}",
        '{"type":"STATE","state":null}',
        '{"type":"STATE","state":"text"}',
        '{"type":"STATE"}',
        '{"type":"RECORD","record":{"stream":null,"data":{"name":"A"}}}',
        '{"type":"RECORD","record":{"stream":["persons"],"data":{"name":"A"}}}',
        '{"type":"RECORD","record":null}',
        '{"type":"RECORD","record":{"stream":"persons","data":{"name":"Cut',
        "[1,2",
        "\x00\x01",
    ],
)
def test_malformed_messages_are_logged_and_left_out(account: Account, odd: str) -> None:
    """A type, trace, state or record of another shape ends nothing."""
    run = write_bytes(account, *with_good(odd))

    assert_the_rest_is_there(account, run, 0)
    assert len(run.states()) == 1


def test_a_line_that_may_have_been_a_record_is_a_warning(account: Account) -> None:
    """What nobody can read is not called a success."""
    assert write_bytes(account, *with_good()).summary["status"] == "Success"
    run = write_bytes(account, *with_good('{"type":"RECORD","record":{"stream":"persons","data":{"na'))
    assert run.summary["status"] == "Warning"
    assert [text for text in run.logs("WARN") if "Line 2 " in text]


@pytest.mark.parametrize(
    "value",
    [
        r'"\ud83d cut"', r'{"\ud83d":["\udc00"]}', str(BIG), "-" + str(BIG), "NaN", "[1e999,-Infinity]", DEEP,
        '{"a":' * 1_500 + "null" + "}" * 1_500, "9" * 6_000, *PLAIN,
    ],
)  # fmt: skip
def test_t68_states_go_on_as_they_came(account: Account, value: str) -> None:
    """Whatever a state contains is passed on, with the counts added and nothing else changed."""
    before = '{"type":"STATE","state":{"type":"STREAM","id":3,"stream":{"stream_descriptor":{"name":"persons"},"stream_state":{"c":'  # noqa: E501
    after = '}},"sourceStats":{"recordCount":1.0}},"extra":{"state":{}}}'
    run = write_bytes(account, json.dumps(GOOD[0]), before + value + after)

    (printed,) = [each for each in run.stdout.splitlines() if '"STATE"' in each]
    stats = ',"destinationStats":{"recordCount":1.0,"rejectedRecordCount":0.0,"additionalStats":{"created":1.0}}'
    if value in PLAIN:
        sent, found = json.loads(before + value + after), json.loads(printed)
        assert stats[1:] in printed
        assert found["state"].pop("destinationStats")
        assert found == sent
    else:
        assert printed == before + value + after.replace('},"extra"', stats + '},"extra"')


@pytest.mark.parametrize(
    "stream", ['"persons"', "null", "[]", '{"stream_descriptor":"persons"}', '{"stream_descriptor":{"name":5}}', DEEP]
)
def test_a_state_of_no_stream_goes_on_with_a_warning(account: Account, stream: str) -> None:
    """A state whose stream cannot be read is not ours to judge."""
    given = '{"type":"STATE","state":{"type":"STREAM","stream":' + stream + ',"id":8}}'
    run = write_bytes(account, json.dumps(GOOD[0]), given, STATE)

    assert run.exit_code == 0
    printed = [each for each in run.stdout.splitlines() if each.startswith('{"type":"STATE"')]
    assert len(printed) == 2
    assert stream in printed[0]
    assert any("names no stream" in text for text in run.logs("WARN"))


def test_t68_waiting_rows_keep_what_they_are(account: Account) -> None:
    """A row that waits on disk for its parent comes back with half a character, a big number and NaN in it."""
    early = (
        r'{"type":"RECORD","record":{"stream":"deals","data":{"title":"Cut \ud83d","organization":"C","value":NaN},"emitted_at":1}}',  # noqa: E501
        f'{{"type":"RECORD","record":{{"stream":"deals","data":{{"title":{BIG},"organization":"C"}},"emitted_at":1}}}}',
    )
    catalog = catalog_of("organizations", "deals")
    messages = [*early, stream_state("deals", 1), record("organizations", name="C")]
    run = account.write(messages, catalog, mappings=[{"stream": "deals", "match_on": ["title"]}])

    assert run.exit_code == 0, run
    assert {row["title"] for row in account.rows("deals")} == {"Cut \ufffd", str(BIG)}
    assert len(run.states()) == 1


@pytest.mark.parametrize("command", ["write", "plan"])
def test_t68_a_dry_run_shows_what_cannot_be_printed(account: Account, command: str) -> None:
    """Half a character in a name, a column or a reason does not end a dry run."""
    lines = [line(r'{"name":"Cut \ud83d","email":"a@x.test","\udc00col":1}'), line(r'{"name":"\ud83d","email":"no"}')]
    config = account.config(dry_run=True)
    run = account.run(command, lines, config=config, catalog=catalog_of("persons"))

    assert run.exit_code == 0
    assert "Cut \ufffd" in run.stdout
    run.stdout.encode()


def test_a_link_of_another_shape_is_the_record_s_own_trouble(account: Account) -> None:
    """An object or a list where a parent's name belongs rejects this record, and names the column."""
    rows = [record("persons", name="A", email="a@x.test", company=value) for value in ({"a": 1}, [1], True)]
    links = {"organization": {"by": "name", "from": "company", "create_if_missing": True}}
    run = account.write([*rows, *GOOD], mappings=[{"stream": "persons", "links": links}])

    assert run.summary["objects"]["persons"] | {"created": 0} == {
        "created": 0, "updated": 0, "unchanged": 0, "deleted": 0, "skipped": 0, "rejected": 3,
    }  # fmt: skip
    assert len([text for text in run.logs("WARN") if "[invalid_value, field `company`]" in text]) == 3
