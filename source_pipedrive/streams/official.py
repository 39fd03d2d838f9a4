"""The streams as users of Airbyte's own source-pipedrive have them: with its config no column, type or key changes.

Source: version 4.0.0 in https://github.com/airbytehq/airbyte, airbyte-integrations/connectors/source-pipedrive; what is
there by name and type stands in integration_tests/official/streams.yaml, which the tests hold this table against.
"""

from collections.abc import Mapping
from dataclasses import replace

from source_pipedrive.streams.row_transforms import v1_field
from source_pipedrive.streams.schemas import Schema
from source_pipedrive.streams.spec import ListSpec, StreamSpec
from source_pipedrive.streams.table import BY_NAME

BOOLEAN: Schema = {"type": ["null", "boolean"]}
INTEGER: Schema = {"type": ["null", "integer"]}
NUMBER: Schema = {"type": ["null", "number"]}
TEXT: Schema = {"type": ["null", "string"]}
OBJECT: Schema = {"type": ["null", "object"], "additionalProperties": True}
LOCAL_TIME: Schema = TEXT | {"format": "date-time", "airbyte_type": "timestamp_without_timezone"}


def _each(schema: Schema, *names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, schema)


#: Stream -> columns that have another type there, or that only that connector declares.
COLUMNS: Mapping[str, Mapping[str, Schema]] = {
    "activities": {"private": BOOLEAN, "custom_fields": OBJECT},
    "activity_types": _each(LOCAL_TIME, "add_time", "update_time"),
    "call_logs": _each(TEXT, "start_time", "end_time"),
    "deal_installments": {"billing_date": TEXT},
    "deal_products": {"is_deleted": BOOLEAN},
    "files": {"people_name": TEXT, **_each(LOCAL_TIME, "add_time", "update_time")},
    "filters": {"last_used_time": TEXT, **_each(LOCAL_TIME, "add_time", "update_time")},
    "goals": {"owner_id": NUMBER},
    "legacy_teams": {"add_time": TEXT, **_each(NUMBER, "active_flag", "deleted_flag")},
    "notes": _each(LOCAL_TIME, "add_time", "update_time"),
    "organizations": {"annual_revenue": INTEGER},
    "permission_set_assignments": _each(TEXT, "permission_set_app", "permission_set_type"),
    "products": {"visible_to": NUMBER},
    "projects": _each(TEXT, "start_date", "end_date", "add_time", "update_time", "archive_time", "status_change_time"),
    "roles": _each(TEXT, "description", "assignment_count", "sub_role_count"),
    "tasks": _each(TEXT, "start_date", "due_date", "add_time", "update_time", "marked_as_done_time"),
    "users": {
        "is_admin": INTEGER,
        "signup_flow_variation": TEXT,
        **_each(LOCAL_TIME, "created", "modified", "last_login"),
    },
}
#: Field definitions are read from the first version of the API, at twice the price: only there they have `key`, `id`
#: and `name`.
DEFINITIONS = {
    "deal_fields": "v1/dealFields",
    "person_fields": "v1/personFields",
    "organization_fields": "v1/organizationFields",
    "product_fields": "v1/productFields",
    "activity_fields": "v1/activityFields",
}


def _definitions(name: str, path: str) -> StreamSpec:
    spec = replace(BY_NAME[name], lists=(ListSpec(path),), primary_key=("key",), schema="official/fields")
    if name == "deal_fields":
        # Declared there as what the API sends: true, false, or an object of conditions.
        return replace(spec, columns={"mandatory_flag": {"type": ["null", "object", "boolean", "integer"]}})
    return replace(spec, prepare=v1_field)


#: The table of streams, with the rows that differ for such a config.
STREAMS_BY_NAME: Mapping[str, StreamSpec] = {
    **BY_NAME,
    **{name: replace(BY_NAME[name], columns=columns) for name, columns in COLUMNS.items()},
    **{name: _definitions(name, path) for name, path in DEFINITIONS.items()},
}
