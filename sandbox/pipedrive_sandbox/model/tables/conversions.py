"""Merging records, and turning deals into leads and back.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Leads, Persons, Organizations)
"""

from pipedrive_sandbox.actions import account, conversions
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import Column, plain
from pipedrive_sandbox.model.resource import Action, Resource, Route, get

DEAL = "title value currency status stage_id pipeline_id"
PLACE = plain("stage_id pipeline_id", write=v.INTEGER)


def _merge(parent: str, noun: str, scope: str, columns: str) -> Resource:
    merged = Resource(parent, noun, "v1", scope, plain(f"id {columns} add_time update_time"))
    return merged.at(Route("PUT", f"/{parent}/{{id}}/merge", 40, account.merge))


def _conversion(source: str, noun: str, target: str, action: Action, columns: tuple[Column, ...] = ()) -> Resource:
    return Resource("conversions", noun, "v2", source, columns, parent=source).at(
        Route("POST", f"/{source}/{{id}}/convert/{target}", 40, action),
        get(f"/{source}/{{id}}/convert/status/{{conversion_id}}", 1, conversions.status),
    )


TABLES = (
    _merge("deals", "Deal", "deals", DEAL),
    _merge("persons", "Person", "contacts", "name first_name last_name"),
    _merge("organizations", "Organization", "contacts", "name"),
    _conversion("deals", "Deal", "lead", conversions.to_lead),
    _conversion("leads", "Lead", "deal", conversions.to_deal, PLACE),
)
