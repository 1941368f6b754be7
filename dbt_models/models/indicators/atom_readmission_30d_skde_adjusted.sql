with index_stay as (
    {{ stays_by_risk('readmission_30d_skde_adjusted') | indent(4) }}
)

{{ indicator_rows('index_stay') }}
