select
    stay_id,
    person_id,
    sector,
    specialty,
    institution_id,
    care_level,
    contact_type,
    admitted_at,
    discharged_at,
    {{ is_acute('urgency') }} as is_acute,
    main_diagnosis,
    drg_weight,
    {{ area_of('municipality_no', 'bydel') }} as area,
    sex,
    birth_year,
    (year(admitted_at) - birth_year)::bigint as age,
    death_date,
    is_linkable,
    data_year,
    delivery_id
from {{ ref('stg_npr__stay') }}
{{ where_newly_delivered() }}
