-- Why deals were lost, and in which stage. One row is a reason in a stage and a currency.
with lost as (
    select
        pipeline_id,
        stage_id,
        currency,
        coalesce(lost_reason, '(none given)') as lost_reason,
        count(*) as deals,
        sum(value) as value
    from {{ ref("stg_pipedrive__deals") }}
    where status = 'lost' and coalesce(is_deleted, false) = false
    group by pipeline_id, stage_id, currency, coalesce(lost_reason, '(none given)')
)

select
    lost.pipeline_id,
    pipelines.name as pipeline_name,
    lost.stage_id,
    stages.name as stage_name,
    lost.currency,
    lost.lost_reason,
    lost.deals,
    lost.value,
    cast(lost.deals as {{ dbt.type_float() }}) / sum(lost.deals) over (partition by lost.pipeline_id) as share_of_pipeline
from lost
left join {{ ref("stg_pipedrive__pipelines") }} as pipelines on lost.pipeline_id = pipelines.id
left join {{ ref("stg_pipedrive__stages") }} as stages on lost.stage_id = stages.id
