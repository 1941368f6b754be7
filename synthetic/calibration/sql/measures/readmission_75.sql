-- scale: 100
-- By diagnosis the atlas starts from acute stays (its own denominators are those of "akutte
-- innleggelser"); all and by area from every stay.
select key, sum(is_readmitted::int) as y, count(*) as x, 1 as units
from (
    select
        lopenr,
        is_readmitted,
        unnest(['all', atlas, case when is_acute then diagnosis_group end]) as key
    from index_stay
    where age >= 75
)
group by key, lopenr
