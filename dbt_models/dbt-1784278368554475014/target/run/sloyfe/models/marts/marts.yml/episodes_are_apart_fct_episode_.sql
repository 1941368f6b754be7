
    
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
      
    
  
select 1
from marts.fct_episode
where is_linkable
qualify admitted_at <= max(discharged_at) over (
    partition by person_id
    order by admitted_at, episode_id
    rows between unbounded preceding and 1 preceding
) + interval 8 hours

  
  limit 1
  
      
    ) dbt_internal_test