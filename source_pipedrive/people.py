"""Persons below deals and organizations, for fewer calls than one a parent."""

from collections.abc import Iterator
from typing import Any

from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import rows

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


def persons_of_deals(client: PipedriveClient, deals: list[Row]) -> Iterator[tuple[Row, Row]]:
    """A deal's own person, 100 deals a call, and its participants, one call a deal that has any."""
    own = sorted({deal["person_id"] for deal in deals if deal.get("person_id")})
    known: dict[int, Row] = {}
    for begin in range(0, len(own), MAX_IDS):
        ids = ",".join(map(str, own[begin : begin + MAX_IDS]))
        known |= {person["id"]: person for person in rows(client, _PERSONS, {"ids": ids})}
    for deal in deals:
        people = {deal["person_id"]: known[deal["person_id"]]} if deal.get("person_id") in known else {}
        if deal.get("participants_count", 1):
            people |= {person["id"]: person for person in rows(client, _PERSONS, {"deal_id": deal["id"]})}
        yield from ((deal, {"deal_id": deal["id"], **_columns(person)}) for person in people.values())


def persons_of_organizations(client: PipedriveClient, persons: list[Row]) -> Iterator[tuple[Row, Row]]:  # noqa: ARG001
    """Every person that has an organization; the persons are the parents here, so this asks for nothing."""
    for person in persons:
        yield person, {"organization_id": person["org_id"], **_columns(person)}


def _columns(person: Row) -> Row:
    return {"person_id": person["id"], **{name: person.get(name) for name in PERSON_COLUMNS}}
