-- Age groups by single years: an equality to look up, and a few thousand groups rather than one for each
-- year of age. Year and month apart: date_trunc costs more than the whole look-up.
with age_in_group as (
    select
        age_group,
        {{ rows_of_numbers('age_from', 'age_to') }} as age
    from {{ ref('age_group') }}
),

by_month as (
    select
        year(claim.contact_on) as year,
        month(claim.contact_on) as month,
        claim.service,
        claim.area,
        coalesce(age_in_group.age_group, 'unknown') as age_group,
        count(*) as contacts,
        sum(claim.patient_share) as patient_share,
        sum(claim.refund) as refund
    from {{ ref('fct_claim') }} as claim
    left join age_in_group on claim.age = age_in_group.age
    group by all
)

select
    make_date(year, month, 1) as month,
    service,
    area,
    age_group,
    contacts,
    patient_share,
    refund
from by_month
