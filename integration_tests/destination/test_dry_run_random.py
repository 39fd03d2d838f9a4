"""T45 with streams that nobody thought of: accounts, records and rules are drawn, the same ones in every run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state
from integration_tests.destination.written_bodies import WrittenBodies
from integration_tests.harness import THOROUGH

T = TypeVar("T")
#: How many inputs are drawn.
RUNS = 300 if THOROUGH else 100
NAMES = ("Ann", "Bob", "Cy", "ann ")
EMAILS = ("a@x.test", "b@x.test", "A@X.test ", "c@y.test", "bad", None)
COMPANIES = ("Acme", "acme", "Beta", "Gamma", None)
STEPS: tuple[dict[str, Any], ...] = (
    {"action": "create_deal", "pipeline": "Outreach"},
    {"action": "move_deal_to_stage", "pipeline": "Outreach", "stage": "Talking"},
    {"action": "move_deal_to_next_stage"},
    {"action": "add_activity", "subject": "Call {name}"},
)
#: Stream -> the values that its columns may have.
COLUMNS: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "organizations": {"name": COMPANIES, "labels": (None, "New"), "owner": (None, 1, "nobody@x.test")},
    "persons": {"name": NAMES, "email": EMAILS, "company": COMPANIES, "labels": (None, "New"), "phone": (None, "1")},
    "deals": {
        "title": ("D1", "D2", "d1"),
        "email": EMAILS,
        "company": COMPANIES,
        "value": (None, 10, 20),
        "stage": (None, "Talking", "Nope"),
        "status": (None, "open", "won"),
    },
    "leads": {"title": ("L1", "L2"), "email": EMAILS, "company": COMPANIES, "labels": (None, "Cool")},
    "products": {"name": ("P1", "P2"), "code": ("c1", None), "price": (None, 5, 7)},
    "activities": {"subject": ("Call", "Mail"), "email": EMAILS, "company": COMPANIES, "done": (True, False)},
    "notes": {"content": ("n1", "n2"), "email": EMAILS, "company": COMPANIES},
    "deal_products": {"deal": ("D1", "D9"), "product": ("P1", "P2"), "item_price": (1, 2), "quantity": (1,)},
    "deal_participants": {"deal": ("D1", "D9"), "email": EMAILS},
    "stages": {"name": ("First", "Fresh"), "pipeline": ("Outreach",), "deal_probability": (None, 50, 100)},
    "events": {"name": NAMES, "email": EMAILS},
}
#: Stream -> its rules that are always the same.
RULES: Mapping[str, Mapping[str, Any]] = {
    "organizations": {"match_on": ["name"]},
    "deals": {"match_on": ["title"]},
    "leads": {"match_on": ["title"]},
    "events": {"object": "persons"},
    "deal_products": {"links": {"product": {"by": "name", "from": "product", "create_if_missing": True}}},
}


class Dice:
    """What is drawn, in the words of ``random``."""

    def __init__(self, data: st.DataObject) -> None:
        self._draw = data.draw

    def choice(self, given: Sequence[T]) -> T:
        """One of some values."""
        return self._draw(st.sampled_from(given))

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self._draw(st.integers(1, 100)) <= percent

    def count(self, least: int, most: int) -> int:
        """A whole number."""
        return self._draw(st.integers(least, most))

    def some(self, given: Sequence[T], least: int, most: int) -> list[T]:
        """Some of these values, in any order."""
        places = st.lists(st.sampled_from(range(len(given))), unique=True, min_size=least, max_size=most)
        return [given[place] for place in self._draw(places)]


def links(dice: Dice, stream: str) -> dict[str, Any]:
    """The links of a stream whose columns name other rows."""
    found: dict[str, Any] = dict(RULES.get(stream, {}).get("links", {}))
    for column, parent, by in (("company", "organization", "name"), ("email", "person", "email"), ("deal", "deal", "")):
        is_own = stream in ("persons", "events") and parent == "person"
        if column in COLUMNS[stream] and not is_own:
            found[parent] = {"by": by or "name", "from": column, "create_if_missing": bool(by and dice.chance(50))}
    return found


def mapping(dice: Dice, stream: str) -> dict[str, Any]:
    """Random rules of a stream."""
    rules = {"stream": stream, **RULES.get(stream, {}), "links": links(dice, stream), "updated_at_field": "at"}
    rules["on_unknown_option"] = dice.choice(("reject", "create", "null"))
    rules["on_missing_parent"] = dice.choice(("reject", "null"))
    for key, value in (("create", False), ("require_match_key", False), ("on_ambiguous", "newest")):
        rules |= {key: value} if dice.chance(20) else {}
    if stream in ("persons", "deals", "products") and dice.chance(30):
        name = "title" if stream == "deals" else "name"
        rules["fields"] = [{"source": name, "target": name, "mode": "fill"}]
    if stream == "events":
        rules["actions"] = [step for step in STEPS if dice.chance(70)] or [STEPS[0]]
    return rules


def messages(dice: Dice, streams: list[str]) -> list[Message]:
    """Random records, and states between them."""
    found: list[Message] = []
    for number in range(dice.count(4, 16)):
        stream = dice.choice(streams)
        values = {column: dice.choice(given) for column, given in COLUMNS[stream].items()}
        found.append(record(stream, **values, at=f"2030-05-0{dice.count(1, 7)}T10:00:00Z"))
        found += [stream_state(stream, number)] if dice.chance(20) else []
    return found


@pytest.fixture
def bodies(monkeypatch: pytest.MonkeyPatch) -> WrittenBodies:
    """What the executors are given to write."""
    return WrittenBodies(monkeypatch)


def fill(dice: Dice, account: Account) -> None:
    """Some rows that are there before."""
    put: Callable[..., int] = account.put
    org = put("organizations", name="Acme")
    person = put("persons", name="Ann", emails=[{"value": "a@x.test", "primary": True, "label": "work"}])
    for title in dice.some(("D1", "D1", "D2", "Ann deal"), 0, 3):
        put("deals", title=title, org_id=org, person_id=person)
    pipeline = put("pipelines", name="Outreach")
    for number, name in enumerate(("First", "Talking", "Offer"), 1):
        put("stages", name=name, pipeline_id=pipeline, order_nr=number)


@pytest.mark.long
@given(st.data())
@settings(
    max_examples=RUNS,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_t45_plans_are_what_the_run_then_does(account: Account, bodies: WrittenBodies, data: st.DataObject) -> None:
    """T45: the same counts of every object, the same bodies, and the same tokens in all; the plan writes nothing."""
    dice = Dice(data)
    account.sandbox.reset(seed=1, scale=0)
    fill(dice, account)
    account.sandbox.set_clock("2030-05-05T12:00:00Z")
    streams = dice.some(sorted(COLUMNS), 1, 5)
    config = {
        "mappings": [mapping(dice, stream) for stream in streams],
        "conflict_policy": dice.choice(("source_wins", "source_wins", "destination_wins", "newest_wins")),
    }
    sent, catalog = messages(dice, streams), catalog_of(*streams, mode=dice.choice(("append_dedup", "append")))
    dry = account.write(sent, catalog, dry_run=True, **config)
    assert account.writes() == []
    planned = bodies.taken()
    real = account.write(sent, catalog, **config)

    assert dry.exit_code == real.exit_code == 0, dry.errors()
    assert real.summary["objects"] == dry.summary["objects"]
    assert account.tokens() == dry.summary["tokens"] + dry.summary["planned_tokens"]
    assert bodies.taken() == planned


def test_t45_a_new_stage_comes_last(account: Account, bodies: WrittenBodies) -> None:
    """T45: a deal goes on to the next stage that is there, not to one that the same run creates."""
    pipeline = account.put("pipelines", name="Outreach")
    stages = [account.put("stages", name=name, pipeline_id=pipeline, order_nr=n) for n, name in enumerate("AB", 1)]
    account.put("persons", name="Ann", emails=[{"value": "a@x.test", "primary": True, "label": "work"}])
    rules = [
        {"stream": "stages", "updated_at_field": "at"},
        {"stream": "events", "object": "persons", "updated_at_field": "at", "actions": [STEPS[0], STEPS[2]]},
    ]
    at = {"at": "2030-05-01T10:00:00Z"}
    sent = [
        record("stages", name="Fresh", pipeline="Outreach", **at),
        record("events", name="Ann", email="a@x.test", **at),
    ]
    account.write(sent, catalog_of("stages", "events"), dry_run=True, mappings=rules)
    planned = bodies.taken()
    account.write(sent, catalog_of("stages", "events"), mappings=rules)

    assert bodies.taken() == planned
    assert [deal["stage_id"] for deal in account.rows("deals")] == stages[1:]
