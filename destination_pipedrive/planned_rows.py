"""What Pipedrive itself puts into a new row, as far as it is documented: later records are compared with it."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.account import Account
from destination_pipedrive.object_spec import ObjectSpec

#: Object -> values of what is not sent. Source: the request bodies of the POSTs, and their answers.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "deals": {"status": "open", "value": 0, "is_archived": False},
    "leads": {"was_seen": False, "is_archived": False},
    "activities": {"done": False},
    "products": {"tax": 0, "is_linkable": True, "billing_frequency": "one-time"},
    "deal_products": {
        "tax": 0,
        "discount": 0,
        "discount_type": "percentage",
        "is_enabled": True,
        "billing_frequency": "one-time",
    },
    "stages": {"deal_probability": 100, "is_deal_rot_enabled": False},
}
#: Fields that name the acting user when nobody is named.
OWNERS = ("owner_id", "user_id")
STAGES = "api/v2/stages"
PIPELINES = "api/v2/pipelines"


def planned_row(spec: ObjectSpec, values: Mapping[str, Any], account: Account, now: str) -> dict[str, Any]:
    """The values of a row that a dry run would have created, completed."""
    row = {"add_time": now, "update_time": now, **DEFAULTS.get(spec.name, {})}
    row.update((key, account.me().get("id")) for key in OWNERS if spec.field(key))
    if spec.name == "deals":
        row |= {"currency": account.currency(), "stage_change_time": now, **_place(values, account)}
    if spec.name == "products":
        row["prices"] = [{"currency": account.currency(), "price": 0}]
    return {**row, **values}


def _place(values: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """Pipeline and stage of a new deal, from lists that were read anyway: a plan costs no look-up of its own."""
    stages = account.loaded(STAGES)
    stage = next((each for each in stages if each["id"] == values.get("stage_id")), None)
    if stage:
        return {"pipeline_id": stage.get("pipeline_id")}
    # Which pipeline comes first is only known where pipelines were read; else it is most likely the oldest one.
    oldest = min((each["pipeline_id"] for each in stages if each.get("pipeline_id")), default=None)
    pipeline = values.get("pipeline_id") or _first(account.loaded(PIPELINES)) or oldest
    first = _first([each for each in stages if each.get("pipeline_id") == pipeline])
    return {key: value for key, value in (("pipeline_id", pipeline), ("stage_id", first)) if value}


def _first(rows: list[dict[str, Any]]) -> Any:
    """The id of the first row that is not deleted, in the order of the account."""
    live = [row for row in rows if not row.get("is_deleted")]
    return min(live, key=_order)["id"] if live else None


def _order(row: Mapping[str, Any]) -> tuple[int, int]:
    return int(row.get("order_nr") or 0), abs(int(row["id"]))
