-- How long each deal was open in each stage, over all its stays there.
select
    deal_id,
    stage_id,
    pipeline_id,
    count(*) as stays,
    min(entered_at) as first_entered_at,
    case when count(left_at) = count(*) then max(left_at) end as last_left_at,
    sum(open_seconds) as open_seconds,
    sum(open_days) as open_days
from {{ ref("pipedrive__deal_stage_history") }}
group by deal_id, stage_id, pipeline_id
