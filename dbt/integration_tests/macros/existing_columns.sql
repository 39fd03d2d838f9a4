{#- With the variable `assumed_dtypes` (kind of column -> type) no warehouse is asked: every table has every column. -#}
{% macro default__existing_columns(relation, columns) %}
  {%- set assumed = var("assumed_dtypes", none) -%}
  {%- if assumed is none -%} {{ return(pipedrive.default__existing_columns(relation, columns)) }} {%- endif -%}
  {%- set found = {} -%}
  {%- for name, kind in columns.items() -%}
    {%- do found.update({name: {"name": name, "dtype": assumed.get(kind, "text")}}) -%}
  {%- endfor -%}
  {%- do found.update({"_airbyte_extracted_at": {"name": "_airbyte_extracted_at", "dtype": assumed["moment"]}}) -%}
  {{ return(found) }}
{% endmacro %}
