select
    make_date(data_year, month, 1) as first_of_month,
    sum(beds) * day(last_day(make_date(data_year, month, 1))) as bed_days
from {{ ref('input_bed_capacity') }}
where care_level = 1
group by first_of_month, data_year, month
