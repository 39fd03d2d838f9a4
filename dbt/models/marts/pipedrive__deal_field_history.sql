-- One row is a value that a field of a deal had for a while, from the change log. The first value of a field is the old
-- value of its first change. Several changes within a second leave periods of no length: each was a value once.
with changes as (
    select
        changes.deal_id,
        changes.field_key,
        changes.old_value,
        changes.new_value,
        changes.actor_user_id,
        changes.change_source,
        changes.time as changed_at,
        deals.add_time,
        row_number() over (
            partition by changes.deal_id, changes.field_key order by changes.time, changes.change_number
        ) as change_position,
        lead(changes.time) over (
            partition by changes.deal_id, changes.field_key order by changes.time, changes.change_number
        ) as next_change_at
    from {{ ref("stg_pipedrive__deal_changelog") }} as changes
    inner join {{ ref("stg_pipedrive__deals") }} as deals on changes.deal_id = deals.id
),

periods as (
    select
        deal_id,
        field_key,
        0 as period_number,
        old_value as field_value,
        case when add_time < changed_at then add_time else changed_at end as valid_from,
        changed_at as valid_to,
        cast(null as {{ dbt.type_bigint() }}) as changed_by_user_id,
        cast(null as {{ dbt.type_string() }}) as change_source
    from changes
    where change_position = 1

    union all

    select
        deal_id,
        field_key,
        change_position as period_number,
        new_value as field_value,
        changed_at as valid_from,
        next_change_at as valid_to,
        actor_user_id as changed_by_user_id,
        change_source
    from changes
)

select
    deal_id,
    field_key,
    period_number,
    field_value,
    valid_from,
    valid_to,
    valid_to is null as is_current,
    changed_by_user_id,
    change_source
from periods
