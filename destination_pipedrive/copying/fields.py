"""Custom fields of another account made anew here: those that are missing are created with their type and options, and
options that are missing are added, also labels and categories of built-in fields.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from destination_pipedrive.copying.custom_values import CopiedField
from destination_pipedrive.copying.source_account import SourceAccount, missing_options, named_fields
from destination_pipedrive.fields.types import CUSTOM_TYPES, field_type
from destination_pipedrive.flow import Outcome
from destination_pipedrive.results.plan_report import Line, PlanReport
from destination_pipedrive.results.refusals import rejected
from destination_pipedrive.writing.idempotent_post import post_once
from destination_pipedrive.writing.new_fields import NewFields
from destination_pipedrive.writing.placeholders import PlannedIds
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.field_definitions import FIELD_PATHS, Field, FieldCatalog, Option

#: Built-in fields whose options are an account's own.
OWN_OPTIONS = frozenset({"label_ids", "category"})
#: What holds the old id of a row.
OLD_ID_TYPE = "varchar"
#: A type of fields that holds no text.
NO_TEXT = field_type("json")
Pairs = dict[str, CopiedField]


@dataclass
class FieldCopier:
    """Copies the field definitions of one object at a time, each object once a run."""

    client: PipedriveClient
    fields: FieldCatalog
    new_fields: NewFields
    ids: PlannedIds
    plan: PlanReport | None = None

    def copy(self, source: SourceAccount, object_name: str) -> tuple[Pairs, dict[str, Outcome]]:
        """The pairs of fields by the source's key, built-in fields with options among them; and what became of each
        definition. Raises what ends the run.
        """
        pairs: Pairs = {}
        outcomes: dict[str, Outcome] = {}
        for key, wanted, make in self._wanted(source, object_name):
            try:
                target, kind = make()
                target, added = self._with_options(object_name, wanted, target)
            except Refused as error:
                outcomes[key] = Outcome.of_rejection(rejected(error).change)
                continue
            outcomes[key] = Outcome("updated" if added and kind == "unchanged" else kind)
            pairs[key] = CopiedField.of(wanted, target)
        return pairs, outcomes

    def old_id(self, object_name: str, label: str) -> Field:
        """The field that holds old ids, created when it is missing. Raises what the client raises."""
        return self.found(object_name, label) or self.new_fields.make(object_name, label, OLD_ID_TYPE)

    def found(self, object_name: str, label: str) -> Field | None:
        """The text field of a label, or of a key. Raises what the client raises."""
        names = (each for each in self.fields.custom(object_name) if label in (each.label.strip(), each.key))
        return next((each for each in names if CUSTOM_TYPES.get(each.type, NO_TEXT).is_text), None)

    def _wanted(
        self, source: SourceAccount, object_name: str
    ) -> Iterator[tuple[str, Field, Callable[[], tuple[Field, Any]]]]:
        """Key, definition, and what finds or makes its copy."""
        there = dict(named_fields(self.fields.fields(object_name)))
        built_in = {each.key: each for each in self.fields.fields(object_name) if not each.is_custom}
        for place, wanted in named_fields(source.fields(object_name)):
            if wanted.type in CUSTOM_TYPES:
                yield wanted.key, wanted, partial(self._made, object_name, wanted, there.get(place))
        for wanted in source.fields(object_name):
            target = built_in.get(wanted.key)
            if not wanted.is_custom and wanted.options and target:
                yield wanted.key, wanted, lambda target=target: (target, "unchanged")  # type: ignore[misc]

    def _made(self, object_name: str, wanted: Field, there: Field | None) -> tuple[Field, str]:
        if there:
            return there, "unchanged"
        labels = tuple(option.label for option in wanted.options)
        return self.new_fields.make(object_name, wanted.label, wanted.type, labels), "created"

    def _with_options(self, object_name: str, wanted: Field, target: Field) -> tuple[Field, bool]:
        """The field with the options that it lacked; whether there were any (5 tokens for all of them)."""
        is_own = wanted.is_custom or wanted.key in OWN_OPTIONS
        labels = missing_options(wanted, target) if is_own and wanted.options else ()
        if not labels:
            return target, False
        path = FIELD_PATHS[object_name] + "/{field_code}/options"
        if self.plan:
            for label in labels:
                self.plan.add(Line("create", "options", "new", f"{wanted.label}: {label}", is_besides=True))
            self.plan.pay("POST", path)
            new = tuple(Option(self.ids.new(f"(new) {label}", is_row=False), label) for label in labels)
            made = replace(target, options=(*target.options, *new))
        else:
            made = self._add(object_name, path, target, labels)
        self.fields.add(object_name, made)
        return made, True

    def _add(self, object_name: str, path: str, target: Field, labels: tuple[str, ...]) -> Field:
        def result(answer: Mapping[str, Any]) -> Field | None:
            rows = answer.get("data")
            if not isinstance(rows, list) or len(rows) < len(labels):
                return None
            new = tuple(Option(row["id"], str(row.get("label") or "")) for row in rows)
            known = {option.id for option in new}
            return replace(target, options=(*(each for each in target.options if each.id not in known), *new))

        def look_for() -> Field | None:
            found = next(each for each in self.fields.refresh(object_name) if each.key == target.key)
            return found if len(found.options) >= len(target.options) + len(labels) else None

        body = [{"label": label} for label in labels]
        client = self.client.labelled("fields")
        field: Field = post_once(client, path, body, result, look_for, field_code=target.key)
        return field
