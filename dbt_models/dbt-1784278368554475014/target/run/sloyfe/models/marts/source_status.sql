
  
    
        create table marts.source_status
      
      
      
      
      
      
      
      
      

      as
      
    select kind, name, landing_table, register, status, latest_day, format
    from (
        -- A table that its register must hold is delivered with any current delivery of the register, even
-- an empty one; a part that may be missing only where a current delivery has rows of it. So is a
-- table that another format was mapped to.


with landing_table (name, register) as (
    values
        ('bed_capacity', 'kapasitet'),
        ('collaboration_activity', 'samhandling'),
        ('discharge_letter', 'epikrise'),
        ('kpr_care', 'kpr-omsorg'),
        ('kpr_function', 'kpr-omsorg'),
        ('kuhr_claim', 'kuhr'),
        ('kuhr_diagnosis', 'kuhr'),
        ('kuhr_tariff', 'kuhr'),
        ('npr_identity', 'npr-ide'),
        ('npr_referral', 'npr-henvisning'),
        ('npr_stay', 'npr'),
        ('person_key', 'person-key'),
        ('population', 'befolkning')
),

delivered as (
    select 'bed_capacity' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'kapasitet' or delivery_id in (select delivery_id from landing.bed_capacity)
    union all
    select 'collaboration_activity' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'samhandling' or delivery_id in (select delivery_id from landing.collaboration_activity)
    union all
    select 'discharge_letter' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'epikrise' or delivery_id in (select delivery_id from landing.discharge_letter)
    union all
    select 'kpr_care' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'kpr-omsorg' or delivery_id in (select delivery_id from landing.kpr_care)
    union all
    select 'kpr_function' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where delivery_id in (select delivery_id from landing.kpr_function)
    union all
    select 'kuhr_claim' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'kuhr' or delivery_id in (select delivery_id from landing.kuhr_claim)
    union all
    select 'kuhr_diagnosis' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'kuhr' or delivery_id in (select delivery_id from landing.kuhr_diagnosis)
    union all
    select 'kuhr_tariff' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'kuhr' or delivery_id in (select delivery_id from landing.kuhr_tariff)
    union all
    select 'npr_identity' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'npr-ide' or delivery_id in (select delivery_id from landing.npr_identity)
    union all
    select 'npr_referral' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'npr-henvisning' or delivery_id in (select delivery_id from landing.npr_referral)
    union all
    select 'npr_stay' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'npr' or delivery_id in (select delivery_id from landing.npr_stay)
    union all
    select 'person_key' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'person-key' or delivery_id in (select delivery_id from landing.person_key)
    union all
    select 'population' as name, format, period_to, delivery_id
    from staging.stg_landing__delivery
    where format = 'befolkning' or delivery_id in (select delivery_id from landing.population)
    
),

latest as (
    select
        name,
        max(period_to) as latest_day,
        max_by(format, case when format is not null then struct(coalesce(period_to, date '0001-01-01') is null, coalesce(period_to, date '0001-01-01'), delivery_id is null, delivery_id) end) as format
    from delivered
    group by name
),

table_status as (
    select
        landing_table.name,
        landing_table.register,
        if(latest.name is null, 'not_delivered', 'delivered') as status,
        latest.latest_day,
        latest.format
    from landing_table
    left join latest using (name)
)

select
    'landing_table' as kind,
    name,
    name as landing_table,
    register,
    status,
    latest_day,
    format
from table_status
union all
select
    'indicator' as kind,
    source.indicator as name,
    source.landing_table,
    table_status.register,
    coalesce(table_status.status, 'not_delivered') as status,
    table_status.latest_day,
    table_status.format
from seeds.indicator_source as source
left join table_status on source.landing_table = table_status.name
    ) as model_subq
  