"""Which row a record is about, over rows in memory."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from destination_pipedrive.fields.directory import built_in_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import NO_OTHERS, MappedRecord, Match, OtherRows, Reference
from destination_pipedrive.matching.keys import ID, MatchKey, composite, parent_fields
from destination_pipedrive.matching.known_rows import KnownRows
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.matching.row_store import RowStore
from destination_pipedrive.matching.rows import RowFlattener
from destination_pipedrive.objects.records import ACTIVITIES, LEADS, ORGANIZATIONS, PERSONS
from destination_pipedrive.objects.spec import ObjectSpec

DOMAIN = MatchKey("domain", "website", "domain")
NAME = MatchKey("name", "name", "text")
EMAIL = MatchKey("email", "emails", "contacts")
PHONE = MatchKey("phone", "phones", "contacts")
UID = MatchKey("UID", "uid", "text", custom=True, form="external_id")
SUBJECT = MatchKey("subject", "subject", "text")


class Loaded:
    """A loader of which everything was asked that ``missing`` does not name."""

    def __init__(self, missing: Iterable[str] = ()) -> None:
        self._missing = frozenset(missing)

    def has_asked(self, record: MappedRecord, key: MatchKey, values: Iterable[Any]) -> bool:
        """Whether the key was asked for."""
        return key.name not in self._missing

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"`{name}` reads, and a match does not")


def matcher_of(spec: ObjectSpec, rows: Iterable[Mapping[str, Any]], missing: Iterable[str] = ()) -> Matcher:
    """A matcher that has these rows."""
    store, loader = RowStore(), Loaded(missing)
    for number, row in enumerate(rows, 1):
        store.put({"id": number, **row})
    return Matcher(spec, KnownRows(spec, RowFlattener(spec), store, loader), store, loader)  # type: ignore[arg-type]


def mails(*addresses: str) -> list[dict[str, str]]:
    """Email addresses as a row has them."""
    return [{"value": each} for each in addresses]


def found(rows: Iterable[Mapping[str, Any]], keys: tuple[MatchKey, ...], spec: ObjectSpec, **values: Any) -> Match:
    """The match of a record."""
    return matcher_of(spec, rows).match(MappedRecord(values), keys)


ORGANIZATION_KEYS = (DOMAIN, NAME)


@pytest.mark.parametrize(
    ("row", "is_it"),
    [
        ({"name": "Acme", "website": "one.example"}, False),
        ({"name": "Acme", "website": None}, True),
        ({"name": "Acme", "website": "linkedin.com/company/acme"}, True),
        ({"name": "Other", "website": "www.two.example/about"}, True),
    ],
)
def test_an_earlier_key_with_another_value_makes_another_row(row: dict[str, Any], is_it: bool) -> None:
    """Two companies that share a name and have a domain each stay two; where one side has none they may be one."""
    match = found([row], ORGANIZATION_KEYS, ORGANIZATIONS, name="Acme", website="two.example")

    assert match.ids == ((1,) if is_it else ())


def test_a_record_without_the_earlier_key_is_found_by_the_later_one() -> None:
    """Nothing contradicts a name where the record has no domain."""
    rows = [{"name": "Acme", "website": "one.example"}]

    assert found(rows, ORGANIZATION_KEYS, ORGANIZATIONS, name="ACME").ids == (1,)
    assert found(rows, ORGANIZATION_KEYS, ORGANIZATIONS, name="ACME", website="gmail.com").ids == (1,)


def test_the_others_are_named() -> None:
    """Rows that are not meant are told with the key that they share and the one that sets them apart."""
    match = found([{"name": "Acme", "website": "one.example"}], ORGANIZATION_KEYS, ORGANIZATIONS,
                  name="Acme", website="two.example")  # fmt: skip

    assert match == Match("domain", (), OtherRows((1,), "name", "domain"))


def test_a_person_of_the_name_with_other_addresses_is_another_person() -> None:
    """One address in common is enough, none is another person."""
    rows = [{"name": "Ann", "emails": mails("ann@x.test", "ann@y.test")}]

    assert found(rows, (EMAIL, NAME), PERSONS, name="Ann", emails=mails("ANN@y.test", "new@x.test")).ids == (1,)
    assert found(rows, (EMAIL, NAME), PERSONS, name="Ann", emails=mails("new@x.test")).ids == ()
    assert found([{"name": "Ann", "emails": []}], (EMAIL, NAME), PERSONS, name="Ann", emails=mails("n@x.test")).ids == (
        1,
    )


def test_of_rows_that_share_a_key_only_the_others_are_left_out() -> None:
    """Three of one name, one of them with another domain: the match is ambiguous between the other two."""
    rows = [{"name": "Acme", "website": website} for website in (None, "one.example", None)]

    assert found(rows, ORGANIZATION_KEYS, ORGANIZATIONS, name="Acme", website="two.example").ids == (1, 3)


EXTERNAL = (UID, EMAIL, NAME)


def test_a_row_of_another_external_id_stands_in_the_way() -> None:
    """The planner is told which row has the same address and another external id; later keys are not tried."""
    rows = [{"uid": "u1", "name": "Ann", "emails": mails("a@x.test")}, {"uid": None, "name": "Bo", "emails": []}]
    match = found(rows, EXTERNAL, PERSONS, uid="u2", name="Bo", emails=mails("a@x.test"))

    assert match == Match("email", (), OtherRows((1,), "email", "UID"))


def test_a_row_that_another_key_sets_apart_is_no_duplicate() -> None:
    """Another external id and another address: somebody else of the same name."""
    rows = [{"uid": "u1", "name": "Ann", "emails": mails("a@x.test")}]
    match = found(rows, EXTERNAL, PERSONS, uid="u2", name="Ann", emails=mails("b@x.test"))

    assert match == Match("UID", (), OtherRows((1,), "name", "email"))


def test_external_ids_differ_by_case() -> None:
    """0015…E and 0015…e are two accounts; a number's digits all count."""
    rows = [{"uid": "AbE"}, {"uid": "Abe"}]

    assert found(rows, (UID,), ORGANIZATIONS, uid="Abe").ids == (2,)


