"""Merging records, and turning deals into leads and back.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Leads, Persons, Organizations)
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account, conversions
from pipedrive_sandbox.model.column import Column, plain
from pipedrive_sandbox.model.keys import INTEGER
from pipedrive_sandbox.model.resource import Action, Resource, Route

DEAL = ("title", "value", "currency", "status", "stage_id", "pipeline_id")
PLACE = (Column("stage_id", write=INTEGER), Column("pipeline_id", write=INTEGER))


def _merge(parent: str, noun: str, scope: str, *columns: str) -> Resource:
    return Resource(
        f"{parent}_merge",
        noun,
        "v1",
        columns=plain("id", *columns, "add_time", "update_time"),
        scopes=(scope,),
        collection=parent,
        routes=(Route("PUT", f"/{parent}/{{id}}/merge", 40, account.merge),),
    )


def _conversion(source: str, noun: str, target: str, action: Action, columns: tuple[Column, ...] = ()) -> Resource:
    return Resource(
        f"{source}_conversions",
        noun,
        "v2",
        columns=columns,
        scopes=(source,),
        collection="conversions",
        parent=source,
        routes=(
            Route("POST", f"/{source}/{{id}}/convert/{target}", 40, action),
            Route("GET", f"/{source}/{{id}}/convert/status/{{conversion_id}}", 1, conversions.status),
        ),
    )


TABLES = (
    _merge("deals", "Deal", "deals", *DEAL),
    _merge("persons", "Person", "contacts", "name", "first_name", "last_name"),
    _merge("organizations", "Organization", "contacts", "name"),
    _conversion("deals", "Deal", "lead", conversions.to_lead),
    _conversion("leads", "Lead", "deal", conversions.to_deal, PLACE),
)
