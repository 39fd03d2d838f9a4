"""Rows as they will be once a change is written: what later records of the same run are matched and compared with."""

from collections.abc import Mapping
from math import inf
from typing import Any, Protocol

from destination_pipedrive.objects.spec import ObjectSpec

#: Object -> values that a new row has without being told. Source: the request bodies of the POSTs, and their answers.
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
#: What a price of a product has without being told. Source: the answers of POST /products.
PRICE: Mapping[str, Any] = {"cost": 0, "notes": ""}
#: Fields that name the acting user when nobody is named.
OWNERS = ("owner_id", "user_id")
STAGES = "api/v2/stages"
PIPELINES = "api/v2/pipelines"


class Known(Protocol):
    """What is known of the account without a further call."""

    def currency(self) -> str:
        """The acting user's currency."""

    def loaded(self, path: str) -> list[dict[str, Any]]:
        """The rows of a list that was needed already."""


def given_values(spec: ObjectSpec, me: Mapping[str, Any]) -> dict[str, Any]:
    """What a new row has without being told; ``me``: the acting user."""
    return {**DEFAULTS.get(spec.name, {}), **{key: me.get("id") for key in OWNERS if key in spec.by_key}}


def planned_row(spec: ObjectSpec, values: Mapping[str, Any], account: Known, now: str) -> dict[str, Any]:
    """A new row of these values and those that are given, completed by what follows from them."""
    row = {"add_time": now, "update_time": now}
    if spec.name == "deals":
        row |= {"currency": account.currency(), "stage_change_time": now, **_stage_of(values, account)}
    if spec.name == "products":
        prices = values.get("prices") or [{"currency": account.currency(), "price": 0}]
        return {**row, **values, "prices": [{**PRICE, **price} for price in prices]}
    return {**row, **values}


def planned_times(changed: Mapping[str, Any], now: str) -> dict[str, str]:
    """The times that Pipedrive will set for a change."""
    times = ("update_time", "stage_change_time") if "stage_id" in changed else ("update_time",)
    return dict.fromkeys(times, now)


def _stage_of(values: Mapping[str, Any], account: Known) -> dict[str, Any]:
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
    return min(live, key=place)["id"] if live else None


def place(row: Mapping[str, Any]) -> tuple[float, int]:
    """Where a stage or pipeline stands among others. A planned one has no number yet: Pipedrive appends it.

    Source: POST /stages and /pipelines take no ``order_nr``, and their answers have one.
    """
    number = float(row["order_nr"] or 0) if "order_nr" in row else inf
    return number, abs(int(row["id"]))
