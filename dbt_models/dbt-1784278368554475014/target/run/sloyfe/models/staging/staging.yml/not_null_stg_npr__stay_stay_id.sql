
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
    
    



select stay_id
from staging.stg_npr__stay
where stay_id is null



  
  limit 1
  
      
    ) dbt_internal_test