-- What a pipeline brings in a day: open deals × win rate × average value of a won deal ÷ average days until it is won.
-- Amounts of different currencies are not added up: one row is a pipeline in a currency.
with deals as (
    select
        *,
        case when won_time > add_time then {{ pipedrive.days(dbt.datediff("add_time", "won_time", "second")) }} end as days_to_won
    from {{ ref("stg_pipedrive__deals") }}
    where coalesce(is_deleted, false) = false
),

figures as (
    select
        pipeline_id,
        currency,
        count(case when status = 'open' then 1 end) as open_deals,
        count(case when status = 'won' then 1 end) as won_deals,
        count(case when status = 'lost' then 1 end) as lost_deals,
        sum(case when status = 'open' then value end) as open_value,
        sum(case when status = 'won' then value end) as won_value,
        avg(case when status = 'won' then value end) as average_won_value,
        avg(case when status = 'won' then days_to_won end) as average_days_to_won,
        {{ pipedrive.median("case when status = 'won' then days_to_won end") }} as median_days_to_won
    from deals
    group by pipeline_id, currency
),

rates as (
    select
        *,
        cast(won_deals as {{ dbt.type_float() }}) / nullif(won_deals + lost_deals, 0) as win_rate
    from figures
)

select
    rates.pipeline_id,
    pipelines.name as pipeline_name,
    rates.currency,
    rates.open_deals,
    rates.won_deals,
    rates.lost_deals,
    rates.open_value,
    rates.won_value,
    rates.win_rate,
    rates.average_won_value,
    rates.average_days_to_won,
    rates.median_days_to_won,
    rates.open_deals * rates.win_rate * rates.average_won_value / nullif(rates.average_days_to_won, 0) as velocity_per_day
from rates
left join {{ ref("stg_pipedrive__pipelines") }} as pipelines on rates.pipeline_id = pipelines.id
