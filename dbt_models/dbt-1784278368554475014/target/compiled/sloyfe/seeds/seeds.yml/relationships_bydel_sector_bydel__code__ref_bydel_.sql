
    
    

with child as (
    select bydel as from_field
    from seeds.bydel_sector
    where bydel is not null
),

parent as (
    select code as to_field
    from seeds.bydel
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null


