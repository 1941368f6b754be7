select
    npr_person_id,
    kpr_person_id,
    count(*) over (partition by npr_person_id) > 1
    or count(*) over (partition by kpr_person_id) > 1 as is_ambiguous
from {{ ref('stg_person_key') }}
