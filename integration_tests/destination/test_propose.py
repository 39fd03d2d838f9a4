"""`propose` on tables of different makes: what it maps right, and that what it says passes `check` as it is."""

import datetime
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from destination_pipedrive.objects.records import OBJECTS
from integration_tests.destination.account import Account, record
from integration_tests.destination.propose_tables.expected import EXPECTED, UPDATED_AT
from integration_tests.harness import Run

TABLES = Path(__file__).parent / "propose_tables"
#: How some of the tables are saved; tracked files are UTF-8.
ENCODINGS = {
    "Kundenliste.csv": "cp1252",
    "Angebote 2026.csv": "utf-16",
    "hubspot-crm-exports-all-deals.csv": "utf-8-sig",
}
DUTCH = {
    "voornaam": ["Anouk", "Bram", "Cees"],
    "achternaam": ["de Wit", "Jansen", "Bakker"],
    "e_mailadres": ["anouk@polder.nl", "bram@kaasland.nl", "cees@molen.nl"],
    "mobielNummer": ["+31 6 1234 5601", "+31 6 1234 5602", "+31 6 1234 5603"],
    "functietitel": ["Inkoper", "Directeur", "Planner"],
    "bedrijfsnaam": ["Polder BV", "Kaasland", "De Molen"],
    "website_bedrijf": ["polder.nl", "https://kaasland.nl", "www.molen.nl"],
    "geboortedatum": [datetime.date(1980, 1, 2), datetime.date(1975, 3, 4), None],
    "schoenmaat": [38, 43, 44],
    "aangemaakt_op": [datetime.datetime(2026, 1, 2, 3, 4), datetime.datetime(2026, 2, 2), None],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tables, one of them made here."""
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    found = tmp_path / "tables"
    shutil.copytree(TABLES, found)
    for name, encoding in ENCODINGS.items():
        (found / name).write_text((TABLES / name).read_text(encoding="utf-8"), encoding=encoding)
    parquet.write_table(arrow.table(DUTCH), found / "contactpersonen.parquet")
    return found


def proposed(account: Account, path: Path, *options: str, **files: Any) -> Run:
    """A run of `propose`; nothing is written."""
    account.sandbox.clear_requests()
    run = account.run("propose", options=["--from", str(path), *options], **files)
    assert account.writes() == []
    return run


def entry_of(run: Run) -> dict[str, Any]:
    """The one entry of a proposal."""
    assert run.exit_code == 0, run
    (entry,) = yaml.safe_load(run.stdout)
    return dict(entry)


def places(entry: dict[str, Any]) -> dict[str, str]:
    """Column -> where it goes, in the words of `expected.py`."""
    found = {each["source"]: each["target"] for each in entry.get("fields", ()) if "target" in each}
    found |= {rule["from"]: f"{link}.{rule['by']}" for link, rule in entry.get("links", {}).items()}
    return found | ({entry["updated_at_field"]: UPDATED_AT} if "updated_at_field" in entry else {})


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_of_a_table(account: Account, folder: Path, name: str) -> None:
    """At least nine of ten columns that can be mapped go to the right field, and no other column goes anywhere."""
    wanted_object, wanted = EXPECTED[name]

    entry = entry_of(proposed(account, folder / name))
    found = places(entry)

    right = [column for column, place in wanted.items() if found.get(column) == place]
    print(f"{name}: {len(right)} of {len(wanted)} columns right ({len(right) / len(wanted):.0%})")
    assert entry["object"] == wanted_object
    assert len(right) >= 0.9 * len(wanted), {each: found.get(each) for each in wanted.keys() - set(right)}
    assert not found.keys() - wanted.keys()


@pytest.mark.parametrize("is_compared", [True, False], ids=["with the account", "without"])
@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_proposed_passes_check(account: Account, folder: Path, name: str, is_compared: bool) -> None:
    """As it is, comments included, whether the account was known or not."""
    config = account.config()
    run = proposed(account, folder / name, **({"config": config} if is_compared else {}))
    assert run.exit_code == 0, run

    checked = account.run("check", config={**config, "mappings": run.stdout})

    assert checked.connection_status["status"] == "SUCCEEDED", checked.connection_status
    assert not [each for each in checked.logs("WARN") if "/mappings" in each]


def test_rows_of_a_proposal_can_be_written(account: Account, folder: Path) -> None:
    """Amounts, dates and words of the table's language arrive as what they mean."""
    path = folder / "Angebote 2026.csv"
    mapping = folder / "mapping.yaml"
    mapping.write_text(proposed(account, path, config=account.config()).stdout, encoding="utf-8")

    run = account.run("write", options=["--from", str(path), "--mappings", str(mapping)], config=account.config())

    assert run.summary["objects"]["deals"]["created"] == 3, run
    deals = {row["title"]: row for row in account.rows("deals")}
    assert (deals["Druckstraße"]["value"], deals["Druckstraße"]["currency"]) == (310_000, "EUR")
    assert deals["Druckstraße"]["expected_close_date"] == "2027-02-28"
    assert {title: row["status"] for title, row in deals.items()} == {
        "Drehmaschine": "open",
        "Backofen": "won",
        "Druckstraße": "lost",
    }


def table(folder: Path, text: str, name: str = "people.csv") -> Path:
    """A file of a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


ODD_HEADS = """\
Lead-Nr.;Vor- und Nachname;E-Mail geschäftlich;Firma / Organisation;Firmen-Website;Kategorie;Abo;Hobbys;Stand
L-1;Jana Köhler;jana@koehler.test;Köhler GmbH;https://koehler.test/de;Customer;wöchentlich;Golf, Chess;26.11.2026 14:05
L-2;Tom Übel;tom@ueblein.test;Üblein AG;ueblein.test;Prospect;monatlich;Sailing;27.11.2026 08:00
L-3;Ann Berg;ann@nordlicht.test;Nordlicht;www.nordlicht.test;Partner;nie;;27.11.2026 09:30
"""


def test_heads_that_nobody_lists(account: Account, tmp_path: Path) -> None:
    """Two names in one head are one field; values that are options tell their field; a time in local form is named."""
    run = proposed(account, table(tmp_path, ODD_HEADS, "messe.csv"), config=account.config())

    assert places(entry_of(run)) == {
        "Vor- und Nachname": "name",
        "E-Mail geschäftlich": "email",
        "Firma / Organisation": "organization",
        "Firmen-Website": "organization.domain",
        "Kategorie": "labels",
        "Hobbys": "Interests",
        "Stand": UPDATED_AT,
    }
    assert "its values are options of `Interests`; only its values say so" in run.stdout
    assert "`newest_wins` cannot read the times in `Stand`" in run.stdout
    assert "a key of your own system" in run.stdout


def test_days_without_a_field_of_their_name(account: Account, tmp_path: Path) -> None:
    """The only custom field for days is named, with the format that reads them; nothing is mapped by that alone."""
    text = "Email,Name,Kennengelernt\na@b.test,A B,14.03.26\nc@d.test,C D,22.05.26\n"
    run = proposed(account, table(tmp_path, text), config=account.config())

    assert "Kennengelernt" not in places(entry_of(run))
    assert "# - {source: Kennengelernt, target: Met on}" in run.stdout
    assert 'its values are days, with `format: "%d.%m.%y"`; nearest is `Met on`' in run.stdout


def test_options_in_other_words_are_named(account: Account, tmp_path: Path) -> None:
    """A column called as a choice whose values are none of its options is left out, with the options."""
    text = "Email,Name,Newsletter\na@b.test,A B,wöchentlich\nc@d.test,C D,nie\n"
    run = proposed(account, table(tmp_path, text), config=account.config())
    assert "none is one of its options (Weekly, Monthly, Never): `value_maps` can translate them" in run.stdout


def test_fields_and_options_of_the_account(account: Account, tmp_path: Path) -> None:
    """Custom fields are found by label, by key and by a label written in another way; options are held against them."""
    key = account.key("personFields", "Nickname")
    head = f"Email,Name,{key},BIRTH_YEAR,newsletter,Interests\n"
    rows = (
        "a@acme.test,Ann,Nan,1980,Weekly,Golf\nb@acme.test,Bo,,1975,Montly,Tennis\nc@acme.test,Cy,,1990,never,Chess\n"
    )

    run = proposed(account, table(tmp_path, head + rows), config=account.config())

    found = {each["source"]: each for each in entry_of(run)["fields"]}
    assert {name: found[name]["target"] for name in (key, "BIRTH_YEAR", "newsletter")} == {
        key: "Nickname",
        "BIRTH_YEAR": "Birth year",
        "newsletter": "Newsletter",
    }
    assert entry_of(run)["value_maps"] == {"Newsletter": {"Montly": "Monthly"}}
    assert found["Interests"]["on_invalid"] == "leave_out"
    assert "1 of 3 values is no option (Tennis) and left out" in run.stdout


def test_values_decide_where_names_do_not(account: Account, tmp_path: Path) -> None:
    """A contact is an email address, and what is no number does not go to a number."""
    text = "deal,contact,amount\nRoof,ann@acme.test,soon\nFloor,bo@acme.test,later\n"

    run = proposed(account, table(tmp_path, text, "deals.csv"))

    assert places(entry_of(run)) == {"deal": "title", "contact": "person.email"}
    assert "of 2 different values, none can be read as amount; nearest is `value`" in run.stdout


def test_your_own_key_in_a_custom_field(account: Account, tmp_path: Path) -> None:
    """A custom text field that is called like a key, with a value of its own in each row, is the first key."""
    made = {"stream": "persons", "external_id_field": "Customer number"}
    account.write([record("persons", name="Al", customer_number="1")], mappings=[made], auto_create_fields=True)
    text = "customer_number,email,name\n7,a@acme.test,Ann\n8,b@acme.test,Bo\n"

    entry = entry_of(proposed(account, table(tmp_path, text), config=account.config()))

    assert entry["external_id_field"] == "Customer number"


@pytest.mark.parametrize(
    ("text", "name", "options", "said"),
    [
        ("a,b\n1,2\n", "x.csv", (), "Name it with --object"),
        ("a,b\n1,2\n", "x.csv", ("--object", "person"), "Did you mean `persons`"),
        ("", "x.csv", (), "has no column"),
        ("{}", "x.json", (), "neither an Airbyte catalog"),
        ('{"streams": [{"name": "deals"}]}', "x.json", ("--stream", "deal"), "Did you mean `deals`"),
    ],
)
def test_what_cannot_be_proposed(
    account: Account,
    tmp_path: Path,
    text: str,
    name: str,
    options: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence says what is missing."""
    run = proposed(account, table(tmp_path, text, name), *options)
    told = capsys.readouterr().err

    assert run.exit_code == 1
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_can_be_proposed(account: Account, tmp_path: Path, name: str) -> None:
    """The columns that are called like the fields of an object go there, and `check` has nothing to say."""
    spec = OBJECTS[name]
    keys = [each.key for each in spec.fields]

    run = proposed(account, table(tmp_path, ",".join(keys) + "\n", f"{name}.csv"), config=account.config())

    entry = entry_of(run)
    assert entry["object"] == name
    known = {each["source"] for each in entry["fields"]} | {rule["from"] for rule in entry.get("links", {}).values()}
    lacking = {each.key for each in spec.fields if each.contact_sync}
    assert set(keys) - known <= lacking | {"add_time"}
    operation = "upsert" if {"insert", "update"} <= spec.operations else next(iter(sorted(spec.operations)))
    checked = account.check(mappings=[{**entry, "operation": operation}])
    assert checked.connection_status["status"] == "SUCCEEDED", (checked.connection_status, run.stdout)


def test_several_streams_of_a_catalog(account: Account, tmp_path: Path) -> None:
    """Each stream has its entry; one that nothing tells is named above them."""
    streams = {"contacts": ("email", "firstname"), "companies": ("name", "domain"), "xyz": ("a", "b")}
    content = [
        {"stream": {"name": name, "json_schema": {"properties": {each: {"type": "string"} for each in columns}}}}
        for name, columns in streams.items()
    ]
    path = table(tmp_path, json.dumps({"streams": content}), "catalog.json")

    run = account.run("propose", options=["--catalog", str(path)])

    assert [(each["stream"], each["object"]) for each in yaml.safe_load(run.stdout)] == [
        ("contacts", "persons"),
        ("companies", "organizations"),
    ]
    assert "It is unclear what `xyz` should become" in run.stdout
