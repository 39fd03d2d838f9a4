"""What a copy does without any account: its table, pairs of fields and options, links, claims."""

from collections.abc import Callable
from typing import Any

import pytest

from destination_pipedrive.copying.claims import Claims
from destination_pipedrive.copying.custom_values import CopiedField
from destination_pipedrive.copying.links import linked, links_in
from destination_pipedrive.copying.source_account import SourceAccount, missing_options, named_fields
from destination_pipedrive.copying.table import COPIED, NOT_COPIED, refers_to
from destination_pipedrive.flow import Match
from destination_pipedrive.objects.records import OBJECTS
from pipedrive_client.field_definitions import Field, Option

#: Kinds of fields that hold ids of rows of other objects.
REFERENCE_KINDS = frozenset({"reference", "ids", "participants", "attendees"})
PEOPLE = {"person_id": "persons", "participants": "persons", "deal_ids": "deals"}


@pytest.mark.parametrize("name", COPIED)
def test_every_id_of_another_row_is_translated_or_left_out(name: str) -> None:
    """An id of another account must never be sent: a new field of an object says what it refers to."""
    fields = OBJECTS[name].fields
    unknown = [each.key for each in fields if each.kind in REFERENCE_KINDS and not refers_to(each)]

    assert set(unknown) <= NOT_COPIED


def test_fields_of_one_label_are_told_apart_by_type_and_place() -> None:
    """Two texts and a number of one label are three fields, in whatever order the types stand."""
    fields = [Field(key, "Segment ", kind, True) for key, kind in (("a", "varchar"), ("b", "double"), ("c", "varchar"))]

    assert [place for place, _ in named_fields(fields)] == [
        ("Segment", "varchar", 0),
        ("Segment", "double", 0),
        ("Segment", "varchar", 1),
    ]


def test_options_go_by_their_labels() -> None:
    """By id or label, each of two of one label to its own; what is missing is named as often as it is."""
    options = (Option(1, "Gold"), Option(2, "Same"), Option(3, "Same"), Option(4, "New"))
    source = Field("a", "Tier", "enum", True, options)
    target = Field("b", "Tier", "enum", True, (Option(11, "Same"), Option(12, "Gold"), Option(13, "Same")))
    pair = CopiedField.of(source, target)

    assert [pair.option(value) for value in (1, "1", 2.0, "3", "Gold", {"id": 2}, 4, "Nobody")] == [
        *(12, 12, 11, 13, 12, 11),
        *(None, None),
    ]
    assert missing_options(source, target) == ("New",)


def test_links_become_those_of_the_copies() -> None:
    """Alone, in lists and among participants; what has no copy is left out, and nothing else is touched."""
    values = {"title": "5", "person_id": 5, "deal_ids": [1, 2], "participants": [{"person_id": 6, "primary": True}]}
    known = {("persons", "5"): 50, ("deals", "2"): 20, ("persons", "6"): 60}

    assert [each for _, each in links_in(values, PEOPLE)] == [
        ("persons", "5"),
        ("persons", "6"),
        ("deals", "1"),
        ("deals", "2"),
    ]
    assert linked(values, PEOPLE, known) == {
        "title": "5",
        "person_id": 50,
        "deal_ids": [20],
        "participants": [{"person_id": 60, "primary": True}],
    }
    assert linked(values, PEOPLE, {}) == {"title": "5", "deal_ids": [], "participants": []}


def test_equal_rows_are_claimed_one_by_one() -> None:
    """The equal one first, then any that is free; one that comes again has its own; none is given away twice."""
    claims, found = Claims(), Match("subject", (1, 2, 3))

    def equal_to(*ids: int) -> Callable[[Any], bool]:
        return lambda row_id: row_id in ids

    first = claims.choose("a", found, equal_to(2))
    second = claims.choose("b", found, equal_to(2))
    again = claims.choose("a", found, equal_to(3))
    third = claims.choose("c", found, equal_to())
    fourth = claims.choose("d", found, equal_to(1, 2, 3))
    claims.close()

    assert [match.ids for match in (first, second, again, third, fourth)] == [(2,), (1,), (2,), (3,), ()]


def test_definitions_of_the_first_version_are_read() -> None:
    """The source gives them to whoever comes from another connector."""
    account = SourceAccount()
    key = "0123456789abcdef0123456789abcdef01234567"
    options = [{"id": 1, "label": "A"}]
    account.add("deal_fields", {"id": 7, "key": key, "name": "Tier", "field_type": "enum", "options": options})
    account.add("deal_fields", {"id": 8, "key": "title", "name": "Title", "field_type": "varchar"})

    assert account.field("leads", key) == Field(key, "Tier", "enum", True, (Option(1, "A"),))
    assert [each.is_custom for each in account.fields("deals")] == [True, False]
