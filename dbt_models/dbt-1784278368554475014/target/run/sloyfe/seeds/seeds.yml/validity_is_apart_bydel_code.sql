
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
select 1
from seeds.bydel
qualify coalesce(valid_from, date '0001-01-01') <= max(coalesce(valid_to, date '9999-12-31')) over (
    partition by code
    order by coalesce(valid_from, date '0001-01-01')
    rows between unbounded preceding and 1 preceding
)
union all
select 1
from seeds.bydel
where valid_to < valid_from

  
  limit 1
  
      
    ) dbt_internal_test