-- Key files overlap: the same pair may come again with each of them.
select distinct
    npr_person_id,
    kpr_person_id
from input_layer.input_person_key