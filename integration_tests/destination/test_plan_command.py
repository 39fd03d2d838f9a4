"""`plan` tells a person everything that `write` would do, leave out and warn of, and what it costs."""

import datetime
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record
from integration_tests.harness import Run

COMPANY = {
    "stream": "crm",
    "object": "persons",
    "fields": [{"source": "Name", "target": "name"}, {"source": "E-Mail", "target": "email"}],
    "links": {"organization": {"by": "name", "from": "Company", "create_if_missing": True}},
}
CSV = "Name,E-Mail,Company\nAnn,ann@acme.test,Acme\nBo,bo@acme.test,Acme\n"

KEPT = "\n".join(
    json.dumps({**record("x", **{"Name": name, "E-Mail": f"{name}@acme.test", "Company": "Acme"}), "rejection": {}})
    for name in ("Ann", "Bo")
)


def planned(account: Account, rows: list[Any], *streams: str, **config: Any) -> Run:
    """A run of `plan` over messages."""
    account.sandbox.clear_requests()
    names = streams or ("crm",)
    run = account.run("plan", rows, config=account.config(**config), catalog=catalog_of(*names))
    assert account.writes() == []
    return run


def planned_file(account: Account, path: Path, catalog: Mapping[str, Any] | None = None, **config: Any) -> Run:
    """A run of `plan` over a file."""
    account.sandbox.clear_requests()
    files = {"config": account.config(**config), **({"catalog": catalog} if catalog else {})}
    run = account.run("plan", options=["--from", str(path)], **files)
    assert account.writes() == []
    return run


def line(run: Run, *words: str) -> str:
    """The only line of a plan that has all of these words."""
    found = [each for each in run.stdout.splitlines() if all(word in each for word in words)]
    assert len(found) == 1, (words, run.stdout)
    return found[0]


def person(name: str, email: str, **more: Any) -> dict[str, Any]:
    """A RECORD of the stream `crm`."""
    return record("crm", **{"Name": name, "E-Mail": email, **more})


def test_new_parents_are_shown_by_name(account: Account) -> None:
    """A person of a company that does not exist yet shows the company, never the number that stands for it."""
    run = planned(account, [person("Ann", "ann@acme.test", Company="Acme")], mappings=[COMPANY])

    assert "organization: (new) Acme" in line(run, "create", "persons", "name: Ann")
    line(run, "create", "organizations", "name: Acme")
    assert "-10000000000" not in run.stdout
    assert "1 organizations" in line(run, "Created along the way")


@pytest.mark.parametrize("stream", ["notes", "deal_products", "activities"])
def test_a_new_row_below_another_new_one_is_shown_by_name(account: Account, stream: str) -> None:
    """Rows that belong to a planned deal name the deal, whatever form its planned id has."""
    product = account.put("products", name="Rope", code="R1")
    rows = {
        "notes": {"content": "Hi", "deal": "Big deal"},
        "deal_products": {"deal": "Big deal", "product_id": product, "item_price": 5, "quantity": 1},
        "activities": {"subject": "Call", "deal": "Big deal"},
    }
    company = account.put("organizations", name="Acme")
    mappings = [
        {"stream": "deals", "match_on": ["title"]},
        {"stream": stream, "links": {"deal": {"by": "name", "from": "deal"}}},
    ]
    deal = record("deals", title="Big deal", org_id=company)
    run = planned(account, [deal, record(stream, **rows[stream])], "deals", stream, mappings=mappings)

    assert "deal: (new) Big deal" in line(run, "create ", f" {stream} ")
    assert "-10000000000" not in run.stdout


def test_a_rejection_names_code_key_and_column(account: Account) -> None:
    """What is refused has its code, its sentence, its key as it was sent, and the column as the user named it."""
    run = planned(account, [person("Ann", "ann@acme.test", Owner="nobody")], mappings=[{
        **COMPANY, "fields": [*COMPANY["fields"], {"source": "Owner", "target": "owner"}],
    }])  # fmt: skip
    told = line(run, "reject ")

    assert "#1" in told
    assert "E-Mail=ann@acme.test" in told
    assert "[invalid_value] column `Owner`: Invalid value" in told


