"""The mapping of a copied stream, every key of it said: what `copy` is short for. Pure."""

from collections.abc import Iterable

from destination_pipedrive.config.mappings import FieldRule, Rules
from destination_pipedrive.copying.table import ORIGINAL_ID, CopiedObject
from destination_pipedrive.fields.types import field_type
from destination_pipedrive.objects.spec import FieldSpec
from pipedrive_client.field_definitions import Field

#: What says that a row was deleted in the account that it comes from.
DELETED = ("is_deleted", "deleted_flag")


def is_deleted(record: dict[str, object], keeps_inactive: bool) -> bool:
    """Whether a record shows a row that was deleted where it comes from."""
    is_inactive = record.get("active_flag") is False and not keeps_inactive
    return is_inactive or any(record.get(key) is True for key in DELETED)


def written_out(rules: Rules, stream: str, copied: CopiedObject, old_id: str, customs: Iterable[Field]) -> Rules:
    """The mapping of a stream: which rows are whose copies, and that lists and empty values are taken as they are.

    ``old_id``: the key of the field that holds the old id, empty where the object has none; ``customs``: the custom
    fields of this account that are copies.
    """
    said = {rule.target for rule in rules.fields} | {rule.source for rule in rules.fields}
    built_in = (_rule(spec) for spec in copied.spec.fields if spec.key not in said)
    held = [FieldRule(source=old_id, target=old_id)] if old_id else []
    own = (FieldRule(source=field.key, target=field.key, null="clear") for field in customs if field.key not in said)
    return rules.model_copy(
        update={
            "stream": stream,
            "object_name": copied.spec.name,
            "operation": rules.operation or "upsert",
            "external_id_field": old_id,
            "match_on": rules.match_on or ((old_id,) if old_id else copied.match_on),
            "create": rules.create and copied.creates,
            "on_unknown_option": rules.on_unknown_option or "create",
            "fields": (*rules.fields, *(rule for rule in built_in if rule), *own, *held),
        }
    )


def old_id_field(rules: Rules, copied: CopiedObject) -> str:
    """The label of the field that holds the old ids; empty for an object that keeps none."""
    return (rules.external_id_field or ORIGINAL_ID) if copied.identity == "external_id" else ""


def named_columns(rules: Rules) -> frozenset[str]:
    """The columns that a mapping names, which stay as they are."""
    links = (rule.source for rule in rules.links)
    named = (rules.owner, rules.updated_at_field, *links, *(rule.source for rule in rules.fields))
    return frozenset(name for name in named if name)


def _rule(spec: FieldSpec) -> FieldRule | None:
    """The rule of a field whose value is a list, or can be emptied; others need none."""
    kind = field_type(spec.kind)
    clears = (spec.nullable or kind.cleared is not None) and not spec.create_only
    if not (kind.merges or clears):
        return None
    return FieldRule(
        source=spec.key,
        target=spec.key,
        merge="replace" if kind.merges else None,
        null="clear" if clears else "ignore",
    )
