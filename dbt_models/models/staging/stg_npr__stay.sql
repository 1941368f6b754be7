with stay as (
    select
        *,
        admission_date + coalesce(admission_time, time '00:00:00') as admitted_at,
        discharge_date + coalesce(discharge_time, time '00:00:00') as stated_discharged_at
    from {{ ref('input_npr_stay') }}
)

select
    episode_id as stay_id,
    person_id,
    data_year,
    institution_id,
    care_level,
    admitted_at,
    -- A discharge without a time stands at midnight, before an admission of the same day.
    greatest(admitted_at, stated_discharged_at) as discharged_at,
    urgency,
    state_at_discharge,
    admitted_from,
    discharged_to,
    main_diagnosis,
    drg_weight,
    sex,
    {{ plausible_birth_year('birth_year', 'discharge_date') }} as birth_year,
    death_date,
    coalesce(link_quality != 4, true) as is_linkable
from stay
