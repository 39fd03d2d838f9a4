-- The funnel of each pipeline. A deal has reached a stage when it was in it or in a later one; a won deal has reached
-- them all from its first one on. Deals that skip a stage do not count against it.
with stages as (
    select * from {{ ref("stg_pipedrive__stages") }}
),

deals as (
    select
        id as deal_id,
        pipeline_id,
        stage_id,
        status
    from {{ ref("stg_pipedrive__deals") }}
    where coalesce(is_deleted, false) = false
),

furthest as (
    select
        deals.deal_id,
        deals.pipeline_id,
        deals.status,
        deals.stage_id as last_stage_id,
        min(stages.order_nr) as first_order,
        max(stages.order_nr) as furthest_order
    from deals
    inner join {{ ref("pipedrive__deal_stage_history") }} as stays
        on deals.deal_id = stays.deal_id and deals.pipeline_id = stays.pipeline_id
    inner join stages on stays.stage_id = stages.id
    group by deals.deal_id, deals.pipeline_id, deals.status, deals.stage_id
),

reached as (
    select
        stages.pipeline_id,
        stages.id as stage_id,
        stages.name as stage_name,
        stages.order_nr,
        count(furthest.deal_id) as deals_reached,
        count(case when furthest.furthest_order > stages.order_nr or furthest.status = 'won' then 1 end) as deals_moved_on,
        count(case when furthest.last_stage_id = stages.id and furthest.status = 'won' then 1 end) as deals_won,
        count(case when furthest.last_stage_id = stages.id and furthest.status = 'lost' then 1 end) as deals_lost,
        count(case when furthest.last_stage_id = stages.id and furthest.status = 'open' then 1 end) as deals_open
    from stages
    left join furthest
        on
            stages.pipeline_id = furthest.pipeline_id
            and (stages.order_nr <= furthest.furthest_order or furthest.status = 'won')
            and stages.order_nr >= furthest.first_order
    group by stages.pipeline_id, stages.id, stages.name, stages.order_nr
),

durations as (
    select
        stage_id,
        count(*) as deals_entered,
        avg(open_days) as average_days,
        {{ pipedrive.median("open_days") }} as median_days
    from {{ ref("pipedrive__time_in_stage") }}
    group by stage_id
)

select
    reached.pipeline_id,
    pipelines.name as pipeline_name,
    reached.stage_id,
    reached.stage_name,
    reached.order_nr,
    reached.deals_reached,
    coalesce(durations.deals_entered, 0) as deals_entered,
    reached.deals_moved_on,
    reached.deals_won,
    reached.deals_lost,
    reached.deals_open,
    cast(reached.deals_moved_on as {{ dbt.type_float() }}) / nullif(reached.deals_reached, 0) as conversion_rate,
    durations.average_days,
    durations.median_days
from reached
left join durations on reached.stage_id = durations.stage_id
left join {{ ref("stg_pipedrive__pipelines") }} as pipelines on reached.pipeline_id = pipelines.id
