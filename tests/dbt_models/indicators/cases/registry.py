"""Every hand-worked case, and every case that is there because something in it is odd."""

from tests.dbt_models.indicators.cases import (
    acute,
    contacts,
    cost,
    groups,
    linked,
    municipal,
    readmission,
)

CASES = (
    *acute.CASES,
    *cost.CASES,
    *readmission.CASES,
    *groups.CASES,
    *municipal.CASES,
    *contacts.CASES,
    *linked.CASES,
)
FEWEST = 5
"""Hand-worked cases that every indicator has at least, odd ones not counted."""
