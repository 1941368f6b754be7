create or replace view intermediate.int_delivered_period
  
  
  as
    -- A Synthea folder stands in for three registers.
with register_of_delivery as (
    select
        * except (format),
        explode(case when format = 'synthea' then array('npr', 'kuhr', 'kpr-omsorg') else array(format) end) as register
    from staging.stg_landing__delivery
)

select
    register,
    min(period_from) as period_from,
    max(period_to) as period_to,
    max(data_end) as data_end
from register_of_delivery
group by register
