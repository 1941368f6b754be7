-- A Synthea folder stands in for three registers.
with register_of_delivery as (
    select
        {{ except_columns(['format']) }},
        {{ rows_of_list(
            "case when format = 'synthea' then " ~ list_of(["'npr'", "'kuhr'", "'kpr-omsorg'"])
            ~ " else " ~ list_of(['format']) ~ " end"
        ) }} as register
    from {{ ref('stg_landing__delivery') }}
)

select
    register,
    min(period_from) as period_from,
    max(period_to) as period_to,
    max(data_end) as data_end
from register_of_delivery
group by register
