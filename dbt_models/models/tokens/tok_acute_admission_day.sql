-- Two admissions of a person on one day are one; the bucket is of the first by number of episode.
with grouped as (
    -- A bydel with a sector is counted there, and every other area in the one group that it has.
    select
        admission.person_id,
        admission.admitted_on as day,
        admission.episode_id,
        area_group.area_group || '/' || admission.age_group as bucket,
        starts_with(area_group.area_group, 'sector_') as is_sector
    from {{ ref('int_acute_admission') }} as admission
    inner join {{ ref('area_group') }} as area_group
        on area_group.area = admission.area
            and year(admission.admitted_on)
            between coalesce(area_group.year_from, 0) and coalesce(area_group.year_to, 9999)
    where admission.is_linkable and admission.age_group is not null
)

select
    person_id,
    year(day)::varchar as period,
    day,
    arg_min(bucket, (episode_id, not is_sector)) as bucket
from grouped
group by person_id, day
