-- Each diagnosis is looked up once, not on each of its stays.
with diagnosis as (
    select distinct main_diagnosis
    from {{ ref('int_readmission_stay') }}
    where main_diagnosis is not null
)

select
    diagnosis.main_diagnosis,
    max(fhi.diagnosis_group) as diagnosis_group,
    max(atlas.atlas_diagnosis) as atlas_diagnosis
from diagnosis
left join {{ ref('diagnosis_group') }} as fhi
    on left(diagnosis.main_diagnosis, length(fhi.code_from)) between fhi.code_from and fhi.code_to
left join {{ ref('atlas_diagnosis_code') }} as atlas
    on left(diagnosis.main_diagnosis, length(atlas.code_from))
        between atlas.code_from and atlas.code_to
group by diagnosis.main_diagnosis
