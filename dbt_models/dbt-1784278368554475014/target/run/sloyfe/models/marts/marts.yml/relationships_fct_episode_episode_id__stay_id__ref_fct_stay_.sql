
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
    
    

with child as (
    select episode_id as from_field
    from marts.fct_episode
    where episode_id is not null
),

parent as (
    select stay_id as to_field
    from marts.fct_stay
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null



  
  limit 1
  
      
    ) dbt_internal_test