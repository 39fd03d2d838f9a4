"""docs/streams.md: as the table says, for every stream."""

from pathlib import Path

import pytest

from pipedrive_client.endpoints import ENDPOINTS
from pipedrive_client.scopes import read_scopes
from scripts.stream_docs import needs, notes, page, price, row_of, scope_words, unchanged
from source_pipedrive.streams.spec import ChildSpec, ListSpec, StreamSpec
from source_pipedrive.streams.table import BY_NAME, STREAMS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "streams.md"


def test_the_page_is_fresh() -> None:
    """docs/streams.md is what the table gives now; `make docs` writes it anew."""
    assert PAGE.read_text(encoding="utf-8") == page(STREAMS, row_of), "stale: run `make docs`"


def test_every_stream_is_on_the_page_twice() -> None:
    """Every stream has a line for its price and one for what it reads and needs."""
    lines = page(STREAMS, row_of).splitlines()

    assert not [spec.name for spec in STREAMS if sum(line.startswith(f"| {spec.name} |") for line in lines) != 2]


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("deals", "10 per 500 rows + 20 per 500 archived rows"),
        ("files", "20 per 100 rows"),
        ("users", "20 for all rows"),
        ("filters", "20 for all rows + 2 per row"),
        ("mail_threads", "20 per 500 rows, for each of inbox, drafts, sent, archive"),
        ("deal_products", "10 per 100 deals with products"),
        ("deal_installments", "10 per 100 deals"),
        ("deal_followers", "10 per deal with followers"),
        ("deal_mail_messages", "20 per deal with emails"),
        ("deal_changelog", "20 per deal"),
        ("deal_persons", "10 per 100 deals with a person + 10 per deal with participants"),
        ("organization_persons", "nothing beyond the listing of persons"),
        ("permission_set_assignments", "20 per permission set with assignments"),
    ],
)
def test_price_of_a_full_read(stream: str, words: str) -> None:
    """The price names the unit that is paid for, and the counter that spares calls."""
    assert price(BY_NAME[stream]) == words


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("persons", "10 (one call)"),
        ("deals", "10 + 20 (one call per list)"),
        ("leads", "20 + 40 (one call per list)"),
        ("files", "20 (one call)"),
        ("pipelines", "the full listing"),
        ("filters", "the full listing"),
        ("permission_sets", "the full listing and details"),
        ("deal_changelog", "no call"),
        ("phases", "as a full read"),
    ],
)
def test_price_of_an_unchanged_run(stream: str, words: str) -> None:
    """One call for a list that is filtered or sorted, the others whole, and nothing for unchanged parents."""
    assert unchanged(BY_NAME[stream]) == words


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        ("deal_changelog", "`recents:read`<br>`deals:read`"),
        ("deal_products", "`deals:read`"),
        ("deal_persons", "`contacts:read`<br>`deals:read`"),
        ("notes", "`deals:read` or `contacts:read`"),
        ("projects", "`projects:read`"),
    ],
)
def test_needs(stream: str, words: str) -> None:
    """A child needs its parent's scope besides its own; a scope that another line implies is not repeated."""
    assert scope_words(needs(BY_NAME[stream])) == words


@pytest.mark.parametrize("path", [row.path for row in ENDPOINTS if row.method == "GET"])
def test_what_can_be_read_has_scopes(path: str) -> None:
    """Every list and every row of the endpoint table needs a scope."""
    assert read_scopes(path)


def test_a_path_without_scopes_is_named() -> None:
    """A new kind of path fails with the file that wants a row."""
    with pytest.raises(KeyError, match=r"v1/novelties; add a row to pipedrive_client/scopes\.py"):
        read_scopes("v1/novelties")


def test_notes_come_from_the_row() -> None:
    """Archived and deleted rows, lists without a filter and operations on their way out are told without a note."""
    assert list(notes(BY_NAME["legacy_teams"])) == ["Pipedrive marks the operation as deprecated."]
    assert " ".join(notes(BY_NAME["leads"])).endswith("The API cannot filter archived rows by change time.")
    assert "`is_deleted`" in " ".join(notes(BY_NAME["deals"]))


def test_a_new_row_needs_nothing_here() -> None:
    """A stream that the module has never heard of gets its lines from its row alone."""
    listed = StreamSpec("novelties", (ListSpec("v1/filters"),), note="New.")
    below = StreamSpec("filter_novelties", child=ChildSpec("filters", "filter_id", "v1/filters/{id}"))

    text = page([listed, below], lambda name: f"One row is one of {name}.")

    assert "| novelties | one of novelties | `id` | none: full refresh | 20 for all rows | the full listing |" in text
    assert "| filter_novelties | one of filter_novelties | `id` | none: full refresh | 2 per filter |" in text
    assert "- `novelties`: New." in text
