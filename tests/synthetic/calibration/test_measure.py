"""Each measure on a handful of persons, with the figure worked out by hand."""

import math
from datetime import date
from pathlib import Path

import pytest

from synthetic.calibration.measure import FrailtyCutOffs, Measured, measure
from tests.synthetic.calibration.deliveries import Town

ONE_YEAR, TWO_YEARS = range(2024, 2025), range(2023, 2025)


def _measured(
    town: Town, tmp_path: Path, years: range = ONE_YEAR, **settings
) -> dict[str, Measured]:
    return measure(town.write(tmp_path / "d"), years, **settings)


def _values(town: Town, tmp_path: Path, years: range = ONE_YEAR, **settings) -> dict[str, float]:
    found = _measured(town, tmp_path, years, **settings)
    return {name: one.value for name, one in found.items()}


@pytest.fixture
def town() -> Town:
    """Two old persons in Sagene (OUS) and one in Stovner (Akershus), and a child of each."""
    town = Town()
    town.person("ane", age=80)
    town.person("bo", age=75)
    town.person("cia", age=90, bydel="030111")
    town.person("dag", age=10)
    town.person("eli", age=17, bydel="030111")
    # DuckDB reads no rows where there is no person at all to have one.
    town.stay("ane", "2020-01-01T10:00:00", "2020-01-02T10:00:00")
    return town


def test_population_counts_who_is_alive_on_new_years_day_by_age_on_that_day(town, tmp_path):
    town.person("old", age=99, dies_on=date(2023, 12, 31))
    town.person("unborn", age=0)
    values = _values(town, tmp_path)

    # bo turns 75 in the middle of the year, and is 74 on 1 January.
    assert values["population/75+"] == pytest.approx(1000 * 2 / 5)
    assert values["population/030103/67-74"] == pytest.approx(1000 * 1 / 5)
    assert values["population/030111/0-17"] == pytest.approx(1000 * 1 / 5)


def test_population_leaves_out_who_has_not_come_or_has_gone(tmp_path):
    town = Town()
    town.person("stays", age=80)
    town.person("has come", age=30, moves_in=date(2023, 5, 1))
    town.person("comes later", age=80, moves_in=date(2024, 5, 1))
    town.person("has gone", age=80, moves_out=date(2023, 5, 1))
    town.person("goes later", age=30, moves_out=date(2024, 5, 1))
    assert _values(town, tmp_path)["population/75+"] == pytest.approx(1000 * 1 / 3)


