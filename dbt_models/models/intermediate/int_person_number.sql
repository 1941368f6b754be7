-- The kind is declared by the site file and by what was delivered; numbers are never looked at to
-- guess it. A key file is between NPR's own numbers and KPR's own, and maps the one to the other
-- only.
with delivered as (
    select
        unnest(
            case format
                when 'npr' then ['npr']
                when 'kuhr' then ['kpr']
                when 'kpr-omsorg' then ['kpr']
                when 'synthea' then ['npr', 'kpr']
                else []
            end
        ) as register,
        format = 'synthea' as is_synthea
    from {{ ref('stg_landing__delivery') }}
),

numbered as (
    select
        register,
        case
            when bool_and(is_synthea) then 'synthea'
            when bool_or(is_synthea) then 'mixed'
            when register = 'npr' then '{{ person_number("npr") }}'
            else '{{ person_number("kpr") }}'
        end as number_kind
    from delivered
    group by register
)

select
    register,
    number_kind,
    case
        when number_kind in ('npr_lnr', 'kpr_lnr')
            and 'person-key' in (select format from {{ ref('stg_landing__delivery') }})
            then '{{ person_number("common") }}'
        else number_kind
    end as key_kind
from numbered
