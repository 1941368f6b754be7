
select 1
from seeds.bydel_sector
qualify coalesce(valid_from, date '0001-01-01') <= max(coalesce(valid_to, date '9999-12-31')) over (
    partition by bydel, sector
    order by coalesce(valid_from, date '0001-01-01')
    rows between unbounded preceding and 1 preceding
)
union all
select 1
from seeds.bydel_sector
where valid_to < valid_from
