"""Records of one row, or of one parent, that say it differently. Scenarios T1, T10, T22."""

import pytest

from integration_tests.destination.account import Account, record

CONTRADICTIONS = {
    "persons": [
        record("persons", name="Ann A", email="ann@acme.test", phone="1"),
        record("persons", name="Ann Again", email="ANN@acme.test", phone="2"),
    ],
    "organizations": [record("organizations", name="Neu GmbH"), record("organizations", name="neu gmbh")],
}


@pytest.mark.parametrize("stream", CONTRADICTIONS)
def test_t1_the_last_word_counts_and_the_second_run_writes_nothing(account: Account, stream: str) -> None:
    """T1: two records with one key become one row with the last values; the same input again writes nothing."""
    records = CONTRADICTIONS[stream]
    first = account.write(records)
    row = account.rows(stream)[-1]
    second = account.write(records)

    assert first.summary["objects"][stream]["created"] == 1
    assert row["name"] == records[-1]["record"]["data"]["name"]
    assert account.rows(stream)[-1] == row
    assert second.summary["objects"][stream]["unchanged"] == 2
    assert account.writes() == []


def test_t1_t44_the_last_word_counts_below_a_parent_too(account: Account) -> None:
    """T1, T44: states of one mail in one batch end as the last one, separately from those of another person's mail."""
    for name in ("ann", "bob"):
        emails = [{"value": f"{name}@acme.test", "primary": True, "label": "work"}]
        account.put("persons", name=name, emails=emails)
    links = {"person": {"by": "email", "from": "to"}}
    fields = [{"source": "status", "target": "note"}]
    mappings = [
        {"stream": "mails", "object": "activities", "match_on": ["subject"], "links": links, "fields": fields},
        {"stream": "stages", "match_on": ["name"]},
    ]
    pipelines = [account.put("pipelines", name=name) for name in ("One", "Two")]
    mails = [("ann", "sent"), ("bob", "sent"), ("ann", "opened"), ("ann", "clicked")]
    records = [record("mails", subject="Offer", to=f"{to}@acme.test", status=status) for to, status in mails]
    for pipeline, share in zip((*pipelines, pipelines[0]), (10, 20, 30), strict=True):
        records.append(record("stages", name="New", pipeline_id=pipeline, deal_probability=share))
    account.write(records, mappings=mappings)
    again = account.write(records, mappings=mappings)

    assert sorted(row["note"] for row in account.rows("activities")) == ["clicked", "sent"]
    shares = [row["deal_probability"] for row in account.rows("stages") if row["name"] == "New"]
    assert sorted(shares) == [20, 30]
    assert account.writes() == []
    assert again.summary["objects"]["activities"]["unchanged"] == 4


def test_t1_the_last_word_counts_where_the_keys_are_links(account: Account) -> None:
    """T1: two records for one pair of companies, named in their columns, are one relationship of the last type."""
    links = {
        "organization": {"by": "name", "from": "of", "create_if_missing": True},
        "linked_organization": {"by": "name", "from": "to", "create_if_missing": True},
    }
    mappings = [{"stream": "organization_relationships", "links": links}]
    records = [record("organization_relationships", of="A", to="B", type=kind) for kind in ("parent", "related")]
    account.write(records, mappings=mappings)
    account.write(records, mappings=mappings)

    assert [row["type"] for row in account.rows("organizationRelationships")] == ["related"]
    assert account.writes() == []


def test_t10_a_parent_in_two_spellings_is_created_once(account: Account) -> None:
    """T10: persons that spell one company's domain in different ways share one new organization."""
    rule = {"organization": {"by": "domain", "from": "company", "create_if_missing": True}}
    people = [
        record("persons", name=f"P{number}", email=f"p{number}@new.test", company=spelling)
        for number, spelling in enumerate(("new.test", "www.NEW.test/", "https://new.test:443/about"))
    ]
    account.write(people, mappings=[{"stream": "persons", "object": "persons", "links": rule}])

    organizations = account.rows("organizations")
    assert [(row["name"], row["website"]) for row in organizations] == [("new.test", "new.test")]
    assert {row["org_id"] for row in account.rows("persons")} == {organizations[0]["id"]}


def test_t22_an_ambiguous_parent_is_named_so(account: Account) -> None:
    """T22: two organizations with one name reject the record as ambiguous, with their ids."""
    ids = [account.put("organizations", name="Twin") for _ in range(2)]
    run = account.write([record("persons", name="P", email="p@new.test", organization="Twin")])

    text = next(text for text in run.logs("WARN") if "rejected" in text)
    assert "[ambiguous_match, field `organization`]" in text
    assert all(str(number) in text for number in ids)


def test_t10_a_domain_beside_an_empty_website_keeps_the_fuller_address(account: Account) -> None:
    """T10: `domain` is compared as a domain, also where the record has an empty `website`."""
    account.put("organizations", name="Neu", website="https://www.neu.test/about")
    run = account.write([record("organizations", name="Neu", website=None, domain="NEU.test")])

    assert run.summary["objects"]["organizations"]["unchanged"] == 1
    assert account.writes() == []


@pytest.mark.parametrize("last", ["name", "id"])
def test_the_last_word_on_a_parent_counts(account: Account, last: str) -> None:
    """Whether a record names the company by its name or by its id: the later one holds, and holds the second time."""
    acme, beta = account.put("organizations", name="Acme"), account.put("organizations", name="Beta")
    by = {"name": {"organization": "Acme"}, "id": {"org_id": beta}}
    first = "id" if last == "name" else "name"
    rows = [record("persons", name="Bo", email="bo@beta.test", **by[each]) for each in (first, last)]
    account.write(rows)

    assert [row["org_id"] for row in account.rows("persons")] == [acme if last == "name" else beta]
    account.write(rows)
    assert account.writes() == []
