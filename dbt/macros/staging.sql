{#- A stream's columns, each with its type, whether or not the table has them. A column that was not selected, or that
    the account does not have, is null; so is every column of a stream that is not synced, which then has no rows. -#}
{% macro staging(stream, columns) %}
  {%- set relation = source("pipedrive", stream) -%}
  {%- set found = pipedrive.existing_columns(relation, columns) -%}
  {%- set custom = var("pipedrive_custom_columns", {}).get(stream, []) -%}
select
  {%- for name, kind in columns.items() %}
    {{ pipedrive.staged_column(name, kind, found.get(name)) }} as {{ name }},
  {%- endfor %}
  {%- for name in found if name not in columns and not name.startswith("_airbyte") and (custom == "all" or name in custom) %}
    {{ adapter.quote(found[name].name) if target.type != "bigquery" else name }} as {{ name }},
  {%- endfor %}
    {{ pipedrive.staged_column("_airbyte_extracted_at", "moment", found.get("_airbyte_extracted_at")) }} as _airbyte_extracted_at
{%- if found %}
from {{ relation }}
{%- else %}
from (select 1 as nothing) as missing
where 1 = 0
{%- endif %}
{% endmacro %}

{#- One column as its type, or null. -#}
{% macro staged_column(name, kind, found) %}
  {%- set types = {
      "id": dbt.type_bigint(), "number": dbt.type_numeric(), "text": dbt.type_string(),
      "flag": dbt.type_boolean(), "date": "date", "moment": dbt.type_timestamp(), "json": dbt.type_string(),
  } -%}
  {%- if not found -%} cast(null as {{ types[kind] }})
  {%- elif kind == "json" -%} {{ name }}
  {%- elif kind == "moment" -%} {{ pipedrive.utc(name, found.dtype) }}
  {%- else -%} cast({{ name }} as {{ types[kind] }})
  {%- endif -%}
{% endmacro %}

{#- The columns that a table has, by name in lower case; empty when there is no table. A project may override it through
    `dispatch`, to compile without a warehouse. -#}
{% macro existing_columns(relation, columns) %}
  {{ return(adapter.dispatch("existing_columns", "pipedrive")(relation, columns)) }}
{% endmacro %}

{% macro default__existing_columns(relation, columns) %}
  {%- set found = {} -%}
  {%- if execute -%}
    {%- set table = load_relation(relation) -%}
    {%- if table -%}
      {%- for column in adapter.get_columns_in_relation(table) -%}
        {%- do found.update({column.name | lower: column}) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
  {{ return(found) }}
{% endmacro %}
