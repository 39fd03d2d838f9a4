"""Columns to fields: what rules say of values, names of columns in any case, what is left out."""

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest

from destination_pipedrive.config.mapping_reader import read_mappings
from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.fields.field import NO_OPTIONS, FieldOptions
from destination_pipedrive.flow import Rejected
from destination_pipedrive.mapping import columns
from destination_pipedrive.mapping.columns import NO_FALLBACKS, Fallbacks
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.objects.records import OBJECTS
from pipedrive_client.config import ConfigError
from pipedrive_client.field_definitions import Field as FieldDefinition
from pipedrive_client.field_definitions import FieldCatalog, Option
from unit_tests.destination.account_names import Names

TIER = FieldDefinition("a" * 40, "Tier", "enum", is_custom=True, options=(Option(1, "Gold"),))
SIGNED = FieldDefinition("b" * 40, "Signed", "date", is_custom=True)
TAGS = FieldDefinition("c" * 40, "Tags", "set", is_custom=True, options=(Option(1, "Food, Drinks"), Option(2, "Golf")))
STATUS = FieldDefinition("d" * 40, "Status", "varchar", is_custom=True)
FIELDS = (TIER, SIGNED, TAGS, STATUS)


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> dict[str, FieldOptions]:
    """What the rules say of values, by column."""
    said: dict[str, FieldOptions] = {}
    monkeypatch.setattr(columns, "field_options", lambda rule: said.get(rule.source, NO_OPTIONS))
    return said


def mapper(
    name: str = "persons", *rules: tuple[str, str], fallbacks: Fallbacks = NO_FALLBACKS, **more: Any
) -> RecordMapper:
    """The mapping of a stream; each of ``rules`` is a column and where it goes."""
    fields = [{"source": source, "target": target} for source, target in rules]
    found = read_mappings([{"stream": name, "fields": fields, **more}])
    assert not found.problems
    directory = FieldDirectory(OBJECTS[name], FIELDS, country="DE")
    return RecordMapper(found.rules[0], directory, Names(), True, fallbacks)


def link(by: str, column: str) -> dict[str, Any]:
    """A link to an organization."""
    return {"organization": {"by": by, "from": column}}


def test_a_directory_is_made_once_for_the_same_fields() -> None:
    """Until the account's fields change, or another rule for values asks for another."""
    account: dict[str, Any] = {"api/v2/personFields": [], "api/v2/dealFields": []}
    fields = FieldCatalog(Mock(), account.__getitem__)
    first = directory_of(fields, OBJECTS["persons"], "", "persons")

    assert directory_of(fields, OBJECTS["persons"], "", "persons") is first
    assert directory_of(fields, OBJECTS["persons"], "", "persons", "DE") is not first
    assert directory_of(fields, OBJECTS["deals"], "", "deals").spec.name == "deals"
    fields.add("persons", TIER)
    assert directory_of(fields, OBJECTS["persons"], "", "persons").find("tier") is not None


def test_columns_are_found_in_any_case() -> None:
    """Upper-case columns of a warehouse are fields, the id, and what a config names in another case."""
    rule = ("company_mail", "email")
    made = mapper(
        "persons",
        rule,
        links=link("domain", "site"),
        owner="agent",
        updated_at_field="changed",
        filter="score > 5",
    )
    record = {
        "ID": 5,
        "NAME": "Ann",
        "COMPANY_MAIL": "a@b.test",
        "SITE": "acme.test",
        "AGENT": "ann@acme.test",
        "CHANGED": "2026-05-01T00:00:00Z",
        "SCORE": 7,
        "TIER": "gold",
        "_AIRBYTE_RAW_ID": "x",
        "_AB_CDC_LSN": 1,
    }
    mapped = made.map(record)

    assert mapped.row_id == 5
    assert mapped.values == {"name": "Ann", "emails": [{"value": "a@b.test"}], "owner_id": 7, "a" * 40: 1}
    assert mapped.references[0].by == (("domain", "acme.test"),)
    assert mapped.changed_at == "2026-05-01T00:00:00Z"
    assert made.unmapped == {}
    assert made.spelled(record)["score"] == 7
    plain = {"score": 5}
    assert made.spelled(plain) is plain


def test_leads_take_the_sources_names_of_columns() -> None:
    """A deal field whose name a column of deals has is called in leads as the source calls it there."""
    made = mapper("leads")
    made.map({"id": "x", "status_dddddddd": "Paused"})

    assert set(made.fields) == {"d" * 40}
    assert made.unmapped == {}


