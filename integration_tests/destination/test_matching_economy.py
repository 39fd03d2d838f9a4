"""How rows are kept while matching: no request under a lock, lists read by one thread, memory that stays flat."""

import threading
from typing import Any

import pytest

from destination_pipedrive.flow import Row
from destination_pipedrive.matching import row_store
from destination_pipedrive.matching.listing import Listing
from destination_pipedrive.matching.row_store import RowStore
from integration_tests.destination.account import Account, record, stream_state
from pipedrive_client.client import PipedriveClient


@pytest.fixture
def requests_under_lock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths that were requested by a thread that held what others share."""
    found: list[str] = []
    holding = threading.local()
    create, request = RowStore.__init__, PipedriveClient.request

    class Lock:
        """A lock that says who holds it."""

        def __init__(self) -> None:
            self._lock = threading.Lock()

        def __enter__(self) -> None:
            self._lock.acquire()
            holding.depth = getattr(holding, "depth", 0) + 1

        def __exit__(self, *error: object) -> None:
            holding.depth -= 1
            self._lock.release()

    def created(self: RowStore, *arguments: Any, **named: Any) -> None:
        create(self, *arguments, **named)
        self.lock = Lock()  # type: ignore[assignment]

    def watched(self: PipedriveClient, method: str, path: str, **more: Any) -> Any:
        found.extend([path] * getattr(holding, "depth", 0))
        return request(self, method, path, **more)

    monkeypatch.setattr(RowStore, "__init__", created)
    monkeypatch.setattr(PipedriveClient, "request", watched)
    return found


@pytest.fixture
def listing_threads(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of the threads that read pages of lists."""
    names: set[str] = set()
    read = Listing.next_page

    def watched(self: Listing) -> list[Row]:
        names.add(threading.current_thread().name)
        return read(self)

    monkeypatch.setattr(Listing, "next_page", watched)
    return names


@pytest.fixture
def most_rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One number: the most rows that any store held at a time."""
    most = [0]
    put = RowStore.put

    def watched(self: RowStore, row: Row) -> Row:
        entered = put(self, row)
        most[0] = max(most[0], len(self.rows))
        return entered

    monkeypatch.setattr(RowStore, "put", watched)
    return most


def test_no_request_is_sent_while_rows_are_locked(
    account: Account, requests_under_lock: list[str], listing_threads: set[str]
) -> None:
    """Parents, rows below them, actions, fresh reads: threads wait for each other's memory, never for an answer."""
    account.put("organizations", name="Acme", website="acme.example")
    account.put("stages", name="New", pipeline_id=account.put("pipelines", name="Outreach"))
    product = account.put("products", name="Bolt", code="B-1")
    people = [
        record("persons", name=f"P {n}", email=f"p{n}@acme.example", at="2030-01-01T00:00:00Z") for n in range(20)
    ]
    links = {"organization": {"by": "domain", "from": "email", "create_if_missing": True}}
    actions = [
        {"action": "create_deal", "pipeline": "Outreach"},
        {"action": "add_activity", "subject": "Welcome {name}"},
    ]
    entry: dict[str, Any] = {"stream": "persons", "links": links, "actions": actions, "updated_at_field": "at"}
    entry["fields"] = [{"source": "email", "target": "email"}]
    deal = account.put("deals", title="Big", org_id=1)
    below = [
        record("deal_products", deal_id=deal, product_id=product, item_price=n, quantity=1, at="2030-01-01T00:00:00Z")
        for n in range(3)
    ]
    mappings = [entry, {"stream": "deal_products", "updated_at_field": "at"}]
    run = account.write([*people, *below], mappings=mappings, conflict_policy="newest_wins")

    assert run.summary["objects"]["persons"]["created"] == 20, run
    assert run.summary["objects"]["deals"]["created"] == 20
    assert requests_under_lock == []
    assert listing_threads == {threading.main_thread().name}


