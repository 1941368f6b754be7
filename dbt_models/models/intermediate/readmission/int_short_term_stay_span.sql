with begun as (
    {{ care_begun(['short_term_stay']) | indent(4) }}
)

{{ days_before('begun', 'short_term_stay_start', nearest=0, register='kpr-omsorg') }}
