{{ config(materialized="ephemeral") }}

-- Deals with the moment until which they were watched: the last sync, or their deletion.
with last_sync as (
    select
        {% if var("pipedrive_as_of", none) -%}
        cast('{{ var("pipedrive_as_of") }}' as {{ dbt.type_timestamp() }})
        {%- else -%}
        max(_airbyte_extracted_at)
        {%- endif %} as as_of
    from {{ ref("stg_pipedrive__deals") }}
)

select
    deals.id as deal_id,
    deals.add_time,
    deals.stage_change_time,
    deals.close_time,
    deals.stage_id,
    deals.status,
    deals.owner_id,
    deals.value,
    case when deals.is_deleted then deals.update_time else last_sync.as_of end as observed_until
from {{ ref("stg_pipedrive__deals") }} as deals
cross join last_sync
