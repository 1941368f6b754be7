create or replace view input_layer.input_bed_capacity
  
  
  as
    select
    institution_id,
    data_year,
    month,
    care_level,
    beds
from landing.bed_capacity
where delivery_id in (
    select delivery_id from landing.delivery where state = 'current'
)
