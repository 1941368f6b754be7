select
    line.claim_id,
    arg_min(named.form, (-named.rank, named.tariff)) as form
from {{ ref('stg_kuhr__tariff') }} as line
inner join {{ ref('tariff_contact_form') }} as named using (tariff)
group by line.claim_id
