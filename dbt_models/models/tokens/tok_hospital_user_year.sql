-- Children and adults who used this hospital in a year, on the first day of that year.
with used as (
    select
        person_id,
        make_date(year::integer, 1, 1) as day,
        birth_year,
        area,
        began,
        contact_key
    from {{ ref('int_hospital_use') }}
),

bucketed as (
    {{ with_bucket('used') | indent(4) }}
),

first_of_year as (
    select
        person_id,
        day,
        bucket
    from bucketed
    qualify row_number() over (partition by person_id, day order by began, contact_key) = 1
)

{{ index_tokens('first_of_year', 'npr') }}
