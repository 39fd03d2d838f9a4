{#- Columns that together name one row. -#}
{% test unique_together(model, columns) %}
select {{ columns | join(", ") }}
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
{% endtest %}

{#- Periods of one subject that overlap, or that end before they begin. -#}
{% test periods_follow_each_other(model, subject, start, end) %}
select *
from (
    select
        {{ subject | join(", ") }},
        {{ start }} as period_start,
        {{ end }} as period_end,
        lead({{ start }}) over (partition by {{ subject | join(", ") }} order by {{ start }}, {{ end }}) as next_start
    from {{ model }}
) as periods
where period_end < period_start or next_start < period_end or (period_end is null and next_start is not null)
{% endtest %}

{#- Rows for which an expression is not true. -#}
{% test is_true(model, expression) %}
select * from {{ model }} where not ({{ expression }})
{% endtest %}
