create or replace view staging.stg_kpr__function
  
  
  as
    select
    person_id || '/' || assessment_id as assessment_id,
    person_id,
    data_year,
    assessed_on,
    function_01,
    function_02,
    function_03,
    function_04,
    function_05,
    function_06,
    function_07,
    function_08,
    function_09,
    function_10,
    function_11,
    function_12,
    function_13,
    function_14,
    function_15,
    function_16,
    function_17,
    function_18,
    function_19,
    function_20
    
from input_layer.input_kpr_function
