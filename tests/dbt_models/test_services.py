"""Municipal services: claims and care services as one list, and as days."""

from datetime import date, timedelta

import duckdb

from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.sites import rows

SERVICES = [
    ("s1", "kuhr", "p1", 1, "gp", date(2024, 5, 1), date(2024, 5, 1)),
    ("s2", "kuhr", "p1", 2, "legevakt", date(2024, 5, 1), date(2024, 5, 1)),
    ("s1", "kpr-omsorg", "p1", 15, "home_nursing", date(2024, 2, 27), date(2024, 3, 1)),
    ("s2", "kpr-omsorg", "p2", 21, "long_term_stay", date(2024, 12, 30), None),
    ("s3", "kpr-omsorg", "p2", 99, "unmapped", date(2024, 7, 1), date(2024, 7, 1)),
    # Delivered with the number of p1's service, and as code 12, which 29 replaced.
    ("s1", "kpr-omsorg", "p3", 29, "housing", date(2024, 12, 31), None),
]


def test_services_are_claims_and_care_under_one_name(built_sites: BuiltSites) -> None:
    with duckdb.connect(str(built_sites.municipality), read_only=True) as connection:
        columns = (
            "service_id", "register", "person_id", "service_code", "service",
            "started_on", "ended_on",
        )  # fmt: skip
        found = rows(connection, columns, "marts.fct_service")
    assert sorted(found, key=repr) == sorted(SERVICES, key=repr)


def test_service_days_are_the_days_between(built_sites: BuiltSites) -> None:
    with duckdb.connect(str(built_sites.municipality), read_only=True) as connection:
        found = rows(connection, ("person_id", "day", "service"), "marts.fct_service_day")
    expected = {
        (person, started + timedelta(days=after), name)
        for _, _, person, _, name, started, ended in SERVICES
        for after in range(((ended or date(2024, 12, 31)) - started).days + 1)
    }
    assert sorted(found, key=repr) == sorted(expected, key=repr)
