-- ICPC-2B codes begin with the ICPC-2 code that they are a kind of.
with listed as (
    select distinct
        used.diagnosis,
        named.condition
    from (
        select distinct diagnosis
        from {{ ref('stg_kuhr__diagnosis') }}
        where code_system in (1, 2)
    ) as used
    inner join {{ ref('chronic_condition_icpc') }} as named on used.diagnosis[1:3] = named.code
)

select
    claim.person_id,
    year(claim.contact_on) as year,
    count(distinct listed.condition) as conditions,
    arg_max_null(claim.area, (claim.contact_on, claim.claim_id)) as area,
    arg_max_null(claim.age, (claim.contact_on, claim.claim_id)) as age
from {{ ref('fct_claim') }} as claim
inner join {{ ref('stg_kuhr__diagnosis') }} as diagnosis using (claim_id)
inner join listed using (diagnosis)
where claim.service in (select service from {{ ref('contact_service') }})
    and diagnosis.code_system in (1, 2)
group by all
