"""Inputs for dry runs: new names, rows below others, and what an event stream triggers."""

from typing import Any
from uuid import uuid4

from integration_tests.destination.account import Account, catalog_of, record
from integration_tests.destination.dry_run_inputs import STATE, Input, Make, deal, person, stored
from integration_tests.destination.test_actions import STEPS, event, mapping, pipeline


def options_labels_and_lead_labels(account: Account) -> Input:
    """Each is created once, whoever names it."""
    org = account.put("organizations", name="Acme")
    more = {"auto_create_options": True, "mappings": [{"stream": "deals", "match_on": ["title"]}]}
    deals = [
        record("deals", title=f"D{n}", org_id=org, labels="New", **{"Lead source": each})
        for n, each in enumerate(("Podcast", "podcast", "Radio", "Podcast"))
    ]
    row_id = str(uuid4())
    account.sandbox.put_rows("leads", [{"id": row_id, "title": "Lead", "organization_id": org}])
    leads = [record("leads", id=row_id, labels=each, **{"Lead source": "Radio"}) for each in ("Hot lead", "Other")]
    return [deals[0], deals[1], leads[0], STATE, *deals, *leads], more


def new_fields(account: Account) -> Input:
    """Two streams of one object name the same new fields, and one of them is the key."""
    account.put("persons", name="Old")
    mappings = [
        {
            "stream": name,
            "object": "persons",
            "external_id_field": "CRM id",
            "fields": [{"source": "k", "target": "CRM id"}],
        }
        for name in ("one", "two")
    ]
    rows = [record(name, name="Ann", k=k) for name, k in (("one", "1"), ("two", "1"), ("one", "2"), ("two", "3"))]
    return [*rows, STATE, *rows, STATE, record("two", name="Bob", k="1")], {
        "mappings": mappings, "auto_create_fields": True,
    }  # fmt: skip


def names_of_what_the_run_creates(_: Account) -> Input:
    """Pipelines, stages and lead labels that one stream brings are known to the rows of another."""
    rows = [
        record("pipelines", name="Fresh"),
        record("stages", name="Start", pipeline="Fresh"),
        record("lead_labels", name="Brand new", color="red"),
        record("organizations", name="Acme"),
        STATE,
        record("deals", title="D", organization="Acme", pipeline="Fresh", stage="Start"),
        record("leads", title="L", organization="Acme", labels="Brand new"),
        STATE,
        record("deals", title="D", organization="Acme", pipeline="Fresh", stage="Start"),
    ]
    mappings = [
        {"stream": "deals", "match_on": ["title"]},
        {"stream": "leads", "match_on": ["title"]},
    ]
    return rows, {"mappings": mappings, "auto_create_options": True}


def actions(account: Account) -> Input:
    """Deals made and moved, activities added: of new people and of old ones, repeated, in two batches."""
    pipeline(account)
    account.sandbox.set_clock("2030-05-01T12:00:00Z")
    stored(account, name="Old")
    rows = [event("Ann"), event("Bob"), event("Ann"), event("Carl", "open"), event("Bob", at="2030-05-01T11:00:00Z")]
    return [*rows, STATE, *rows, event("Ann", at="2030-05-02T11:00:00Z")], {"mappings": mapping(STEPS)}


def actions_of_deals(account: Account) -> Input:
    """A deal of the stream itself is moved; one in the last stage stays; one that is won has nothing to move."""
    stages = pipeline(account)
    place = {"pipeline_id": account.rows("pipelines")[-1]["id"], "status": "open"}
    ids = [deal(account, stage_id=stages[n], **place) for n in (0, 2, 3)] + [deal(account, status="won")]
    rows = [record("deals", id=each, at="2030-05-01T10:00:00Z") for each in ids]
    rules = {
        "stream": "deals",
        "updated_at_field": "at",
        "match_on": ["id"],
        "actions": [{"action": "move_deal_to_next_stage"}],
    }
    return [*rows, STATE, *rows], {"mappings": [rules]}


def rows_below_new_ones(account: Account) -> Input:
    """Products of a deal that the run creates, and of one that is there."""
    deal(account)
    account.put("products", name="Chair", code="c")
    new = record("deals", title="New", organization="Holder")
    rows = [
        record("deal_products", deal=title, product="Chair", item_price=price, quantity=1)
        for title, price in (("New", 1), ("Deal", 1), ("New", 2), ("Deal", 1))
    ]
    links = {"deal": {"by": "name", "from": "deal"}, "product": {"by": "name", "from": "product"}}
    mappings = [{"stream": "deals", "match_on": ["title"]}, {"stream": "deal_products", "links": links}]
    return [new, STATE, *rows, STATE, *rows], {"mappings": mappings}


def an_archived_deal(account: Account) -> Input:
    """It is restored, then changed; the second record changes nothing."""
    ids = [deal(account, is_archived=True) for _ in range(2)]
    row = record("deals", id=ids[0], title="New", is_archived=False)
    return [row, row, record("deals", id=ids[1], title="New")], {}


