
    
    



select stay_id
from staging.stg_npr__stay
where stay_id is null


