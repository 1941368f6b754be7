
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
    
    

with child as (
    select service as from_field
    from marts.fct_service
    where service is not null
),

parent as (
    select service as to_field
    from seeds.service
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null



  
  limit 1
  
      
    ) dbt_internal_test