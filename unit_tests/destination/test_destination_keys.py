"""The forms in which two spellings of a key are one, and what is no key."""

from typing import Any

import pytest

from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.shared_hosts import company_domain, is_shared
from destination_pipedrive.matching.keys import ID, MatchKey, key_values, match_keys
from destination_pipedrive.objects.records import ORGANIZATIONS, PERSONS
from pipedrive_client.config import ConfigError

TEXT = MatchKey("code", "code", "text")
NUMBER = MatchKey("Ext num", "n", "number")
UID = MatchKey("UID", "uid", "text", custom=True, form="external_id")
EMAIL = MatchKey("email", "emails", "emails")
PHONE = MatchKey("phone", "phones", "phones")


def same(key: MatchKey, *values: Any) -> bool:
    """Whether all these values are one key."""
    forms = {tuple(key_values(key, {key.key: value})) for value in values}
    return len(forms) == 1 and () not in forms


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (TEXT, (" Acme  GmbH", "acme gmbh ")),
        (TEXT, ("Zoe\u0308", "Zo\u00eb")),
        (NUMBER, (1, 1.0, "1", "1.00", " 1 ")),
        (NUMBER, (12_345_678_901_234_567_890, "12345678901234567890", "12345678901234567890.0")),
        (UID, ("Zoe\u0308 ", "Zo\u00eb")),
        (EMAIL, ([{"value": "JOSE\u0301@a.test "}], [{"value": "jos\u00e9@a.test"}])),
    ],
)
def test_spellings_of_one_key(key: MatchKey, values: tuple[Any, ...]) -> None:
    """What differs in spelling only is one key."""
    assert same(key, *values)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (NUMBER, (1_234_567_890_123_456, 1_234_567_890_123_457)),
        (NUMBER, (2**53, 2**53 + 1)),
        (NUMBER, (0.1, 0.10000000000000002)),
        (UID, ("0015g00000AbCdE", "0015g00000AbCde")),
        (EMAIL, ([{"value": "a+b@gmail.com"}], [{"value": "a@gmail.com"}])),
        (EMAIL, ([{"value": "a.b@gmail.com"}], [{"value": "ab@gmail.com"}])),
    ],
)
def test_different_keys_stay_different(key: MatchKey, values: tuple[Any, ...]) -> None:
    """Ids are compared letter by letter and digit by digit; email addresses with their dots and tags."""
    forms = [tuple(key_values(key, {key.key: value})) for value in values]

    assert len(set(forms)) == len(values)


@pytest.mark.parametrize("text", ["n/a", "N/A ", "-", "--", "\u2014", "NULL", "unknown", "0", "?", "  "])
def test_placeholders_are_no_keys(text: str) -> None:
    """What people write where they have no value finds nothing, in any text."""
    assert key_values(TEXT, {"code": text}) == []
    assert key_values(UID, {"uid": text}) == []
    assert key_values(EMAIL, {"emails": [{"value": text}]}) == []
    assert key_values(PHONE, {"phones": [{"value": text}]}) == []


@pytest.mark.parametrize("text", ["00000", "+0", "kein Telefon"])
def test_a_phone_without_a_number_is_no_key(text: str) -> None:
    """A phone number has a digit that is not zero."""
    assert key_values(PHONE, {"phones": [{"value": text}]}) == []


def test_a_zero_is_a_placeholder() -> None:
    """A number field that is 0 was most likely never filled in: rows that share it are not one row."""
    assert key_values(NUMBER, {"n": 0}) == key_values(UID, {"uid": "0"}) == []


def test_content_is_compared_whatever_it_says() -> None:
    """A row that is told by all it says is told by a dash, too."""
    assert key_values(MatchKey("subject", "subject", "text", form="content"), {"subject": "-"}) == ["-"]


@pytest.mark.parametrize(
    "website",
    [
        *("pat@gmail.com", "gmail.com", "https://www.GMX.de/", "web.de", "hotmail.co.uk", "mail.ru", "qq.com"),
        *("linkedin.com/company/acme", "https://de.linkedin.com/company/acme", "facebook.com/acme", "x.com/acme"),
        *("sites.google.com/view/acme", "acme.github.io", "acme.wixsite.com/home", "https://linktr.ee/acme"),
    ],
)
def test_a_shared_host_is_no_key(website: str) -> None:
    """Free mail, networks and sites of many owners say nothing about a company."""
    assert company_domain(website) is None
    assert is_shared(website)


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("rae@rae.example", "rae.example"),
        ("https://www.acme.example:8443/about?x=1", "acme.example"),
        ("google.com", "google.com"),
        ("mygmail.com.example", "mygmail.com.example"),
        ("xn--mnchen-3ya.example", "m\u00fcnchen.example"),
    ],
)
def test_a_companys_own_domain_is_a_key(website: str, domain: str) -> None:
    """A domain of its own is compared without what stands around it."""
    assert company_domain(website) == domain
    assert not is_shared(website)


def test_what_is_no_domain_is_not_shared() -> None:
    """A text without a domain is a wrong value, not a host of many."""
    assert not is_shared("localhost")
    assert company_domain("n/a") is None


def test_more_domains_may_be_left_out() -> None:
    """`ignored_domains` adds to the list, with what is below them."""
    key = match_keys(("domain",), FieldDirectory(ORGANIZATIONS, ()), "", ignored=frozenset({"agency.example"}))[0]

    assert key_values(key, {"website": "www.agency.example/kit"}) == []
    assert key_values(key, {"website": "kit.agency.example"}) == []
    assert key_values(key, {"website": "agency2.example"}) == ["agency2.example"]


def test_a_composite_key_has_a_value_where_all_its_fields_have_one() -> None:
    """Several fields count together; a person with two emails has two values."""
    key = match_keys((("name", "email"),), FieldDirectory(PERSONS, ()), "")[0]
    emails = [{"value": "A@x.test"}, {"value": "b@x.test"}]

    assert key.name == "name + email"
    assert len(key_values(key, {"name": "Ann", "emails": emails})) == 2
    assert key_values(key, {"name": "n/a", "emails": emails}) == []
    assert key_values(key, {"name": "Ann", "emails": []}) == []


def test_a_composite_key_is_checked_like_its_fields() -> None:
    """A part that is no field, or no key, is named; Pipedrive's id stands alone."""
    fields = FieldDirectory(PERSONS, ())
    for names, said in [(("name", "nonsense"), "`nonsense` is not a field"), (("id", "name"), "`id` alone")]:
        with pytest.raises(ConfigError, match=said):
            match_keys((names,), fields, "`/mappings/0/match_on`")
    assert match_keys((("name",), "id"), fields, "") == (MatchKey("name", "name", "text"), ID)
