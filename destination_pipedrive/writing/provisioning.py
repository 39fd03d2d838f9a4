"""Options of fields and labels of leads that a record needs and the account lacks: planned while a record is mapped,
created once one that is written needs them.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.fields.directory import built_in_field
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Reject, Rejected
from destination_pipedrive.objects.settings import LEAD_LABELS
from destination_pipedrive.results.plan_report import Line, PlanReport
from destination_pipedrive.writing.idempotent_post import post_once
from destination_pipedrive.writing.placeholders import PlannedIds
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused, TransientError
from pipedrive_client.field_definitions import FIELD_PATHS, FieldCatalog, Option

#: A new label needs a colour; everybody can choose another one later.
COLOR = "gray"


@dataclass(frozen=True)
class PlannedOption:
    """An option that the account lacks."""

    object_name: str
    field: Field
    label: str

    @property
    def path(self) -> str:
        """Where it is created."""
        return FIELD_PATHS[self.object_name] + "/{field_code}/options"


class Provisioning:
    """Plans and creates options. ``option`` belongs to the thread that maps, ``create`` to the one that writes."""

    def __init__(
        self,
        client: PipedriveClient,
        fields: FieldCatalog,
        ids: PlannedIds,
        create_lead_label: Callable[[Mapping[str, Any]], Any],
        plan: PlanReport | None = None,
    ) -> None:
        """``create_lead_label`` writes a new label and returns its id."""
        self._client = client.labelled("options")
        self._fields = fields
        self._ids = ids
        self._create_lead_label = create_lead_label
        self._plan = plan
        self._planned: dict[int, PlannedOption] = {}
        self._made: dict[tuple[str, str, str], Option] = {}
        self._lock = threading.Lock()

    def option(self, object_name: str, field: Field, label: str) -> Option:
        """The option of a label that the account lacks, planned."""
        place = (FIELD_PATHS[object_name], field.key, label.lower())
        with self._lock:
            if place not in self._made:
                number = self._ids.new(f"(new) {label}", is_row=False)
                self._planned[number] = PlannedOption(object_name, field, label)
                self._made[place] = Option(number, label)
            return self._made[place]

    def create(self, numbers: Iterable[int]) -> None:
        """Create those of some planned ids that are options. Raises what the client raises; a refusal is that of the
        records that need the option.
        """
        for number in numbers if self._planned else ():
            option = self._planned.pop(number, None)
            if option:
                self._create(number, option)

    def _create(self, number: int, option: PlannedOption) -> None:
        try:
            made = self._lead_label(option) if option.field.type.has_own_list else self._option(option)
        except Refused as error:
            said = f"`{option.field.name}` takes no new option (Pipedrive said: {error.said.rstrip('.')})."
            self._ids.refuse(number, Reject("unknown_option", said, option.field.name))
        except Rejected as error:
            said = f"`{option.field.name}` takes no new label ({error.change.reason.rstrip('.')})."
            self._ids.refuse(number, Reject("unknown_option", said, option.field.name))
        except TransientError as error:
            self._ids.refuse(number, error)
        else:
            self._ids.resolve(number, number if made is None else made)

    def _lead_label(self, option: PlannedOption) -> Any:
        """10 tokens."""
        return self._create_lead_label({"name": option.label, "color": COLOR})

    def _option(self, option: PlannedOption) -> Any:
        """5 tokens. None in a dry run, where it keeps its planned id."""
        if self._plan:
            line = Line("create", "options", "new", f"{option.field.name}: {option.label}", is_besides=True)
            self._plan.add(line, "POST", option.path)
            return None
        body, key = [{"label": option.label}], option.field.key
        return post_once(self._client, option.path, body, _id_in, lambda: self._find(option), field_code=key)

    def _find(self, option: PlannedOption) -> Any:
        self._fields.refresh(option.object_name)
        options = self._fields.options(option.object_name, option.field.key)
        return next((each for each, name in options.items() if name.lower() == option.label.lower()), None)


def _id_in(answer: Mapping[str, Any]) -> Any:
    data = answer.get("data")
    return data[0].get("id") if isinstance(data, list) and data and isinstance(data[0], dict) else None


LEAD_LABEL_FIELDS = {each.key: built_in_field(each) for each in LEAD_LABELS.fields}
