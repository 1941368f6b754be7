with claim as (
    select
        {{ except_columns(['municipality_no']) }},
        coalesce(nullif(municipality_no, '-1'), resident_municipality_no) as municipality_no
    from {{ ref('input_kuhr_claim') }}
),

resident as (
    {{ with_residence('claim') | indent(4) }}
)

select
    claim_id,
    person_id,
    service_type as service_code,
    claim_date as contact_on,
    patient_share,
    refund,
    home_municipality as municipality_no,
    home_bydel as bydel,
    sex,
    {{ plausible_birth_year('birth_year', 'claim_date') }} as birth_year,
    death_date,
    delivery_id
from resident
