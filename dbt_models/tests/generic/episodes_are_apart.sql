{% test episodes_are_apart(model) %}
select 1
from {{ model }}
where is_linkable
qualify admitted_at <= max(discharged_at) over (
    partition by person_id
    order by admitted_at, episode_id
    rows between unbounded preceding and 1 preceding
) + {{ transfer_gap() }}
{% endtest %}
