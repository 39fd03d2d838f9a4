"""Options of fields and labels of leads that a record needs and the account lacks."""

import threading
from collections.abc import Callable

from destination_pipedrive.fields.directory import built_in_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import BadValue
from destination_pipedrive.flow import Rejected
from destination_pipedrive.objects.settings import LEAD_LABELS
from destination_pipedrive.results.ledger import Results
from destination_pipedrive.results.plan_report import Line, PlanReport
from destination_pipedrive.writing.executor import Executor
from destination_pipedrive.writing.idempotent_post import MAX_POSTS
from pipedrive_client.errors import AnswerLost, Refused, TryLater
from pipedrive_client.fields import FIELD_PATHS, FieldCatalog, Option
from pipedrive_client.http import PipedriveClient


class Provisioning:
    """Creates options of fields. Safe to share between threads."""

    def __init__(
        self,
        client: PipedriveClient,
        fields: FieldCatalog,
        create_lead_label: Callable[[str], Option],
        plan: PlanReport | None = None,
    ) -> None:
        self._create_lead_label = create_lead_label
        self._client = client.labelled("options")
        self._fields = fields
        self._plan = plan
        self._made: dict[tuple[str, str, str], Option] = {}
        self._lock = threading.Lock()

    def add(self, object_name: str, target: Field, label: str) -> Option:
        """The new option (5 tokens), or the one made before. Raises BadValue when Pipedrive refuses it."""
        with self._lock:
            place = (FIELD_PATHS[object_name], target.key, label.lower())
            if place not in self._made:
                is_lead_label = target.type.has_own_list
                made = self._create_lead_label(label) if is_lead_label else self._create(object_name, target, label)
                self._made[place] = made
            return self._made[place]

    def _create(self, object_name: str, target: Field, label: str) -> Option:
        path = FIELD_PATHS[object_name] + "/{field_code}/options"
        if self._plan:
            self._plan.add(Line("create", "options", "new", f"{target.name}: {label}"), "POST", path)
            return Option(self._plan.new_id(), label)
        for _ in range(MAX_POSTS):
            try:
                answer = self._client.request("POST", path, json=[{"label": label}], field_code=target.key)
            except AnswerLost:
                found = self._find(object_name, target, label)
                if found:
                    return found
            except Refused as error:
                raise BadValue(f"takes no new option (Pipedrive said: {error.said})", "unknown_option") from None
            else:
                return Option(answer["data"][0]["id"], label)
        raise TryLater(f"Pipedrive lost its answer to POST /{path} {MAX_POSTS} times. Try again later.", path=path)

    def _find(self, object_name: str, target: Field, label: str) -> Option | None:
        self._fields.refresh(object_name)
        options = self._fields.options(object_name, target.key)
        return next((Option(each, label) for each, name in options.items() if name.lower() == label.lower()), None)


#: A new label needs a colour; everybody can choose another one later.
COLOR = "gray"


def create_lead_label(executor: Executor, results: Results, name: str) -> Option:
    """The new label (10 tokens). Raises BadValue when Pipedrive refuses it."""
    targets = {each.key: built_in_field(each) for each in LEAD_LABELS.fields}
    try:
        row = executor.create({"name": name, "color": COLOR}, targets)
    except Rejected as error:
        raise BadValue(f"takes no new label ({error.result.reason.rstrip('.')})", "unknown_option") from None
    results.add_parent(LEAD_LABELS.name, "created")
    return Option(row["id"], name)
