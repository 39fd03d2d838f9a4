"""`mappings` as a list or as text: what it means, and what is said about it."""

import json
from typing import Any

import pytest

from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mapping_reader import read_mappings
from pipedrive_client.config import ConfigError

ENTRY: dict[str, Any] = {
    "stream": "contacts",
    "object": "persons",
    "match_on": ["email"],
    "fields": [{"source": "a", "target": "name", "null": "clear"}, {"source": "b", "mode": "ignore"}],
    "links": {"organization": {"by": "domain", "from": "company", "create_if_missing": True}, "deal": {"from": "d"}},
    "constants": {"Lead source": "Website", "value": 5, "tags": ["x", "y"]},
    "value_maps": {"stage": {"1": "Lead", "SQL": "7"}},
    "min_change": {"Score": 5},
    "filter": "score > 1",
    "actions": [{"when": "a == 1", "action": "create_deal", "pipeline": "3"}],
}
YAML = """
# What the form holds.
- stream: contacts
  object: persons
  match_on: email
  fields:
  - {source: a, target: name, null: clear}
  - source: b
    mode: ignore
  links:
    organization: {by: domain, from: company, create_if_missing: true}
    deal: {from: d}
  constants: {Lead source: Website, value: 5, tags: [x, y]}
  value_maps:
    stage:
      1: Lead
      SQL: 7
  min_change:
    Score: 5
  filter: score > 1
  actions:
  - {when: a == 1, action: create_deal, pipeline: 3}
"""


@pytest.mark.parametrize(
    "text",
    [
        *(YAML, f"\ufeff{YAML}", YAML.replace("\n", "\r\n"), f"---{YAML}", f"mappings:{YAML}"),
        *(json.dumps([ENTRY]), json.dumps([ENTRY], indent="\t"), json.dumps(ENTRY), json.dumps({"mappings": [ENTRY]})),
        YAML.replace("- stream", "  stream", 1),
    ],
    ids=["yaml", "bom", "crlf", "document", "wrapped", "json", "tabs", "object", "wrapped json", "one entry"],
)
def test_a_text_means_what_the_list_means(text: str) -> None:
    """YAML and JSON, with a byte order mark, Windows' line ends, the key `mappings` around it, or one entry alone."""
    assert (read_mappings(text).rules, read_mappings(text).problems) == (read_mappings([ENTRY]).rules, ())


@pytest.mark.parametrize("nothing", [None, "", " \n", "# a comment\n", "---\n", "[]", []])
def test_nothing_is_no_mapping(nothing: Any) -> None:
    """An empty text area, a comment alone, an empty list."""
    assert (read_mappings(nothing).rules, read_mappings(nothing).problems) == ((), ())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("no", "no"), ("Yes", "Yes"), ("on", "on"), ("y", "y"), ("true", True), ("False", False), ('"true"', "true")),
        *(("007", "007"), ("0123", "0123"), ("+4930123", "+4930123"), ("0x1F", "0x1F"), ("0o17", "0o17")),
        *(("1_000", "1_000"), ("12e3", "12e3"), ("12:30:00", "12:30:00"), ("2024-05-01", "2024-05-01")),
        *(("5", 5), ("-5", -5), ("0", 0), ("1.5", 1.5), ("1.5e-3", 0.0015), (".5", ".5"), (".nan", ".nan")),
        *(("12345678901234567890", "12345678901234567890"), ("1" * 5000, "1" * 5000), ("1.5e999", "1.5e999")),
        *(("null", None), ("~", None), ('"\\ud83d\\ude00"', "\U0001f600"), ('"\\ud83d"', "\ufffd"), ("a # b", "a")),
        *(
            ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
            ("=", "="),
            ("'it''s'", "it's"),
            ("|\n      two\n      lines", "two\nlines\n"),
        ),
    ],
)
def test_a_value_is_what_its_author_wrote(written: str, meant: Any) -> None:
    """Country codes, dates, phones, codes with zeros and long ids stay text; only JSON's words and numbers are more."""
    read = read_mappings(f"- stream: a\n  constants:\n    x: {written}\n")

    assert read.problems == ()
    assert read.rules[0].constants == {"x": meant}


def test_keys_are_text() -> None:
    """Numbers, dates and YAML 1.1's switches are keys as they are written."""
    text = "- stream: a\n  value_maps:\n    stage: {1: A, yes: B, 2024-01-01: C, null: D, 1.50: E, true: F, 'q': G}\n"

    assert list(read_mappings(text).rules[0].value_maps["stage"]) == [
        "1",
        "yes",
        "2024-01-01",
        "null",
        "1.50",
        "true",
        "q",
    ]


