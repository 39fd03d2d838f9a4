-- Deals as they were: one row is a deal while its stage, status, owner and value stayed the same. A field that the
-- change log does not know has had the value that it has now.
with deals as (
    select * from {{ ref("pipedrive__observed_deals") }}
),

history as (
    select * from {{ ref("pipedrive__deal_field_history") }}
    where
        field_key in ('stage_id', 'status', 'owner_id', 'value')
        and (valid_to is null or valid_to > valid_from)
),

moments as (
    select
        deal_id,
        valid_from
    from (
        select deal_id, add_time as valid_from from deals
        union all
        select deal_id, valid_from from history
    ) as all_moments
    group by deal_id, valid_from
),

versions as (
    select
        deal_id,
        valid_from,
        row_number() over (partition by deal_id order by valid_from) as version,
        lead(valid_from) over (partition by deal_id order by valid_from) as valid_to
    from moments
),

logged as (
    select
        versions.deal_id,
        versions.version,
        {%- for field in ("stage_id", "status", "owner_id", "value") %}
        max(case when history.field_key = '{{ field }}' then history.field_value end) as {{ field }},
        count(case when history.field_key = '{{ field }}' then 1 end) as {{ field }}_is_logged,
        {%- endfor %}
        count(history.field_key) as logged_fields
    from versions
    left join history
        on
            versions.deal_id = history.deal_id
            and versions.valid_from >= history.valid_from
            and (versions.valid_from < history.valid_to or history.valid_to is null)
    group by versions.deal_id, versions.version
)

select
    versions.deal_id,
    versions.version,
    versions.valid_from,
    versions.valid_to,
    versions.valid_to is null as is_current,
    case when logged.stage_id_is_logged > 0 then {{ pipedrive.to_id("logged.stage_id") }} else deals.stage_id end as stage_id,
    case when logged.status_is_logged > 0 then logged.status else deals.status end as status,
    case when logged.owner_id_is_logged > 0 then {{ pipedrive.to_id("logged.owner_id") }} else deals.owner_id end as owner_id,
    case when logged.value_is_logged > 0 then {{ pipedrive.to_number("logged.value") }} else deals.value end as value
from versions
inner join logged on versions.deal_id = logged.deal_id and versions.version = logged.version
inner join deals on versions.deal_id = deals.deal_id
