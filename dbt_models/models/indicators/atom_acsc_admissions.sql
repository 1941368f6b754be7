with listed as (
    {{ acsc_diagnoses() | indent(4) }}
),

admission as (
    select
        admission.episode_id as unit_id,
        admission.person_id,
        year(admission.admitted_on)::varchar as period,
        listed.acsc_group,
        admission.area,
        admission.age_group,
        'admission' as atom
    from {{ ref('int_acute_admission') }} as admission
    inner join listed on listed.diagnosis = admission.main_diagnosis
    where admission.is_linkable and admission.age_group is not null
)

{{ indicator_rows('admission') }}
