-- scale: 1000
-- Inhabitants on 1 January by bydel and age group, and aged 75 and over, of all.
with resident as (
    select bydel, case
        when age_before >= 75 then '75+'
        when age_before >= 67 then '67-74'
        when age_before >= 18 then '18-66'
        else '0-17'
    end as age_group
    from population
),
cell as (
    select case when bydel is null then '' else bydel || '/' end || age_group as key, count(*) as own
    from resident
    group by grouping sets ((bydel, age_group), (age_group))
)
-- Every inhabitant is a unit of every cell, in it (y = 1) or not.
select key, 1 as y, 1 as x, own as units from cell
union all
select key, 0, 1, (select count(*) from population) - own from cell