def test_nothing_is_left_out_without_a_word(account: Account) -> None:
    """Columns without a field and values that are not taken are told with their numbers."""
    mapping = {
        **COMPANY,
        "fields": [*COMPANY["fields"], {"source": "Since", "target": "birthday", "on_invalid": "leave_out"}],
    }
    rows = [person(f"P{n}", f"p{n}@acme.test", Shoe=n + 40, Since="soon") for n in range(3)]
    run = planned(account, [*rows, person("Q", "q@acme.test", Size=1)], mappings=[mapping])

    assert "Column `Shoe` matches no field on persons; 3 values skipped" in line(run, "`Shoe`")
    assert "Column `Size` matches no field on persons; 1 value skipped" in line(run, "`Size`")
    assert "Column `Since`: 3 values not accepted" in line(run, "`Since`")


def test_warnings_of_a_write_are_in_the_plan(account: Account) -> None:
    """Each sentence that `write` logs as a warning of the whole run is in the plan."""
    config = {"mappings": [{**COMPANY, "require_match_key": False}, {"stream": "unused", "object": "persons"}]}
    rows = ["this is no message", person("Ann", "ann@acme.test", Shoe=1), person("Bad", "no address")]
    run = planned(account, rows, **config)
    warned = [text for text in account.write(rows, **config).logs("WARN") if "rejected" not in text]

    assert len(warned) >= 4
    for text in warned:
        assert run.stdout.count(text) == 1, text


def test_fields_and_options_that_would_be_created_are_counted(account: Account) -> None:
    """What is created for the sake of records stands in the plan."""
    catalog = catalog_of("persons")
    types = {"name": {"type": "string"}, "email": {"type": "string"}, "shoe_size": {"type": "number"}}
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = types
    row = record("persons", name="Ann", email="ann@acme.test", shoe_size=40, Newsletter="Daily")
    config = account.config(auto_create_fields=True, auto_create_options=True)
    run = account.run("plan", [row], config=config, catalog=catalog)
    told = line(run, "Created along the way")

    assert "1 fields" in told
    assert "1 options" in told


def test_price_and_what_is_left_of_the_day(account: Account) -> None:
    """The price is what the run then costs, the tokens that are left are Pipedrive's own number."""
    account.sandbox.change_settings(daily_limit=5000)
    rows = [person("Ann", "ann@acme.test", Company="Acme")]
    run = planned(account, rows, mappings=[COMPANY])
    left = account.sandbox.meter()["remaining"]
    spent = account.write(rows, mappings=[COMPANY]).summary["tokens"]

    price = line(run, "Price:")
    assert price.startswith(f"Price: {spent} tokens (")
    assert price.endswith(f"Tokens left today: {left}.")


def test_a_long_plan_is_a_sample_with_exact_counts(account: Account) -> None:
    """Of many lines some are shown, none of the few rejections is lost, and all are counted."""
    rows = [person(f"P{n}", f"p{n}@acme.test") for n in range(1200)]
    run = planned(account, [*rows, person("Bad", "no address")], mappings=[COMPANY])

    assert line(run, "reject ", "#1201")
    assert "201 more" in line(run, "… and")
    assert "persons: 1200 created, 1 rejected" in run.stdout
    listed = {each for each in run.stdout.splitlines() if each.startswith("create ")}
    assert len(listed) == 999


@pytest.mark.parametrize(
    "lines",
    [[], ["Name,E-Mail", "Ann,ann@acme.test"], ['{"Name": "Ann"}'], [{"type": "LOG", "log": {"message": "x"}}]],
    ids=["empty", "csv", "foreign json", "no record"],
)
def test_input_without_records_is_an_error(
    account: Account, lines: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty or foreign input is no plan of nothing: one sentence says what is expected."""
    run = planned(account, lines, mappings=[COMPANY])
    said = capsys.readouterr().err

    assert run.exit_code == 1
    assert run.stdout == ""
    assert said.startswith("There is nothing to plan")
    assert "`--from`" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("export.csv", CSV.encode()),
        ("export.csv", b"\xef\xbb\xbf" + CSV.replace(",", ";").encode()),
        ("export.csv", CSV.replace(",", "\t").encode("utf-16")),
        ("EXPORT.CSV", ("sep=;\r\n" + CSV.replace(",", ";")).encode()),
        ("export.csv", b'Name,E-Mail,Company\n"Ann",ann@acme.test,"Acme"\n\n"Bo","bo@acme.test","Acme"'),
        ("export.jsonl", b'{"Name":"Ann","E-Mail":"ann@acme.test","Company":"Acme"}\n'
                         b'\n{"Name":"Bo","E-Mail":"bo@acme.test","Company":"Acme"}'),
        ("kept.jsonl", KEPT.encode()),
    ],
    ids=["csv", "excel", "utf-16", "sep", "quoted", "jsonl", "rejected"],
)  # fmt: skip
def test_rows_of_a_file_need_no_catalog(account: Account, tmp_path: Path, name: str, content: bytes) -> None:
    """A file is one stream, that of the only mapping; what spreadsheets write is read as it is meant."""
    (tmp_path / name).write_bytes(content)
    run = planned_file(account, tmp_path / name, mappings=[COMPANY])

    assert run.exit_code == 0, run
    assert "persons: 2 created" in run.stdout
    assert "organizations: 1 created" in run.stdout
    assert "Left out:" not in run.stdout


def test_parquet_keeps_numbers_and_dates(account: Account, tmp_path: Path) -> None:
    """Values of typed columns arrive as the API takes them; without pyarrow one sentence says what to install."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({
        "title": ["Big"], "value": [5.5], "org_id": [account.put("organizations", name="Acme")],
        "expected_close_date": [datetime.date(2031, 1, 31)],
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "deals.parquet")
    run = planned_file(account, tmp_path / "deals.parquet", mappings=[{"stream": "deals", "match_on": ["title"]}])
    told = line(run, "create ", "deals")

    assert "2031-01-31" in told
    assert "5.5" in told


