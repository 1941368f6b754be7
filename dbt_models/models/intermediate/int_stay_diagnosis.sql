select
    stay_id,
    person_id,
    admitted_at,
    care_level,
    is_linkable,
    unnest(diagnoses) as diagnosis,
    unnest(range(1, len(diagnoses) + 1)) as position,
    delivery_id
from {{ ref('stg_npr__stay') }}
{{ where_newly_delivered() }}
