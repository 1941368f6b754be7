-- What the measures share. Variables: year, reduced, poor (function scores).

-- Alive and in Oslo on 1 January. age: at the end of the year, as a register with birth years tells it;
-- age_before: in whole years on 1 January.
create table population as
select
    p.lopenr::varchar as lopenr,
    p.kpr_lnr::varchar as kpr_lnr,
    a.bydel,
    a.sector,
    a.atlas,
    getvariable('year') - year(p.born) as age,
    getvariable('year') - year(p.born) - (strftime(p.born, '%m%d') > '0101')::int as age_before
from truth as p
join area as a on a.number = p.bydel
where p.born < make_date(getvariable('year'), 1, 1)
    and coalesce(p.dies_on >= make_date(getvariable('year'), 1, 1), true)
    and coalesce(p.moves_in < make_date(getvariable('year'), 1, 1), true)
    and coalesce(p.moves_out >= make_date(getvariable('year'), 1, 1), true);

-- Inhabitants on 1 January of the year and of the one before, by age.
create table inhabitants as
select y.year, y.year - 1 - year(p.born) + (strftime(p.born, '%m%d') <= '0101')::int as age_before,
    count(*) as persons
from truth as p
cross join (
    select unnest([getvariable('year') - 1, getvariable('year')]) as year
) as y
where p.born < make_date(y.year, 1, 1)
    and coalesce(p.dies_on >= make_date(y.year, 1, 1), true)
    and coalesce(p.moves_in < make_date(y.year, 1, 1), true)
    and coalesce(p.moves_out >= make_date(y.year, 1, 1), true)
group by all;

create table contact as
select distinct on (episodeID, lopenr)
    *,
    innDato + coalesce(innTid, time '00:00:00') as starts,
    utDato + coalesce(utTid, time '00:00:00') as ends,
    year(utDato) as year,
    year(utDato) - fodselsar as age
from npr
where innDato is not null and utDato is not null;

-- Somatic inpatient contacts of a person, at most 8 hours apart, made one (SKDE).
create table episode as
with ordered as (
    select *, max(ends) over (
        partition by lopenr order by starts, ends
        rows between unbounded preceding and 1 preceding
    ) as ended_before
    from contact
    where omsorgsniva = 1 and sektor = 4
),
numbered as (
    select *, sum((ended_before is null or starts > ended_before + interval 8 hour)::int)
        over (partition by lopenr order by starts, ends) as number
    from ordered
)
select
    lopenr,
    min(starts) as starts,
    max(ends) as ends,
    bool_or(innmateHast <= 3) as is_acute,
    bool_or(utTilstand > 1) as is_dead,
    arg_min(institusjonID, starts) as first_hospital,
    arg_max(institusjonID, ends) as last_hospital,
    arg_min(tilstand_1_1, starts) as diagnosis,
    max(utskrKlarDato) as ready_on,
    any_value(bydel2) as bydel,
    any_value(fodselsar) as birth_year
from numbered
group by lopenr, number;

-- Each episode with the person's next acute one. Diagnosis groups: the three-character codes of
-- the quality indicator for heart failure (SKDE, eldre-sas-utvalg), else of the atlas.
create table stay as
select
    e.*,
    a.sector,
    a.atlas,
    year(e.ends) as year,
    year(e.ends) - e.birth_year as age,
    case
        when e.diagnosis[1:3] in ('I43', 'I50', 'J81') or e.diagnosis[1:4] in (
            'I099', 'I110', 'I119', 'I130', 'I132', 'I255',
            'I420', 'I425', 'I426', 'I427', 'I428', 'I429', 'I971'
        ) then 'heart_failure'
        when e.diagnosis[1:3] between 'J40' and 'J44' then 'copd'
        when e.diagnosis[1:3] between 'J12' and 'J18' then 'pneumonia'
        when e.diagnosis[1:3] in ('I61', 'I63', 'I64') then 'stroke'
        when e.diagnosis[1:4] in ('S720', 'S721', 'S722') then 'hip_fracture'
    end as diagnosis_group,
    n.first_hospital as next_hospital,
    date_diff('day', e.ends::date, n.starts::date) as days_to_next,
    coalesce(n.starts < e.ends + interval 30 day, false) as is_readmitted,
    d.died_on
from episode as e
asof left join (select * from episode where is_acute) as n
    on n.lopenr = e.lopenr and e.ends < n.starts
left join (select lopenr, max(dodDato) as died_on from contact group by lopenr) as d
    on d.lopenr = e.lopenr
left join area as a on a.bydel = e.bydel;

-- SKDE: of the stays discharged alive, one that is not followed by a readmission is left out if
-- the person died within 30 days.
create table index_stay as
select * from stay
where year = getvariable('year')
    and not is_dead
    and (is_readmitted or coalesce(died_on > ends::date + 30, true));

create table consultation as
select distinct c.enkeltregning_lnr, c.kpr_lnr, c.tjenestetype
from claim as c
join tariff as t on t.enkeltregning_lnr = c.enkeltregning_lnr
where year(c.dato) = getvariable('year')
    -- SKDE's items of a consultation or home visit.
    and lower(t.takstKode) in (
        '2ad', '2ae', '2ak', '2aek', '2ed', '2fk', '2af', '2as', '2at', '11ad', '11ak'
    );

create table service_user as
select distinct kpr_lnr, tjenestekode from care where aar = getvariable('year');

-- Frail: 75 and over, with a service, and reduced function at the latest assessment.
create table frail as
with assessed as (
    select kpr_lnr, list_avg(list_filter(scores, lambda score: score between 1 and 5)) as mean
    from function
    where vurdertDato <= make_date(getvariable('year'), 12, 31)
    qualify row_number() over (partition by kpr_lnr order by vurdertDato desc) = 1
)
select p.kpr_lnr, a.mean >= getvariable('poor') as is_poor
from assessed as a
join population as p on p.kpr_lnr = a.kpr_lnr
where a.mean >= getvariable('reduced')
    and p.age >= 75
    and p.kpr_lnr in (select kpr_lnr from service_user);

-- The source names the diagnosis groups, not their codes: our reading of the names [B].
create table psychiatric_patient as
select distinct
    lopenr,
    sektor,
    year,
    age,
    case
        when tilstand_1_1[1:3] = 'F90' then 'ADHD'
        when tilstand_1_1[1:3] between 'F20' and 'F31' then 'Alvorlige psykiske lidelser'
        when tilstand_1_1[1:3] between 'F40' and 'F42' then 'Angst'
        when tilstand_1_1[1:3] = 'F43' then 'Belastningslidelser'
        when tilstand_1_1[1:3] between 'F32' and 'F39' then 'Depresjon'
        when tilstand_1_1[1:3] = 'F50' then 'Spiseforstyrrelser'
        when tilstand_1_1[1:1] in ('R', 'Z') then 'Symptomdiagnoser'
        else 'Annet'
    end as diagnosis_group
from contact
where sektor in (2, 3);
