{#- Where the warehouses differ. Everything else in the package is SQL that DuckDB, Postgres, Snowflake and BigQuery share. -#}

{#- A moment in UTC, without a time zone; BigQuery's TIMESTAMP is UTC as it is. `dtype` is the type that the table has. -#}
{% macro utc(column, dtype) %}
  {{- return(adapter.dispatch("utc", "pipedrive")(column, dtype)) -}}
{% endmacro %}

{% macro default__utc(column, dtype) -%}
  {%- if "with time zone" in dtype | lower or dtype | lower == "timestamptz" -%}
    cast({{ column }} at time zone 'UTC' as timestamp)
  {%- else -%}
    cast({{ column }} as timestamp)
  {%- endif -%}
{%- endmacro %}

{% macro snowflake__utc(column, dtype) -%}
  {%- if "NTZ" in dtype | upper -%}
    {{ column }}
  {%- else -%}
    cast(convert_timezone('UTC', {{ column }}) as timestamp_ntz)
  {%- endif -%}
{%- endmacro %}

{% macro bigquery__utc(column, dtype) -%}
  cast({{ column }} as timestamp)
{%- endmacro %}

{#- An id out of the text of a change log; null when it is none. -#}
{% macro to_id(text) %}
  {{- return(adapter.dispatch("to_id", "pipedrive")(text)) -}}
{% endmacro %}

{% macro default__to_id(text) -%}
  try_cast({{ text }} as {{ dbt.type_bigint() }})
{%- endmacro %}

{% macro postgres__to_id(text) -%}
  case when {{ text }} ~ '^[0-9]{1,18}$' then cast({{ text }} as bigint) end
{%- endmacro %}

{% macro bigquery__to_id(text) -%}
  safe_cast({{ text }} as int64)
{%- endmacro %}

{#- A number out of the text of a change log; null when it is none. -#}
{% macro to_number(text) %}
  {{- return(adapter.dispatch("to_number", "pipedrive")(text)) -}}
{% endmacro %}

{% macro default__to_number(text) -%}
  try_cast({{ text }} as {{ dbt.type_numeric() }})
{%- endmacro %}

{% macro postgres__to_number(text) -%}
  case when {{ text }} ~ '^-?[0-9]+(\.[0-9]+)?$' then cast({{ text }} as numeric(28, 6)) end
{%- endmacro %}

{% macro bigquery__to_number(text) -%}
  safe_cast({{ text }} as numeric)
{%- endmacro %}

{#- The median of a group; BigQuery has an approximate one only. -#}
{% macro median(expression) %}
  {{- return(adapter.dispatch("median", "pipedrive")(expression)) -}}
{% endmacro %}

{% macro default__median(expression) -%}
  percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}

{% macro bigquery__median(expression) -%}
  approx_quantiles({{ expression }}, 2)[offset(1)]
{%- endmacro %}

{#- Whole seconds between two moments; 0 where the second is not the later one. -#}
{% macro seconds_between(first, second) -%}
  case when {{ second }} > {{ first }} then {{ dbt.datediff(first, second, "second") }} else 0 end
{%- endmacro %}

{% macro days(seconds) -%}
  cast({{ seconds }} as {{ dbt.type_float() }}) / 86400
{%- endmacro %}
