with assessment as (
    select
        person_id,
        year(assessed_on)::varchar as period,
        list_filter(
            [
                {%- for number in range(1, 21) %}
                {{ 'function_%02d' % number }}{{ ',' if not loop.last }}
                {%- endfor %}
            ],
            lambda score: score between 1 and 5
        ) as scores
    from {{ ref('stg_kpr__function') }}
    qualify row_number() over (
            partition by person_id, year(assessed_on)
            order by assessed_on desc, assessment_id desc
        ) = 1
)

select
    assessment.person_id,
    assessment.period,
    arg_max(listed.function_group, listed.percent_from) as function_group
from assessment
inner join {{ ref('function_group') }} as listed
    on 100 * len(list_filter(scores, lambda score: score >= {{ function_needs_from() }}))
        >= listed.percent_from * len(scores)
where len(scores) > 0
group by assessment.person_id, assessment.period
