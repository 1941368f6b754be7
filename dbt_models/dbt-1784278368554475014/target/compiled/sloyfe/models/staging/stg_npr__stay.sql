with stay as (
    select
        *,
        cast(admission_date || ' ' || coalesce(admission_time, '00:00:00') as timestamp_ntz) as admitted_at,
        cast(discharge_date || ' ' || coalesce(discharge_time, '00:00:00') as timestamp_ntz) as stated_discharged_at,
        coalesce(discharge_ready_date < admission_date, false) as had_early_ready_date
    from input_layer.input_npr_stay
),

resident as (
    select
        * except (stated_bydel, is_known_bydel, is_oslo),
        if(is_oslo and not coalesce(is_known_bydel, false), '030199', stated_bydel) as home_bydel,
        coalesce(is_oslo and stated_bydel is not null and not is_known_bydel, false) as had_invalid_bydel,
        coalesce(municipality_no = '-1', false) as had_unknown_municipality
    from (
        select
            *,
            stated_bydel in (select code from seeds.bydel) as is_known_bydel,
            coalesce(stated_bydel like '0301%', false)
            or coalesce(home_municipality = '0301', false) as is_oslo
        from (
            select
                *,
                if(length(municipality_no) = 3, '0' || municipality_no, nullif(municipality_no, '-1')) as home_municipality,
                if(length(bydel) = 5, '0' || bydel, bydel) as stated_bydel
            from stay
        )
    )
)

select
    person_id || '/' || episode_id as stay_id,
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
    array_compact(array(main_diagnosis, main_diagnosis_2, other_diagnosis_1, other_diagnosis_2, other_diagnosis_3, other_diagnosis_4, other_diagnosis_5, other_diagnosis_6, other_diagnosis_7, other_diagnosis_8, other_diagnosis_9, other_diagnosis_10, other_diagnosis_11, other_diagnosis_12, other_diagnosis_13, other_diagnosis_14, other_diagnosis_15, other_diagnosis_16, other_diagnosis_17, other_diagnosis_18, other_diagnosis_19)) as diagnoses,
    contact_type,
    drg_weight,
    home_municipality as municipality_no,
    had_unknown_municipality,
    home_bydel as bydel,
    had_invalid_bydel,
    sex,
    case
    when birth_year between year(discharge_date) - 130 and year(discharge_date) then birth_year
end as birth_year,
    coalesce(birth_year = 9999, false) as had_unknown_birth_year,
    death_date,
    coalesce(link_quality != 4, true) as is_linkable
from resident