"""The columns that people have arrive in the fields that they mean, without a list of fields."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record

SELLER = "john@sandbox.example"


def owner_id(account: Account) -> int:
    """The id of the user who sells."""
    return next(int(row["id"]) for row in account.sandbox.rows("users") if row["email"] == SELLER)


def test_a6_b4_d4_d11_a_contact_by_its_own_column_names(account: Account) -> None:
    """A6, B4, D4, D11: names are joined; email, phone, company and owner are found; again, nothing is written."""
    acme = account.put("organizations", name="Acme")
    row = record(
        "contacts", first_name="Ann", last_name="Lee", email="ann@acme.test", phone="+1 555 0100", organization="acme",
        owner=SELLER,
    )  # fmt: skip
    mappings = [{"stream": "contacts", "object": "persons"}]
    run = account.write([row], mappings=mappings)
    (person,) = account.rows("persons")

    assert run.logs("WARN") == []
    assert (person["name"], person["org_id"], person["owner_id"]) == ("Ann Lee", acme, owner_id(account))
    assert person["emails"] == [{"value": "ann@acme.test", "primary": True, "label": "work"}]
    assert person["phones"] == [{"value": "+1 555 0100", "primary": True, "label": "work"}]
    account.write([record("contacts", **{"First name": "Ann", "Last Name": "Ray", "Email": "ANN@acme.test"})],
                  mappings=mappings)  # fmt: skip
    assert account.bodies("PATCH") == [{"last_name": "Ray"}]


def test_a6_a9_what_a_contact_has_elsewhere_is_told_once(account: Account) -> None:
    """A6, A9: a job title and an address have no field without contact sync: told, not guessed."""
    columns = {"title": "Head", "address": "Main St 1", "company_name": "Acme"}
    rows = [record("persons", name=f"P{n}", email=f"p{n}@acme.test", **columns) for n in range(3)]
    run = account.write(rows)

    assert len(account.rows("persons")) == 3
    assert [text for text in run.logs("WARN") if "3 values" not in text] == []
    assert len(run.logs("WARN")) == len(columns)
    for column in columns:
        assert any(f"`{column}`" in text and "Map it in `fields`" in text for text in run.logs("WARN"))

    targets = {"title": "Nickname", "address": "Home address", "company_name": "organization"}
    fields = [{"source": source, "target": target} for source, target in targets.items()]
    mapped = account.write(rows, mappings=[{"stream": "persons", "fields": fields, "on_missing_parent": "create"}])
    assert mapped.logs("WARN") == []
    assert [row["name"] for row in account.rows("organizations")] == ["Acme"]
    assert account.rows("persons")[0]["custom_fields"][account.key("personFields", "Nickname")] == "Head"


def test_a6_names_that_people_use(account: Account) -> None:
    """A6, B3: `company`, `first` and `last`, `web_address`, and what Pipedrive's own form calls a field."""
    acme = account.put("organizations", name="Acme")
    row = record("persons", first="Ann", last="Lee", **{"E-mail": "ann@acme.test"}, company="acme")
    mapping = [{"stream": "persons", "match_on": ["email"]}]
    assert account.write([row], mappings=mapping).logs("WARN") == []
    (person,) = account.rows("persons")
    assert (person["name"], person["org_id"]) == ("Ann Lee", acme)
    account.write([record("organizations", name="Acme", web_address="acme.test")])
    assert account.row("organizations", acme)["website"] == "acme.test"
    account.write([record("deals", title="D", **{"Contact person": "Ann Lee"})], mode="append")
    assert account.rows("deals")[0]["person_id"] == person["id"]


def test_a6_b3_d11_an_account_by_its_own_column_names(account: Account) -> None:
    """A6, B3, D11: name, domain, address, owner and time of creation; a founding year goes to the field of its name."""
    row = record(
        "accounts", name="Acme", domain="https://www.acme.test/about", address="Main St 1, Tallinn", owner=SELLER,
        add_time="2020-01-02 03:04:05", founded_year=1999,
    )  # fmt: skip
    mappings = [{"stream": "accounts", "object": "organizations"}]
    run = account.write([row], mappings=mappings)
    (org,) = account.rows("organizations")

    assert run.logs("WARN") == []
    assert (org["name"], org["owner_id"], org["add_time"]) == ("Acme", owner_id(account), "2020-01-02T03:04:05Z")
    assert org["address"]["value"] == "Main St 1, Tallinn"
    assert org["custom_fields"] == {account.key("organizationFields", "Founded year"): 1999}
    row["record"]["data"]["add_time"] = "2021-01-01"
    account.write([row], mappings=mappings)
    assert account.writes() == []


def test_a8_b3_web_address_goes_where_a_rule_says(account: Account) -> None:
    """A8, B3: `web_address` has no field of its name; one rule makes it the website, and the key is compared."""
    known = account.put("organizations", name="Old name", website="http://acme.test/")
    fields = [{"source": "web_address", "target": "domain"}]
    run = account.write(
        [record("accounts", name="Acme", web_address="WWW.Acme.test")],
        mappings=[{"stream": "accounts", "object": "organizations", "fields": fields}],
    )

    assert run.logs("WARN") == []
    assert account.bodies("PATCH") == [{"name": "Acme"}]
    assert account.row("organizations", known)["website"] == "http://acme.test/"


