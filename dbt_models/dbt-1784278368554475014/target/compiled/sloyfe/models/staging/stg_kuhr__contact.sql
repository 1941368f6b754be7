with claim as (
    select
        * except (municipality_no),
        coalesce(nullif(municipality_no, '-1'), resident_municipality_no) as municipality_no
    from input_layer.input_kuhr_claim
),

resident as (
    select
        * except (stated_bydel, is_known_bydel, is_oslo),
        if(is_oslo and not coalesce(is_known_bydel, false), '030199', stated_bydel) as home_bydel,
        coalesce(is_oslo and stated_bydel is not null and not is_known_bydel, false) as had_invalid_bydel,
        coalesce(municipality_no = '-1', false) as had_unknown_municipality
    from (
        select
            *,
            stated_bydel in (select code from seeds.bydel) as is_known_bydel,
            coalesce(stated_bydel like '0301%', false)
            or coalesce(home_municipality = '0301', false) as is_oslo
        from (
            select
                *,
                if(length(municipality_no) = 3, '0' || municipality_no, nullif(municipality_no, '-1')) as home_municipality,
                if(length(bydel) = 5, '0' || bydel, bydel) as stated_bydel
            from claim
        )
    )
)

select
    claim_id,
    person_id,
    service_type as service_code,
    claim_date as contact_on,
    patient_share,
    refund,
    home_municipality as municipality_no,
    home_bydel as bydel,
    sex,
    case
    when birth_year between year(claim_date) - 130 and year(claim_date) then birth_year
end as birth_year,
    death_date
from resident