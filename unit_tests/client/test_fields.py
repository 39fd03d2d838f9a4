"""Field definitions and the column names that they become."""

from __future__ import annotations

import re
import unicodedata
from itertools import permutations
from typing import Any

import pytest
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.field_definitions import FIELD_PATHS, Field, FieldCatalog, Option, column_names, snake_case
from pipedrive_client.field_types import API_FIELD_TYPES
from pipedrive_sandbox import Sandbox

from .conftest import API, answer, meeting, outcomes, sandbox_client

A, B, C = "a" * 40, "b" * 40, "c" * 40
DEAL_FIELDS = f"{API}/api/v2/dealFields"


def custom(key: str, label: str, type: str = "varchar") -> Field:
    """A custom field."""
    return Field(key, label, type, True)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        pytest.param("Lead source", "lead_source", id="space"),
        pytest.param("ARR (EUR)", "arr_eur", id="brackets"),
        pytest.param("  Contract -- end/date  ", "contract_end_date", id="runs of punctuation"),
        pytest.param("__a__b__", "a_b", id="underscores"),
        pytest.param("camelCase", "camelcase", id="capital letters"),
        pytest.param("2nd phone", "2nd_phone", id="digit first"),
        pytest.param("100 %", "100", id="digits only"),
        pytest.param("Größe", "größe", id="umlaut"),
        pytest.param("Gro\u0308ße", "größe", id="umlaut from two characters"),
        pytest.param("ÉTÉ", "été", id="accents"),
        pytest.param("Источник Лида", "источник_лида", id="Cyrillic"),
        pytest.param("リード元・名前", "リード元_名前", id="Japanese"),
        pytest.param("线索来源", "线索来源", id="Chinese"),
        pytest.param("مصدر العميل", "مصدر_العميل", id="Arabic"),
        pytest.param("लीड का स्रोत", "लीड_का_स्रोत", id="Hindi with vowel marks"),
        pytest.param("ที่มา", "ที่มา", id="Thai with marks"),
        pytest.param("Nguồn", "nguồn", id="Vietnamese"),
        pytest.param("٣ أشهر", "٣_أشهر", id="Arabic digits"),
        pytest.param("m²", "m²", id="superscript"),
        pytest.param("Hot 🔥 lead", "hot_lead", id="emoji"),
        pytest.param("❤\ufe0f Love", "love", id="emoji with a variation selector"),
        pytest.param("1\ufe0f\u20e3 First", "1_first", id="keycap emoji"),
        pytest.param("👩\u200d💻 dev", "dev", id="joined emoji"),
        pytest.param("👍🏽", "", id="emoji only"),
        pytest.param("❤\ufe0f", "", id="emoji with a variation selector only"),
        pytest.param("\u0301", "", id="a mark without a letter"),
        pytest.param("!!! ???", "", id="punctuation only"),
        pytest.param("", "", id="empty"),
        pytest.param("a\tb\nc\u00a0d", "a_b_c_d", id="white space"),
        pytest.param("a\x00b", "a_b", id="control character"),
        pytest.param("Bob's", "bob_s", id="apostrophe"),
    ],
)
def test_snake_case(label: str, name: str) -> None:
    """A label keeps letters, their marks and digits of every script in lower case; the rest is one underscore."""
    assert snake_case(label) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("fields", "built_in", "names"),
    [
        pytest.param([custom(A, "Size"), custom(B, "Colour")], [], {A: "size", B: "colour"}, id="no collision"),
        pytest.param(
            [custom(A, "Size"), custom(B, "Size")], [], {A: "size_aaaaaaaa", B: "size_bbbbbbbb"}, id="equal labels"
        ),
        pytest.param(
            [custom(A, "Size"), custom(B, "SIZE!")], [], {A: "size_aaaaaaaa", B: "size_bbbbbbbb"}, id="equal names"
        ),
        pytest.param([custom(A, "Title")], ["title"], {A: "title_aaaaaaaa"}, id="built-in"),
        pytest.param(
            [custom(A, "Price", "monetary"), custom(B, "Price currency")],
            [],
            {A: "price_aaaaaaaa", B: "price_currency_bbbbbbbb"},
            id="derived against base",
        ),
        pytest.param([custom(A, "Owner", "user")], ["owner_id"], {A: "owner_aaaaaaaa"}, id="derived against built-in"),
        pytest.param(
            [custom(A, "Slot", "timerange"), custom(B, "Slot", "daterange")],
            [],
            {A: "slot_aaaaaaaa", B: "slot_bbbbbbbb"},
            id="derived against derived",
        ),
        pytest.param([custom(A, "x", "set"), custom(B, "x id")], [], {A: "x", B: "x_id"}, id="a set derives x_ids"),
        pytest.param([custom(A, "???")], [], {A: "field_aaaaaaaa"}, id="empty name"),
        pytest.param(
            [custom(A, "???"), custom("a" * 8 + "b" * 32, "!")],
            [],
            {A: f"field_aaaaaaaa_{A}", "a" * 8 + "b" * 32: "field_aaaaaaaa_" + "a" * 8 + "b" * 32},
            id="empty names with equal key starts",
        ),
        pytest.param(
            [custom("a" * 39 + "0", "Size"), custom("a" * 39 + "1", "Size")],
            [],
            {"a" * 39 + "0": "size_" + "a" * 39 + "0", "a" * 39 + "1": "size_" + "a" * 39 + "1"},
            id="equal labels and key starts",
        ),
        pytest.param(
            [custom(A, "Size"), custom(B, "Size"), custom(C, "Colour")],
            [],
            {A: "size_aaaaaaaa", B: "size_bbbbbbbb", C: "colour"},
            id="others keep their names",
        ),
    ],
)
def test_column_names(fields: list[Field], built_in: list[str], names: dict[str, str]) -> None:
    """Names that collide, derived and built-in ones included, all get the first 8 characters of their keys."""
    assert column_names(fields, built_in) == names


