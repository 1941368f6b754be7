with begun as (
    {{ care_begun(['home_nursing', 'practical_help']) | indent(4) }}
)

{{ days_before('begun', furthest=7, nearest=0, register='kpr-omsorg') }}
