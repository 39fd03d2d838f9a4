"""The table of operations."""

from __future__ import annotations

import re

import pytest

from bench.operations import endpoint_of_url
from pipedrive_client.endpoints import ENDPOINTS, MAX_LIMIT, endpoint


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_found_by_its_url(row: object) -> None:
    """Every operation is found again by the URL that it is called with."""
    url = "/" + re.sub(r"\{\w+\}", "7", row.path)  # type: ignore[attr-defined]

    assert endpoint_of_url(row.method, url) is row  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "url", "template"),
    [
        pytest.param("GET", "/api/v1/leads", "v1/leads", id="v1 on a company host"),
        pytest.param("GET", "/api/v1/leads/0a-1b", "v1/leads/{id}", id="v1 by id on a company host"),
        pytest.param("GET", "/api/v2/deals?limit=500&cursor=a/b", "api/v2/deals", id="query"),
        pytest.param("GET", "/api/v2/deals/", "api/v2/deals", id="trailing slash"),
        pytest.param("GET", "/api/v2/deals/archived", "api/v2/deals/archived", id="a word is no id"),
        pytest.param("GET", "/v1/users/me", "v1/users/me", id="me is no id"),
        pytest.param("GET", "/api/v2/deals/..%2Fx", "api/v2/deals/{id}", id="quoted id"),
    ],
)
def test_endpoint_of_url(method: str, url: str, template: str) -> None:
    """A URL belongs to the row whose template it fills, with query and host style left out."""
    row = endpoint_of_url(method, url)

    assert row is endpoint(method, template)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/v1/unheard"),
        ("PUT", "/api/v2/deals/1"),
        ("GET", "/api/v2/deals/1/x/y"),
        ("GET", "/"),
        ("POST", "/v1/users/me"),
    ],
)
def test_unlisted_url(method: str, url: str) -> None:
    """A URL of no row belongs to none."""
    assert endpoint_of_url(method, url) is None


def test_unknown_template() -> None:
    """A template without a row says which one and where to add it."""
    with pytest.raises(KeyError) as caught:
        endpoint("GET", "api/v2/nothing/{id}")
    assert caught.value.args == (
        "No endpoint row for GET api/v2/nothing/{id}; add one to pipedrive_client/endpoints.py",
    )


def test_one_row_an_operation() -> None:
    """No operation has two rows."""
    assert len({(row.method, row.path) for row in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize(
    ("path", "limit"),
    [("v1/files", 100), ("api/v2/deals/search", 100), ("api/v2/deals", MAX_LIMIT), ("v1/leads", MAX_LIMIT)],
)
def test_largest_page(path: str, limit: int) -> None:
    """Files and searches have smaller pages than the rest."""
    assert endpoint("GET", path).max_limit == limit


@pytest.mark.parametrize(
    ("path", "is_search"), [("api/v2/deals/search", True), ("api/v2/deals", False), ("v1/leads", False)]
)
def test_is_search(path: str, is_search: bool) -> None:
    """Searches are told apart from lists."""
    assert endpoint("GET", path).is_search is is_search