@pytest.mark.parametrize(
    ("labels", "others"),
    [
        pytest.param(["Größe", "Gräße"], "Große Größen", id="umlauts"),
        pytest.param(["Fläche m²", "Fläche m³"], "Fläche km", id="superscripts"),
        pytest.param(["Größe", "Grosse", "Große"], "Große Größe", id="with and without marks"),
        pytest.param(["Señal", "Sefal?", "Senal"], "Señales", id="one underscore, one mark"),
        pytest.param(["Город", "Gorod"], "Gorods", id="as it is written in ASCII"),
    ],
)
def test_r26_names_that_ascii_makes_equal(labels: list[str], others: str) -> None:
    """Columns that would be one in a destination that keeps ASCII only get suffixes; the others keep their names."""
    fields = [custom(str(number) * 40, label) for number, label in enumerate([*labels, others])]
    names = list(column_names(fields, ["title"]).values())

    for form in (r"[^a-z0-9_]", None):
        written = [re.sub(form, "_", name) if form else _unmarked(name) for name in names]
        assert len(set(written)) == len(names)
    assert names[-1] == snake_case(others)
    assert sum(name.endswith(f"_{str(number) * 8}") for number, name in enumerate(names)) >= 2


def _unmarked(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z0-9_]", "_", "".join(each for each in letters if not unicodedata.combining(each)))


def test_r26_derived_columns_that_ascii_makes_equal() -> None:
    """Derived columns count, and built-in ones."""
    money, text = custom(A, "Prämie", "monetary"), custom(B, "Prömie currency")
    assert column_names([money, text], []) == {A: "prämie_aaaaaaaa", B: "prömie_currency_bbbbbbbb"}
    assert column_names([custom(A, "Nâme")], ["name"]) == {A: "nâme_aaaaaaaa"}


def test_built_in_names_may_be_read_once() -> None:
    """Built-in names count in every round, whatever kind of iterable they come in."""
    taken = ["size", "size_aaaaaaaa"]

    assert column_names([custom(A, "Size")], iter(taken)) == {A: f"size_{A}"}


