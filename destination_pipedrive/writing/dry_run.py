"""The sender of a dry run: nothing is sent, and rows that would exist are kept in the index."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.account.directory import Account
from destination_pipedrive.matching.known_rows import KnownRows
from destination_pipedrive.matching.rows import nested_id
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.plan_report import Line, PlanReport, shown
from destination_pipedrive.writing.executor import Executor
from destination_pipedrive.writing.idempotent_post import FieldDirectory, Row
from pipedrive_client.http import PipedriveClient

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


#: Stands in a plan for what Pipedrive itself never shows.
HIDDEN = "****"


class DryRunExecutor(Executor):
    """Notes writes instead of sending them."""

    def __init__(
        self, client: PipedriveClient, spec: ObjectSpec, rows: KnownRows, plan: PlanReport, account: Account
    ) -> None:
        super().__init__(client, spec, rows)
        self._plan = plan
        self._account = account

    def create(self, values: Mapping[str, Any], targets: FieldDirectory) -> Row:
        """Note a new row."""
        number = self._plan.new_id()
        row_id: Any = f"new{number}" if self._spec.text_ids else number
        if self._spec.is_nested and self._spec.below:
            row_id = nested_id(values[self._spec.below.key], row_id)
        row = {**planned_row(self._spec, values, self._account, self._now), "id": row_id}
        self._note(
            "create",
            "new",
            ", ".join(
                f"{targets[key].name}: {HIDDEN if targets[key].hidden else shown(each)}" for key, each in values.items()
            ),
        )
        self._account.plan(self._spec.path, {"active_flag": True, **row})
        return self._rows.add_planned(row)

    def update(self, row_id: int, changed: Mapping[str, Any], targets: FieldDirectory) -> None:
        """Note changed fields with their values before and after."""
        row = self._rows.row(row_id)
        told = (f"{targets[key].name}: {shown(row.get(key))} → {shown(each)}" for key, each in changed.items())
        self._note("update", str(row_id), ", ".join(told))
        self._account.plan(self._spec.path, {"id": row_id, **changed})
        times = ("update_time", "stage_change_time") if "stage_id" in changed else ("update_time",)
        self._rows.plan(row_id, {**changed, **dict.fromkeys(times, self._now)})

    def delete(self, row_id: int) -> bool:
        """Note a deletion."""
        self._note("delete", str(row_id), "")
        self._account.plan(self._spec.path, {"id": row_id, "is_deleted": True})
        self._rows.drop(row_id)
        return True

    @property
    def _now(self) -> str:
        return self._client.server_clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _note(self, action: str, row: str, what: str) -> None:
        method = {"create": "POST", "update": self._spec.update_method, "delete": "DELETE"}[action]
        path = self._spec.path if action == "create" else self._spec.item_path
        self._plan.add(Line(action, self._spec.name, row, what), method, path)