@pytest.mark.parametrize("key", ["on_unknown_option", "on_missing_parent"])
@pytest.mark.parametrize(("written", "meant"), [("null", "null"), ('"null"', "null"), ("create", "create")])
def test_null_is_a_word_where_it_is_one(key: str, written: str, meant: str) -> None:
    """YAML's null is the word that the option takes; an empty value is none at all."""
    assert getattr(read_mappings(f"- stream: a\n  {key}: {written}").rules[0], key) == meant
    assert read_mappings(f"- stream: a\n  {key}:").rules == read_mappings("- stream: a").rules


def test_anchors_are_followed() -> None:
    """An alias is what it stands for, and `<<` brings keys that are not there."""
    text = (
        "- &base {stream: a, object: deals, fields: &fields [{source: x, target: title}]}\n"
        "- {<<: *base, stream: b, object: leads}\n- {stream: c, fields: *fields}"
    )
    rules = read_mappings(text).rules

    assert [(each.stream, each.object_name, len(each.fields)) for each in rules] == [
        *(("a", "deals", 1), ("b", "leads", 1), ("c", "", 1))
    ]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{above}'] * 10)}]\n" for above, key in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("- stream: a\n\tobject: deals", 2, "a tab"),
        ("- stream: a\n\u00a0\u00a0object: deals", 2, "no-break"),
        ("- stream: a\n  filter: x: y", 2, "`:` in the wrong place"),
        ("- stream: a\n   object: deals", 2, "`:` in the wrong place"),
        ("- stream: a\n object: deals", 2, "indentation"),
        ("- stream: 'a\n", 2, "a quote that is not closed"),
        ("- {stream: a\n", 2, "a closing bracket"),
        ("- stream: a\n  owner: @ann", 2, "must be quoted"),
        ("- stream: a\n---\n- stream: b", 2, "a second document"),
        ("- stream: a\n  ? [x]\n  : y", 2, "a key must be"),
        ("- stream: a\n  owner: \x07", 2, "a control character"),
        (BOMB, 5, "more than 100000 values"),
        ("- stream: a\n  constants: " + "[" * 60, 2, "more than 50 levels"),
        ("[" * 100_000, 1, "more than 50 levels"),
        ('[{"stream": "a",\n "object" "deals"}]', 2, "a `,` or a closing bracket is missing"),
    ],
)
def test_a_text_that_is_no_yaml_is_told_with_its_line(text: str, line: int, said: str) -> None:
    """In words that need no knowledge of a parser; nothing is expanded without end."""
    (problem,) = read_mappings(text).problems

    assert problem.startswith(f"`/mappings` cannot be read as YAML or JSON: line {line}: ")
    assert said in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- stream: a\n  create: true\n  create: false",
            "`/mappings/0/create` (line 3): appears twice, first in line 2.",
        ),
        ("- stream: a\n  value_maps: {x: {1: A, '1': B}}", "`/mappings/0/value_maps/x/1` (line 2): appears twice"),
        ("- stream: !!python/name:os.system a", "`/mappings/0/stream` (line 1): the tag `tag:yaml.org,2002:python"),
        ("- stream: a\n  fields: !include x", "`/mappings/0/fields` (line 2): the tag `!include` is not allowed."),
        ("- stream: a\n- *a", "`/mappings/1` (line 2): `*a` stands for nothing above it."),
        (
            "- &a\n  stream: x\n  constants: {y: *a}",
            "`/mappings/0/constants/y` (line 3): `*a` stands for nothing above it.",
        ),
        ("stream: a\nstream: b", "`/mappings/0/stream` (line 2): appears twice, first in line 1."),
        ("mappings:\n- stream: a\n  stream: b", "`/mappings/0/stream` (line 3): appears twice, first in line 2."),
        ("- <<: 5\n  stream: a", "`/mappings/0/<<` (line 1): `<<` takes an alias of an object."),
        ("just text", "`/mappings` (line 1) must be a list of mappings"),
        ("- stream: a\n- contacts", "`/mappings/1` (line 2) must be an object."),
        (
            "- stream: a\n  create: yes",
            "`/mappings/0/create` (line 2) must be true or false; write `true` instead of `yes`.",
        ),
        ("- stream: 5", '`/mappings/0/stream` (line 1) must be text; quote it: `"5"`.'),
        ("- stream: a\n  domain_field: true", '`/mappings/0/domain_field` (line 2) must be text; quote it: `"true"`.'),
        ("- strem: a", "`/mappings/0/strem` (line 1): unknown key `strem`. Did you mean `stream`?"),
        ("-\n  object: deals", "`/mappings/0/stream` (line 2) is missing: the name of the incoming stream."),
        (
            "- stream: a\n  constants: {A/B~C: x}\n  min_change:\n    A/B~C: -1",
            "`/mappings/0/min_change/A~1B~0C` (line 4) must be a number above zero.",
        ),
        (
            "- stream: a\n  fields:\n  - {source: x, target: y}\n  - source: z\n    targt: w",
            "`/mappings/0/fields/1/targt` (line 5): unknown key `targt`. Did you mean `target`?",
        ),
        (
            "- stream: a\n\n- stream: b\n- stream: a",
            "`/mappings/2` (line 4): stream `a` is mapped twice, here and in `/mappings/0` (line 1); one entry",
        ),
    ],
)
def test_a_problem_of_a_text_has_its_line(text: str, said: str) -> None:
    """One sentence with the JSON pointer, the line, what is wrong, and what to write instead."""
    assert [each for each in read_mappings(text).problems if each.startswith(said)], read_mappings(text).problems


