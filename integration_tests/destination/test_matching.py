"""Which row a record is about: keys that fall through, exact ids, placeholders, shared hosts, composite keys."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from integration_tests.destination.account import Account, catalog_of, record


def outcomes(**counts: int) -> dict[str, int]:
    """The counts of one object in a summary."""
    return {**dict.fromkeys(("created", "updated", "unchanged", "deleted", "skipped", "rejected"), 0), **counts}


def written_twice(account: Account, records: list[Any], stream: str, **config: Any) -> dict[str, int]:
    """Write, write again, which sends nothing; the counts of the first time."""
    first = account.write(records, **config)
    second = account.write(records, **config)

    assert account.writes() == [], second
    counts: dict[str, int] = first.summary["objects"][stream]
    return counts


def field(account: Account, kind: str, label: str, type_: str) -> str:
    """Create a custom field; its key."""
    answer = requests.post(
        f"{account.url}/api/v2/{kind}Fields",
        json={"field_name": label, "field_type": type_},
        headers={"x-api-token": "sandbox"},
        timeout=60,
    )
    return str(answer.json()["data"]["field_code"])


def test_two_companies_that_share_a_name_stay_two(account: Account) -> None:
    """A domain of its own makes each of them a row; one without a domain is found by its name."""
    rows = [record("organizations", name="Acme", domain=f"acme-{each}.example") for each in ("one", "two")]
    assert written_twice(account, rows, "organizations") == outcomes(created=2)
    assert {row["website"] for row in account.rows("organizations")} == {"acme-one.example", "acme-two.example"}


def test_a_company_without_a_domain_gets_the_one_that_comes(account: Account) -> None:
    """A name that nothing contradicts is the same company."""
    known = account.put("organizations", name="Acme")

    assert written_twice(account, [record("organizations", name="ACME", domain="acme.example")], "organizations") == (
        outcomes(updated=1)
    )
    assert account.row("organizations", known)["website"] == "acme.example"


def test_a_product_with_another_code_is_another_product(account: Account) -> None:
    """`code`, then `name`: the same name with another code is a second product, a placeholder is no code."""
    rows = [record("products", name="Bolt", code=code) for code in ("B-1", "B-2")]
    rows += [record("products", name=name, code=code) for name, code in (("Nut", "n/a"), ("Cap", "N/A"))]

    assert written_twice(account, rows, "products") == outcomes(created=4)


def test_a_person_of_the_same_name_with_another_address_is_somebody_else(account: Account) -> None:
    """`email`, then `name`: who has none of the record's addresses is another person."""
    account.put("persons", name="Ann", emails=[{"value": "ann@x.test", "primary": True, "label": "work"}])
    lone = account.put("persons", name="Bo", emails=[])
    rows = [record("persons", name=name, email=f"{name}@new.test") for name in ("Ann", "Bo")]
    mappings = [{"stream": "persons", "match_on": ["email", "name"]}]

    assert written_twice(account, rows, "persons", mappings=mappings) == outcomes(created=1, updated=1)
    assert [each["value"] for each in account.row("persons", lone)["emails"]] == ["Bo@new.test"]


def test_a_default_country_reads_phone_numbers_that_have_none(account: Account) -> None:
    """With `default_country`, 030 123456 and +49 30 123456 are one number; without it they are two."""
    account.put("persons", name="Ann", phones=[{"value": "+49 30 123456", "primary": True, "label": "work"}])
    rows = [record("persons", name="Ann B", phone="030 123456")]
    options: dict[str, Any] = {"mappings": [{"stream": "persons", "match_on": ["phone"]}], "dry_run": True}

    def counts(**more: Any) -> Any:
        return account.write(rows, **options, **more).summary["objects"]["persons"]

    assert counts() == outcomes(created=1)
    assert counts(default_country="de") == outcomes(updated=1)


@pytest.mark.parametrize("code", ["Germany", "XX", 49])
def test_a_default_country_is_an_iso_code(account: Account, code: Any) -> None:
    """Anything else is told before a record is read."""
    run = account.write([record("persons", name="Ann", email="a@x.test")], default_country=code)

    assert "`/default_country` must be the two-letter code of a country, such as `DE`." in run.errors()[0]["message"]


