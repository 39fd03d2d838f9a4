"""Example records, one function a kind; all randomness comes from one generator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from pipedrive_sandbox import blanks
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.seeds.values import ADDRESS_PARTS, address, day
from pipedrive_sandbox.store import Row

BUILT_IN_PARTS = tuple(part for part in ADDRESS_PARTS if part != "formatted_address")
LONG_NOTE = 10_000


def organization(maker: Maker, number: int) -> Row:
    """An organization with a website of its own."""
    random = maker.random
    name = (
        f"{random.choice(words.COMPANY_WORDS)} {random.choice(words.COMPANY_KINDS)} {random.choice(words.LEGAL_FORMS)}"
    )
    has_site = random.random() < 0.8
    return {
        **blanks.ORGANIZATION,
        **maker.times(),
        "name": f"{name} {number}",
        "owner_id": maker.owner(),
        "address": address(random, BUILT_IN_PARTS) if random.random() < 0.7 else None,
        "label_ids": maker.some_labels("organizationFields"),
        "website": f"https://www.company{number}.example/about" if has_site else None,
        "employee_count": random.randrange(1, 5000) if random.random() < 0.5 else None,
        "is_deleted": random.random() < 0.02,
        **maker.custom("organizationFields"),
    }


def person(maker: Maker, number: int) -> Row:
    """A person; some have a second e-mail address, some none."""
    random = maker.random
    first, last = random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES)
    return {
        **blanks.PERSON,
        **maker.times(),
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "owner_id": maker.owner(),
        "org_id": maker.pick("organizations", 0.8),
        "emails": _emails(random, number),
        "phones": [{"value": f"+372 5{number:07}", "primary": True, "label": "work"}] if random.random() < 0.7 else [],
        "label_ids": maker.some_labels("personFields"),
        "is_deleted": random.random() < 0.02,
        **maker.custom("personFields"),
    }


def product(maker: Maker, number: int) -> Row:
    """A product with one or two prices."""
    random = maker.random
    currencies = ("EUR", "USD")[: random.choice((1, 1, 2))]
    price = round(random.uniform(5, 2000), 2)
    blank = {"product_id": number, "cost": round(price / 2, 2), "direct_cost": None, "notes": ""}
    return {
        **blanks.PRODUCT,
        **maker.times(),
        "name": f"{random.choice(words.PRODUCT_WORDS)} {number}",
        "code": f"SKU-{number:05}" if random.random() < 0.8 else None,
        "description": random.choice(words.SENTENCES) if random.random() < 0.3 else None,
        "tax": random.choice((0, 9, 20)),
        "owner_id": maker.owner(),
        "prices": [{**blank, "price": price, "currency": currency} for currency in currencies],
        "is_deleted": random.random() < 0.02,
        **maker.custom("productFields"),
    }


def deal(maker: Maker, number: int) -> Row:
    """A deal: one in ten archived, three in a hundred deleted."""
    random = maker.random
    stage, times = random.choice(maker.stages), maker.times()
    closing = random.random()
    row = {
        **blanks.DEAL,
        **times,
        "title": f"{random.choice(words.COMPANY_WORDS)} {random.choice(words.DEAL_WORDS)} {number}",
        "owner_id": maker.owner(),
        "value": random.choice((0, round(random.uniform(100, 90_000), 2), random.randrange(1, 100) * 1000)),
        "currency": random.choice(("EUR", "EUR", "USD", "GBP")),
        "person_id": maker.pick("persons", 0.8),
        "org_id": maker.pick("organizations", 0.8),
        "stage_id": stage["id"],
        "pipeline_id": stage["pipeline_id"],
        "stage_change_time": times["add_time"] if random.random() < 0.5 else None,
        "expected_close_date": _close_date(random) if random.random() < 0.5 else None,
        "label_ids": maker.some_labels("dealFields"),
        "is_deleted": random.random() < 0.03,
        **_outcome(times["update_time"], closing),
        **maker.custom("dealFields"),
    }
    if random.random() < 0.1:
        row.update(is_archived=True, archive_time=times["update_time"])
    if number % 25 == 0:
        row["title"] += f" {random.choice(words.EMOJI)}"
    return row


def lead(maker: Maker, number: int) -> Row:
    """A lead, tied to a person or an organization; one in six archived."""
    random = maker.random
    person_id, times = maker.pick("persons", 0.8), maker.times()
    is_archived = random.random() < 0.17
    amount = {"amount": random.randrange(1, 500) * 10, "currency": random.choice(("EUR", "USD"))}
    return {
        **blanks.LEAD,
        **times,
        "title": f"{random.choice(words.COMPANY_WORDS)} lead {number}",
        "owner_id": maker.owner(),
        "label_ids": random.sample(maker.lead_labels, random.choice((0, 1, 2))),
        "person_id": person_id,
        "organization_id": maker.pick("organizations", 0.4 if person_id else 1),
        "is_archived": is_archived,
        "archive_time": times["update_time"] if is_archived else None,
        "was_seen": random.random() < 0.5,
        "value": amount if random.random() < 0.6 else None,
        "expected_close_date": day(random) if random.random() < 0.3 else None,
        **maker.custom("dealFields"),
    }


def activity(maker: Maker, _number: int) -> Row:
    """An activity, mostly below a deal, some below a lead."""
    random = maker.random
    person_id, is_done = maker.pick("persons", 0.7), random.random() < 0.5
    times = maker.times()
    deal_id = maker.pick("deals", 0.7)
    return {
        **blanks.ACTIVITY,
        **times,
        "subject": random.choice(words.SUBJECTS),
        "type": random.choice(("call", "meeting", "task", "email")),
        "owner_id": maker.owner(),
        "deal_id": deal_id,
        "lead_id": None if deal_id else maker.pick("leads", 0.3),
        "person_id": person_id,
        "org_id": maker.pick("organizations", 0.5),
        "due_date": day(random) if random.random() < 0.9 else None,
        "due_time": f"{random.randrange(8, 18):02}:00" if random.random() < 0.5 else None,
        "duration": "00:30" if random.random() < 0.5 else None,
        "done": is_done,
        "marked_as_done_time": times["update_time"] if is_done else None,
        "participants": [{"person_id": person_id, "primary": True}] if person_id else [],
        "note": random.choice(words.SENTENCES) if random.random() < 0.4 else None,
        "is_deleted": random.random() < 0.02,
    }


def note(maker: Maker, number: int) -> Row:
    """A note below a deal, person, organization or lead; one in twenty is 10 kB long."""
    random = maker.random
    parents = {"deal_id": "deals", "person_id": "persons", "org_id": "organizations", "lead_id": "leads"}
    column = random.choice([name for name, kind in parents.items() if maker.ids.get(kind)] or ["deal_id"])
    text = random.choice(words.SENTENCES)
    return {
        **blanks.NOTE,
        **maker.times(),
        "content": text * (LONG_NOTE // len(text) + 1) if number % 20 == 0 else f"{text} ({number})",
        "user_id": maker.owner(),
        column: maker.pick(parents[column]),
        "pinned_to_deal_flag": column == "deal_id" and random.random() < 0.2,
        "active_flag": random.random() > 0.02,
    }


def file(maker: Maker, number: int) -> Row:
    """A file below a deal."""
    random = maker.random
    name = f"offer-{number}.pdf"
    return {
        **blanks.FILE,
        **maker.times(),
        "user_id": maker.owner(),
        "deal_id": maker.pick("deals", 0.8),
        "person_id": maker.pick("persons", 0.3),
        "file_name": name,
        "name": name,
        "file_type": "pdf",
        "file_size": random.randrange(1_000, 5_000_000),
    }


def deal_product(maker: Maker, number: int) -> Row:
    """A product of a deal."""
    random = maker.random
    quantity, price = random.randrange(1, 6), round(random.uniform(5, 500), 2)
    product_id = maker.pick("products")
    return {
        **blanks.DEAL_PRODUCT,
        **maker.times(),
        "deal_id": maker.pick("deals"),
        "product_id": product_id,
        "name": f"Product {product_id}",
        "quantity": quantity,
        "item_price": price,
        "sum": round(quantity * price, 2),
        "order_nr": number,
    }


def numbered(make: Callable[[Maker, int], Row], maker: Maker, first: int, count: int) -> Iterator[Row]:
    """So many rows with ids from `first` on."""
    for number in range(first, first + count):
        yield {**make(maker, number), "id": number}


def _emails(random: Random, number: int) -> list[Row]:
    if random.random() < 0.1:
        return []
    emails = [{"value": f"person{number}@company{number % 60 + 1}.example", "primary": True, "label": "work"}]
    if random.random() < 0.2:
        emails.append({"value": f"Home.{number}@Mail.Example", "primary": False, "label": "home"})
    return emails


def _close_date(random: Random) -> str:
    return "0000-00-00" if random.random() < 0.03 else day(random)


def _outcome(moment: str, closing: float) -> Row:
    if closing < 0.6:
        return {}
    if closing < 0.8:
        return {"status": "won", "won_time": moment, "close_time": moment, "local_won_date": moment[:10]}
    lost = {"status": "lost", "lost_time": moment, "close_time": moment, "local_lost_date": moment[:10]}
    return {**lost, "lost_reason": "Price" if closing < 0.9 else None}
