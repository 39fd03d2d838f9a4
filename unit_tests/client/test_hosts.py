"""Where a token may travel."""

from __future__ import annotations

import pytest

from pipedrive_client.base_urls import api_path, checked_base_url, is_loopback

from .conftest import API

ALLOWED = [
    pytest.param("https://api.pipedrive.com", "https://api.pipedrive.com", id="shared host"),
    pytest.param("https://acme.pipedrive.com/", "https://acme.pipedrive.com", id="company host, slash cut"),
    pytest.param("  https://acme.pipedrive.com ", "https://acme.pipedrive.com", id="spaces cut"),
    pytest.param("https://a.b.pipedrive.com", "https://a.b.pipedrive.com", id="deeper host"),
    pytest.param("HTTPS://API.Pipedrive.COM", "https://api.pipedrive.com", id="upper case"),
    pytest.param("https://api.pipedrive.com:443", "https://api.pipedrive.com", id="default port cut"),
    pytest.param("http://127.0.0.1:8090", "http://127.0.0.1:8090", id="loopback"),
    pytest.param("http://127.8.9.1", "http://127.8.9.1", id="the whole 127 net"),
    pytest.param("http://localhost:8090/", "http://localhost:8090", id="localhost"),
    pytest.param("https://localhost", "https://localhost", id="localhost over TLS"),
    pytest.param("http://[::1]:8090", "http://[::1]:8090", id="IPv6 loopback"),
    pytest.param("http://127.0.0.1:443", "http://127.0.0.1:443", id="port 443 without TLS stays"),
]
REFUSED = [
    pytest.param("http://acme.pipedrive.com", id="no TLS"),
    pytest.param("ftp://acme.pipedrive.com", id="other scheme"),
    pytest.param("acme.pipedrive.com", id="no scheme"),
    pytest.param("//acme.pipedrive.com", id="scheme left out"),
    pytest.param("https://pipedrive.com", id="bare domain"),
    pytest.param("https://evilpipedrive.com", id="suffix without a dot"),
    pytest.param("https://pipedrive.com.evil.com", id="domain as prefix"),
    pytest.param("https://acme.pipedrive.com.evil.com", id="host as prefix"),
    pytest.param("https://acme.pipedrive.com.", id="trailing dot"),
    pytest.param("https://.pipedrive.com", id="empty label"),
    pytest.param("https://acme.pipedrive.com:8443", id="other port"),
    pytest.param("https://acme.pipedrive.com:99999", id="impossible port"),
    pytest.param("https://acme.pipedrive.com/api", id="path"),
    pytest.param("https://acme.pipedrive.com?x=1", id="query"),
    pytest.param("https://acme.pipedrive.com#x", id="fragment"),
    pytest.param("https://evil.com/.pipedrive.com", id="suffix in the path"),
    pytest.param("https://evil.com#.pipedrive.com", id="suffix in the fragment"),
    pytest.param("https://evil.com?.pipedrive.com", id="suffix in the query"),
    pytest.param("https://evil.com\\.pipedrive.com", id="backslash"),
    pytest.param("https:\\\\acme.pipedrive.com", id="backslashes for slashes"),
    pytest.param("https://acme.pipedrive.com@evil.com", id="host as user info"),
    pytest.param("https://user:pw@acme.pipedrive.com", id="user info"),
    pytest.param("https://127.0.0.1@evil.com", id="loopback as user info"),
    pytest.param("https://evil.com%2f.pipedrive.com", id="escaped slash"),
    pytest.param("https://acme.pipedrive.com\n.evil.com", id="line break"),
    pytest.param("https://аcme.pipedrive.com", id="Cyrillic letter"),
    pytest.param("https://acme.pipedrivе.com", id="Cyrillic letter in the domain"),
    pytest.param("https://acme。pipedrive。com", id="ideographic full stop"),
    pytest.param("https://ａcme.pipedrive.com", id="full-width letter"),
    pytest.param("https://evil.com／.pipedrive.com", id="full-width slash"),
    pytest.param("http://localhost.evil.com", id="localhost as prefix"),
    pytest.param("http://127.0.0.1.evil.com", id="loopback as prefix"),
    pytest.param("http://0.0.0.0:8090", id="any address"),
    pytest.param("http://10.0.0.1", id="private network"),
    pytest.param("http://2130706433", id="loopback as one number"),
    pytest.param("http://[::2]", id="other IPv6 address"),
    pytest.param("http://[::1", id="broken IPv6 address"),
    pytest.param("http://[::1]evil.com", id="text behind an IPv6 address"),
    pytest.param("http://[::1].evil.com:80", id="domain behind an IPv6 address"),
    pytest.param("http://evil[::1]", id="text before an IPv6 address"),
    pytest.param("http://[::1]]", id="a bracket too many"),
    pytest.param("http://[[::1]", id="two brackets"),
    pytest.param("http://[127.0.0.1]", id="IPv4 address in brackets"),
    pytest.param("http://[::1%25lo]", id="IPv6 address with a zone"),
    pytest.param("http://[::ffff:127.0.0.1]", id="IPv4 address inside IPv6"),
    pytest.param("http://127.0.0.1:", id="colon without a port"),
    pytest.param("http://127.0.0.1:80:90", id="two ports"),
    pytest.param("http://127.0.0.1:8_0", id="underscore in a port"),
    pytest.param("http://127.1", id="short form of loopback"),
    pytest.param("http://0x7f000001", id="loopback in hexadecimal"),
    pytest.param("http://localhost.", id="localhost with a trailing dot"),
    pytest.param("https://xn--pipedrive-abc.com", id="IDN look-alike"),
    pytest.param("https://acme.pipedrive.com:0443", id="port with a zero before it"),
    pytest.param("https:acme.pipedrive.com", id="scheme without slashes"),
    pytest.param("https:///acme.pipedrive.com", id="three slashes"),
    pytest.param("https://acme.pipedrive.com/\tx", id="tab in the path"),
    pytest.param("https://acme.pipe\x00drive.com", id="NUL"),
    pytest.param("https://acme.pipedrive.com%00.evil.com", id="escaped NUL"),
    pytest.param(True, id="truth value"),
    pytest.param(["https://acme.pipedrive.com"], id="list"),
    pytest.param({"url": "https://acme.pipedrive.com"}, id="object"),
    pytest.param("", id="empty"),
    pytest.param(None, id="null"),
    pytest.param(5, id="number"),
]


