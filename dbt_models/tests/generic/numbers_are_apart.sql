{% test numbers_are_apart(model) %}
select 1
from {{ model }}
where common_person_id is not null
group by register, common_person_id
having count(*) > 1
{% endtest %}
