with resident as (
    {{ with_residence(ref('input_npr_referral')) | indent(4) }}
)

select
    {{ key_within_person('person_id', 'referral_id') }} as referral_id,
    person_id,
    institution_id,
    specialty,
    received_on,
    assessed_on,
    outcome,
    wait_ended_on,
    home_municipality as municipality_no,
    had_unknown_municipality,
    home_bydel as bydel,
    had_invalid_bydel,
    sex,
    {{ plausible_birth_year('birth_year', 'received_on') }} as birth_year,
    coalesce(birth_year = 9999, false) as had_unknown_birth_year
from resident
