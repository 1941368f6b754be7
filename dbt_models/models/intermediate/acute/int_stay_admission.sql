select
    stay_id,
    is_acute as is_of_acute_admission
from {{ ref('int_stay_chain') }}
where chain_number is null
union all
select
    stay_id,
    bool_or(is_acute) over (partition by person_id, chain_number) as is_of_acute_admission
from {{ ref('int_stay_chain') }}
where chain_number is not null
