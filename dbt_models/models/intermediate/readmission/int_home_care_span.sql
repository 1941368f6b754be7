with begun as (
    {{ care_begun(['home_nursing', 'practical_help']) | indent(4) }}
)

{{ days_before('begun', 'home_care_start', nearest=0, register='kpr-omsorg') }}
