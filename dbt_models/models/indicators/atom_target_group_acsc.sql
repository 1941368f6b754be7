-- A unit is an admission in one group: who is in two is counted in each.
with listed as (
    {{ acsc_diagnoses() | indent(4) }}
),

admission as (
    select
        admission.episode_id || '/' || member.target_group as unit_id,
        admission.person_id,
        year(admission.admitted_on)::varchar as period,
        member.target_group,
        coalesce(sector.area_group, 'outside_sectors') as sector,
        if(listed.diagnosis is null, 'other', 'acsc') as atom
    from {{ ref('int_acute_admission') }} as admission
    inner join {{ ref('int_target_group_stay') }} as member
        on admission.episode_id = member.episode_id and member.event = 'admission'
    left join listed on listed.diagnosis = admission.main_diagnosis
    {{ join_sector('admission.area', 'admission.admitted_on') | indent(4) }}
    where admission.is_linkable and admission.main_diagnosis is not null
)

{{ indicator_rows('admission') }}
