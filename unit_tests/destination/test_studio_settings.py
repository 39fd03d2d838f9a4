"""A mapping on the studio's page: in two parts, nothing is lost; in a file, the others stay as they were written."""

import json
from typing import Any

import pytest
import yaml

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.studio.mapping_file import mapping_file
from destination_pipedrive.studio.settings import joined, keys_of_text, parted, settings_of
from pipedrive_client.config import ConfigError

COLUMNS, PARENTS = ("mail", "firm", "since", "score"), ("organization",)
ENTRIES: list[dict[str, Any]] = [
    {"stream": "s", "object": "persons"},
    {"stream": "s", "object": "persons", "match_on": "email", "filter": "score > 1", "owner": 7},
    {"stream": "s", "match_on": [["name", "organization"], "email"], "require_match_key": False},
    {"stream": "s", "match_on": ["id", "email", "phone"]},
    {"stream": "s", "match_on": ["Name, first"]},
    {"stream": "s", "fields": [{"source": "mail", "target": "email"}, {"source": "mail", "target": "Login"}]},
    {"stream": "s", "fields": [{"source": "other", "target": "name"}, {"source": "score", "mode": "ignore"}]},
    {"stream": "s", "fields": [{"source": "score", "target": "Score", "new_key": 1}]},
    {"stream": "s", "links": {"organization": {"by": "domain", "from": "firm"}, "deal": {"from": "mail"}}},
    {"stream": "s", "links": {"organization": {"by": "Customer number", "from": "firm"}}},
    {"stream": "s", "fields": [{"source": "firm", "target": "name"}], "links": {"organization": {"from": "firm"}}},
    {"stream": "s", "value_maps": {"stage": {"SQL": "Qualified"}}, "constants": {"Lead source": "Website"}},
    {"stream": "s", "updated_at_field": "changed"},
    {"stream": "s", "updated_at_field": "since", "fields": [{"source": "since", "target": "add_time"}]},
    {"stream": "s", "actions": [{"action": "create_deal", "pipeline": "Sales"}], "copy": True, "operation": "mirror"},
    {"stream": "s", "fields": "none", "links": ["a"], "filter": ["x"], "unknown": {"a": [1, None]}},
]


@pytest.mark.parametrize("entry", ENTRIES, ids=json.dumps)
def test_both_parts_are_the_entry(entry: dict[str, Any]) -> None:
    """Whatever an entry holds, right or wrong, it is shown or stands in the text, and never in both."""
    shown, text = parted(entry, COLUMNS, PARENTS)
    whole, twice = joined(shown, settings_of(text))
    expected = {**entry, **({"match_on": ["email"]} if entry.get("match_on") == "email" else {})}

    assert twice == ()
    assert {**whole, "fields": _sorted(whole)} == {**expected, "fields": _sorted(expected)}


def _sorted(entry: dict[str, Any]) -> Any:
    rules = entry.get("fields", [])
    return sorted(rules, key=str) if isinstance(rules, list) else rules


def test_a_problem_of_the_text_has_its_line() -> None:
    """Rules of columns come first, so that the text's own count from behind them."""
    text = "fields:\n- {source: a, target: b}\n- {source: c}\nconstants:\n  Score: x\nlinks:\n  deal: {from: z}\n"
    settings = settings_of(text)
    places = ("fields/1/target", "fields/2/target", "fields/3/target", "constants/Score", "links/deal", "links/person")
    assert [settings.line_of(place, 2) for place in places] == [0, 2, 3, 5, 7, 0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("constants: {a", "cannot be read as YAML: line 1"),
        ("- a\n- b", "must be keys with their values"),
        ("max_records: 1\nmax_records: 2", "appears twice"),
    ],
)
def test_a_text_that_is_no_settings(text: str, said: str) -> None:
    """One sentence says what is wrong."""
    assert said in " ".join(settings_of(text).problems)


def test_a_key_in_both_parts_is_named() -> None:
    """Nobody has to guess which of them counts."""
    shown = {"filter": "a", "value_maps": {"stage": {"x": "y"}}}
    _, twice = joined(shown, settings_of("filter: b\nvalue_maps: {stage: {x: z}, owner: {a: b}}"))
    assert twice == tuple(
        f"`{key}` is set above as well; set it in one place only." for key in ("filter", "value_maps/stage")
    )


def test_every_key_is_in_reach() -> None:
    """A key of the mapping without a control is named beside the text."""
    named = {each["name"] for each in keys_of_text()}
    shown, text = parted(dict.fromkeys(Rules.keys(), "x"), COLUMNS, PARENTS)
    assert set(Rules.keys()) == set(shown) | set(yaml.safe_load(text))
    assert {"constants", "actions", "min_change", "delete_when", "on_gone", "copy", "max_records"} <= named


FILE = "# head\n- stream: a\n  object: deals  # ours\n\n# of b\n- stream: b\n# tail\n"


@pytest.mark.parametrize(
    ("text", "stream", "expected"),
    [
        (FILE, "a", "# head\n- stream: NEW\n\n# of b\n- stream: b\n# tail\n"),
        (FILE, "b", "# head\n- stream: a\n  object: deals  # ours\n\n# of b\n- stream: NEW\n# tail\n"),
        (FILE, "c", f"{FILE}\n- stream: NEW\n"),
        ("", "a", "- stream: NEW\n"),
        ("mappings:\n- stream: a\n- stream: b\n", "b", "- stream: a\n\n- stream: NEW\n"),
        ("[{stream: a}, {stream: b}]", "a", "- stream: NEW\n\n- stream: b\n"),
        (
            "- &x\n  stream: a\n  object: deals\n- {<<: *x, stream: b}\n",
            "a",
            "- stream: NEW\n\n- stream: b\n  object: deals\n",
        ),
    ],
)
def test_other_mappings_stay(text: str, stream: str, expected: str) -> None:
    """As they are written, where the file is one entry below the other; else with what they say."""
    file = mapping_file(text, "mapping.yaml")
    assert file.with_entry(file.index_of(stream), "- stream: NEW\n") == expected


def test_a_file_that_is_no_list_of_mappings_is_refused() -> None:
    """Before anything is written over it."""
    for text in ("- a\n", "a: [", "just text"):
        with pytest.raises(ConfigError, match=r"of mapping\.yaml"):
            mapping_file(text, "mapping.yaml")
    only = mapping_file({"stream": "b"}, "the config")
    assert (only.index_of("messe"), mapping_file(FILE, "").index_of("messe")) == (0, None)