@pytest.mark.parametrize("status", ["open", "Won", "LOST"])
def test_b5_a_deal_by_its_own_column_names(account: Account, status: str) -> None:
    """B5: title, value, currency, stage and pipeline by name, closing date and status, in any letter case."""
    account.put("organizations", name="Acme")
    columns: dict[str, Any] = {
        "Title": "Renewal", "Value": "1200.50", "Currency": "eur", "Stage": "contract", "pipeline": "Partners",
        "Expected close date": "2026-05-01", "Status": status, "organization": "Acme", "owner": SELLER,
    }  # fmt: skip
    mappings = [{"stream": "deals", "match_on": ["title"]}]
    run = account.write([record("deals", **columns)], mappings=mappings)
    (deal,) = account.rows("deals")

    assert run.logs("WARN") == []
    assert (deal["title"], deal["value"], deal["currency"]) == ("Renewal", 1200.5, "EUR")
    assert (deal["expected_close_date"], deal["status"]) == ("2026-05-01", status.lower())
    stage = next(row for row in account.sandbox.rows("stages") if row["id"] == deal["stage_id"])
    assert (stage["name"], deal["pipeline_id"]) == ("Contract", stage["pipeline_id"])
    account.write([record("deals", **columns)], mappings=mappings)
    assert account.writes() == []


def test_b2_d4_d10_everything_is_found_by_its_usual_key(account: Account) -> None:
    """B2, D4, D10: companies by domain, people by email, deals by id; not by a name that is alike."""
    org = account.put("organizations", name="Acme Inc", website="https://acme.test")
    emails = [{"value": "ann@acme.test", "primary": True, "label": "work"}]
    person = account.put("persons", name="A. Lee", emails=emails)
    deal = account.put("deals", title="Old", org_id=org)
    account.write([
        record("organizations", name="Acme", domain="acme.test"),
        record("persons", name="Ann Lee", email="Ann@Acme.test"),
        record("persons", name="Ann Lee", email="other@acme.test"),
        record("deals", id=deal, title="New"),
    ])  # fmt: skip

    assert account.row("organizations", org)["name"] == "Acme"
    assert account.row("persons", person)["name"] == "Ann Lee"
    assert account.row("deals", deal)["title"] == "New"
    assert [len(account.rows(name)) for name in ("organizations", "persons", "deals")] == [1, 2, 1]


def test_b23_a_person_is_linked_to_its_company_by_name_or_domain(account: Account) -> None:
    """B23: a person who is there without a company is linked, and nothing else of it is touched."""
    acme = account.put("organizations", name="Acme", website="acme.test")
    emails = [{"value": f"{name}@acme.test", "primary": True, "label": "work"} for name in ("ann", "bob")]
    ann, bob = (account.put("persons", name=each["value"], emails=[each]) for each in emails)
    account.write([record("persons", email="ann@acme.test", organization="ACME")])
    links = {"organization": {"by": "domain", "from": "site"}}
    account.write([record("persons", email="bob@acme.test", site="www.acme.test")],
                  mappings=[{"stream": "persons", "links": links}])  # fmt: skip

    assert account.bodies("PATCH") == [{"org_id": acme}]
    assert [account.row("persons", each)["org_id"] for each in (ann, bob)] == [acme, acme]


def test_b21_the_source_and_the_destination_agree_on_domains_and_emails(account: Account) -> None:
    """B21: what the source shows as `domain` and `email_normalized` finds the very rows that it read."""
    org = account.put("organizations", name="Acme", website="HTTPS://www.Acme.test:8443/en?x=1")
    emails = [{"value": " Ann.Lee+crm@Acme.test ", "primary": True, "label": "work"}]
    person = account.put("persons", name="Ann", emails=emails)
    fields = [{"source": "email_normalized", "target": "email"}]
    run = account.write(
        [record("organizations", domain="acme.test", name="Acme 2"),
         record("persons", email_normalized="ann.lee+crm@acme.test", name="Ann 2")],
        mappings=[{"stream": "persons", "fields": fields}],
    )  # fmt: skip

    assert run.summary["status"] == "Success"
    assert account.row("organizations", org)["name"] == "Acme 2"
    assert account.row("persons", person)["name"] == "Ann 2"
    assert [body.keys() for body in account.bodies("PATCH")] == [{"name"}, {"name"}]


def test_b4_several_columns_of_emails_and_phones(account: Account) -> None:
    """B4: columns that go to one field are all kept, the first rule's is primary, an empty one makes room."""
    sources = {"work_email": "email", "home_email": "email", "mobile": "phone", "desk": "phone"}
    mappings = [{"stream": "persons", "fields": [{"source": name, "target": to} for name, to in sources.items()]}]
    row = record("persons", name="Ann", home_email="h@x.test", desk="55", mobile=None, work_email="w@x.test")
    account.write([row], mappings=mappings)
    (person,) = account.rows("persons")

    assert [(each["value"], each["primary"]) for each in person["emails"]] == [("w@x.test", True), ("h@x.test", False)]
    assert [(each["value"], each["primary"]) for each in person["phones"]] == [("55", True)]
    account.write([row, record("persons", name="Ann Lee", work_email=None, home_email="h@x.test")], mappings=mappings)
    assert account.bodies("PATCH") == [{"name": "Ann Lee"}]
