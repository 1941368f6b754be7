-- Attributes come from the stay's own row, never from another of the same person: a release charges
-- every data-year whose records can change it, and such a look-up would reach all of them.
select
    stay_id,
    person_id,
    is_linkable,
    sector,
    institution_id,
    admitted_at,
    discharged_at,
    {{ is_acute('urgency') }} as is_acute,
    urgency,
    state_at_discharge,
    admitted_from,
    discharged_to,
    discharge_ready_date,
    main_diagnosis,
    drg_weight,
    municipality_no,
    bydel,
    sex,
    birth_year,
    death_date,
    data_year,
    delivery_id
from {{ ref('stg_npr__stay') }}
where care_level = 1
