
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
select 1
from seeds.recoded_service
group by register, old_code
having count(*) > 1

  
  limit 1
  
      
    ) dbt_internal_test