@pytest.mark.parametrize(
    ("type_", "ids"),
    [
        ("double", (1_234_567_890_123_456, 1_234_567_890_123_457)),
        ("varchar", ("0015g00000AbCdE", "0015g00000AbCde")),
    ],
)
@pytest.mark.parametrize("match_on", [["Ext"], ["domain"]])
def test_external_ids_are_exact(account: Account, type_: str, ids: tuple[Any, Any], match_on: list[str]) -> None:
    """Two ids that differ in the last digit, or in case, are two companies."""
    key = field(account, "organization", "Ext", type_)
    entry = {"stream": "acc", "object": "organizations", "external_id_field": "Ext", "match_on": match_on}
    rows = [record("acc", name=f"N {number}", Ext=number) for number in ids]

    assert written_twice(account, rows, "organizations", mappings=[entry]) == outcomes(created=2)
    assert {row["custom_fields"][key] for row in account.rows("organizations")} == set(ids)


def test_one_number_in_three_spellings_is_one_key(account: Account) -> None:
    """1, 1.0 and "1" are one external id in a number field."""
    field(account, "organization", "Ext", "double")
    entry = {"stream": "acc", "object": "organizations", "external_id_field": "Ext"}
    rows = [record("acc", name="One", Ext=number) for number in (1, 1.0, "1")]

    assert account.write(rows, mappings=[entry]).summary["objects"]["organizations"]["created"] == 1
    assert len(account.rows("organizations")) == 1


def test_placeholders_are_no_keys(account: Account) -> None:
    """Six people without a phone number are not one person; without a key they are rejected, or created if wanted."""
    rows = [record("p", name=f"P {n}", phone=text) for n, text in enumerate(("n/a", "N/A", "-", "0", "unknown"))]
    entry = {"stream": "p", "object": "persons", "match_on": ["phone"]}
    run = account.write(rows, mappings=[entry])
    assert run.summary["objects"]["persons"] == outcomes(rejected=5)
    assert all("match_key_missing" in text for text in run.logs("WARN")[:5])

    run = account.write(rows, mappings=[{**entry, "require_match_key": False}])
    assert run.summary["objects"]["persons"] == outcomes(created=5)


LINKED = {"stream": "persons", "links": {"organization": {"by": "domain", "from": "email", "create_if_missing": True}}}


def test_free_mail_makes_no_company(account: Account) -> None:
    """Who writes from free mail belongs to no company; a company that is made from an address gets its domain."""
    hosts = ("gmail.com", "gmail.com", "agency.example", "rae.example")
    rows = [record("persons", name=f"P {n}", email=f"p{n}@{host}") for n, host in enumerate(hosts)]
    entry = {**LINKED, "fields": [{"source": "email", "target": "email"}]}

    assert written_twice(
        account, rows, "persons", mappings=[entry], ignored_domains=["www.Agency.example"]
    ) == outcomes(created=4)
    assert [(row["name"], row["website"]) for row in account.rows("organizations")] == [("rae.example", "rae.example")]
    assert [row["name"] for row in account.rows("persons") if row["org_id"]] == ["P 3"]


def test_a_page_on_a_shared_host_is_no_key(account: Account) -> None:
    """Two companies with a page on one network are told by their names."""
    pages = {"Kit": "linkedin.com/company/kit", "Lux": "https://www.linkedin.com/company/lux"}
    rows = [record("organizations", name=name, domain=page) for name, page in pages.items()]

    assert written_twice(account, rows, "organizations") == outcomes(created=2)


def test_a_placeholder_names_no_parent(account: Account) -> None:
    """A company called `n/a` or `-` is none: nothing is rejected or created for it."""
    rows = [record("persons", name=f"P {n}", email=f"p{n}@x.test", organization=text)
            for n, text in enumerate(("n/a", "-", "Unknown"))]  # fmt: skip

    assert written_twice(
        account, rows, "persons", mappings=[{"stream": "persons", "on_missing_parent": "create"}]
    ) == outcomes(created=3)
    assert account.rows("organizations") == []


