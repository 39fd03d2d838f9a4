"""What the platform's form does to a config: it is filled, sent, shown again and sent again, and stays the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import jsonschema
import pytest

from destination_pipedrive.config.config import Config as DestinationConfig
from integration_tests.destination.test_recipes import recipes
from integration_tests.registry.form import (
    MASK,
    Input,
    Refused,
    again,
    fields,
    fill,
    form,
    inputs,
    new,
    save,
    submit,
)
from integration_tests.registry.form_rules import block
from pipedrive_client.config import ConfigError
from source_pipedrive.config.config import Config as SourceConfig

both = pytest.mark.parametrize("side", ["source", "destination"])

TOKEN = {"credentials": {"auth_type": "api_token", "api_token": "secret-token"}}
READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "source": SourceConfig.parse,
    "destination": DestinationConfig.from_json,
}
MOST_INPUTS = 20
#: What a person types where neither an example nor the kind of the input says it.
TYPED = {"start_date": "2024-01-01T00:00:00Z", "default_owner": "ann@example.com", "filter_id": "12"}
#: The choices of a form, each with the words that its reader knows.
CHOICES = {
    "source": {"credentials": ("api_token", "oauth2.0")},
    "destination": {"credentials": ("api_token", "oauth2.0"), "object_storage_config": ("None", "Local", "S3")},
}
#: Inputs that are refused while no storage is chosen.
WANT_STORAGE = ("result_log",)
#: Configs that were made without the form, from files and over the API.
ELSEWHERE: dict[str, list[dict[str, Any]]] = {
    "source": [
        {"api_token": "secret-token", "replication_start_date": "2024-01-01T00:00:00Z", "num_workers": 4},
        {**TOKEN, "selections": [{"stream": "deals", "where": "value > 10"}], "deletions": "compare"},
    ],
    "destination": [
        {"api_token": "secret-token"},
        {**TOKEN, "default_owner": 12, "visible_to": 3, "reject_threshold": 0},
        *({**TOKEN, **recipe} for recipe in recipes().values()),
    ],
}


def read(side: str, config: Mapping[str, Any]) -> str:
    """All that a reader makes of a config, except for the secrets and the time."""
    return re.sub(r"now=datetime\.datetime\([^()]*\)", "now", repr(READERS[side](config)))


def every_combination(side: str) -> list[tuple[tuple[str, str], ...]]:
    """All ways to choose."""
    return list(product(*([(name, word) for word in words] for name, words in CHOICES[side].items())))


combinations = pytest.mark.parametrize(
    ("side", "chosen"), [(side, chosen) for side in CHOICES for chosen in every_combination(side)]
)


def sample(used: Input) -> Any:
    """Something that a person could give here, other than the default where there is a choice."""
    name, schema = used.path.rpartition(".")[2], used.schema
    if used.control == "switch":
        return not schema.get("default", False)
    if used.control == "one of":
        return schema["enum"][-1]
    if name in TYPED:
        return TYPED[name]
    if used.control == "number":
        return str(schema.get("minimum", 0) + 1)
    return ["a", "b"] if used.control == "tags" else schema.get("examples", [f"some-{name}"])[0]


def filled(schema: dict[str, Any], chosen: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    """A form in which every input was used, with these choices and one object in each list."""
    values = new(schema)
    for path, word in chosen:
        values = fill(schema, values, path, word)
    for path in [each.path for each in inputs(schema, values) if each.control == "list"]:
        values = fill(schema, values, path, None)
    has_storage = dict(chosen).get("object_storage_config", "None") != "None"
    for each in list(inputs(schema, values)):
        if each.control not in ("choice", "list") and (has_storage or each.path not in WANT_STORAGE):
            values = fill(schema, values, each.path, sample(each))
    return values


def with_token(side: str) -> dict[str, Any]:
    """A new form with the least that a person must do."""
    return fill(form(side), new(form(side)), "credentials.api_token", "secret-token")


@combinations
def test_t55_fill_submit_reload_submit(side: str, chosen: tuple[tuple[str, str], ...]) -> None:
    """Everything is filled in and sent; the stored config is opened and sent again: it is the same, and can be read."""
    schema = form(side)
    first = save(schema, submit(schema, filled(schema, chosen)))
    opened = again(schema, first)
    second = save(schema, submit(schema, opened), first)

    assert second == first
    assert MASK in opened["credentials"].values()
    assert not [value for value in opened["credentials"].values() if value.startswith("some-")]
    assert all(first[name] for name in first if name not in ("authorization", *WANT_STORAGE))
    assert read(side, second) == read(side, first)


@both
def test_a_token_is_all_that_a_person_must_give(side: str) -> None:
    """No other input is needed, and what the form stores besides changes nothing: no default overrides another."""
    sent = save(form(side), submit(form(side), with_token(side)))

    assert read(side, sent) == read(side, TOKEN)


@both
def test_a_switch_alone_has_its_effect(side: str) -> None:
    """Each input used alone leads to another config than the form's defaults: none is overridden by one of them."""
    schema = form(side)
    plain = read(side, submit(schema, with_token(side)))
    for each in inputs(schema, with_token(side)):
        if each.control not in ("choice", "list") and not each.path.startswith("credentials"):
            sent = submit(schema, fill(schema, with_token(side), each.path, sample(each)))
            if each.path in WANT_STORAGE:
                with pytest.raises(ConfigError, match=f"`/{each.path}` needs"):
                    read(side, sent)
            else:
                assert read(side, sent) != plain, each.path


