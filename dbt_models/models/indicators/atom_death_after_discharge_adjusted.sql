with index_stay as (
    {{ stays_by_risk('death_after_discharge_adjusted') | indent(4) }}
)

{{ indicator_rows('index_stay') }}
