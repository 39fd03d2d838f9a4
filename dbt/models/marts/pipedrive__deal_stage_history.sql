-- One row is a stay of a deal in a stage, with the time in which the deal was open: after it was won or lost the clock
-- stands still until it is reopened.
with deals as (
    select * from {{ ref("pipedrive__observed_deals") }}
),

history as (
    select * from {{ ref("pipedrive__deal_field_history") }}
),

stays as (
    select
        history.deal_id,
        history.period_number + 1 as stay_number,
        {{ pipedrive.to_id("history.field_value") }} as stage_id,
        history.valid_from as entered_at,
        history.valid_to as left_at,
        true as is_logged
    from history
    where history.field_key = 'stage_id'

    union all

    -- Nothing is logged: since the last change of stage that the deal itself names, or ever since it was made.
    select
        deals.deal_id,
        1 as stay_number,
        deals.stage_id,
        coalesce(deals.stage_change_time, deals.add_time) as entered_at,
        cast(null as {{ dbt.type_timestamp() }}) as left_at,
        deals.stage_change_time is null or deals.stage_change_time <= deals.add_time as is_logged
    from deals
    left join history on deals.deal_id = history.deal_id and history.field_key = 'stage_id'
    where history.deal_id is null
),

open_periods as (
    select
        deal_id,
        valid_from as opened_at,
        valid_to as closed_at
    from history
    where field_key = 'status' and field_value = 'open'

    union all

    select
        deals.deal_id,
        deals.add_time as opened_at,
        deals.close_time as closed_at
    from deals
    left join history on deals.deal_id = history.deal_id and history.field_key = 'status'
    where history.deal_id is null
),

bounded as (
    select
        stays.deal_id,
        stays.stay_number,
        case when stays.entered_at > open_periods.opened_at then stays.entered_at else open_periods.opened_at end as start_at,
        least(
            coalesce(stays.left_at, deals.observed_until),
            coalesce(open_periods.closed_at, deals.observed_until),
            deals.observed_until
        ) as end_at
    from stays
    inner join deals on stays.deal_id = deals.deal_id
    inner join open_periods on stays.deal_id = open_periods.deal_id
),

open_time as (
    select
        deal_id,
        stay_number,
        sum({{ pipedrive.seconds_between("start_at", "end_at") }}) as open_seconds
    from bounded
    group by deal_id, stay_number
)

select
    stays.deal_id,
    stays.stay_number,
    stays.stage_id,
    stages.pipeline_id,
    stays.entered_at,
    stays.left_at,
    stays.left_at is null as is_current,
    stays.is_logged,
    coalesce(open_time.open_seconds, 0) as open_seconds,
    {{ pipedrive.days("coalesce(open_time.open_seconds, 0)") }} as open_days
from stays
left join open_time on stays.deal_id = open_time.deal_id and stays.stay_number = open_time.stay_number
left join {{ ref("stg_pipedrive__stages") }} as stages on stays.stage_id = stages.id
