-- A Synthea folder stands in for all three registers.
with register_of_format (format, register) as (
    values
        ('npr', 'npr'), ('kuhr', 'kuhr'), ('kpr-omsorg', 'kpr-omsorg'),
        ('synthea', 'npr'), ('synthea', 'kuhr'), ('synthea', 'kpr-omsorg')
)

select
    register,
    min(period_from) as period_from,
    max(period_to) as period_to,
    max(data_end) as data_end
from {{ ref('stg_landing__delivery') }}
inner join register_of_format using (format)
group by register
