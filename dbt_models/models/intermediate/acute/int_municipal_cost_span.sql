with before as (
    {{ municipal_cost_spans(1, pathway_days() | int) | indent(4) }}
),

after as (
    {{ municipal_cost_spans(-(pathway_days() | int), -1) | indent(4) }}
)

select
    person_id,
    'municipal_cost_before' as service,
    class,
    day_from,
    day_to
from before
union all
select
    person_id,
    'municipal_cost_after' as service,
    class,
    day_from,
    day_to
from after
