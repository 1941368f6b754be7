
    
    

with all_values as (

    select
        exclusion as value_field,
        count(*) as n_records

    from marts.fct_index_stay
    group by exclusion

)

select *
from all_values
where value_field not in (
    'unlinkable_person','unknown_age'
)


