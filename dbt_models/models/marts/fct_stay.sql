select
    stay_id,
    person_id,
    '{{ site_id() }}' as site_id,
    sector,
    institution_id,
    admitted_at,
    discharged_at,
    is_acute,
    urgency,
    admitted_from,
    discharged_to,
    discharge_ready_date,
    state_at_discharge,
    main_diagnosis,
    drg_weight,
    municipality_no,
    bydel,
    catchment_trust,
    {{ area_of('municipality_no', 'bydel') }} as area,
    sex,
    birth_year,
    (year(admitted_at) - birth_year)::bigint as age,
    age_group,
    death_date,
    is_linkable,
    data_year,
    delivery_id
from {{ ref('int_stay_sector') }}
left join {{ ref('age_group') }}
    on year(admitted_at) - birth_year between age_from and age_to
{{ where_newly_delivered() }}
