"""Values in the forms in which other systems hand them over: written once, recognised afterwards."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, Message, record

ADA = {"value": "ada@x.test", "primary": True, "label": "work"}
HTML = '<p onclick="x()">Call <b>back</b></p>\n<script>1</script>'


def twice(account: Account, *messages: Message, **config: Any) -> list[dict[str, Any]]:
    """The bodies of a run; a second one writes nothing."""
    first = account.write(messages, **config)
    sent = account.bodies("POST") + account.bodies("PATCH")
    assert first.logs("WARN") == []
    account.write(messages, **config)
    assert account.writes() == []
    return sent


def holder(account: Account) -> int:
    """An organization to hang things on."""
    return account.put("organizations", name="Holder")


@pytest.mark.parametrize(
    ("row", "name", "first", "last"),
    [
        ({"last_name": "Moreau", "first_name": None}, "Moreau", "", "Moreau"),
        ({"first_name": "Cher"}, "Cher", "Cher", ""),
        ({"first_name": "Ana", "last_name": "Maria de Souza"}, "Ana Maria de Souza", "Ana", "Maria de Souza"),
        ({"name": "Ana Maria de Souza", "first_name": "Ana", "last_name": "Maria de Souza"},
         "Ana Maria de Souza", "Ana", "Maria de Souza"),
        ({"name": "Dr. Ann Lee", "first_name": "Ann", "last_name": "Lee"}, "Dr. Ann Lee", "Dr. Ann", "Lee"),
        ({"name": "Ann Lee"}, "Ann Lee", "Ann", "Lee"),
    ],
)  # fmt: skip
def test_the_parts_of_a_name(account: Account, row: dict[str, Any], name: str, first: str, last: str) -> None:
    """Parts are sent as parts, a name that says something else goes first; written once and unchanged afterwards."""
    (sent,) = twice(account, record("persons", email="a@x.test", **row))
    (person,) = account.rows("persons")

    assert ("name" in sent) != bool({"first_name", "last_name"} & sent.keys())
    assert (person["name"], person["first_name"], person["last_name"]) == (name, first, last)


def test_a_part_of_a_name_is_changed_alone(account: Account) -> None:
    """Only the part that differs is sent, and a lone part that is the whole name already changes nothing."""
    account.put("persons", name="Ann Lee", first_name="Ann", last_name="Lee", emails=[ADA])
    account.put("persons", name="Moreau", first_name="Moreau", last_name=None, emails=[{**ADA, "value": "m@x.test"}])
    account.write([record("persons", email="ada@x.test", first_name="Ann", last_name="Ray"),
                   record("persons", email="m@x.test", last_name="Moreau")])  # fmt: skip

    assert account.bodies("PATCH") == [{"last_name": "Ray"}]


def test_persons_by_name_from_their_parts(account: Account) -> None:
    """A record that has the parts only is found by the name that they make."""
    person = account.put("persons", name="Ann Lee", first_name="Ann", last_name="Lee")
    account.write([record("persons", first_name="Ann", last_name="Lee", phone="+49 30 123456")],
                  mappings=[{"stream": "persons", "match_on": ["name"]}])  # fmt: skip

    assert account.bodies("POST") == []
    assert account.row("persons", person)["phones"][0]["value"] == "+49 30 123456"


def test_lists_and_objects_as_text(account: Account) -> None:
    """What a warehouse hands back as JSON text is the list and the object that it was."""
    key = account.key("dealFields", "Budget")
    mail, budget = '[{"value": "ada@x.test", "primary": true}]', '{"value": 5, "currency": "EUR"}'
    (person,) = twice(account, record("persons", name="Ada", emails=mail, phones='["+49 30 1234"]'))
    (deal,) = twice(
        account,
        record("deals", title="D", org_id=holder(account), budget=budget, labels='["hot", "Cold"]'),
        mappings=[{"stream": "deals", "match_on": ["title"]}],
    )

    assert [each["value"] for each in person["emails"] + person["phones"]] == ["ada@x.test", "+49 30 1234"]
    assert len(deal["label_ids"]) == 2
    assert deal["custom_fields"][key] == {"value": 5, "currency": "EUR"}


def test_numbers_as_options(account: Account) -> None:
    """A number is a label, and where options may be created a new one; no option is called like a list."""
    rows = [record("organizations", name=f"O{n}", Tier=tier) for n, tier in enumerate(("2024", 2025, 2025.0))]
    mappings = [{"stream": "organizations", "match_on": ["name"], "on_unknown_option": "create"}]
    account.write(rows, mappings=mappings)
    field = next(row for row in account.sandbox.rows("organizationFields") if row["field_name"] == "Tier")

    assert [each["label"] for each in field["options"]][-2:] == ["2024", "2025"]
    account.write(rows, mappings=mappings)
    assert account.writes() == []


def test_a_person_that_is_added_leaves_the_others(account: Account) -> None:
    """A new participant joins those who are there, as the primary one."""
    people = [account.put("persons", name=f"P{n}") for n in range(3)]
    there = [{"person_id": each, "primary": each == people[0]} for each in people[:2]]
    call = account.put("activities", subject="Call", participants=there, person_id=people[0])
    (sent,) = twice(
        account,
        record("activities", id=call, person_id=people[2]),
        mappings=[{"stream": "activities", "match_on": ["id"]}],
    )

    assert [(each["person_id"], each["primary"]) for each in sent["participants"]] == [
        (people[0], False), (people[1], False), (people[2], True)
    ]  # fmt: skip


def test_attendees_are_written_and_added(account: Account) -> None:
    """Guests of an activity are written once; another one joins them."""
    org = holder(account)
    first = record("activities", subject="Meet", org_id=org, attendees=[{"email": "x@y.test", "name": "X"}])
    twice(account, first)
    (activity,) = account.rows("activities")
    more = record("activities", id=activity["id"], attendees="z@y.test")
    (sent,) = twice(account, more, mappings=[{"stream": "activities", "match_on": ["id"]}])

    assert [each["email"] for each in sent["attendees"]] == ["x@y.test", "z@y.test"]


@pytest.mark.parametrize(("value", "written"), [(0, [{"value": 500}]), (7, [])])
def test_fill_writes_over_the_zero_of_a_new_deal(account: Account, value: int, written: list[Any]) -> None:
    """A deal's zero is what Pipedrive sets by itself, not a value that somebody chose."""
    deal = account.put("deals", title="D", org_id=holder(account), value=value)
    fields = [{"source": "value", "target": "value", "mode": "fill"}]
    account.write([record("deals", id=deal, value=500)], mappings=[{"stream": "deals", "fields": fields}])

    assert account.bodies("PATCH") == written


