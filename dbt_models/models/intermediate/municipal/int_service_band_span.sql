with stretch as (
    select
        * exclude (service_days),
        service_days as amount
    from {{ ref('int_service_day_segment') }}
)

{{ band_spans('stretch', ref('service_day_band'), 'band.days_from', 'band.days_to') }}
