select
    number.register,
    number.number_kind,
    number.key_kind,
    count(person.person_id) as persons,
    count(person.common_person_id) as with_common_number,
    count(*) filter (where person.status = 'ambiguous') as ambiguous,
    count(*) filter (where person.status = 'unmapped') as unmapped,
    count(*) filter (where person.status = 'mixed_numbers') as mixed_numbers,
    count(*) filter (where person.status = 'no_national_id') as without_national_id
from {{ ref('int_person_number') }} as number
left join {{ ref('int_common_person') }} as person using (register)
group by number.register, number.number_kind, number.key_kind
