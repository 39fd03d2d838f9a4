-- The last version of a deal is what the deal is now. A change log that was read before the deal, or only in part, is
-- told by rows here: a warning, because the next sync may mend it.
{{ config(severity="warn") }}

select
    history.deal_id,
    history.stage_id,
    deals.stage_id as stage_id_of_deal,
    history.status,
    deals.status as status_of_deal
from {{ ref("pipedrive__deal_history") }} as history
inner join {{ ref("stg_pipedrive__deals") }} as deals on history.deal_id = deals.id
where
    history.is_current
    and coalesce(deals.is_deleted, false) = false
    and (history.stage_id <> deals.stage_id or history.status <> deals.status or history.owner_id <> deals.owner_id)