@pytest.mark.parametrize("content", [HTML, "plain & simple\nsecond line", "Mail from <ann@acme.test>"])
def test_a_note_that_pipedrive_cleaned_is_recognised(account: Account, content: str) -> None:
    """What was stored is the same note, however its HTML was rewritten."""
    twice(account, record("notes", org_id=holder(account), content=content))

    assert len(account.rows("notes")) == 1


def test_upper_case_columns(account: Account) -> None:
    """The columns of a warehouse that shouts are found, also by the conditions and rules of a config."""
    deal = account.put("deals", title="D", org_id=holder(account))
    mappings = [{"stream": "deals", "filter": "score > 5", "fields": [{"source": "headline", "target": "title"}]}]
    rows = [{"ID": deal, "HEADLINE": "Up", "SCORE": 7}, {"ID": deal, "HEADLINE": "No", "SCORE": 3}]
    run = account.write([record("deals", **row, _AIRBYTE_RAW_ID="x", _AB_CDC_LSN=1) for row in rows], mappings=mappings)

    assert account.bodies("PATCH") == [{"title": "Up"}]
    assert run.logs("WARN") == []


def test_phones_are_one_number_in_every_spelling(account: Account) -> None:
    """Spellings of one number are one person; a placeholder is no key."""
    numbers = ("+49 30 123456", "0049 30 123456", "+49 (0)30 123456", "n/a", "-", "0")
    run = account.write([record("persons", name="Gus", phone=each) for each in numbers],
                        mappings=[{"stream": "persons", "match_on": ["phone"]}])  # fmt: skip

    assert len(account.rows("persons")) == 1
    assert (
        run.summary["objects"]["persons"] | {"unchanged": 2, "created": 1, "rejected": 3}
        == (run.summary["objects"]["persons"])
    )


def test_composed_and_decomposed_letters_are_one(account: Account) -> None:
    """Names, addresses and users are the same in either spelling of an accent."""
    user = account.sandbox.rows("users")[1]
    account.sandbox.put_rows("users", [{**user, "name": "José"}])
    account.put("organizations", name="Zoë Ltd")
    account.put("persons", name="José", first_name="José", last_name=None, emails=[{**ADA, "value": "josé@x.test"}])
    account.write([record("organizations", name="Zoe\u0308 Ltd", owner="Jose\u0301"),
                   record("persons", name="Jose\u0301", email="jose\u0301@x.test")])  # fmt: skip

    assert account.bodies("POST") == []
    assert account.bodies("PATCH") == [{"owner_id": user["id"]}]


def test_the_type_of_an_activity_by_name(account: Account) -> None:
    """A type's name stands for its key, and one that the account does not have is told."""
    org = holder(account)
    run = account.write([record("activities", subject="a", type="Call", org_id=org, done=1.0, due_time="10:00:00Z"),
                         record("activities", subject="b", type="Seance", org_id=org)])  # fmt: skip

    assert [(row["type"], row["done"], row["due_time"]) for row in account.rows("activities")] == [
        ("call", True, "10:00")
    ]
    assert any("[unknown_option, field `type`]" in text for text in run.logs("WARN"))
