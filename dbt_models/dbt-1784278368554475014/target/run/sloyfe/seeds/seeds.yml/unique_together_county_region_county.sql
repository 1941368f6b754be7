
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
select 1
from seeds.county_region
group by county
having count(*) > 1

  
  limit 1
  
      
    ) dbt_internal_test