@pytest.mark.parametrize(
    ("label", "name"),
    [
        pytest.param("Источник Лида", "istochnik_lida", id="Cyrillic"),
        pytest.param("Область", "oblast", id="no apostrophe for a soft sign"),
        pytest.param("名前", "mingqian", id="Chinese characters"),
        pytest.param("리드", "lideu", id="Korean"),
        pytest.param("مصدر العميل", "msdr_lmyl", id="Arabic"),
        pytest.param("Ö", "o", id="a Latin letter that is not of ASCII"),
        pytest.param("٣", "3", id="digits of another script"),
        pytest.param("Ａ", "a", id="full width"),
        pytest.param("Größe", "größe", id="some letters of ASCII"),
        pytest.param("Вес kg", "вес_kg", id="two scripts"),
        pytest.param("100 %", "100", id="digits"),
        pytest.param("🔥", "field_aaaaaaaa", id="nothing to write"),
        pytest.param("Ъ", "field_aaaaaaaa", id="a letter without a sound"),
    ],
)
def test_names_without_a_letter_of_ascii(label: str, name: str) -> None:
    """Such a label is written in letters of ASCII, so that no destination is left with underscores."""
    assert column_names([custom(A, label)], []) == {A: name}


def test_names_that_capitals_make_equal() -> None:
    """Some destinations write capitals, and `ß` is `SS` there."""
    assert column_names([custom(A, "Straße"), custom(B, "Strasse")], []) == {
        A: "straße_aaaaaaaa",
        B: "strasse_bbbbbbbb",
    }


def test_pinned_names() -> None:
    """A pinned name stays, whatever it meets; the columns beside it follow, and another field gives way."""
    fields = [custom(A, "Size", "monetary"), custom(B, "Budget"), custom(C, "Budget currency"), custom("d" * 40, "x")]

    assert column_names(fields, ["title"], {A: "budget"}) == {
        A: "budget",
        B: "budget_bbbbbbbb",
        C: "budget_currency_cccccccc",
        "d" * 40: "x",
    }


def test_names_do_not_depend_on_the_order() -> None:
    """The order of the definitions changes no name."""
    fields = [custom(A, "x", "monetary"), custom(B, "x currency"), custom(C, "X"), custom("d" * 40, "y")]
    first = column_names(fields, ["title"])

    assert all(column_names(order, ["title"]) == first for order in permutations(fields))


@pytest.mark.parametrize("type", API_FIELD_TYPES)
@pytest.mark.parametrize("letter", ["a", "ö", "語", "𝒳"], ids=["1 byte", "2 bytes", "3 bytes", "4 bytes"])
def test_names_fit(type: str, letter: str) -> None:
    """No column of a long label is longer than 63 bytes or ends in half a character, alone or colliding."""
    fields = [custom(A, letter * 80, type), custom(B, letter * 80, type), custom(C, "x" + letter * 80, type)]
    names = column_names(fields, [])
    columns = [names[field.key] + suffix for field in fields for suffix in field.suffixes]

    assert max(len(column.encode()) for column in columns) <= 63
    assert min(len(column.encode()) for column in columns) >= 50
    assert len(set(columns)) == len(columns)
    assert "\ufffd" not in "".join(columns)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        pytest.param("a" * 63, "a" * 63, id="63 bytes fit"),
        pytest.param("a" * 64, "a" * 63, id="64 bytes are cut"),
        pytest.param("aö" + "ö" * 32, "a" + "ö" * 31, id="no half character"),
        pytest.param("a" + "語" * 21, "a" + "語" * 20, id="no third of a character"),
        pytest.param("ж" * 32 + " kg", "zh" * 31, id="ASCII behind the cut"),
        pytest.param("a" * 62 + " b", "a" * 62, id="no underscore at the cut"),
    ],
)
def test_truncation(label: str, name: str) -> None:
    """A name is cut at 63 bytes, between characters."""
    assert column_names([custom(A, label)], []) == {A: name}


def test_labels_that_differ_behind_the_cut() -> None:
    """Long labels that are equal up to the cut collide."""
    names = column_names([custom(A, "x" * 63 + "1"), custom(B, "x" * 63 + "2")], [])

    assert names == {A: "x" * 54 + "_aaaaaaaa", B: "x" * 54 + "_bbbbbbbb"}


DEFINITION = {
    "field_code": A,
    "field_name": "Size",
    "field_type": "enum",
    "is_custom_field": True,
    "options": [{"id": 1, "label": "S"}, {"id": "t", "label": None}, {"label": "no id"}, "strange", None, {"id": []}],
}


