"""Example rows of what hangs below the main records, of projects and of the account."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.blanks import BLANKS
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store import Row

PARENTS = {"deal_id": "deals", "person_id": "persons", "org_id": "organizations", "product_id": "products"}
FOLDERS = (["inbox"], ["sent"], ["inbox", "sent"], ["archive"], ["drafts"])
CHANGED_KEYS = ("title", "value", "status", "stage_id", "owner_id")


def follower(maker: Maker, _number: int) -> Row:
    """A user who follows a deal, person, organization or product."""
    column = maker.random.choice(list(PARENTS))
    _, parent, user = maker.once(lambda: (column, maker.pick(PARENTS[column]), maker.owner()))
    return _made(maker, "followers", user_id=user, **{column: parent})


def participant(maker: Maker, _number: int) -> Row:
    """A person who takes part in a deal."""
    _, deal, person = maker.once(lambda: ("participant", maker.pick("deals"), maker.pick("persons")))
    return _made(maker, "deal_participants", deal_id=deal, person_id=person)


def change(maker: Maker, _number: int) -> Row:
    """An entry of a change log; its time lies in the past."""
    column = maker.random.choice(("deal_id", "person_id", "org_id"))
    key = maker.random.choice(CHANGED_KEYS) if column == "deal_id" else "name"
    row = _made(maker, "changes", **{column: maker.pick(PARENTS[column])})
    return {**row, "field_key": key, "old_value": "1", "new_value": "2", "time": maker.times()["update_time"]}


def discount(maker: Maker, number: int) -> Row:
    """A discount of a deal."""
    times = maker.times()
    moments = {"created_at": times["add_time"], "updated_at": times["update_time"]}
    return _made(
        maker,
        "discounts",
        description=f"Discount {number}",
        amount=number % 9 + 1,
        deal_id=maker.pick("deals"),
        **moments,
    )


def installment(maker: Maker, number: int) -> Row:
    """An installment of a deal."""
    text, deal_id = f"Instalment {number}", maker.pick("deals")
    return _made(
        maker, "installments", description=text, amount=number * 10, deal_id=deal_id, billing_date=day(maker.random)
    )


def variation(maker: Maker, number: int) -> Row:
    """A variation of a product with a price."""
    price = {"product_variation_id": number, "price": 5, "currency": "EUR", "cost": 2, "direct_cost": None, "notes": ""}
    return _made(
        maker, "product_variations", name=f"Variation {number}", product_id=maker.pick("products"), prices=[price]
    )


def image(maker: Maker, _number: int) -> Row:
    """A picture of a product."""
    return _made(maker, "product_images", product_id=maker.pick("products"))


def comment(maker: Maker, _number: int) -> Row:
    """A comment below a note."""
    note_id = maker.pick("notes")
    text = maker.random.choice(words.SENTENCES)
    return _made(maker, "comments", content=text, note_id=note_id, object_id=str(note_id), user_id=maker.owner())


def mail_thread(maker: Maker, number: int) -> Row:
    """A mail thread; some lie in two folders."""
    folders = FOLDERS[number % len(FOLDERS)]
    return _made(
        maker, "mail_threads", subject=f"Offer {number}", folders=list(folders), deal_id=maker.pick("deals", 0.5)
    )


def mail_message(maker: Maker, number: int) -> Row:
    """A message of a thread, linked to a deal, a person or an organization."""
    links = {column: maker.pick(PARENTS[column], 0.6) for column in ("deal_id", "person_id", "org_id")}
    party = {"id": number, "email_address": f"person{number}@mail.example", "name": "Sender", "linked_person_id": None}
    sender = [{**party, "linked_person_name": "", "mail_message_party_id": number}]
    row = _made(
        maker, "mail_messages", mail_thread_id=maker.pick("mail_threads"), subject=f"Re: Offer {number}", **links
    )
    return {**row, "from": sender, "to": sender}


def relationship(maker: Maker, _number: int) -> Row:
    """A relationship of two organizations."""
    owner, linked = maker.pick("organizations"), maker.pick("organizations")
    kind = maker.random.choice(("parent", "related"))
    return _made(maker, "organizationRelationships", type=kind, rel_owner_org_id=owner, rel_linked_org_id=linked)


def saved_filter(maker: Maker, number: int) -> Row:
    """A filter: open deals, or valuable ones."""
    condition = (
        {"object": "deal", "field_id": "status", "operator": "=", "value": "open", "extra_value": None},
        {"object": "deal", "field_id": "value", "operator": ">", "value": "10000", "extra_value": None},
    )[number % 2]
    groups = [{"glue": "and", "conditions": [condition]}, {"glue": "or", "conditions": []}]
    return _made(maker, "filters", name=f"Filter {number}", conditions={"glue": "and", "conditions": groups})


def goal(maker: Maker, number: int) -> Row:
    """A goal; every third is no longer active."""
    return _made(maker, "goals", title=f"Goal {number}", is_active=number % 3 != 0)


def webhook(maker: Maker, number: int) -> Row:
    """A webhook."""
    return _made(maker, "webhooks", name=f"Hook {number}", subscription_url=f"https://hooks.example/{number}")


def call_log(maker: Maker, _number: int) -> Row:
    """A logged call with a person."""
    moment = maker.times()["add_time"]
    times = {"start_time": moment, "end_time": moment}
    return _made(maker, "callLogs", to_phone_number="+372 5000000", person_id=maker.pick("persons"), **times)


def team(maker: Maker, number: int) -> Row:
    """A team of two users."""
    return _made(maker, "legacyTeams", name=f"Team {number}", users=list(maker.source.users[:2]))


def board(maker: Maker, number: int) -> Row:
    """A project board."""
    return _made(maker, "boards", name=f"Board {number}", order_nr=number)


def phase(maker: Maker, number: int) -> Row:
    """A phase of a board."""
    return _made(maker, "phases", name=f"Phase {number}", order_nr=number, board_id=maker.pick("boards"))


def project(maker: Maker, number: int) -> Row:
    """A project with a deal; every fifth archived."""
    row = _made(
        maker, "projects", title=f"Project {number}", board_id=maker.pick("boards"), phase_id=maker.pick("phases")
    )
    deal_id = maker.pick("deals")
    return {
        **row,
        **maker.custom("projectFields"),
        "deal_ids": [deal_id] if deal_id else [],
        "start_date": day(maker.random),
        "archive_time": row["update_time"] if number % 5 == 0 else None,
    }


def project_change(maker: Maker, number: int) -> Row:
    """An entry of a project's change log."""
    values = {"old_values": {"title": f"Draft {number}"}, "new_values": {"title": f"Project {number}"}}
    row = _made(maker, "project_changes", project_id=maker.pick("projects"), actor_user_id=maker.owner(), **values)
    return {**row, "time": maker.times()["update_time"]}


def task(maker: Maker, number: int) -> Row:
    """A task of a project."""
    assigned = [maker.owner()]
    return _made(maker, "tasks", title=f"Task {number}", project_id=maker.pick("projects"), assignee_ids=assigned)


def template(maker: Maker, number: int) -> Row:
    """A project template."""
    return _made(maker, "projectTemplates", title=f"Template {number}", projects_board_id=maker.pick("boards"))


def _made(maker: Maker, collection: str, **values: Any) -> Row:
    blank = BLANKS[collection]
    times = {name: value for name, value in maker.times().items() if name in blank}
    return {**blank, **times, **values}
