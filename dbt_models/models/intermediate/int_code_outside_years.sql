with used as (
    select
        'npr' as register,
        stay_id as row_key,
        'innmateHast' as code_list,
        urgency::varchar as code,
        admitted_at::date as day
    from {{ ref('stg_npr__stay') }}
    union all
    select
        'npr',
        stay_id,
        'fagomrade',
        specialty,
        admitted_at::date
    from {{ ref('stg_npr__stay') }}
    union all
    select
        'kpr-omsorg',
        {{ key_within_person('person_id', 'service_id') }},
        'tjenestekode',
        service_code::varchar,
        greatest(started_on, make_date(data_year, 1, 1))
    from {{ ref('stg_kpr__care') }}
),

listed as (
    select
        used.*,
        bool_or({{ is_valid_on('named', 'used.day') }}) as is_valid
    from used
    inner join {{ ref('code_list') }} as named using (code_list, code)
    group by all
)

select
    register,
    row_key,
    code_list,
    code,
    day
from listed
where not is_valid
