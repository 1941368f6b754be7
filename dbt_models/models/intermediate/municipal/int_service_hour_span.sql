with stretch as (
    select
        * exclude (minute_sevenths),
        minute_sevenths as amount
    from {{ ref('int_service_hour_segment') }}
)

{{
    band_spans(
        'stretch',
        ref('service_hour_band'),
        'greatest(1, band.hours_from * ' ~ hour_units() ~ ')',
        'coalesce(band.hours_below * ' ~ hour_units() ~ ' - 1, 9000000000000)'
    )
}}
