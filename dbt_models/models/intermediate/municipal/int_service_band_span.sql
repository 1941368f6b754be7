with stretch as (
    select
<<<<<<< HEAD
        * exclude (service_days),
        service_days as amount
    from {{ ref('int_service_day_segment') }}
=======
        segment.person_id,
        segment.service,
        band.class,
        segment.day_from as segment_from,
        segment.day_to as segment_to,
        case segment.slope
            when 1 then band.days_from - segment.service_days
            when -1 then segment.service_days - band.days_to
            else 0
        end as days_in,
        case segment.slope
            when 1 then band.days_to - segment.service_days
            when -1 then segment.service_days - band.days_from
            else segment.day_to - segment.day_from
        end as days_out
    from {{ ref('int_service_day_segment') }} as segment
    inner join {{ ref('service_day_band') }} as band
        on segment.slope != 0
            or segment.service_days between band.days_from and band.days_to
),

span as (
    select
        person_id,
        service,
        class,
        (segment_from + greatest(days_in, 0)::integer)::date as day_from,
        least(segment_to, segment_from + days_out::integer)::date as day_to
    from stretch
>>>>>>> main
)

{{ band_spans('stretch', ref('service_day_band'), 'band.days_from', 'band.days_to') }}
