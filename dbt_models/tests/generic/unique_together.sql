{% test unique_together(model, columns) %}
select 1
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
