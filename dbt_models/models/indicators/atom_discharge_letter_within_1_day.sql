-- A site without letters has nothing to say: no stay, rather than stays without a letter. The last day
-- of the letters is left out, since its letters may come the day after.
with stay as (
    select
        stay.stay_id,
        stay.person_id,
        stay.discharged_at::date as discharged_on,
        stay.age_group
    from {{ ref('fct_stay') }} as stay
    inner join {{ ref('int_delivered_period') }} as delivered
        on delivered.register = 'epikrise'
            and stay.discharged_at::date >= delivered.period_from
            and stay.discharged_at::date < delivered.period_to
    where stay.is_linkable and stay.age_group is not null
),

sent as (
    select distinct stay.stay_id
    from {{ ref('input_discharge_letter') }} as letter
    inner join stay
        on stay.stay_id = {{ key_within_person('letter.person_id', 'letter.episode_id') }}
            and letter.sent_on between stay.discharged_on and stay.discharged_on + 1
),

discharge as (
    select
        stay.stay_id as unit_id,
        stay.person_id,
        year(stay.discharged_on)::varchar as period,
        stay.age_group,
        year(stay.discharged_on) || 'Q' || quarter(stay.discharged_on) as quarter,
        if(sent.stay_id is null, 'not_within_1_day', 'within_1_day') as atom
    from stay
    left join sent using (stay_id)
)

{{ indicator_rows('discharge') }}