def test_rows_that_are_named_by_id_are_let_go_of(account: Account, most_rows: list[int]) -> None:
    """300 deals, each with a company of its own named by its id, keep a batch of each in memory."""
    orgs = account.sandbox.put_rows("organizations", [{"name": f"O {n}"} for n in range(300)])
    deals = account.sandbox.put_rows("deals", [{"title": f"D {n}", "org_id": orgs[n]["id"]} for n in range(300)])
    links = {"organization": {"by": "id", "from": "company"}}
    rows = [record("deals", id=deal["id"], title=deal["title"], company=deal["org_id"]) for deal in deals]
    run = account.write(rows, mappings=[{"stream": "deals", "links": links}])

    assert run.summary["objects"]["deals"]["unchanged"] == 300
    assert most_rows == [100]


def test_what_was_read_by_id_is_found_by_its_key_later(account: Account, most_rows: list[int]) -> None:
    """A row that came by its id and was let go of is searched for when a later record names its address."""
    emails = [[{"value": f"p{n}@acme.test", "primary": True, "label": "work"}] for n in range(20_000)]
    stored = account.sandbox.put_rows("persons", [{"name": f"P {n}", "emails": each} for n, each in enumerate(emails)])
    mappings = [
        {"stream": "ids", "object": "persons", "match_on": ["id"]},
        {"stream": "mails", "object": "persons"},
    ]
    by_mail = [record("mails", name=f"P {n}", email=f"p{n}@acme.test") for n in (9, 1_000, 1_000)]
    by_id = [record("ids", id=stored[n]["id"], name=f"P {n}") for n in range(950, 1_247)]
    batches = [[by_mail[place], *by_id[place * 99 : place * 99 + 99]] for place in range(3)]
    run = account.write([each for batch in batches for each in batch], mappings=mappings)

    assert run.summary["objects"]["persons"] | {"skipped": 0} == {
        "created": 0, "updated": 0, "unchanged": 300, "deleted": 0, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    assert most_rows[0] <= 500 + 99 + 3


def test_t66_parents_of_their_own_do_not_stay_in_memory(
    account: Account, most_rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """T66: 600 people, each with their own new company: created rows leave memory and are still found."""
    monkeypatch.setattr(row_store, "MOST_IN_MEMORY", 100)
    link = {"by": "name", "from": "company", "create_if_missing": True}
    people = [
        record("persons", name=f"P {n}", email=f"p{n}@acme.test", company=f"Company {n % 600}") for n in range(600)
    ]
    again = [
        people[3],
        record("persons", name="New name", email="p4@acme.test"),
        record("persons", name="Late", email="late@acme.test", company="company 5"),
    ]
    run = account.write([*people, *again], mappings=[{"stream": "persons", "links": {"organization": link}}])

    counts = {
        name: (each["created"], each["updated"], each["unchanged"]) for name, each in run.summary["objects"].items()
    }
    assert counts == {"organizations": (600, 0, 0), "persons": (601, 1, 1)}
    assert len(account.rows("organizations")) == 600
    assert most_rows[0] <= 100 + 2 * 100


@pytest.mark.parametrize("is_link", [False, True])
def test_streams_with_other_keys_share_one_listing(account: Account, is_link: bool) -> None:
    """Two streams of one object, or a stream and a link to its rows, that know them by other custom fields."""
    key = account.key("organizationFields", "Domain")
    account.put("organizations", name="Acme", custom_fields={key: "acme.test"})
    account.put(
        "organizations", name="Beta", custom_fields={account.key("organizationFields", "Headquarters phone"): "555"}
    )
    first = record("companies", name="Beta", phone="555")
    entries: list[dict[str, Any]] = [
        {
            "stream": "companies",
            "object": "organizations",
            "match_on": ["Headquarters phone"],
            "fields": [{"source": "phone", "target": "Headquarters phone"}],
        }
    ]
    if is_link:
        second = record("persons", name="Ann", email="a@x.test", company="acme.test")
        entries.append({"stream": "persons", "links": {"organization": {"by": "Domain", "from": "company"}}})
    else:
        second = record("accounts", name="Acme", site="acme.test")
        fields = [{"source": "site", "target": key}]
        entries.append({"stream": "accounts", "object": "organizations", "match_on": [key], "fields": fields})
    run = account.write([first, stream_state("companies", 1), second], mappings=entries)

    counts = run.summary["objects"]
    assert counts["organizations"]["unchanged"] == (1 if is_link else 2), run
    assert not is_link or counts["persons"]["created"] == 1
    assert account.calls().count(("GET", "/api/v2/organizations")) == 1