def test_a_domain_that_is_none_creates_no_parent(account: Account) -> None:
    """What no company can be found by would be created anew in every run, so it is not found instead."""
    rule = {"organization": {"by": "domain", "from": "site", "create_if_missing": True}}
    run = account.write(
        [record("persons", name="P", email="p@x.test", site="localhost")],
        mappings=[{"stream": "persons", "links": rule}],
    )

    assert "parent_not_found" in run.logs("WARN")[0]
    assert account.writes() == []


KEY_OF_TWO = {"stream": "persons", "match_on": ["email", ["name", "phone"]]}


def test_a_key_of_several_fields(account: Account) -> None:
    """Name and phone together tell people apart who share either."""
    rows = [record("persons", name=name, phone=phone) for name in ("Ann", "Bo") for phone in ("+1 555 1", "+1 555 2")]

    assert written_twice(account, rows, "persons", mappings=[KEY_OF_TWO]) == outcomes(created=4)


def test_a_key_of_several_fields_needs_all_of_them(account: Account) -> None:
    """Without one of its fields a record does not have the key, and the message names it."""
    run = account.write([record("persons", name="Ann")], mappings=[KEY_OF_TWO])

    assert "the match key `email` or `name + phone` is empty" in run.logs("WARN")[0]


def test_a_key_with_a_parent_in_it_waits_for_the_parent(account: Account) -> None:
    """A deal is told by its title and company, which comes by name."""
    orgs = [account.put("organizations", name=name) for name in ("Acme", "Beta")]
    known = account.put("deals", title="Renewal", org_id=orgs[0], value=1)
    rows = [record("deals", title="Renewal", organization=name, value=5) for name in ("Acme", "Beta")]
    entry = {"stream": "deals", "match_on": [["title", "organization"]]}

    assert written_twice(account, rows, "deals", mappings=[entry]) == outcomes(created=1, updated=1)
    assert account.row("deals", known)["value"] == 5


def test_the_columns_of_a_primary_key_count_together(account: Account) -> None:
    """A primary key of two columns is one key, not a second one to fall back to."""
    catalog = catalog_of("crm", destination_object_name="persons", primary_key=[["name"], ["phone"]])
    rows = [record("crm", name=name, phone=phone) for name, phone in (("Ann", "+1 555 1"), ("Ann", "+1 555 2"))]
    run = account.write(rows, catalog)

    assert run.summary["objects"]["persons"] == outcomes(created=2)


def test_a_wrong_key_of_several_fields_is_named(account: Account) -> None:
    """`check` says which name is wrong."""
    for match_on, said in [
        ([["name", "nonsense"]], "`nonsense`"),
        ([["id", "name"]], "`id` alone"),
        ([[]], "match_on"),
    ]:
        run = account.check(mappings=[{"stream": "persons", "match_on": match_on}])
        assert run.connection_status["status"] == "FAILED"
        assert said in run.connection_status["message"]


@pytest.mark.parametrize("is_backdated", [False, True])
def test_new_rows_without_a_change_time_are_found(account: Account, is_backdated: bool) -> None:
    """1,000 people made over the API a moment ago have no change time, and the search does not know them yet."""
    account.sandbox.put_rows("persons", [_person(n) for n in range(20_000)])
    account.sandbox.change_settings(search_lag=60.0)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    new = [
        {**_person(n), "update_time": None, "add_time": f"20{n % 20:02}-01-01T00:00:00Z" if is_backdated else now}
        for n in range(20_000, 21_000)
    ]
    account.sandbox.put_rows("persons", new)
    run = account.write([record("persons", name="P 20100", email="p20100@acme.test")])

    assert run.summary["objects"]["persons"] == outcomes(unchanged=1)


def test_people_who_were_never_touched_are_searched_for(account: Account) -> None:
    """An account whose rows have no change time at all costs a search no more than others."""
    account.sandbox.put_rows("persons", [{**_person(n), "update_time": None} for n in range(20_000)])
    run = account.write([record("persons", name="P 9", email="p9@acme.test")])

    assert run.summary["objects"]["persons"] == outcomes(unchanged=1)
    assert account.tokens() <= 155


def _person(number: int) -> dict[str, Any]:
    emails = [{"value": f"p{number}@acme.test", "primary": True, "label": "work"}]
    return {"name": f"P {number}", "emails": emails, "add_time": "2024-01-01T00:00:00Z"}
