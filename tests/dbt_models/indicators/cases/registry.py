"""Every hand-worked case, and every case that is there because something in it is odd."""

from tests.dbt_models.indicators.cases import (
    acute,
    contacts,
    cost,
    groups,
    linked,
    municipal,
    odd_built_on,
    odd_clock,
    odd_hospital,
    odd_time,
    readmission,
    target_groups,
)
from tests.dbt_models.indicators.cases.odd_scenes import cases_of

CASES = (
    *acute.CASES,
    *cost.CASES,
    *readmission.CASES,
    *groups.CASES,
    *municipal.CASES,
    *contacts.CASES,
    *linked.CASES,
    *target_groups.CASES,
)
FEWEST = 5
"""Hand-worked cases that every indicator has at least, odd ones not counted."""

ODD_CASES = (
    *(
        case
        for scene in (*odd_hospital.SCENES, *odd_time.SCENES, *odd_clock.SCENES)
        for case in cases_of(scene)
    ),
    *odd_built_on.CASES,
)
