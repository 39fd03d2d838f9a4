"""Both specs make a form that a person can fill in, and declare what the config readers take."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from airbyte_cdk.test.standard_tests._spec_compatibility import compare_specs

from destination_pipedrive.config.config import Config as DestinationConfig
from integration_tests.harness import ROOT
from integration_tests.registry.form import boxes, fields, form, spec
from pipedrive_client.config import ConfigError
from source_pipedrive.config.config import Config as SourceConfig

both = pytest.mark.parametrize("side", ["source", "destination"])

CREDENTIALS = {"credentials": {"auth_type": "api_token", "api_token": "x"}}
READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "source": SourceConfig.parse,
    "destination": DestinationConfig.from_json,
}
#: Keys that work and are not drawn: for tests, and of the official connector.
HIDDEN = {
    "source": {"oauth_url", "api_token", "replication_start_date", "authorization"},
    "destination": {"oauth_url", "api_token"},
}
#: Keys that take more from files and the API than the form can give: drawn as the first type, kept as they are.
SEVERAL_TYPES = {"source": set(), "destination": {"/mappings", "/default_owner"}}
#: What no key of a config may be.
NONSENSE = [{"a": [1]}]
#: Where the configs are read.
FILES = {
    "source": (
        "pipedrive_client/config.py",
        "source_pipedrive/config/config.py",
        "source_pipedrive/config/selections.py",
    ),
    "destination": ("pipedrive_client/config.py", "destination_pipedrive/config/config.py"),
}
#: The form of the official connector, as far as it can break a config.
OFFICIAL = {
    "connectionSpecification": {
        "type": "object",
        "required": ["api_token"],
        "properties": {
            "api_token": {"type": "string", "airbyte_secret": True},
            "replication_start_date": {"type": "string", "default": "2010-01-01T00:00:00Z"},
            "num_workers": {"type": "integer", "default": 8, "minimum": 1, "maximum": 20},
        },
    }
}
LONGEST_DESCRIPTION = 250


@both
def test_a_form_takes_the_least_config(side: str) -> None:
    """The schema is valid, credentials are all that is needed, and they are the first that one sees."""
    jsonschema.Draft7Validator.check_schema(form(side))

    jsonschema.validate(CREDENTIALS, form(side))
    credentials = form(side)["properties"]["credentials"]
    assert (credentials["order"], credentials["group"], credentials["always_show"]) == (0, "auth", True)


@both
def test_a_field_says_what_it_is(side: str) -> None:
    """A title, a description of one line (a discriminator has none), an order, and, with exceptions, one type."""
    for place, field in fields(side):
        assert field.get("title"), place
        assert field.get("description") or "const" in field, place
        assert "\n" not in field.get("description", ""), place
        assert len(field.get("description", "")) <= LONGEST_DESCRIPTION, place
        assert isinstance(field["order"], int), place
        assert isinstance(field["type"], str) or place in SEVERAL_TYPES[side], place


@both
def test_no_two_fields_have_one_place(side: str) -> None:
    """Airbyte draws the fields of a box in their order, which must be unique."""
    for box in boxes(form(side)):
        orders = [field["order"] for field in box.fields.values()]

        assert sorted(set(orders)) == sorted(orders), box.place


@both
def test_groups_are_cards(side: str) -> None:
    """Every field of the form is in a group that exists, no field below is, no card is empty or without a title."""
    groups = {group["id"] for group in form(side)["groups"]}
    top = form(side)["properties"].values()

    assert {field["group"] for field in top if not field.get("airbyte_hidden")} == groups
    assert {field["group"] for field in top} == groups
    assert all(group["title"] for group in form(side)["groups"])
    assert not [place for place, field in fields(side) if "group" in field and place.count("/") > 1]


@both
def test_a_choice_is_told_by_one_constant(side: str) -> None:
    """A oneOf is an object of titled objects with one required constant of one name, different in each."""
    chosen = [(place, field) for place, field in fields(side) if "oneOf" in field]

    assert chosen
    for place, field in chosen:
        choices = field["oneOf"]
        constants = [
            (name, each["const"])
            for choice in choices
            for name, each in choice["properties"].items()
            if "const" in each and name in choice["required"]
        ]
        assert {choice["type"] for choice in (field, *choices)} == {"object"}, place
        assert all(choice["title"] for choice in choices), place
        assert len({name for name, _ in constants}) == 1, place
        assert len(set(constants)) == len(choices), place
        assert field["display_type"] in ("dropdown", "radio"), place


@both
def test_objects_and_lists_say_what_they_hold(side: str) -> None:
    """Airbyte has no input for free keys and for a list without items, and strips every key that is not declared."""
    for place, field in fields(side):
        if field["type"] == "object":
            assert field.get("properties") or field.get("oneOf"), place
        if field["type"] == "array":
            assert field["items"]["type"] in ("object", "string"), place
            assert field["items"].get("properties") or field["items"]["type"] == "string", place
        assert "additionalProperties" not in field, place


@both
def test_patterns_have_words(side: str) -> None:
    """A time has a pattern, a pattern has a descriptor, and a secret has neither default nor example."""
    for place, field in fields(side):
        assert "pattern_descriptor" in field or "pattern" not in field, place
        assert "pattern" in field or "format" not in field, place
        if field.get("airbyte_secret"):
            assert not {"default", "examples"} & set(field), place


@both
def test_defaults_and_examples_are_valid(side: str) -> None:
    """What the form shows as a default or an example it takes itself."""
    for place, field in fields(side):
        shown = [*field.get("examples", ()), *([field["default"]] if "default" in field else [])]
        for value in shown:
            assert jsonschema.Draft7Validator(field).is_valid(value), f"{place}: {value}"
        assert field.get("default", field.get("enum", [None])[0]) in field.get("enum", [field.get("default")]), place


@both
def test_only_keys_for_tests_and_of_earlier_configs_are_hidden(side: str) -> None:
    """They are accepted as before, and not drawn."""
    hidden = {place.removeprefix("/") for place, field in fields(side) if field.get("airbyte_hidden")}

    assert hidden == HIDDEN[side]


@both
def test_the_reader_knows_every_key(side: str) -> None:
    """Nonsense under a declared key is an error that names the key: no key is declared in vain."""
    for key in set(form(side)["properties"]) - {"authorization"}:
        config = {"api_url": "https://x.pipedrive.com", **CREDENTIALS, key: NONSENSE}
        if key == "api_token":
            del config["credentials"]

        with pytest.raises(ConfigError, match=re.escape(f"{key}")):
            READERS[side](config)


@both
def test_no_undeclared_key_is_read(side: str) -> None:
    """Every key that the code takes from a config is in the spec, the shared ones among them."""
    read = {key for name in FILES[side] for key in keys_read(ROOT / name)}

    assert read <= set(form(side)["properties"])
    assert read >= {"credentials", "api_url", "plan", "token_budget"}


def keys_read(path: Path) -> set[str]:
    """Literals that a module looks up in ``config``, itself or through a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Subscript) and is_config(node.value):
            found |= texts([node.slice])
        elif isinstance(node, ast.Call):
            owner = node.func.value if isinstance(node.func, ast.Attribute) else None
            found |= texts(node.args[:1]) if is_config(owner) else set()
            found |= texts([key for config, key in pairwise(node.args) if is_config(config)])
    return found


