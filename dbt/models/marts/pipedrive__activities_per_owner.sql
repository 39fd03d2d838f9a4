-- What each owner had to do in a month, by the day on which it was due, and what came of it.
with last_sync as (
    select max(_airbyte_extracted_at) as as_of from {{ ref("stg_pipedrive__activities") }}
)

select
    activities.owner_id,
    users.name as owner_name,
    cast({{ dbt.date_trunc("month", "activities.due_date") }} as date) as due_month,
    activities.type as activity_type,
    count(*) as activities,
    count(case when activities.done then 1 end) as done,
    count(case when not activities.done and activities.due_date < cast(last_sync.as_of as date) then 1 end) as overdue,
    count(distinct activities.deal_id) as deals,
    cast(count(case when activities.done then 1 end) as {{ dbt.type_float() }}) / count(*) as done_rate
from {{ ref("stg_pipedrive__activities") }} as activities
cross join last_sync
left join {{ ref("stg_pipedrive__users") }} as users on activities.owner_id = users.id
where coalesce(activities.is_deleted, false) = false
group by
    activities.owner_id,
    users.name,
    cast({{ dbt.date_trunc("month", "activities.due_date") }} as date),
    activities.type
