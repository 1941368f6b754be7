{% set bounds = indicator('atom_readmission_30d_same_site').bounds %}

with index_stay as (
    select
        episode_id,
        person_id,
        period,
        age_group,
        discharge_quarter as quarter,
        case
            when is_acute_readmitted_30d_same_site then 'readmitted' else 'not_readmitted'
        end as atom
    from {{ ref('fct_index_stay') }}
    where is_index
),

bounded as (
    {{ bound_contributions(
        relation='index_stay',
        person='person_id',
        cell_columns=['age_group', 'quarter'],
        period='period',
        row_id='episode_id',
        per_cell=bounds.per_cell,
        total=bounds.total,
    ) | indent(4) }}
)

select person_id, period, age_group, quarter, atom
from bounded
