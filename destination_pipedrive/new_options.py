"""Options that are created because a record names them: each once a run, and looked for when an answer was lost."""

import threading
from collections.abc import Callable

from destination_pipedrive.planning import Line, Plan
from destination_pipedrive.targets import Target
from destination_pipedrive.values import BadValue
from pipedrive_client.errors import AnswerLost, Refused, TryLater
from pipedrive_client.fields import FIELD_PATHS, FieldCatalog, Option
from pipedrive_client.http import PipedriveClient

#: Kinds whose options can be created.
KINDS = frozenset({"enum", "set", "labels", "lead_labels"})
#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4


class NewOptions:
    """Creates options of fields. Safe to share between threads."""

    def __init__(
        self,
        client: PipedriveClient,
        fields: FieldCatalog,
        create_lead_label: Callable[[str], Option],
        plan: Plan | None = None,
    ) -> None:
        self._create_lead_label = create_lead_label
        self._client = client.labelled("options")
        self._fields = fields
        self._plan = plan
        self._made: dict[tuple[str, str, str], Option] = {}
        self._lock = threading.Lock()

    def add(self, object_name: str, target: Target, label: str) -> Option:
        """The new option (5 tokens), or the one made before. Raises BadValue when Pipedrive refuses it."""
        with self._lock:
            place = (FIELD_PATHS[object_name], target.key, label.lower())
            if place not in self._made:
                is_lead_label = target.kind == "lead_labels"
                made = self._create_lead_label(label) if is_lead_label else self._create(object_name, target, label)
                self._made[place] = made
            return self._made[place]

    def _create(self, object_name: str, target: Target, label: str) -> Option:
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

    def _find(self, object_name: str, target: Target, label: str) -> Option | None:
        self._fields.refresh(object_name)
        options = self._fields.options(object_name, target.key)
        return next((Option(each, label) for each, name in options.items() if name.lower() == label.lower()), None)
