"""Persons below deals and organizations, for fewer calls than one a parent."""

from collections.abc import Iterable, Iterator
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.pagination import rows
from source_pipedrive.records.converters import id_or_none
from source_pipedrive.streams.spec import Ask

Row = dict[str, Any]

#: What a row of these streams says about the person.
PERSON_COLUMNS = (
    "name",
    "first_name",
    "last_name",
    "org_id",
    "owner_id",
    "emails",
    "phones",
    "is_deleted",
    "add_time",
    "update_time",
)
_PERSONS = "api/v2/persons"
_PARTICIPANTS = "deal_participants"


def persons_of_deals(client: PipedriveClient, deals: list[Row], ask: Ask) -> Iterator[tuple[Row, Row]]:
    """A deal's own person and its participants: by their ids, 100 a call, where those are known.

    The ids of participants are known when `deal_participants` is read, too; else a deal that has any takes a call.
    """
    own = {deal["id"]: _ids([deal.get("person_id")]) for deal in deals}
    told = {deal["id"]: deal.get(_PARTICIPANTS) for deal in deals}
    known = _by_id(client, {one for ids in (*own.values(), *map(_ids, told.values())) for one in ids})
    for deal in deals:
        ids, others = own[deal["id"]], told[deal["id"]]
        people = {one: known[one] for one in (*ids, *_ids(others)) if one in known}
        if others is None and deal.get("participants_count") != 0:
            people |= _people(ask(deal, _PERSONS, {"deal_id": deal["id"]}))
        yield from ((deal, {"deal_id": deal["id"], **_columns(person)}) for person in people.values())


def _by_id(client: PipedriveClient, wanted: set[int]) -> dict[int, Row]:
    ids, known = sorted(wanted), dict[int, Row]()
    for begin in range(0, len(ids), MAX_IDS):
        known |= _people(rows(client, _PERSONS, {"ids": ",".join(map(str, ids[begin : begin + MAX_IDS]))}))
    return known


def _people(found: Iterable[Row]) -> dict[int, Row]:
    by_id = ((id_or_none(person.get("id")), person) for person in found)
    return {one: person for one, person in by_id if one is not None}


def _ids(values: Iterable[Any] | None) -> list[int]:
    return [one for one in map(id_or_none, values or ()) if one]


def persons_of_organizations(
    client: PipedriveClient,  # noqa: ARG001
    persons: list[Row],
    ask: Ask,  # noqa: ARG001
) -> Iterator[tuple[Row, Row]]:
    """Every person that has an organization; the persons are the parents here, so this asks for nothing."""
    for person in persons:
        yield person, {"organization_id": person.get("org_id"), **_columns(person)}


def _columns(person: Row) -> Row:
    return {"person_id": person.get("id"), **{name: person.get(name) for name in PERSON_COLUMNS}}