@pytest.mark.parametrize(("side", "config"), [(side, each) for side in ELSEWHERE for each in ELSEWHERE[side]])
def test_t55_a_config_from_elsewhere_survives_the_form(side: str, config: dict[str, Any]) -> None:
    """Opened and sent without a change, it keeps every key and value; at most empty objects come."""
    schema = form(side)
    jsonschema.validate(config, schema)
    stored = save(schema, submit(schema, again(schema, config)), config)

    assert {name: value for name, value in stored.items() if value != {}} == config
    assert read(side, stored) == read(side, config)


@both
def test_a_new_form_is_short(side: str) -> None:
    """A person sees at most this many inputs, without lists that are still empty."""
    shown = [each.path for each in inputs(form(side), new(form(side)))]

    assert len(shown) <= MOST_INPUTS, shown


def test_mappings_are_one_text_area() -> None:
    """YAML or JSON is typed into it, and arrives as it was typed."""
    schema, text = form("destination"), "- stream: contacts\n  object: persons\n  links:\n    person: {from: a}\n"
    areas = [each for each in inputs(schema, new(schema)) if each.control == "text area"]
    sent = submit(schema, fill(schema, with_token("destination"), "mappings", text))

    assert [each.path for each in areas] == ["mappings"]
    assert sent["mappings"] == text
    assert [rules.stream for rules in DestinationConfig.from_json(sent).mappings] == ["contacts"]


def test_an_emptied_text_area_is_no_mapping() -> None:
    """A person who clears it gets the defaults back."""
    schema = form("destination")
    sent = submit(schema, fill(schema, with_token("destination"), "mappings", " \n"))

    assert "mappings" not in sent


@pytest.mark.parametrize(("given", "read"), [("12", "12"), (" ann@example.com ", "ann@example.com"), ("Ann", "Ann")])
def test_an_owner_is_typed_in_any_way(given: str, read: str) -> None:
    """An id, an email address or a name, as text."""
    schema = form("destination")
    sent = submit(schema, fill(schema, with_token("destination"), "default_owner", given))

    assert DestinationConfig.from_json(sent).default_owner == read


OPTIONAL = {
    "type": "object",
    "properties": {
        "outer": {
            "type": "object",
            "properties": {
                "inner": {"type": "object", "required": ["from"], "properties": {"from": {"type": "string"}}},
            },
        }
    },
}
FREE = {"type": "object", "properties": {"free": {"type": "object", "additionalProperties": True}}}
NESTED = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"default": "reject"}}}}}
ONE_TYPE = {"type": "object", "properties": {"text": {"type": "string", "multiline": True}}}
TWO_TYPES = {"type": "object", "properties": {"text": {"type": ["string", "array"], "multiline": True}}}


def test_an_optional_object_with_a_needed_key_cannot_be_left_out() -> None:
    """It is drawn, so it is there, so its key is missed: the form cannot be sent."""
    with pytest.raises(Refused, match=r"outer\.inner\.from"):
        submit(OPTIONAL, new(OPTIONAL))


def test_free_keys_have_no_input_and_are_stripped() -> None:
    """What another tool put there is gone once the form is saved."""
    assert list(inputs(FREE, new(FREE))) == []
    assert submit(FREE, again(FREE, {"free": {"a": 1}, "more": 2})) == {"free": {}}


def test_nested_defaults_are_stored() -> None:
    """Nobody chose them, and they are in the config all the same."""
    assert submit(NESTED, new(NESTED)) == {"a": {"b": "reject"}}


def test_a_choice_of_words_shows_the_raw_values() -> None:
    """A number of an enum is given as that number, and nothing else can be given."""
    schema = form("destination")

    assert submit(schema, fill(schema, with_token("destination"), "visible_to", 7))["visible_to"] == 7
    with pytest.raises(LookupError):
        fill(schema, with_token("destination"), "visible_to", "7")


def test_a_list_survives_only_beside_a_text() -> None:
    """Why `mappings` has two types: with the one of a text a list would be written over by `[object Object]`."""
    stored = {"text": [{"stream": "a"}]}

    assert submit(ONE_TYPE, again(ONE_TYPE, stored)) == {"text": "[object Object]"}
    assert submit(TWO_TYPES, again(TWO_TYPES, stored)) == stored


@both
def test_no_optional_object_of_ours_has_a_needed_key(side: str) -> None:
    """Neither of the form nor of one of its lists or choices."""
    assert not [place for place, field in fields(side) if block(field) == "group" and field.get("required")]


def test_a_wrong_text_is_told_with_its_line() -> None:
    """The form takes any text; the connector says what is wrong with it, and where."""
    schema = form("destination")
    sent = submit(schema, fill(schema, with_token("destination"), "mappings", "- stream: a\n  objct: persons"))

    with pytest.raises(
        ConfigError, match=r"`/mappings/0/objct` \(line 2\): unknown key `objct`. Did you mean `object`"
    ):
        DestinationConfig.from_json(sent)
