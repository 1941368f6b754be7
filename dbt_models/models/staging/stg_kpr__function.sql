select
    {{ key_within_person('person_id', 'assessment_id') }} as assessment_id,
    person_id,
    data_year,
    assessed_on,
    {% for number in range(1, 21) -%}
    {% set name = 'function_%02d' % number -%}
    {{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('input_kpr_function') }}