ALL_WRONG = """
- stream: a
  object: persons
  operation: upsrt
  match_on: [1]
  max_delete_share: 2
  on_ambiguous: newst
  fields: {source: a}
  constants: [x]
  links:
    boss: {from: x}
    organization: {by: domain}
    person: {from: p, creat_if_missing: true}
  value_maps: {x: {a: Hot, b: hot, c: [d]}, y: z}
  owner: 1.5
  filter: score >
  max_records: 0
  min_change: {x: much}
  actions:
  - action: create_deal
  - action: creat_deal
  - pipeline: x
  - {action: add_activity, subject: x, due_in_days: -1, done: "yes", stage: x}
"""
PLACES = (
    *("operation", "match_on", "max_delete_share", "on_ambiguous", "fields", "constants", "links/boss"),
    *("links/organization/from", "links/person/creat_if_missing", "value_maps/x/b", "value_maps/x/c", "value_maps/y"),
    *("owner", "filter", "max_records", "min_change/x", "actions/0/pipeline", "actions/1/action", "actions/2/action"),
    *("actions/3/due_in_days", "actions/3/done", "actions/3/stage"),
)


def test_every_problem_is_told_at_once() -> None:
    """Each once, each with its place; a problem that another one caused is none."""
    problems = read_mappings(ALL_WRONG).problems
    told = [each.split("`")[1].removeprefix("/mappings/0/") for each in problems]

    assert sorted(told) == sorted(PLACES)
    assert not [each for each in problems if "(line " not in each]


def test_a_list_may_be_nested_as_deep_as_it_likes() -> None:
    """It is a problem like any other, not the end of the process."""
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    read = read_mappings([{"stream": "a", "constants": {"x": nested}}, {"stream": "b"}])

    assert read.problems == ("`/mappings/0` is nested too deep.",)
    assert [rules.stream for rules in read.rules] == ["b"]


def test_what_is_right_is_read_all_the_same() -> None:
    """So that the account can be asked about it; entries of lists keep their places."""
    text = "- stream: a\n  create: maybe\n  fields:\n  - {source: x}\n  - {source: y, target: name}\n- object: deals"
    read = read_mappings(text)

    assert len(read.problems) == 3
    (rules,) = read.rules
    assert [(each.source, each.where) for each in rules.fields] == [("y", "/mappings/0/fields/1")]


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("x", "`/mappings`.* must be a list"),
        (5, "`/mappings` must be a list"),
        ([1], r"`/mappings/0` must be an object"),
        ([{"stream": "a"}, {"stream": "a"}], "mapped twice"),
        ([{"stream": 5}], r"`/mappings/0/stream` must be text"),
        ([{"stream": "a", "operation": "truncate"}], "`/mappings/0/operation` must be one of `upsert`, `insert`"),
        ([{"stream": "a", "operation": "mirror"}], "`/mappings/0/external_id_field` is missing"),
        (
            [{"stream": "a", "operation": "mirror", "external_id_field": 5}],
            "`/mappings/0/external_id_field` must be text",
        ),
        ([{"stream": "a", "create": "yes"}], "true or false"),
        ([{"stream": "a", "fields": [{"source": "x"}]}], "`/mappings/0/fields/0/target` is missing"),
        ([{"stream": "a", "links": {"boss": {}}}], "`/mappings/0/links/boss`: unknown key `boss`"),
        ([{"stream": "a", "links": {"person": {"by": "email"}}}], "`/mappings/0/links/person/from` is missing"),
        ([{"stream": "a", "match_on": [1]}], "list of names"),
        ([{"stream": "a", "on_gone": "explode"}], "on_gone"),
    ],
)
def test_wrong_mappings_name_the_key(mapping: Any, said: str) -> None:
    """One sentence that names the key, and no line where there is no text."""
    with pytest.raises(ConfigError, match=said) as error:
        Config.from_json({"api_token": "x", "mappings": mapping})

    assert isinstance(mapping, str) or "line" not in str(error.value)