def test_an_id_decides_alone() -> None:
    """An id that exists is the row, one that does not is unknown, whatever other keys say."""
    matcher = matcher_of(PERSONS, [{"name": "Ann"}, {"name": "Bo"}])
    keys = (ID, NAME)

    assert matcher.match(MappedRecord({"name": "Bo"}, 1), keys).ids == (1,)
    assert matcher.match(MappedRecord({"name": "Bo"}, 9), keys) == Match("id")
    assert matcher.match(MappedRecord({"name": "Bo"}), keys).ids == (2,)


def test_the_row_of_an_id_with_another_external_id() -> None:
    """An id that leads to the row of another external id is no match, and says why."""
    match = matcher_of(PERSONS, [{"uid": "u1"}]).match(MappedRecord({"uid": "u2"}, 1), (UID, ID))

    assert match.ids == ()
    assert match.others == OtherRows((1,), "id", "UID")


def test_a_record_without_any_key_has_an_empty_match() -> None:
    """Without a usable key there is nothing to ask."""
    match = found([{"name": "n/a"}], ORGANIZATION_KEYS, ORGANIZATIONS, name="N/A", website="gmail.com")

    assert match == Match("", (), NO_OTHERS, asked=True)


def test_not_asked_is_not_absent() -> None:
    """A key that was not looked up gives no answer, unless an earlier one decides."""
    matcher = matcher_of(PERSONS, [{"name": "Ann", "emails": mails("a@x.test")}], missing=["name"])

    assert not matcher.match(MappedRecord({"name": "Bo", "emails": mails("b@x.test")}), (EMAIL, NAME)).asked
    assert matcher.match(MappedRecord({"name": "Bo", "emails": mails("a@x.test")}), (EMAIL, NAME)).asked
    assert matcher.match(MappedRecord({"emails": mails("b@x.test")}), (EMAIL, NAME)).asked


