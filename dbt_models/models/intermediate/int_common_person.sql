with registered as (
    select
        'npr' as register,
        person_id,
        bool_or(is_linkable) as is_one_person
    from {{ ref('fct_hospital_contact') }}
    group by person_id
    union all
    select
        'kpr' as register,
        person_id,
        true as is_one_person
    from (
        select person_id from {{ ref('fct_claim') }}
        union
        select person_id from {{ ref('fct_care_service') }}
    )
),

-- The key file read from either side: whose number it is, and the other one.
partner as (
    select
        'npr_lnr' as number_kind,
        npr_person_id as person_id,
        kpr_person_id as other_id,
        is_ambiguous
    from {{ ref('int_person_key') }}
    union all
    select
        'kpr_lnr' as number_kind,
        kpr_person_id as person_id,
        npr_person_id as other_id,
        is_ambiguous
    from {{ ref('int_person_key') }}
),

mapped as (
    select
        number_kind,
        person_id,
        max(other_id) as other_id,
        bool_or(is_ambiguous) as is_ambiguous
    from partner
    group by number_kind, person_id
),

stated as (
    select
        registered.register,
        registered.person_id,
        mapped.other_id,
        case
            when not registered.is_one_person then 'no_national_id'
            when number.number_kind = 'mixed' then 'mixed_numbers'
            when number.number_kind = number.key_kind then 'own_number'
            when mapped.is_ambiguous then 'ambiguous'
            when mapped.other_id is not null then 'mapped'
            else 'unmapped'
        end as status
    from registered
    inner join {{ ref('int_person_number') }} as number using (register)
    left join mapped
        on number.number_kind = mapped.number_kind
            and registered.person_id = mapped.person_id
)

select
    register,
    person_id,
    case status
        when 'own_number' then person_id
        when 'mapped' then other_id
    end as common_person_id,
    status
from stated
