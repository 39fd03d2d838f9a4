"""Field definitions, in both versions of the API.

Source: https://developers.pipedrive.com/docs/api/v1 (DealFields and so on)
"""

from dataclasses import replace

from pipedrive_sandbox.actions import fields, lists, single
from pipedrive_sandbox.model import shapes, shapes_v1
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, Column, Columns, Key, plain
from pipedrive_sandbox.model.resource import Resource, Route, Shape, get

CUSTOM_TYPES = (
    *("varchar", "text", "double", "phone", "date", "daterange", "time", "timerange", "set", "enum", "varchar_auto"),
    *("address", "monetary", "org", "people", "user"),
)
COLUMNS = (
    Column("field_name", write=v.TITLE),
    Column("field_code"),
    Column("field_type", write=Key("string", required=True, choices=CUSTOM_TYPES), update=FIXED),
    Column("options", write=Key("options"), update=FIXED),
    *plain("subfields is_custom_field is_optional_response_field"),
    Column("ui_visibility", write=v.OBJECT, is_shown=False),
)
WITH_REQUIREMENTS = (
    *COLUMNS,
    *plain("important_fields required_fields", write=v.OBJECT, is_shown=False),
)
DEAL_COLUMNS = (*WITH_REQUIREMENTS, Column("description", write=v.OPTIONAL_TEXT))
PROJECT_COLUMNS = tuple(replace(column, is_shown=True) for column in WITH_REQUIREMENTS)
NOTE_COLUMNS = plain("id key name field_type active_flag edit_flag bulk_edit_allowed mandatory_flag options")
PRODUCT_OLD_COLUMNS = plain(
    "id key name order_nr field_type add_time update_time last_updated_by_user_id created_by_user_id active_flag "
    "edit_flag index_visible_flag details_visible_flag add_visible_flag important_flag bulk_edit_allowed "
    "searchable_flag filtering_allowed sortable_flag mandatory_flag options"
)
OLD_COLUMNS = (*PRODUCT_OLD_COLUMNS, *plain("options_deleted is_subfield subfields"))
SCOPES = {
    "dealFields": "r:deals admin deal-fields:full",
    "personFields": "r:contacts admin contact-fields:full",
    "organizationFields": "r:contacts admin contact-fields:full",
    "productFields": "products product-fields:full",
    "projectFields": "r:projects project-fields:full",
}


def _field(name: str, version: str, scopes: str, columns: Columns, shape: Shape) -> Resource:
    return Resource(name, "Field", version, scopes, columns, shape, fields=name).at(
        order="numeric_id", deleted="active_flag", id_kind="code"
    )


def _fields(name: str, columns: Columns = WITH_REQUIREMENTS, feature: str = "") -> Resource:
    one, options = f"/{name}/{{field_code}}", f"/{name}/{{field_code}}/options"
    query = "" if feature else "include_fields"
    reads = (get(f"/{name}", 10, lists.by_cursor, f"{query} {v.PAGE}"), get(one, 1, single.show, query))
    changes = (
        Route("POST", f"/{name}", 5, fields.create_field),
        Route("PATCH", one, 5, fields.update_field),
        Route("DELETE", one, 3, fields.delete_field),
        Route("POST", options, 5, fields.add_options),
        Route("PATCH", options, 5, fields.rename_options),
        Route("DELETE", options, 3, fields.delete_options),
    )
    return _field(name, "v2", SCOPES.get(name, "admin"), columns, shapes.field_definition).at(
        *(*reads, *changes) if name in SCOPES else reads,
        include_fields=tuple(column.name for column in columns if not column.is_shown),
        feature=feature,
    )


def _old_fields(name: str, columns: Columns = OLD_COLUMNS) -> Resource:
    several = get(f"/{name}", 20, lists.by_offset, v.OFFSET)
    one = get(f"/{name}/{{id}}", 2, single.show_by_number)
    return _field(name, "v1", SCOPES[name], columns, shapes_v1.field_definition).at(several, one)


def _whole_old_fields(name: str, scopes: str, columns: Columns = OLD_COLUMNS) -> Resource:
    return _field(name, "v1", scopes, columns, shapes_v1.field_definition).at(get(f"/{name}", 20, lists.whole))


LEAD_FIELD = Resource(
    "leadFields", "Field", "v1", "leads admin", OLD_COLUMNS, shapes_v1.field_definition, order="numeric_id"
)
TABLES = (
    _fields("dealFields", DEAL_COLUMNS),
    _fields("personFields"),
    _fields("organizationFields"),
    _fields("productFields", COLUMNS),
    _fields("activityFields", COLUMNS),
    _fields("projectFields", PROJECT_COLUMNS, feature="projects"),
    *(_old_fields(name) for name in ("dealFields", "personFields", "organizationFields")),
    _old_fields("productFields", PRODUCT_OLD_COLUMNS),
    _whole_old_fields("activityFields", "activities"),
    _whole_old_fields("noteFields", "deals contacts", NOTE_COLUMNS),
    LEAD_FIELD.at(get("/leadFields", 20, lists.lead_fields, v.OFFSET)),
)
