with discharge_day as (
    select
        episode_id as unit_id,
        person_id,
        period,
        area,
        if(is_home, 'home', 'elsewhere')
        || if(is_readmitted_here, '_readmitted_here', '_not_readmitted_here') as atom
    from {{ ref('int_discharge_day') }}
)

{{ indicator_rows('discharge_day') }}
