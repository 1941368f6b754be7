with paired as (
    select
        npr_person_id,
        kpr_person_id,
        count(*) over (partition by npr_person_id) > 1
        or count(*) over (partition by kpr_person_id) > 1 as is_ambiguous
    from {{ ref('stg_person_key') }}
)

select
    npr_person_id,
    kpr_person_id,
    is_ambiguous,
    case when not is_ambiguous then npr_person_id end as common_person_id
from paired