def test_invalid_values_are_left_out_by_rule(options: dict[str, FieldOptions]) -> None:
    """Only the value that is invalid goes, counted by its column; other columns of the field stay."""
    lenient = FieldOptions(on_invalid="leave_out")
    options.update({"day": lenient, "second": lenient, "tier": lenient})
    rules = [("first", "email"), ("second", "email"), ("day", "Signed")]
    made = mapper("persons", *rules, ("tier", "Tier"))
    mapped = made.map({"first": "a@b.test", "second": "nonsense", "day": "soon", "tier": "Bronze", "name": "Ann"})

    assert mapped.values == {"name": "Ann", "emails": [{"value": "a@b.test"}]}
    assert made.left_out == {"second": 1, "day": 1, "tier": 1}
    with pytest.raises(Rejected, match="email"):
        made.map({"first": "nonsense", "second": "a@b.test"})


def test_a_rule_says_how_dates_are_written(options: dict[str, FieldOptions]) -> None:
    """The format is read, another one is refused or left out."""
    options["day"] = FieldOptions(format="%d.%m.%Y")
    made = mapper("persons", ("day", "Signed"))

    assert made.map({"day": "01.05.2026"}).values == {"b" * 40: "2026-05-01"}
    with pytest.raises(Rejected, match="format"):
        made.map({"day": "2026-05-01"})
    options["day"] = replace(options["day"], on_invalid="leave_out")
    lenient = mapper("persons", ("day", "Signed"))
    assert lenient.map({"day": "2026-05-01"}).values == {}
    assert lenient.left_out == {"day": 1}


def test_a_rule_says_how_lists_are_merged(options: dict[str, FieldOptions]) -> None:
    """The field of the rule carries it to where rows are compared, with the account's country."""
    options.update({"mobile": FieldOptions(merge="replace"), "email": FieldOptions(primary=True)})
    made = mapper("persons", ("mobile", "phone"), ("email", "email"))
    mapped = made.map({"mobile": "030 1", "phones": None, "email": "a@b.test", "emails": ["c@d.test"]})

    assert made.fields["phones"].merging == "replace"
    assert made.fields["phones"].rule.default_country == "DE"
    assert made.fields["emails"].merging == "add"
    assert mapped.values["emails"] == [{"value": "c@d.test"}, {"value": "a@b.test", "primary": True}]


def test_a_rule_that_makes_no_sense_is_told(options: dict[str, FieldOptions]) -> None:
    """Before any record, with the pointer of the rule."""
    options["name"] = FieldOptions(merge="add")
    with pytest.raises(ConfigError, match=r"/mappings/0/fields/0/target.*`name` is not a list"):
        mapper("persons", ("name", "name"))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("SQL", 1), (["sql"], [1]), ("sql, Golf", [1, 2]), ('["SQL"]', [1])],
)
def test_value_maps_translate_lists(given: Any, wanted: Any) -> None:
    """The whole text, else each entry; a list as text as well."""
    name, key, ours = ("Tier", "a", "Gold") if wanted == 1 else ("Tags", "c", "Food, Drinks")
    made = mapper("persons", value_maps={name: {"SQL": ours}})

    assert made.map({name: given}).values == {key * 40: wanted}


def test_options_are_created_once_a_record_names_them() -> None:
    """A label that is missing, a number's too, is asked for and then known."""
    asked: list[str] = []

    def create(_field: Any, label: str) -> Option:
        asked.append(label)
        return Option(100 + len(asked), label)

    made = mapper("persons", fallbacks=Fallbacks(create), on_unknown_option="create")

    assert made.map({"Tier": 2025}).values == {"a" * 40: 101}
    assert made.map({"Tags": '["Tennis", "Food, Drinks"]'}).values == {"c" * 40: [102, 1]}
    assert made.map({"Tier": "2025", "Tags": "tennis"}).values == {"a" * 40: 101, "c" * 40: [102]}
    assert asked == ["2025", "Tennis"]


@pytest.mark.parametrize("value", ["n/a", "", None, "-"])
def test_a_placeholder_names_no_parent(value: Any) -> None:
    """Neither a link nor a name in its place is looked for."""
    made = mapper("persons", links=link("name", "company_name"))

    assert made.map({"company_name": value, "name": "Ann"}).references == []
    assert mapper("persons").map({"organization": value, "name": "Ann"}).references == []


def test_a_link_that_is_no_text_is_refused() -> None:
    """A value that cannot be a name rejects the record, and not the run."""
    made = mapper("persons", links=link("name", "company_name"))
    with pytest.raises(Rejected, match="needs text"):
        made.map({"company_name": {"x": 1}})
