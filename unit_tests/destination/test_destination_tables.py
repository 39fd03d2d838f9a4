"""The object table and the spec against what they describe."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import LINKS, Links
from destination_pipedrive.fields.directory import FieldDirectory, built_in_field
from destination_pipedrive.fields.field import UnknownField
from destination_pipedrive.matching.parents import PARENTS
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec
from pipedrive_client.endpoints import endpoint
from pipedrive_client.field_definitions import Field as FieldDefinition

ROOT = Path(__file__).parents[2]
SPEC = json.loads((ROOT / "destination_pipedrive" / "spec.json").read_text(encoding="utf-8"))
FORM = SPEC["connectionSpecification"]


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=list(OBJECTS))
def test_an_object_has_its_endpoints(spec: ObjectSpec) -> None:
    """Its lists, the look at one row, and what can be done with it have a row with their cost."""
    calls = [("GET", path) for path, _ in spec.lists or ((spec.below.list_path if spec.below else spec.path, {}),)]
    calls += [("GET", spec.item_path)] if spec.reads_one else []
    calls += [("POST", spec.path)] if "insert" in spec.operations else []
    calls += [(spec.update_method, spec.item_path)] if "update" in spec.operations else []
    calls += [("DELETE", spec.item_path)] if "delete" in spec.operations else []
    calls += [("GET", spec.archived_path)] if spec.archived_path else []

    assert all(endpoint(*call).cost > 0 for call in calls)


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=list(OBJECTS))
def test_what_cannot_be_updated_is_create_only(spec: ObjectSpec) -> None:
    """An upsert of a relation changes nothing, so none of its fields may look different."""
    if "update" not in spec.operations:
        assert all(field.create_only for field in spec.fields)
    for parent, key in (spec.parents or {}).items():
        field = spec.field(key)
        assert field is not None
        assert field.refers == PARENTS[parent] or spec.name == "leads"


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=list(OBJECTS))
def test_every_column_of_the_source_is_known(spec: ObjectSpec) -> None:
    """A column that the source emits is written or known as read-only, and names of custom columns agree."""
    schema = json.loads((ROOT / "source_pipedrive" / "schemas" / f"{spec.name}.json").read_text(encoding="utf-8"))

    # Of a note these are aliases that are written and objects that the source emits.
    beside = {"deal", "person", "organization"} if spec.name == "notes" else set()
    assert set(schema["properties"]) - beside == set(spec.columns) - {"custom_fields"}


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=list(OBJECTS))
def test_every_field_has_a_type(spec: ObjectSpec) -> None:
    """A field of the table names a row of the table of types."""
    assert [built_in_field(field).type.name for field in spec.fields] == [field.kind for field in spec.fields]


def test_a_wrong_row_fails_by_name() -> None:
    """Mistakes in the table are found on import."""
    with pytest.raises(ValueError, match=r"`things`.*`nope`"):
        ObjectSpec("things", "thing", "p", 0, (FieldSpec("name"),), ("name",), required=("nope",))
    with pytest.raises(ValueError, match="`magic`"):
        built_in_field(FieldSpec("name", "magic"))


def test_links_lead_to_objects() -> None:
    """Every link has a model, ways to be known by, and an object that is its parent."""
    assert set(Links.keys()) == set(LINKS) == set(PARENTS)


def test_the_form_can_be_filled_in() -> None:
    """Every key has a title, a description of one line, and an order; the minimal config is the credentials."""

    def keys(properties: dict[str, Any]) -> Any:
        for name, schema in properties.items():
            yield name, schema
            yield from keys(schema.get("properties", {}))
            yield from keys(schema.get("items", {}).get("properties", {}))

    for name, schema in keys(FORM["properties"]):
        assert schema.get("title"), name
        assert schema.get("description") or schema.get("const"), name
        assert isinstance(schema.get("order"), int), name
    jsonschema.Draft7Validator.check_schema(FORM)
    minimal = {"credentials": {"auth_type": "api_token", "api_token": "x"}}
    jsonschema.validate(minimal, FORM)
    assert Config.from_json(minimal).mappings == ()


def custom(key: str, label: str, kind: str = "varchar") -> FieldDefinition:
    """A custom field."""
    return FieldDefinition(key * 40, label, kind, is_custom=True)


def test_targets_by_name() -> None:
    """Built-in before custom label; labels in any case; equal labels by key only."""
    fields = (
        custom("a", "Lead Source"),
        custom("b", "Segment"),
        custom("c", "Segment", "double"),
        custom("d", "Title"),
    )
    targets = FieldDirectory(OBJECTS["deals"], fields)

    for name in ("Lead Source", "lead source", "lead_source", "LEAD_SOURCE", "a" * 40):
        place = targets.find(name)
        assert place is not None
        assert place.field.key == "a" * 40
    assert getattr(targets.find("Title"), "field", None) == targets.by_key("title")
    with pytest.raises(UnknownField, match="several fields"):
        targets.find("Segment")
    segment = targets.find("segment_cccccccc")
    assert segment is not None
    assert segment.field.key == "c" * 40
    assert targets.find("nothing") is None
