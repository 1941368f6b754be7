
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
    
    



select day
from marts.fct_service_day
where day is null



  
  limit 1
  
      
    ) dbt_internal_test