def test_a_parent_that_is_not_known_yet_leaves_the_question_open() -> None:
    """What tells rows apart only below a parent has no answer before the parent is known; an id has one."""
    link = Reference("deal", "deal_id", (("name", "Big"),), create_if_missing=False)
    matcher = matcher_of(ACTIVITIES, [{"subject": "Call", "deal_id": 4}])
    beside = parent_fields(ACTIVITIES, {each.key: built_in_field(each) for each in ACTIVITIES.fields})
    record = MappedRecord({"subject": "Call"}, None, [link])

    match = matcher.match(record, (SUBJECT,), beside)
    assert (match.ids, match.asked) == ((1,), False)
    assert matcher.match(MappedRecord({}, 1, [link]), (ID, SUBJECT), beside) == Match("id", (1,))
    assert not matcher.match(record, (composite([SUBJECT, MatchKey("deal", "deal_id", "reference")]),)).asked


@pytest.mark.parametrize("many", [1, 200])
def test_a_key_tells_rows_apart_below_one_parent(many: int) -> None:
    """The same subject on another deal is another activity, among few rows and among many."""
    rows = [{"subject": "Call", "deal_id": number % 50, "participants": []} for number in range(many * 50)]
    beside = parent_fields(ACTIVITIES, {each.key: built_in_field(each) for each in ACTIVITIES.fields})
    match = matcher_of(ACTIVITIES, rows).match(MappedRecord({"subject": "call", "deal_id": 7}), (SUBJECT,), beside)

    assert match.ids == tuple(range(8, many * 50 + 1, 50))


def test_a_shared_subject_costs_no_look_at_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """200 records against 10,000 rows of one subject compare the rows of one day each, not all of them."""
    rows = [{"subject": "Call", "due_date": f"20{number % 100:02}-01-01", "org_id": 5} for number in range(10_000)]
    alike = {each.key: built_in_field(each) for each in ACTIVITIES.fields if each.key in ("org_id", "due_date")}
    compared: list[Any] = []
    holds = Field.holds
    monkeypatch.setattr(Field, "holds", lambda *values: compared.append(values) or holds(*values))
    matcher = matcher_of(ACTIVITIES, rows)
    for number in range(200):
        record = MappedRecord({"subject": "Call", "org_id": 5, "due_date": f"20{number % 100:02}-01-01"})
        assert len(matcher.match(record, (SUBJECT,), alike).ids) == 100

    assert len(compared) == 200 * 100 * 2


def test_the_oldest_row_comes_first() -> None:
    """Ids are given in turn; where they are texts the time of creation says it, and planned rows come last."""
    rows = [{"id": row_id, "name": "Acme"} for row_id in (12, 3, -1, -2, 7)]
    assert found(rows, (NAME,), ORGANIZATIONS, name="Acme").ids == (3, 7, 12, -1, -2)

    title = MatchKey("title", "title", "text")
    times = {"b": "2024-01-02 10:00:00", "a": "2024-01-03T10:00:00.000Z", "c": "2024-01-01T10:00:00Z"}
    leads = [{"id": row_id, "title": "Lead", "add_time": time} for row_id, time in times.items()]
    assert found(leads, (title,), LEADS, title="Lead").ids == ("c", "b", "a")


def test_parts_of_a_name_may_be_a_key() -> None:
    """A composite key of first and last name finds the person that has both."""
    key = composite([MatchKey("first_name", "first_name", "text"), MatchKey("last_name", "last_name", "text")])
    rows = [{"first_name": "Ann", "last_name": "Lee"}, {"first_name": "Ann", "last_name": "Ray"}]

    assert found(rows, (key,), PERSONS, first_name="ANN", last_name="ray").ids == (2,)
    assert found(rows, (key,), PERSONS, first_name="Ann") == Match()
