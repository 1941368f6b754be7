select distinct
    person_id,
    activity_code,
    activity_on
from {{ ref('input_collaboration_activity') }}