def is_config(node: ast.expr | None) -> bool:
    """The name ``config``."""
    return isinstance(node, ast.Name) and node.id == "config"


def texts(nodes: list[ast.expr]) -> set[str]:
    """The text constants among nodes."""
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_a_config_of_the_official_connector_fits() -> None:
    """Airbyte's own comparison of two specs finds nothing that its users would have to change."""
    assert compare_specs(OFFICIAL, spec("source")).breaking == []


@pytest.mark.parametrize(
    "text", ["2017-01-25", "2017-01-25T00:00:00Z", "2017-01-25 00:00:00Z", "2017-01-25T00:00:00.000+02:00"]
)
def test_a_start_date_may_be_written_in_several_ways(text: str) -> None:
    """What the pattern takes the reader takes, too."""
    config = {**CREDENTIALS, "start_date": text}

    jsonschema.validate(config, form("source"))
    assert str(SourceConfig.parse(config).start_date).startswith("2017-01-2")


@pytest.mark.parametrize("text", ["25.01.2017", "2017/01/25", "yesterday", "2017-1-5"])
def test_a_wrong_start_date_is_noticed_in_the_form(text: str) -> None:
    """Before anything is run."""
    assert not jsonschema.Draft7Validator(form("source")).is_valid({**CREDENTIALS, "start_date": text})


@both
def test_documents_are_linked(side: str) -> None:
    """The form links to the connector's page, the changelog to its last part."""
    page = spec(side)["documentationUrl"]

    assert page.endswith(f"/docs/{side}.md")
    assert spec(side)["changelogUrl"] == f"{page}#changelog"
