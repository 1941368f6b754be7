-- By single years of age first: then the age group is looked up on a few thousand rows, not on each claim.
with by_age as (
    select
        date_trunc('month', contact_on)::date as month,
        service,
        area,
        age,
        count(*) as contacts,
        sum(patient_share) as patient_share,
        sum(refund) as refund
    from {{ ref('fct_claim') }}
    group by all
)

select
    by_age.month,
    by_age.service,
    by_age.area,
    coalesce(age_group.age_group, 'unknown') as age_group,
    sum(by_age.contacts)::bigint as contacts,
    sum(by_age.patient_share) as patient_share,
    sum(by_age.refund) as refund
from by_age
left join {{ ref('age_group') }} as age_group
    on by_age.age between age_group.age_from and age_group.age_to
group by all
