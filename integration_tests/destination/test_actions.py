"""What an event stream triggers: deals made and moved, activities added, each once."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record

STEPS: list[dict[str, Any]] = [
    {"when": "event == 'reply'", "action": "create_deal", "pipeline": "Outreach"},
    {"when": "event == 'reply'", "action": "move_deal_to_stage", "pipeline": "Outreach", "stage": "Talking"},
    {"when": "event == 'reply'", "action": "move_deal_to_next_stage"},
    {"when": "event == 'reply'", "action": "add_activity", "subject": "Call {name}", "type": "call"},
]


def pipeline(account: Account) -> list[int]:
    """A pipeline of four stages; their ids in order."""
    row_id = account.put("pipelines", name="Outreach")
    names = ("First", "Talking", "Offer", "Last")
    return [account.put("stages", name=each, pipeline_id=row_id, order_nr=n) for n, each in enumerate(names, 1)]


def event(name: str, kind: str = "reply", at: str = "2030-05-01T10:00:00Z") -> dict[str, Any]:
    """An event of a person."""
    return record("events", name=name, email=f"{name.lower()}@acme.test", event=kind, at=at)


def mapping(actions: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    """Events of persons."""
    return [{"stream": "events", "object": "persons", "actions": actions, "updated_at_field": "at", **more}]


def test_t43_c11_c12_c15_four_actions_in_order_each_once(account: Account) -> None:
    """T43, C11, C12, C15: a deal titled by the person, moved twice, and a call due the same day; repeated, nothing."""
    stages = pipeline(account)
    account.sandbox.set_clock("2030-05-01T12:00:00Z")
    rows = [event("Ann"), event("Bob", "open")]
    run = account.write(rows, mappings=mapping(STEPS))
    (deal,), (activity,) = account.rows("deals"), account.rows("activities")
    ann = next(row["id"] for row in account.rows("persons") if row["name"] == "Ann")

    assert run.summary["objects"]["persons"]["created"] == 2
    assert (deal["title"], deal["person_id"], deal["stage_id"]) == ("Ann deal", ann, stages[2])
    assert (activity["subject"], activity["due_date"], activity["done"]) == ("Call Ann", "2030-05-01", False)
    assert [body.get("title") or body.get("stage_id") or body.get("subject") for body in bodies(account)] == [
        "Ann deal", stages[1], stages[2], "Call Ann",
    ]  # fmt: skip

    again = account.write(rows, mappings=mapping(STEPS))
    assert account.writes() == []
    assert again.summary["objects"]["persons"]["unchanged"] == 2


def bodies(account: Account) -> list[dict[str, Any]]:
    """Bodies of the writes of Ann's deal and activity, in order."""
    sent = [each for each in account.sandbox.requests() if each["method"] in ("POST", "PATCH")]
    return [each["body"] for each in sent if "persons" not in each["path"]]


@pytest.mark.parametrize("kind", ["move_deal_to_stage", "move_deal_to_next_stage"])
def test_c13_without_an_open_deal_nothing_moves(account: Account, kind: str) -> None:
    """C13: won, lost and archived deals are not moved; the record is rejected as no_open_deal."""
    pipeline(account)
    emails = [{"value": "ann@acme.test", "primary": True, "label": "work"}]
    ann = account.put("persons", name="Ann", emails=emails)
    for more in ({"status": "won"}, {"status": "lost"}, {"is_archived": True}):
        account.put("deals", title="Old", person_id=ann, **more)
    action = {"action": kind} | ({"stage": "Talking", "pipeline": "Outreach"} if kind == "move_deal_to_stage" else {})
    run = account.write([event("Ann")], mappings=mapping([action]))

    assert account.writes() == []
    assert any("no_open_deal" in text for text in run.logs("WARN"))
    assert run.summary["objects"]["persons"]["rejected"] == 1


def test_c14_in_the_last_stage_a_deal_stays(account: Account) -> None:
    """C14: nothing is written, one warning says so."""
    stages = pipeline(account)
    emails = [{"value": "ann@acme.test", "primary": True, "label": "work"}]
    ann = account.put("persons", name="Ann", emails=emails)
    place = {"stage_id": stages[3], "pipeline_id": account.rows("pipelines")[-1]["id"]}
    account.put("deals", title="D", person_id=ann, status="open", **place)
    run = account.write([event("Ann")], mappings=mapping([{"action": "move_deal_to_next_stage"}]))

    assert account.writes() == []
    assert any("last stage" in text for text in run.logs("WARN"))


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"action": "explode"}, "`/mappings/0/actions/0/action` must be one of `create_deal`"),
        ({"action": "create_deal"}, "`/mappings/0/actions/0/pipeline` is missing"),
        ({"action": "create_deal", "pipeline": "Outreech"}, "Did you mean `Outreach`?"),
        (
            {"action": "move_deal_to_stage", "stage": "Nowhere"},
            "`/mappings/0/actions/0/stage`: `Nowhere` names no stage",
        ),
        ({"action": "add_activity", "subject": "x", "assignee": "a@b.test"}, "`/mappings/0/actions/0/assignee`"),
        ({"action": "add_activity", "subject": "x", "when": "("}, "`/mappings/0/actions/0/when`"),
        ({"action": "add_activity", "subject": "x", "stage": "y"}, "unknown key `stage`"),
    ],
)
def test_c21_a_wrong_action_is_named(account: Account, action: dict[str, Any], said: str) -> None:
    """C21: `check` and `write` name the option before anything is written."""
    pipeline(account)
    mappings = mapping([action])

    assert said in account.check(mappings=mappings).connection_status["message"]
    assert said in account.write([event("Ann")], mappings=mappings).errors()[0]["message"]
    assert account.writes() == []


def test_t44_c8_a_later_status_of_a_mail_updates_its_activity(account: Account) -> None:
    """T44, C8: a mail is a done activity; opened later, the same activity changes; another person's is another."""
    people = {}
    for name in ("ann", "bob"):
        emails = [{"value": f"{name}@acme.test", "primary": True, "label": "work"}]
        people[name] = account.put("persons", name=name, emails=emails)
    fields = [{"source": "status", "target": "note"}]
    links = {"person": {"by": "email", "from": "to"}}
    mappings = [
        {
            "stream": "mails",
            "object": "activities",
            "match_on": ["subject"],
            "fields": fields,
            "links": links,
            "constants": {"done": True, "type": "email"},
        }
    ]

    def mail(to: str, status: str) -> dict[str, Any]:
        return record("mails", subject="Offer", to=f"{to}@acme.test", status=status)

    first = account.write([mail("ann", "sent"), mail("bob", "sent")], mappings=mappings)
    assert first.logs("WARN") == []
    assert len(account.rows("activities")) == 2
    account.write([mail("ann", "opened"), mail("bob", "sent")], mappings=mappings)
    assert [method for method, _ in account.writes()] == ["PATCH"]
    notes = {row["participants"][0]["person_id"]: (row["note"], row["done"]) for row in account.rows("activities")}
    assert notes == {people["ann"]: ("opened", True), people["bob"]: ("sent", True)}


@pytest.mark.parametrize("priority", ["high", 1.5])
def test_a_priority_is_an_id(account: Account, priority: object) -> None:
    """A priority that is no id fails check with the pointer to it."""
    action = {"action": "add_activity", "subject": "Call", "priority": priority}
    mapping = {"stream": "people", "object": "persons", "actions": [action]}

    status = account.check(mappings=[mapping]).connection_status

    assert status["status"] == "FAILED"
    assert "/mappings/0/actions/0/priority" in status["message"]
