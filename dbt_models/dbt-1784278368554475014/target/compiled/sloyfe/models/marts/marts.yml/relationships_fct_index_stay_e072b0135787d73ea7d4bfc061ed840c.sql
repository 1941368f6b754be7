
    
    

with child as (
    select age_group as from_field
    from marts.fct_index_stay
    where age_group is not null
),

parent as (
    select age_group as to_field
    from seeds.age_group
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null