@pytest.mark.parametrize(("url", "kept"), ALLOWED)
def test_allowed(url: str, kept: str) -> None:
    """Pipedrive's hosts over TLS and this machine are allowed, in one spelling."""
    assert checked_base_url(url, "api_url") == kept


@pytest.mark.parametrize("url", REFUSED)
def test_refused(url: object) -> None:
    """Every other address is refused in one sentence that names the key."""
    with pytest.raises(
        ValueError, match=r"^`oauth_url` must be an address such as https://yourcompany\.pipedrive\.com"
    ):
        checked_base_url(url, "oauth_url")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://user:SECRET@evil.com", id="password"),
        pytest.param("https://user:pa/SECRET@evil.com", id="password with a slash"),
        pytest.param("https://user:SECRET?x@evil.com", id="password with a question mark"),
        pytest.param("https://SECRET@evil.com", id="user"),
        pytest.param("https://evil.com/SECRET", id="path"),
        pytest.param("https://evil.com?api_token=SECRET", id="query"),
        pytest.param("https://evil.com#SECRET", id="fragment"),
        pytest.param("https://evil.com\\SECRET", id="behind a backslash"),
        pytest.param("https://evil.com:SECRET", id="in place of a port"),
        pytest.param("SECRET", id="a token in the wrong place"),
        pytest.param("SECRET0123456789abcdef0123456789abcdef.x", id="a token with a dot"),
        pytest.param("https://SECRET0123456789abcdef0123456789abcdef.com", id="a token as host"),
        pytest.param("https://a.SECRET0123456789abcdef0123456789abcdef", id="a token as domain"),
        pytest.param("http://[::1]SECRET", id="behind an IPv6 address"),
    ],
)
def test_refusal_shows_no_secret(url: str) -> None:
    """The sentence of a refusal shows nothing of an address that could be a secret."""
    with pytest.raises(ValueError, match="api_url") as caught:
        checked_base_url(url, "api_url")
    assert "SECRET" not in str(caught.value)


def test_refusal_shows_the_host() -> None:
    """The sentence of a refusal shows the host that was given."""
    with pytest.raises(ValueError, match=r"Given: host `evil\.com`"):
        checked_base_url("https://evil.com/path", "api_url")


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost", True),
        ("http://LOCALHOST:1", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:80", True),
        ("https://api.pipedrive.com", False),
        ("http://10.0.0.1", False),
        ("http://localhost.evil.com", False),
        ("nonsense", False),
    ],
)
def test_is_loopback(url: str, here: bool) -> None:
    """Only this machine's own addresses are loopback."""
    assert is_loopback(url) is here


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        pytest.param(API, "v1/leads", f"{API}/v1/leads", id="shared host, v1"),
        pytest.param(API, "api/v2/deals", f"{API}/api/v2/deals", id="shared host, v2"),
        pytest.param("http://127.0.0.1:1", "v1/leads", "http://127.0.0.1:1/v1/leads", id="loopback, v1"),
        pytest.param("https://a.pipedrive.com", "v1/leads", "https://a.pipedrive.com/api/v1/leads", id="company, v1"),
        pytest.param(
            "https://a.pipedrive.com", "api/v2/deals", "https://a.pipedrive.com/api/v2/deals", id="company, v2"
        ),
    ],
)
def test_api_path(base: str, path: str, url: str) -> None:
    """v1 answers below /v1 on the shared host and below /api/v1 on a company's own."""
    assert api_path(base, path) == url