def test_definition() -> None:
    """A definition is read with its options; an option without an id is left out."""
    field = Field.from_api(DEFINITION)

    assert field == Field(A, "Size", "enum", True, (Option(1, "S"), Option("t", "")))


@pytest.mark.parametrize(
    "row", [{}, {"field_code": None, "field_name": None, "field_type": None, "options": None}, {"options": 5}]
)
def test_bare_definition(row: dict[str, Any]) -> None:
    """A definition that lacks everything is a text field without a name."""
    assert Field.from_api(row) == Field("", "", "varchar", False)


@pytest.mark.parametrize("object_name", FIELD_PATHS)
def test_catalog_paths(api: requests_mock.Mocker, client: PipedriveClient, object_name: str) -> None:
    """Each object's definitions are read from its list; leads carry the deal fields."""
    api.get(f"{API}/{FIELD_PATHS[object_name]}", **answer([DEFINITION]))

    assert [field.key for field in FieldCatalog(client).fields(object_name)] == [A]


def test_catalog_reads_once(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Deals and leads share one reading of the definitions, metered as `fields`."""
    asked = api.get(DEAL_FIELDS, **answer([DEFINITION, {"field_code": "title"}, {"field_name": "no key"}]))
    catalog = FieldCatalog(client)
    for object_name in ("deals", "leads", "deals"):
        assert [field.key for field in catalog.custom(object_name)] == [A]
        assert [field.key for field in catalog.fields(object_name)] == [A, "title"]

    assert asked.call_count == 1
    assert list(client.meter.by_label) == ["fields"]


def test_catalog_refresh(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A refresh reads the definitions of one object again and keeps what it finds."""
    api.get(DEAL_FIELDS, [answer([]), answer([DEFINITION])])
    catalog = FieldCatalog(client)

    assert catalog.custom("deals") == ()
    assert [field.key for field in catalog.refresh("leads")] == [A]
    assert [field.key for field in catalog.custom("deals")] == [A]


def test_catalog_under_threads(client: PipedriveClient) -> None:
    """Threads that need the definitions at the same time read them once."""
    meet, read = meeting(), []

    def reading(path: str) -> list[dict[str, Any]]:
        read.append(path)
        meet()
        return [DEFINITION]

    catalog = FieldCatalog(client, reading)
    assert outcomes(lambda: catalog.fields("deals"), 8) == [(Field.from_api(DEFINITION),)] * 8
    assert read == ["api/v2/dealFields"]


def test_catalog_failure_is_not_kept(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Definitions that could not be read are read when they are needed again."""
    api.get(DEAL_FIELDS, [{"status_code": 403, "json": {}}, answer([DEFINITION])])
    catalog = FieldCatalog(client)

    with pytest.raises(Refused):
        catalog.fields("deals")
    assert len(catalog.fields("deals")) == 1


def test_catalog_shared_reading(client: PipedriveClient) -> None:
    """A reading of the definitions that somebody else did can be shared."""
    catalog = FieldCatalog(client, read=lambda path: [DEFINITION | {"field_name": path}])

    assert catalog.fields("persons")[0].label == "api/v2/personFields"


def test_options(client: PipedriveClient) -> None:
    """Option labels are found by id; a field that does not exist has none."""
    catalog = FieldCatalog(client, read=lambda _path: [DEFINITION])

    assert catalog.options("deals", A) == {1: "S", "t": ""}
    assert catalog.options("deals", B) == {}


@pytest.mark.parametrize("object_name", ["deals", "persons", "organizations", "products"])
def test_sandbox_fields(sandbox: Sandbox, object_name: str) -> None:
    """The columns of a seeded account, awkward labels included, are all different and fit."""
    sandbox.seed()
    catalog = FieldCatalog(sandbox_client())
    built_in = [field.key for field in catalog.fields(object_name) if not field.is_custom]
    names = column_names(catalog.custom(object_name), built_in)
    columns = [names[field.key] + suffix for field in catalog.custom(object_name) for suffix in field.suffixes]

    assert columns
    assert len({*columns, *built_in}) == len(columns) + len(set(built_in))
    assert all(0 < len(column.encode()) <= 63 for column in columns)
