-- Each diagnosis is looked up once, not on each of its admissions.
with listed as (
    select
        used.diagnosis,
        any_value(acsc.acsc_group) as acsc_group
    from (
        select distinct main_diagnosis as diagnosis
        from {{ ref('int_acute_admission') }}
    ) as used
    inner join {{ ref('acsc') }} as acsc
        on length(used.diagnosis) >= length(acsc.code_from)
            and left(used.diagnosis, length(acsc.code_from)) between acsc.code_from and acsc.code_to
    group by used.diagnosis
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
