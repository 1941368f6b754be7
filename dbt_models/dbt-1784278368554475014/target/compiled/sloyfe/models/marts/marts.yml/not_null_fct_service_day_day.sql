
    
    



select day
from marts.fct_service_day
where day is null