def a_deal_made_and_moved_on(account: Account) -> Input:
    """A deal begins in the first stage of its pipeline, also where no stage is named anywhere."""
    pipeline(account)
    account.sandbox.set_clock("2030-05-01T12:00:00Z")
    return [event("Ann"), STATE, event("Ann", at="2030-05-01T11:00:00Z")], {"mappings": mapping([STEPS[0], STEPS[2]])}


def the_time_of_this_run(account: Account) -> Input:
    """A row that this run changed is newer than a change of yesterday, in the plan too."""
    stored(account, update_time="2020-01-01T00:00:00Z")
    rules = {"stream": "persons", "updated_at_field": "at"}
    rows = [person(name="B", at="2030-01-01"), STATE, person(name="C", at="2021-01-01")]
    return rows, {"mappings": [rules], "conflict_policy": "newest_wins"}


def mirrored(account: Account) -> Input:
    """What a complete stream does not hold is deleted, and what it creates is not."""
    account.put("organizations", name="Plain")
    rows = [record("organizations", name=f"O{n}", k=str(n)) for n in range(1, 4)]
    complete = {
        "type": "TRACE",
        "trace": {
            "type": "STREAM_STATUS",
            "emitted_at": 1.0,
            "stream_status": {"stream_descriptor": {"name": "organizations"}, "status": "COMPLETE"},
        },
    }
    fields = [{"source": "k", "target": "CRM id"}]
    rules = {"stream": "organizations", "operation": "mirror", "external_id_field": "CRM id", "fields": fields}
    config: dict[str, Any] = {"mappings": [{**rules, "max_delete_share": 1}], "auto_create_fields": True}
    catalog = catalog_of("organizations", sync_mode="full_refresh")
    account.write([*rows, complete], catalog, **config)
    return [rows[0], STATE, record("organizations", name="New", k="9"), complete], {**config, "catalog": catalog}


def appended_twice(_: Account) -> Input:
    """Append creates every record; with the sender's id one that comes again is known."""
    rules = {"stream": "persons", "operation": "insert", "external_id_field": "CRM id"}
    fields = [{"source": "k", "target": "CRM id"}]
    rows = [person(k="1"), person(k="2"), person(k="1")]
    return [*rows, STATE, *rows], {"mappings": [{**rules, "fields": fields}], "auto_create_fields": True}


def children_before_their_parents(_: Account) -> Input:
    """Rows wait for parents that the run brings later; those whose parent never comes are rejected."""
    people = [person(email=f"p{n}@x.test", organization=each) for n, each in enumerate(("Late", "Never", "Late"))]
    deals = [record("deals", title="D", person="Ann", organization="Late"), record("deals", title="E", person="Zoe")]
    rows = [*deals, *people[:2], STATE, record("organizations", name="Late"), people[2], *people]
    return rows, {"mappings": [{"stream": "deals", "match_on": ["title"], "on_missing_parent": "reject"}]}


def followers_twice(account: Account) -> Input:
    """A row that is only there or not is created once, and deleted once."""
    ids = [deal(account) for _ in range(2)]
    follow = [record("deal_followers", deal_id=each, user_id=1) for each in (*ids, ids[0])]
    leave = [record("left", deal_id=ids[0], user_id=1)] * 2
    mappings = [{"stream": "left", "object": "deal_followers", "operation": "delete"}]
    return [*follow, STATE, *follow, STATE, *leave, STATE, *leave, *follow], {"mappings": mappings}


def options_of_a_new_field(account: Account) -> Input:
    """Truth values of a field that the run creates, and a list below an external ID."""
    stored(account)
    schema = {"email": {"type": "string"}, "is_trial": {"type": "boolean"}, "name": {"type": "string"}}
    catalog = catalog_of("persons")
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = schema
    rows = [person(is_trial=each) for each in (True, True, False)]
    return [rows[0], STATE, rows[1], STATE, rows[2]], {"catalog": catalog, "auto_create_fields": True}


def lists_that_become_choices(account: Account) -> Input:
    """A field of choices is made with the first of them, for two streams at once; later ones are options of it."""
    stored(account)
    catalog = catalog_of("persons", "others")
    for each in catalog["streams"]:
        tags = {"type": "array", "items": {"type": "string"}}
        each["stream"]["json_schema"]["properties"] = {"name": {}, "email": {}, "tags": tags}
    rows = [
        person(tags=["a", "b"]),
        record("others", name="Bob", email="bob@x.test", tags=["b", "c"]),
        STATE,
        person(tags=["B", "a"]),
        record("others", name="Bob", email="bob@x.test", tags=["d"]),
    ]
    mappings = [{"stream": "others", "object": "persons"}]
    return rows, {
        "catalog": catalog, "mappings": mappings, "auto_create_fields": True, "auto_create_options": True,
    }  # fmt: skip


MORE: tuple[Make, ...] = (
    options_labels_and_lead_labels,
    new_fields,
    names_of_what_the_run_creates,
    actions,
    actions_of_deals,
    rows_below_new_ones,
    an_archived_deal,
    a_deal_made_and_moved_on,
    the_time_of_this_run,
    mirrored,
    appended_twice,
    children_before_their_parents,
    followers_twice,
    options_of_a_new_field,
    lists_that_become_choices,
)
