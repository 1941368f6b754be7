with ready as (
    select
        stay_id as unit_id,
        person_id,
        year(discharged_on)::varchar as period,
        area,
        age_group,
        year(discharged_on) || 'Q' || quarter(discharged_on) as quarter,
        if(days_over > 0, 'over_', 'same_day_')
        || case
            when not can_be_readmitted then 'not_followed'
            when is_acute_readmitted then 'readmitted'
            else 'not_readmitted'
        end as atom
    from {{ ref('int_ready_stay') }}
    where age_group is not null
)

{{ indicator_rows('ready') }}