def test_admissions_join_contacts_at_most_eight_hours_apart_at_any_hospital(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00")
    town.stay("ane", "2024-03-03T20:00:00", "2024-03-06T12:00:00", hospital="ahus")  # 8 h
    town.stay("ane", "2024-03-06T20:00:01", "2024-03-07T12:00:00")  # a second more: another
    town.stay("cia", "2024-05-01T08:00:00", "2024-05-02T12:00:00", innmateHast=4)
    values = _values(town, tmp_path)

    assert values["admissions_75/all"] == pytest.approx(1000 * 3 / 3)
    assert values["admissions_75/OUS"] == pytest.approx(1000 * 2 / 2)
    assert values["admissions_75/Akershus"] == pytest.approx(1000 * 1 / 1)
    assert values["acute_admissions_75/all"] == pytest.approx(1000 * 2 / 3)
    # Days by date: 1 to 6 March, 6 to 7 March, 1 to 2 May.
    assert values["stay_days_75/all"] == pytest.approx((5 + 1 + 1) / 3)


def test_admissions_leave_out_day_care_psychiatry_and_other_years(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-01T12:00:00", omsorgsniva=2)
    town.stay("ane", "2024-04-01T08:00:00", "2024-04-08T12:00:00", sektor=2)
    town.stay("ane", "2023-04-01T08:00:00", "2023-04-08T12:00:00")
    town.stay("dag", "2024-04-01T08:00:00", "2024-04-08T12:00:00")  # not old

    assert _values(town, tmp_path)["admissions_75/all"] == 0


def test_a_row_delivered_twice_counts_once(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00", episodeID=7)
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00", episodeID=7)

    assert _values(town, tmp_path)["admissions_75/all"] == pytest.approx(1000 / 3)


def test_readmission_is_acute_and_within_less_than_thirty_days(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00", tilstand_1_1="I500")
    town.stay("ane", "2024-04-02T11:59:59", "2024-04-03T12:00:00")  # a second short of 30 days
    town.stay("bo", "2024-03-01T08:00:00", "2024-03-03T12:00:00", tilstand_1_1="I500")
    town.stay("bo", "2024-04-02T12:00:00", "2024-04-03T12:00:00")  # 30 days: none
    town.stay("cia", "2024-03-01T08:00:00", "2024-03-03T12:00:00", tilstand_1_1="J441")
    town.stay("cia", "2024-03-09T12:00:00", "2024-03-10T12:00:00", innmateHast=4)  # planned
    town.stay("cia", "2024-06-09T12:00:00", "2024-06-10T12:00:00", innmateHast=4,
              tilstand_1_1="J449")  # fmt: skip # no index of its diagnosis: not acute
    town.stay("cia", "2024-06-19T12:00:00", "2024-06-20T12:00:00")
    values = _values(town, tmp_path)

    assert values["readmission_75/heart_failure"] == pytest.approx(100 * 1 / 2)
    assert values["readmission_75/copd"] == 0
    assert values["readmission_75/all"] == pytest.approx(100 * 2 / 8)
    assert values["readmission_75/OUS"] == pytest.approx(100 * 1 / 4)
    assert values["readmission_copd/Akershus"] == 0


def test_readmission_looks_past_a_planned_stay_between(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00")
    town.stay("ane", "2024-03-09T08:00:00", "2024-03-10T12:00:00", innmateHast=4)
    town.stay("ane", "2024-03-20T08:00:00", "2024-03-21T12:00:00", hospital="ahus")
    values = _values(town, tmp_path)

    # The first two are each followed by the third, at another hospital.
    assert values["readmission_75/all"] == pytest.approx(100 * 2 / 3)
    assert values["readmission_elsewhere_75/all"] == pytest.approx(100)


def test_readmission_leaves_out_deaths_in_the_stay_and_soon_after_it(tmp_path):
    town = Town()
    town.person("dies", age=80, dies_on=date(2024, 3, 20))
    town.person("died", age=80, dies_on=date(2024, 3, 3))
    town.person("lives", age=80)
    town.stay("dies", "2024-03-01T08:00:00", "2024-03-03T12:00:00")
    town.stay("died", "2024-03-01T08:00:00", "2024-03-03T12:00:00", utTilstand=2)
    town.stay("lives", "2024-03-01T08:00:00", "2024-03-03T12:00:00")
    town.stay("lives", "2024-03-05T08:00:00", "2024-03-06T12:00:00")
    found = _measured(town, tmp_path)["readmission_75/all"]

    assert found.value == pytest.approx(100 * 1 / 2)
    assert found.n == 1


def test_standard_error_takes_persons_as_the_unit(town, tmp_path):
    for month in ("03", "06", "09"):
        town.stay("ane", f"2024-{month}-01T08:00:00", f"2024-{month}-03T12:00:00")
    found = _measured(town, tmp_path)["admissions_75/all"]

    # Three persons with 3, 0 and 0 stays: deviations 2, -1, -1 from the mean.
    assert found.standard_error == pytest.approx(1000 * math.sqrt(4 + 1 + 1) / 3)
    assert found.n == 3


def test_drg_cost_in_band_counts_acute_contacts_of_the_old(town, tmp_path):
    for day, weight in ((1, "1.0"), (5, "0.1"), (9, "4.5"), (13, "4.0")):
        town.stay("ane", f"2024-03-{day:02d}T08:00:00", f"2024-03-{day + 1:02d}T12:00:00",
                  korrvekt=weight)  # fmt: skip

    assert _values(town, tmp_path)["drg_cost_in_band/all"] == pytest.approx(100 * 2 / 4)


def test_gp_and_legevakt_count_consultations_and_home_visits(town, tmp_path):
    town.claim("ane", "2024-02-01", service=1, items=["2ad", "1g"])
    town.claim("ane", "2024-02-02", service=1, items=["1bd"])  # a simple contact
    town.claim("cia", "2024-02-01", service=2, items=["11ak", "2fk"])
    town.claim("cia", "2023-02-01", service=2, items=["2ak"])
    values = _values(town, tmp_path)

    assert values["gp_75/all"] == pytest.approx(1000 * 1 / 3)
    assert values["legevakt_75/all"] == pytest.approx(1000 * 1 / 3)
    assert values["legevakt_75/Akershus"] == pytest.approx(1000)
    assert values["legevakt_75/OUS"] == 0


def test_discharge_ready_counts_stays_days_over_and_readmissions(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-10T12:00:00", utskrKlarDato="2024-03-06")
    town.stay("ane", "2024-04-09T08:00:00", "2024-04-10T12:00:00")  # 30 days by date
    town.stay("bo", "2024-03-01T08:00:00", "2024-03-10T12:00:00", utskrKlarDato="2024-03-10")
    town.stay("bo", "2024-04-10T08:00:00", "2024-04-11T12:00:00")  # 31
    values = _values(town, tmp_path)

    assert values["discharge_ready/stays"] == pytest.approx(1000 * 2 / 5)
    assert values["discharge_ready/stays_over"] == pytest.approx(1000 * 1 / 5)
    assert values["discharge_ready/days_over"] == pytest.approx(1000 * 4 / 5)
    assert values["discharge_ready_readmission/all"] == pytest.approx(50)
    assert values["discharge_ready_readmission/over"] == pytest.approx(100)


def test_frail_are_old_users_below_the_cut_off_at_their_latest_assessment(town, tmp_path):
    for name in ("ane", "bo", "cia", "dag"):
        town.service(name, 15)
    town.service("ane", 21)
    town.function("ane", "2024-01-05", [1, 1])
    town.function("ane", "2024-05-05", [3, 3, 9, 3])  # 3.0, the 9 left out
    town.function("bo", "2024-05-05", [2, 2])
    town.function("cia", "2024-05-05", [1, 2])  # 1.5
    town.function("cia", "2025-01-05", [5, 5])  # after the year
    town.function("dag", "2024-05-05", [5, 5])  # a child
    values = _values(town, tmp_path, cut_offs=FrailtyCutOffs(reduced=2.0, poor=3.0))

    assert values["frail_75/all"] == pytest.approx(1000 * 2 / 3)
    assert values["frail_75/poor"] == pytest.approx(1000 * 1 / 3)
    assert values["frail_service/15"] == pytest.approx(100)
    assert values["frail_service/21"] == pytest.approx(50)
    assert values["frail_service/1"] == 0
    assert values["users/all"] == pytest.approx(1000 * 4 / 5)
    assert values["users/long_term"] == pytest.approx(1000 * 1 / 3)


def test_kad_counts_stays_of_the_old(town, tmp_path):
    for name in ("ane", "ane", "dag"):
        town.service(name, 22)
    town.service("dag", 22, year=2023)

    assert _values(town, tmp_path)["kad_67/all"] == pytest.approx(100 * 2 / 3)


def test_bup_referrals_and_rejections_by_bydel_and_sector(town, tmp_path):
    town.referral("dag", "2024-02-01", outcome=2)
    town.referral("dag", "2024-06-01", outcome=1)
    town.referral("eli", "2024-06-01", outcome=None)  # not assessed yet
    town.referral("eli", "2023-06-01", outcome=2)
    values = _values(town, tmp_path)

    assert values["bup_referrals/030103"] == pytest.approx(2000)
    assert values["bup_referrals/Akershus"] == pytest.approx(1000)
    assert values["bup_rejected/OUS"] == pytest.approx(50)
    assert "bup_rejected/030111" not in values


def test_bup_patients_count_once_a_group_and_adhd_by_age_and_sector(town, tmp_path):
    town.person("fia", age=25)
    town.person("gro", age=26)
    for day in ("2024-02-01", "2024-02-08"):
        town.contact("dag", day, sector=3, diagnosis="Z032")
    town.contact("dag", "2024-05-01", sector=3, diagnosis="F900")
    town.contact("fia", "2024-05-01", sector=2, diagnosis="F900")
    town.contact("gro", "2024-05-01", sector=2, diagnosis="F900")
    values = _values(town, tmp_path)

    assert values["bup_patients/Symptomdiagnoser"] == pytest.approx(1000 * 1 / 2)
    assert values["bup_patients/ADHD"] == pytest.approx(1000 * 1 / 2)
    assert values["bup_patients/all"] == pytest.approx(1000 * 2 / 2)
    assert values["adhd_0_17/030103"] == pytest.approx(1000)
    assert values["adhd_0_17/Akershus"] == 0
    # gro is 25 on 1 January, but 26 when the year ends: an inhabitant, no patient of 18 to 25.
    assert values["adhd_18_25/OUS"] == pytest.approx(1000 * 1 / 2)


@pytest.mark.parametrize(
    ("code", "group"),
    [("F312", "Alvorlige psykiske lidelser"), ("F411", "Angst"), ("F840", "Annet"),
     ("F432", "Belastningslidelser"), ("F321", "Depresjon"), ("F500", "Spiseforstyrrelser"),
     ("R458", "Symptomdiagnoser")],
)  # fmt: skip
def test_bup_diagnosis_groups(town, tmp_path, code, group):
    town.contact("dag", "2024-02-01", sector=3, diagnosis=code)

    assert _values(town, tmp_path)[f"bup_patients/{group}"] == pytest.approx(500)


def test_growth_is_of_patients_per_inhabitant_from_the_year_before(town, tmp_path):
    town.person("hal", age=12)
    town.person("ida", age=20)
    town.person("jon", age=1)  # born in the year before: one child more in the last
    town.contact("dag", "2023-02-01", sector=3, diagnosis="F900")
    town.contact("dag", "2024-02-01", sector=3, diagnosis="F900")
    town.contact("hal", "2024-02-01", sector=3, diagnosis="F900")
    town.contact("hal", "2024-02-01", sector=3, diagnosis="Z032")
    town.contact("ida", "2023-02-01", sector=2, diagnosis="F900")
    values = _values(town, tmp_path, TWO_YEARS)

    # Children on 1 January: dag, eli, hal; then jon too.
    assert values["bup_growth/ADHD"] == pytest.approx((2 / 4) / (1 / 3))
    assert values["bup_growth/all"] == pytest.approx((3 / 4) / (1 / 3))
    assert "bup_growth/Symptomdiagnoser" not in values  # nobody the year before
    assert values["adhd_growth/18-25"] == 0
    assert not any(name.startswith("bup_growth") for name in _values(town, tmp_path / "one"))


def test_parquet_and_csv_give_the_same_figures(town, tmp_path):
    town.stay("ane", "2024-03-01T08:00:00", "2024-03-03T12:00:00", korrvekt="1.5")
    town.claim("ane", "2024-02-01", service=1, items=["2ad"])
    town.service("ane", 15)
    town.function("ane", "2024-05-05", [3, 3, 9, 3])
    csv = town.write(tmp_path / "csv")
    parquet = town.write(tmp_path / "parquet", file_format="parquet")

    assert measure(csv, ONE_YEAR) == measure(parquet, ONE_YEAR)


@pytest.mark.parametrize("missing", ["truth/population.parquet", "oslo/kuhr/takst.csv"])
def test_a_missing_file_is_named(town, tmp_path, missing):
    out = town.write(tmp_path / "d")
    (out / missing).unlink()

    with pytest.raises(ValueError, match=Path(missing).stem):
        measure(out, ONE_YEAR)
