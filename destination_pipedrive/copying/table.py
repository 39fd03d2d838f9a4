"""THE TABLE of what a copy knows of objects: how a row is found again in the account it is copied to, and what its
fields refer to. All else follows from the table of objects. Pure data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec
from pipedrive_client.field_definitions import FIELD_PATHS

#: How a copied row is found again: by its old id in a custom field; among the rows that are equal in a key, each of
#: which is the copy of one row only; or by what tells rows of the object apart in every account.
Identity = Literal["external_id", "claim", "name"]
#: The custom field that holds the id a row has in the account it comes from, unless the mapping names another.
ORIGINAL_ID = "Original ID"
#: Objects with custom fields that can be created, in which the old id is kept.
WITH_OLD_ID = frozenset({"organizations", "persons", "deals", "leads", "products", "projects"})
#: Objects that hold no old id -> the field in which a row and its copy are equal. Several rows may share it.
CLAIMED: Mapping[str, tuple[str, ...]] = {
    "activities": ("subject",),
    "notes": ("add_time",),
    "tasks": ("title",),
    "deal_products": ("product_id",),
    "deal_installments": ("description",),
    "filters": ("name",),
    "goals": ("title",),
    "roles": ("name",),
}
#: Objects of which a copy creates no row: an invitation to a user costs a seat.
NEVER_CREATED = frozenset({"users"})
#: Objects whose rows nobody but Pipedrive creates.
NOT_WRITABLE = frozenset({"mail_threads"})
#: Body key -> the object whose id it holds, where the table of objects does not say it.
REFERS: Mapping[str, str] = {
    "project_id": "projects",
    "task_id": "tasks",
    "parent_task_id": "tasks",
    "lead_id": "leads",
    "parent_role_id": "roles",
    "deal_ids": "deals",
    "person_ids": "persons",
    "org_ids": "organizations",
    "participants": "persons",
    "attendees": "persons",
}
#: Body keys that hold ids of rows which no API creates, or which are gone once they did their work.
NOT_COPIED = frozenset({"product_variation_id", "board_id", "phase_id", "template_id"})
#: Streams that tell what ids and keys of the other account mean, and the objects' field definitions.
FIELD_STREAMS: Mapping[str, str] = {
    "deal_fields": "deals",
    "person_fields": "persons",
    "organization_fields": "organizations",
    "product_fields": "products",
    "project_fields": "projects",
    "activity_fields": "activities",
    "lead_fields": "",
    "note_fields": "",
}
NAME_STREAMS = ("users", "pipelines", "stages", "activity_types", "lead_labels")
#: Kind of a field -> the stream that says what its values mean.
NEEDED_FOR: Mapping[str, tuple[str, ...]] = {
    "user": ("users",),
    "users": ("users",),
    "stage": ("stages", "pipelines"),
    "pipeline": ("pipelines",),
    "activity_type": ("activity_types",),
    "lead_labels": ("lead_labels",),
}


@dataclass(frozen=True)
class CopiedObject:
    """One object in a copy. ``refers``: body key -> the object whose ids it holds."""

    spec: ObjectSpec
    identity: Identity
    match_on: tuple[str, ...]
    refers: Mapping[str, str]

    @property
    def creates(self) -> bool:
        """False where a missing row is not made."""
        return self.spec.name not in NEVER_CREATED

    @property
    def needed_streams(self) -> tuple[str, ...]:
        """The streams without which values of the other account mean nothing."""
        found = [name for field in self.spec.fields for name in NEEDED_FOR.get(field.kind, ())]
        path = FIELD_PATHS.get(self.spec.name)
        found += [stream for stream, name in FIELD_STREAMS.items() if path and FIELD_PATHS.get(name) == path]
        return tuple(dict.fromkeys(found))


def copied_object(spec: ObjectSpec) -> CopiedObject:
    """What a copy knows of an object."""
    refers = {field.key: name for field in spec.fields if (name := refers_to(field))}
    if spec.name in WITH_OLD_ID:
        return CopiedObject(spec, "external_id", (), refers)
    if spec.name in CLAIMED:
        return CopiedObject(spec, "claim", CLAIMED[spec.name], refers)
    return CopiedObject(spec, "name", spec.match_on, refers)


def refers_to(field: FieldSpec) -> str:
    """The object whose ids a field holds; empty when it holds none."""
    return field.refers or REFERS.get(field.key, "")


COPIED: Mapping[str, CopiedObject] = {
    name: copied_object(spec) for name, spec in OBJECTS.items() if name not in NOT_WRITABLE
}
