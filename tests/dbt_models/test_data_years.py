"""Records of a data-year that a release does not charge decide nothing in it.

What is charged follows from the definition (`data_years`); what is read follows from the SQL of all
models below. Here the two are held together, for every indicator that may be released.
"""

from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_versions
from privacy.accounting import charged_years
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.everybody import Row
from tests.dbt_models.histories import FIRST, YEARS, histories, since
from tests.dbt_models.released import Path, Tables, may_be_released, tables_of
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples

on_the_workbench = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def indicators(built_sites: BuiltSites) -> list[Indicator]:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    return may_be_released(load_versions(manifest, PROJECT_DIR))


def decided(
    workbench: Workbench,
    indicators: list[Indicator],
    landing: Landing,
    year: int,
    path: Path | None = None,
) -> set[tuple[str, int]]:
    """(indicator, period) of the tables that are others without the data-years before `year`."""

    def tables(rows: Landing) -> Tables:
        return tables_of(workbench, rows, indicators, path or Path(), FIRST)

    whole, late = tables(landing), tables(since(landing, year))
    return {
        (indicator, int(period))
        for (indicator, period), table in whole.items()
        if (table.values, table.persons_cut)
        != (late[indicator, period].values, late[indicator, period].persons_cut)
    }


def rests_on(indicator: Indicator, period: int, fewer: int = 0) -> int:
    """First data-year that is charged. fewer: if so many years fewer were."""
    before = indicator.definition.data_years.before - fewer
    return charged_years(period, max(0, before), YEARS[-1])[0]


def unpaid(
    workbench: Workbench,
    indicators: list[Indicator],
    landing: Landing,
    year: int,
    path: Path | None = None,
) -> set[tuple[str, int]]:
    """Those of them that charge no year before `year`."""
    of = {i.id: i for i in indicators}
    found = decided(workbench, indicators, landing, year, path)
    return {(i, p) for i, p in found if rests_on(of[i], p) >= year}


@settings(on_the_workbench, max_examples=examples(4))
@example(seed=0, persons=40, year=2023)
@given(seed=st.integers(0, 10**6), persons=st.integers(1, 12), year=st.sampled_from(YEARS[1:]))
def test_years_that_are_not_charged_decide_nothing(
    workbench: Workbench, indicators: list[Indicator], seed: int, persons: int, year: int
) -> None:
    assert unpaid(workbench, indicators, histories(seed, persons), year) == set()


@pytest.mark.slow
@settings(on_the_workbench, max_examples=examples(12))
@given(seed=st.integers(0, 10**6), persons=st.integers(1, 60), year=st.sampled_from(YEARS[1:]))
def test_years_that_are_not_charged_decide_nothing_for_many(
    workbench: Workbench, indicators: list[Indicator], seed: int, persons: int, year: int
) -> None:
    assert unpaid(workbench, indicators, histories(seed, persons), year) == set()


KNOWN = {"person_id": "p", "birth_year": 1940, "sex": 2, "municipality_no": "0301"}


def service(number: str, code: int, started_on: date, ended_on: date | None, year: int) -> Row:
    return KNOWN | {
        "service_id": number,
        "service_code": code,
        "started_on": started_on,
        "ended_on": ended_on,
        "data_year": year,
    }


def stay(number: str, admitted: date, discharged: date, urgency: int) -> Row:
    return KNOWN | {
        "episode_id": number,
        "admission_date": admitted,
        "discharge_date": discharged,
        "data_year": discharged.year,
        "urgency": urgency,
        "care_level": 1,
        "state_at_discharge": 1,
        "main_diagnosis": "I500",
    }


NEVER_ENDED = {
    "kpr_care": [
        service("a", code=22, started_on=date(2022, 5, 1), ended_on=None, year=2022),
        service("b", code=22, started_on=date(2024, 5, 1), ended_on=date(2024, 5, 2), year=2024),
        service("c", code=15, started_on=date(2022, 5, 1), ended_on=None, year=2022),
    ]
}
THREE_YEARS_IN_HOSPITAL = {
    "npr_stay": [
        stay("a", date(2021, 6, 1), date(2022, 12, 20), urgency=1),
        stay("b", date(2022, 12, 20), date(2024, 2, 1), urgency=4),
    ]
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("landing", "model", "right", "wrong"),
    [
        (NEVER_ENDED, "int_kad_stay", "least(stopped_on, reaches_to)", "stopped_on"),
        (NEVER_ENDED, "int_care_use", "make_date(care.last_data_year + 1, 12, 31),", ""),
        (
            THREE_YEARS_IN_HOSPITAL,
            "int_acute_discharge",
            "is_acute and year(discharged_at) >= year(ended_at) - 1",
            "is_acute",
        ),
    ],
    ids=["holds others back", "counts", "is acute"],
)
def test_what_began_long_ago_decides_no_more_than_is_charged(
    workbench: Workbench,
    indicators: list[Indicator],
    landing: Landing,
    model: str,
    right: str,
    wrong: str,
) -> None:
    """A service that was never ended nor reported again; an acute admission that never ended."""
    every = {table: landing.get(table, ()) for table in histories(0, 0)}
    of_them = [i for i in indicators if i.definition.needs[0] in landing]
    sql = workbench.models[model].sql
    assert right in sql
    assert unpaid(workbench, of_them, every, 2023) == set()
    broken = Path({model: sql.replace(right, wrong)})
    assert unpaid(workbench, of_them, every, 2023, broken) != set()


@pytest.mark.slow
def test_a_year_fewer_would_be_found_out(workbench: Workbench, indicators: list[Indicator]) -> None:
    """Of definitions that look back a year or two, some do in so few persons' records already."""
    looking_back = [i for i in indicators if i.definition.data_years.before]
    of = {i.id: i for i in looking_back}
    found = decided(workbench, looking_back, histories(0, 40), 2023)
    assert {i for i, p in found if rests_on(of[i], p, fewer=1) >= 2023}