def test_parquet_without_pyarrow(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pyarrow is not required: where it is missing, one sentence says so."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (tmp_path / "persons.parquet").write_bytes(b"PAR1")
    run = planned_file(account, tmp_path / "persons.parquet")

    assert run.exit_code == 1
    assert "pip install pyarrow" in capsys.readouterr().err


def test_a_file_is_called_like_its_stream(account: Account, tmp_path: Path) -> None:
    """Without a mapping, or with several, the file's name is the stream's; a catalog tells its sync mode."""
    path = tmp_path / "persons.csv"
    account.put("persons", name="Bob", emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    path.write_text("email,name\nbob@acme.test,Robert\n")
    plain = planned_file(account, path)
    two = planned_file(account, path, mappings=[{"stream": "persons"}, {"stream": "deals"}])
    deleted = planned_file(account, path, catalog=catalog_of("persons", "deals", mode="soft_delete"))

    assert "name: Bob → Robert" in line(plain, "update ", "persons")
    assert "name: Bob → Robert" in line(two, "update ", "persons")
    assert line(deleted, "delete ", "persons")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("persons.csv", b"", "holds no row"),
        ("persons.csv", b"name,email\n", "holds no row"),
        ("persons.csv", b"name,email\nA,a@x.test,more\n", "line 2, has 3 cells, but 2 columns"),
        ("persons.csv", b"name\n\x81\x8d\n", "neither UTF-8 nor Windows-1252"),
        ("persons.jsonl", b"name,email\n", "line 1, is not a JSON object"),
        ("persons.parquet", b"name,email\n", "not a Parquet file"),
        ("persons.xlsx", b"PK", "must end with .csv, .jsonl or .parquet"),
        ("things.csv", b"name\nA\n", "is not a supported object"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    account: Account, tmp_path: Path, name: str, content: bytes, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every trouble with a file is told in one sentence that says what is wrong."""
    (tmp_path / name).write_bytes(content)
    run = planned_file(account, tmp_path / name)
    told = capsys.readouterr().err

    assert run.exit_code == 1
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("text", ["Name;E-Mail;E-Mail\nÄnne Groß;anne@acme.test;a.gross@acme.test\n"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_files_as_spreadsheets_save_them(account: Account, tmp_path: Path, text: str, encoding: str) -> None:
    """In any of their code pages; a header that comes twice is told apart by a number."""
    path = tmp_path / "crm.csv"
    path.write_bytes(text.encode(encoding))
    second = {"source": "E-Mail_2", "target": "email"}
    mapping = {"stream": "crm", "object": "persons", "fields": [{"source": "E-Mail", "target": "email"}, second]}

    run = planned_file(account, path, mappings=[mapping])

    created = line(run, "create", "Änne Groß")
    assert "anne@acme.test" in created
    assert "a.gross@acme.test" in created


def test_a_missing_file_and_no_input_at_all(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that does not exist is told; without catalog and file the command line is wrong."""
    run = planned_file(account, account.folder / "none.csv")
    assert run.exit_code == 1
    assert "cannot be read: No such file" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        account.run("plan", config=account.config())
    assert ended.value.code == 2
