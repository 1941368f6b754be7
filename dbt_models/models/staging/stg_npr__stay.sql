{%- set diagnosis_columns = ['main_diagnosis', 'main_diagnosis_2'] -%}
{%- for number in range(1, 20) -%}
{%- do diagnosis_columns.append('other_diagnosis_%d' % number) -%}
{%- endfor -%}
with stay as (
    select
        *,
        {{ moment('admission_date', 'admission_time') }} as admitted_at,
        {{ moment('discharge_date', 'discharge_time') }} as stated_discharged_at,
        coalesce(discharge_ready_date < admission_date, false) as had_early_ready_date
    from {{ ref('input_npr_stay') }}
),

resident as (
    {{ with_residence('stay') | indent(4) }}
)

select
    {{ key_within_person('person_id', 'episode_id') }} as stay_id,
    episode_id,
    person_id,
    data_year,
    sector,
    institution_id,
    coalesce(contact_specialty, specialty) as specialty,
    care_level,
    admitted_at,
    -- A discharge without a time stands at midnight, before an admission of the same day.
    greatest(admitted_at, stated_discharged_at) as discharged_at,
    urgency,
    state_at_discharge,
    admitted_from,
    discharged_to,
    case when not had_early_ready_date then discharge_ready_date end as discharge_ready_date,
    had_early_ready_date,
    main_diagnosis,
    {{ list_of_present(diagnosis_columns) }} as diagnoses,
    contact_type,
    drg_weight,
    home_municipality as municipality_no,
    had_unknown_municipality,
    home_bydel as bydel,
    had_invalid_bydel,
    sex,
    {{ plausible_birth_year('birth_year', 'discharge_date') }} as birth_year,
    coalesce(birth_year = 9999, false) as had_unknown_birth_year,
    death_date,
    coalesce(link_quality != 4, true) as is_linkable,
    delivery_id
from resident
