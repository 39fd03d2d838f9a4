"""Normal forms of email addresses, names and domains."""

from __future__ import annotations

from typing import Any

import pytest

from pipedrive_client.normalization import domain_of, email_key, primary_email, text_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param(" Jo@Example.COM\t", "jo@example.com", id="trimmed, lower case"),
        pytest.param("j.o+tag@example.com", "j.o+tag@example.com", id="dots and tag count"),
        pytest.param("JÖ@EXAMPLE.COM", "jö@example.com", id="other letters"),
        pytest.param("", None, id="empty"),
        pytest.param("  ", None, id="spaces"),
        pytest.param(None, None, id="null"),
        pytest.param(5, None, id="number"),
        pytest.param(["jo@example.com"], None, id="list"),
    ],
)
def test_email_key(text: object, key: str | None) -> None:
    """Email addresses are compared trimmed and in lower case, nothing more."""
    assert email_key(text) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("  Acme \n  GmbH ", "acme gmbh", id="spaces folded"),
        pytest.param("ACME", "acme", id="lower case"),
        pytest.param(" ", None, id="spaces"),
        pytest.param(None, None, id="null"),
        pytest.param(7, None, id="number"),
    ],
)
def test_text_key(text: object, key: str | None) -> None:
    """Names are compared trimmed, in lower case, with single spaces."""
    assert text_key(text) == key


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        pytest.param("example.com", "example.com", id="bare"),
        pytest.param("EXAMPLE.com", "example.com", id="upper case"),
        pytest.param("https://example.com", "example.com", id="https"),
        pytest.param("HTTP://example.com", "example.com", id="scheme in upper case"),
        pytest.param("//example.com/x", "example.com", id="scheme left out"),
        pytest.param("www.example.com", "example.com", id="www"),
        pytest.param("https://WWW.example.com", "example.com", id="www in upper case"),
        pytest.param("https://www.shop.example.com", "shop.example.com", id="www before a subdomain"),
        pytest.param("www2.example.com", "www2.example.com", id="www2 is a subdomain"),
        pytest.param("example.com/a/b", "example.com", id="path"),
        pytest.param("example.com?x=1", "example.com", id="query"),
        pytest.param("example.com#x", "example.com", id="fragment"),
        pytest.param("example.com\\x", "example.com", id="backslash"),
        pytest.param("example.com:8080", "example.com", id="port"),
        pytest.param("https://example.com:/", "example.com", id="empty port"),
        pytest.param("https://jo:pw@example.com:8080/x", "example.com", id="user info and port"),
        pytest.param("mailto:jo@example.com", "example.com", id="mail link"),
        pytest.param("jo@example.com", "example.com", id="email address"),
        pytest.param("example.com.", "example.com", id="trailing dot"),
        pytest.param("  example.com  ", "example.com", id="spaces around"),
        pytest.param("example.com (old)", "example.com", id="remark behind"),
        pytest.param("https://xn--mnchen-3ya.de", "münchen.de", id="punycode"),
        pytest.param("https://MÜNCHEN.de", "münchen.de", id="letters"),
        pytest.param("xn--80ak6aa92e.com", "аррӏе.com", id="punycode in Cyrillic"),
        pytest.param("हिन्दी.भारत", "हिन्दी.भारत", id="letters with marks"),
        pytest.param("xn--a-ecp.ru", "xn--a-ecp.ru", id="punycode that cannot be read"),
    ],
)
def test_domain_of(website: str, domain: str) -> None:
    """A web address becomes its domain without scheme, user, www, path and port."""
    assert domain_of(website) == domain


@pytest.mark.parametrize(
    "website",
    [
        "",
        " ",
        "https://",
        "www.",
        "-",
        "n/a",
        "N/A",
        "none",
        ".",
        "..",
        "://",
        "@",
        "Acme Inc.",
        ".com",
        "a..b",
        None,
        5,
        [],
    ],
)
def test_no_domain(website: object) -> None:
    """What holds no domain is no key, so that two rows with a placeholder do not become one company."""
    assert domain_of(website) is None


@pytest.mark.parametrize(
    ("emails", "key"),
    [
        pytest.param([{"value": "a@x.com"}, {"value": "B@x.com", "primary": True}], "b@x.com", id="the marked one"),
        pytest.param([{"value": "A@x.com"}, {"value": "b@x.com"}], "a@x.com", id="none marked: the first"),
        pytest.param([{"value": "", "primary": True}, {"value": "b@x.com"}], "b@x.com", id="the marked one is empty"),
        pytest.param([{"value": None}], None, id="null value"),
        pytest.param([None, "a@x.com", {"value": "b@x.com"}], "b@x.com", id="strange entries are left out"),
        pytest.param([], None, id="no entries"),
        pytest.param(None, None, id="null"),
        pytest.param("a@x.com", None, id="text"),
    ],
)
def test_primary_email(emails: Any, key: str | None) -> None:
    """A person's key is the primary address, else the first that is one."""
    assert primary_email({"emails": emails}) == key


def test_primary_email_without_emails() -> None:
    """A person without the key `emails` has no address."""
    assert primary_email({}) is None
