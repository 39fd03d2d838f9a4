"""What an event stream triggers: deals made and moved, activities added, each once."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record

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


@pytest.mark.parametrize(
    ("key", "action"),
    [
        ("subject", {"action": "add_activity", "subject": "Call {nam} {name} {first_name} {id}"}),
        ("title", {"action": "create_deal", "pipeline": "Outreach", "title": "Deal of {nam}"}),
    ],
)
def test_c21_a_place_that_nothing_fills_is_named(account: Account, key: str, action: dict[str, Any]) -> None:
    """C21: columns of the stream and fields of the row fill places; without a schema any column may come."""
    pipeline(account)
    catalog = catalog_of("events")
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = {"email": {}, "name": {}, "event": {}, "at": {}}
    run = account.write([event("Ann")], catalog, mappings=mapping([action]))
    place = "`{nam}` is neither a column of the stream nor a field of the row. Did you mean `name`"

    assert f"`/mappings/0/actions/0/{key}`: {place}" in run.errors()[0]["message"]
    assert account.writes() == []
    assert account.write([event("Ann")], mappings=mapping([action])).exit_code == 0


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


def test_c14_without_a_time_of_the_event_nothing_goes_on_by_itself(account: Account) -> None:
    """C14: `move_deal_to_next_stage` needs `updated_at_field`: check, write and plan say so."""
    pipeline(account)
    mappings = [{"stream": "events", "object": "persons", "actions": [{"action": "move_deal_to_next_stage"}]}]
    said = "`/mappings/0/updated_at_field` is missing"

    assert said in account.check(mappings=mappings).connection_status["message"]
    for dry_run in (False, True):
        run = account.write([event("Ann")], mappings=mappings, dry_run=dry_run)
        assert said in run.errors()[0]["message"]
    assert account.writes() == []


def test_t43_c14_one_event_moves_a_deal_once(account: Account) -> None:
    """T43, C14: the same event twice in one run is one move, a later one is another; one without a time is rejected."""
    stages = pipeline(account)
    account.sandbox.set_clock("2030-05-02T12:00:00Z")
    steps = [STEPS[0], STEPS[2]]
    later = event("Ann", at="2030-05-01T11:00:00Z")
    run = account.write([event("Ann"), event("Ann"), later, event("Ann", at="")], mappings=mapping(steps))

    assert account.rows("deals")[0]["stage_id"] == stages[2]
    assert any("[required_field_missing, field `at`]" in text for text in run.logs("WARN"))
    account.write([event("Ann"), later], mappings=mapping(steps))
    assert account.writes() == []


def test_c13_a_move_to_a_stage_without_a_time_is_warned_of(account: Account) -> None:
    """C13: `move_deal_to_stage` works without the time of the event, and says what that means."""
    pipeline(account)
    action = {"action": "move_deal_to_stage", "stage": "Talking", "pipeline": "Outreach"}
    run = account.write([event("Ann")], mappings=mapping([STEPS[0], action], updated_at_field=""))

    assert any("moves the deal again" in text for text in run.logs("WARN"))
    assert run.exit_code == 0


@pytest.mark.parametrize("more", [{"title": "Other"}, {"pipeline": "Second"}, {}])
def test_c12_what_counts_as_the_same_deal(account: Account, more: dict[str, Any]) -> None:
    """C12: title in any case, person and pipeline; a deal that was won meanwhile is still the same one."""
    pipeline(account)
    second = account.put("pipelines", name="Second")
    account.put("stages", name="Start", pipeline_id=second, order_nr=1)
    account.write([event("Ann")], mappings=mapping([{**STEPS[0], "title": "Deal of {name}"}]))
    account.sandbox.put_rows("deals", [{"id": account.rows("deals")[0]["id"], "status": "won", "title": "DEAL of Ann"}])
    account.write([event("Ann", at="2031-01-01")], mappings=mapping([{**STEPS[0], "title": "Deal of {name}", **more}]))

    assert len(account.rows("deals")) == (2 if more else 1)


@pytest.mark.parametrize(("at", "count"), [("2030-05-01T23:00:00Z", 1), ("2030-05-02T01:00:00Z", 2)])
def test_c15_d13_what_counts_as_the_same_activity(account: Account, at: str, count: int) -> None:
    """C15, D13: subject, row and day it is due; two events of one day are one activity, whatever became of it."""
    pipeline(account)
    account.write([event("Ann")], mappings=mapping([STEPS[3]]))
    account.sandbox.put_rows("activities", [{"id": account.rows("activities")[0]["id"], "done": True}])
    account.write([event("Ann", at=at)], mappings=mapping([STEPS[3]]))

    assert len(account.rows("activities")) == count
