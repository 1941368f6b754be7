"""Indicators of the patient groups: hand-worked cases, populations and mutations."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synthetic.model.psychiatry import GROUP_CODES, GROUPS
from tests.dbt_models.indicators import groups_populations as drawn
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples
from tests.reference import groups
from tests.reference.atoms import Unit, atom_rows
from tests.reference.tokens import index_tokens

Row = dict[str, Any]
DELIVERED = (date(2022, 1, 1), date(2024, 12, 31))
DATA_END = datetime(2025, 1, 1)


def hospital(draw: Random, persons: int) -> Landing:
    return {"npr_stay": drawn.hospital_contacts(draw, persons)}


def referrals(draw: Random, persons: int) -> Landing:
    return {"npr_referral": drawn.bup_referrals(draw, persons)}


def care(draw: Random, persons: int) -> Landing:
    return {
        "kpr_care": drawn.care_services(draw, persons),
        "kpr_function": drawn.assessments(draw, persons),
    }


def _of(rows: Callable[[Any], list[Unit]], table: str) -> Callable[[Landing], list[Unit]]:
    return lambda landing: rows(landing.get(table, []))


def _of_care(rows: Callable[[Any, Any], list[Unit]]) -> Callable[[Landing], list[Unit]]:
    return lambda landing: rows(landing.get("kpr_care", []), landing.get("kpr_function", []))


Draw = Callable[[Random, int], Landing]
INDICATORS: dict[str, tuple[Draw, Callable[[Landing], list[Unit]], tuple[int, int]]] = {
    "bup_referrals": (referrals, _of(groups.bup_referrals, "npr_referral"), (2, 3)),
    "bup_waiting": (referrals, _of(groups.bup_waiting, "npr_referral"), (2, 2)),
    "bup_patients": (hospital, _of(groups.bup_patients, "npr_stay"), (1, 3)),
    "adhd_patients": (hospital, _of(groups.adhd_patients, "npr_stay"), (1, 1)),
    "frailty_risk": (hospital, _of(groups.frailty_risk, "npr_stay"), (1, 1)),
    "frail_specialist_care": (hospital, _of(groups.frail_specialist_care, "npr_stay"), (1, 4)),
    "severe_mental_illness": (hospital, _of(groups.severe_mental_illness, "npr_stay"), (1, 2)),
    "severe_mental_illness_readmission": (
        hospital,
        lambda landing: groups.severe_mental_illness_readmission(
            landing.get("npr_stay", []), DATA_END
        ),
        (2, 4),
    ),
    "multiple_chronic_conditions": (
        hospital,
        _of(groups.multiple_chronic_conditions, "npr_stay"),
        (1, 1),
    ),
    "function_level": (care, _of_care(groups.function_level), (1, 1)),
    "services_of_frail": (care, _of_care(groups.services_of_frail), (1, 5)),
    "before_long_term_stay": (
        care,
        lambda landing: groups.before_long_term_stay(landing.get("kpr_care", []), DELIVERED[0]),
        (1, 6),
    ),
}
"""Indicator -> landing rows of so many persons, what the reference makes of them, its bounds."""


def expected(indicator: str, landing: Landing) -> list[tuple[object, ...]]:
    _, reference, (per_cell, total) = INDICATORS[indicator]
    return sorted(atom_rows(reference(landing), per_cell, total), key=repr)


def built(
    workbench: Workbench, indicator: str, landing: Landing, changed: dict[str, str] | None = None
) -> list[tuple[object, ...]]:
    workbench.land(landing, DELIVERED)
    return workbench.rows(f"atom_{indicator}", changed=changed)


# Populations: row for row as the reference.


@pytest.mark.parametrize("indicator", INDICATORS)
def test_many_persons_equal_the_reference(workbench: Workbench, indicator: str) -> None:
    landing = INDICATORS[indicator][0](Random(f"{indicator}-40"), 400)
    assert built(workbench, indicator, landing) == expected(indicator, landing)


SOME = settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_referrals_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = referrals(draw, 4)
    for indicator in ("bup_referrals", "bup_waiting"):
        assert built(workbench, indicator, landing) == expected(indicator, landing), indicator


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_children_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = hospital(draw, 4)
    for indicator in ("bup_patients", "adhd_patients", "severe_mental_illness"):
        assert built(workbench, indicator, landing) == expected(indicator, landing), indicator


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_patients_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = hospital(draw, 4)
    for indicator in (
        "frail_specialist_care", "frailty_risk", "multiple_chronic_conditions",
        "severe_mental_illness_readmission",
    ):  # fmt: skip
        assert built(workbench, indicator, landing) == expected(indicator, landing), indicator


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_users_of_care_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = care(draw, 4)
    for indicator in ("before_long_term_stay", "function_level", "services_of_frail"):
        assert built(workbench, indicator, landing) == expected(indicator, landing), indicator


REACHED = {
    "bup_referrals": {"accepted", "rejected", "other_outcome", "not_assessed"},
    "bup_waiting": {"days_0_30", "days_31_60", "days_61_90", "days_over_90", "not_started"},
    "bup_patients": {"patient"},
    "adhd_patients": {"patient"},
    "frailty_risk": {"low", "intermediate", "high"},
    "frail_specialist_care": {"one", "two", "three_to_five", "six_or_more"},
    "severe_mental_illness": {"inpatient", "day_care", "outpatient"},
    "severe_mental_illness_readmission": {"readmitted", "not_readmitted"},
    "multiple_chronic_conditions": {"one", "two", "three_or_more"},
    "function_level": {"limited", "medium_to_great", "extensive", "not_assessed"},
    "services_of_frail": {"limited", "medium_to_great", "extensive", "not_assessed"},
    "before_long_term_stay": {"had_before", "began_with_services", "began_without_services"},
}
ALWAYS_COUNTED = {
    "adhd_patients", "frail_specialist_care", "frailty_risk", "function_level",
    "multiple_chronic_conditions",
}  # fmt: skip


@pytest.mark.parametrize("indicator", INDICATORS)
def test_the_population_reaches_every_branch(indicator: str) -> None:
    """Else the comparison above would prove less than it says."""
    draw, reference, (per_cell, total) = INDICATORS[indicator]
    units = reference(draw(Random(f"{indicator}-40"), 400))
    assert {unit.atom for unit in units} == REACHED[indicator]
    counted = {row[-1] for row in atom_rows(units, per_cell, total)}
    assert counted == ({True} if indicator in ALWAYS_COUNTED else {True, False})
    keys = [{unit.cell[place] for unit in units} for place in range(len(units[0].cell))]
    wanted = {
        "bup_patients": {"adhd", "severe_mental_illness", "anxiety", "depression", "stress",
                         "eating_disorder", "symptom", "other", "not_stated"},
        "adhd_patients": {"0-17", "18-25"},
        "severe_mental_illness": {"psychosis", "bipolar", "severe_depression", "substance_use"},
        "services_of_frail": {"long_term_stay", "home_nursing", "respite_outside", "housing",
                              "respite_institution", "municipal_acute_stay", "other"},
        "frailty_risk": {"75-84", "85+"},
        "frail_specialist_care": {"acute_stay", "planned_stay", "day_care", "outpatient"},
        "bup_referrals": {"030101", "030112", "030199", "helse_sor_ost", "other_regions",
                          "unknown"},
    }.get(indicator, set())  # fmt: skip
    assert any(wanted <= values for values in keys)


# Hand-worked: the definition's edges, each with the rows expected.


def contact(number: str, on: str, **fields: Any) -> Row:
    """An outpatient contact of a boy of 14 (in 2024) at BUP; `on` is its last day."""
    day = date.fromisoformat(on)
    return {
        "episode_id": number,
        "person_id": "p",
        "care_level": 3,
        "sector": "3",
        "admission_date": day,
        "discharge_date": day,
        "urgency": 4,
        "main_diagnosis": "F900",
        "birth_year": 2010,
        "municipality_no": "0301",
        "bydel": "030101",
    } | fields


def stay(number: str, on: str, **fields: Any) -> Row:
    """An acute inpatient stay of a woman of 80 (in 2024)."""
    old: Row = {"care_level": 1, "sector": "4", "urgency": 1, "birth_year": 1944}
    return contact(number, on, **(old | {"main_diagnosis": "C509"} | fields))


def referral(number: str, on: str, outcome: int | None = 1, **fields: Any) -> Row:
    """A referral of a child of 14 (in 2024) to BUP."""
    return {
        "referral_id": number,
        "person_id": "p",
        "specialty": "310",
        "received_on": date.fromisoformat(on),
        "outcome": outcome,
        "birth_year": 2010,
        "municipality_no": "0301",
        "bydel": "030101",
    } | fields


def service(number: str, code: int, on: str, to: str | None = None, **fields: Any) -> Row:
    """A service of a man of 84 (in 2024), reported for the year in which it began."""
    started = date.fromisoformat(on)
    return {
        "service_id": number,
        "person_id": "p",
        "data_year": started.year,
        "service_code": code,
        "started_on": started,
        "ended_on": date.fromisoformat(to) if to else None,
        "birth_year": 1940,
        "municipality_no": "0301",
        "bydel": "030101",
    } | fields


def assessment(on: str, needs: int, of: int = 20, number: str = "a") -> Row:
    scores = [3] * needs + [2] * (of - needs) + [9] * (20 - of)
    day = date.fromisoformat(on)
    row = {"assessment_id": number, "person_id": "p", "assessed_on": day, "data_year": day.year}
    return row | {f"function_{place:02}": score for place, score in enumerate(scores, 1)}


Expected = list[tuple[object, ...]]


def check(
    workbench: Workbench, indicator: str, columns: Sequence[str], landing: Landing, wanted: Expected
) -> None:
    workbench.land(landing, DELIVERED)
    found = workbench.rows(f"atom_{indicator}", columns)
    assert found == sorted(wanted, key=repr)
    # The reference is held to the same cases.
    units = INDICATORS[indicator][1](landing)
    assert sorted(unit.atom for unit in units) == sorted(str(row[-1]) for row in wanted)


REFERRALS: dict[str, tuple[list[Row], Expected]] = {
    "an outcome of 1 is accepted, 2 rejected, 3 known to nobody, none not assessed": (
        [
            referral("a", "2024-01-01", 1),
            referral("b", "2024-03-31", 2),
            referral("c", "2024-04-01", 3),
            referral("d", "2024-12-31", None),
        ],
        [
            ("p/a", "030101", "2024Q1", "accepted"),
            ("p/b", "030101", "2024Q1", "rejected"),
            ("p/c", "030101", "2024Q2", "other_outcome"),
            ("p/d", "030101", "2024Q4", "not_assessed"),
        ],
    ),
    "17 years is a child, 18 is not, nor is one whose age is unknown": (
        [
            referral("17", "2024-01-01", birth_year=2007),
            referral("18", "2024-01-01", birth_year=2006),
            referral("unborn", "2024-01-01", birth_year=2025),
            referral("unknown", "2024-01-01", birth_year=9999),
            referral("missing", "2024-01-01", birth_year=None),
        ],
        [("p/17", "030101", "2024Q1", "accepted")],
    ),
    "other fields of medicine are not BUP": (
        [
            referral("adult", "2024-02-29", specialty="320"),
            referral("none", "2024-02-29", specialty=None),
            referral("bup", "2024-02-29"),
        ],
        [("p/bup", "030101", "2024Q1", "accepted")],
    ),
    "residence -1 is unknown, an invalid bydel of Oslo is not stated": (
        [
            referral("a", "2024-05-01", municipality_no="-1", bydel=None),
            referral("b", "2024-05-01", bydel="030155"),
            referral("c", "2024-05-01", municipality_no="4601", bydel=None),
            referral("d", "2024-05-01", municipality_no="301", bydel="30112"),
        ],
        [
            ("p/a", "unknown", "2024Q2", "accepted"),
            ("p/b", "030199", "2024Q2", "accepted"),
            ("p/c", "other_regions", "2024Q2", "accepted"),
            ("p/d", "030112", "2024Q2", "accepted"),
        ],
    ),
    "a number used again for another child is another referral": (
        [referral("a", "2024-07-01"), referral("a", "2024-07-01", 2, person_id="q")],
        [("p/a", "030101", "2024Q3", "accepted"), ("q/a", "030101", "2024Q3", "rejected")],
    ),
}


@pytest.mark.parametrize("case", REFERRALS)
def test_bup_referrals(workbench: Workbench, case: str) -> None:
    rows, wanted = REFERRALS[case]
    columns = ("unit_id", "area", "quarter", "atom")
    check(workbench, "bup_referrals", columns, {"npr_referral": rows}, wanted)


def waited(number: str, until: str | None, **fields: Any) -> Row:
    ended = date.fromisoformat(until) if until else None
    usual: Row = {"wait_ended_on": ended}
    return referral(number, "2024-01-01", **(usual | fields))


WAITING: dict[str, tuple[list[Row], Expected]] = {
    "0 and 30 days are the first band, 31 the second": (
        [waited("0", "2024-01-01"), waited("30", "2024-01-31"), waited("31", "2024-02-01")],
        [("p/0", "days_0_30"), ("p/30", "days_0_30"), ("p/31", "days_31_60")],
    ),
    "60 and 61 days, 90 and 91, across the leap day": (
        [
            waited("60", "2024-03-01"),
            waited("61", "2024-03-02"),
            waited("90", "2024-03-31"),
            waited("91", "2024-04-01"),
        ],
        [
            ("p/60", "days_31_60"),
            ("p/61", "days_61_90"),
            ("p/90", "days_61_90"),
            ("p/91", "days_over_90"),
        ],
    ),
    "a wait that has not ended has not started": (
        [waited("a", None)],
        [("p/a", "not_started")],
    ),
    "a wait that ended before it began is no short wait": (
        [waited("a", "2023-12-31"), waited("b", "2024-01-01")],
        [("p/b", "days_0_30")],
    ),
    "only who was accepted waits": (
        [
            waited("rejected", "2024-01-02", outcome=2),
            waited("unknown", "2024-01-02", outcome=3),
            waited("open", None, outcome=None),
            waited("accepted", "2025-06-01"),
        ],
        [("p/accepted", "days_over_90")],
    ),
    "an adult and another field of medicine are left out": (
        [
            waited("18", None, birth_year=2006),
            waited("17", None, birth_year=2007),
            waited("adult", None, specialty="320"),
        ],
        [("p/17", "not_started")],
    ),
}


@pytest.mark.parametrize("case", WAITING)
def test_bup_waiting(workbench: Workbench, case: str) -> None:
    rows, wanted = WAITING[case]
    check(workbench, "bup_waiting", ("unit_id", "atom"), {"npr_referral": rows}, wanted)


BUP: dict[str, tuple[list[Row], Expected]] = {
    "two contacts in a group are one patient, another group is one more": (
        [
            contact("a", "2024-01-01"),
            contact("b", "2024-05-01", main_diagnosis="F908"),
            contact("c", "2024-06-01", main_diagnosis="F410"),
        ],
        [("2024", "030101", "adhd", "patient"), ("2024", "030101", "anxiety", "patient")],
    ),
    "who moves has the area of the last contact, in every group": (
        [
            contact("a", "2024-01-01"),
            contact("b", "2024-12-31", main_diagnosis="R458", bydel="030115"),
        ],
        [("2024", "030115", "adhd", "patient"), ("2024", "030115", "symptom", "patient")],
    ),
    "a contact without a main diagnosis, and one outside the ranges, have groups of their own": (
        [
            contact("a", "2024-01-01", main_diagnosis=None, main_diagnosis_2="F900"),
            contact("b", "2024-01-02", main_diagnosis="F845"),
        ],
        [("2024", "030101", "not_stated", "patient"), ("2024", "030101", "other", "patient")],
    ),
    "sector 3 or field of medicine 310, the contact's before the department's": (
        [
            contact("sector", "2022-01-01", specialty="010"),
            contact("field", "2023-01-01", sector="4", specialty="310"),
            contact("neither", "2024-01-01", sector="4", specialty="310",
                    contact_specialty="010"),
        ],
        [("2022", "030101", "adhd", "patient"), ("2023", "030101", "adhd", "patient")],
    ),
    "the year is that in which the contact ended; without a national id it is nobody's": (
        [
            contact("crosses", "2024-01-01", admission_date=date(2023, 12, 30)),
            contact("nobody", "2023-03-01", link_quality=4),
        ],
        [("2024", "030101", "adhd", "patient")],
    ),
    "turns 18 in the year: no child any more; nor is one of unknown age": (
        [
            contact("a", "2023-06-01", birth_year=2006),
            contact("b", "2024-06-01", birth_year=2006),
            contact("c", "2024-06-01", birth_year=9999, person_id="q"),
        ],
        [("2023", "030101", "adhd", "patient")],
    ),
    "a reversed date leaves the contact at its admission": (
        [contact("a", "2023-12-31", admission_date=date(2024, 1, 2))],
        [("2024", "030101", "adhd", "patient")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BUP)
def test_bup_patients(workbench: Workbench, case: str) -> None:
    rows, wanted = BUP[case]
    columns = ("period", "area", "diagnosis_group", "atom")
    check(workbench, "bup_patients", columns, {"npr_stay": rows}, wanted)


def test_of_four_groups_three_are_counted(workbench: Workbench) -> None:
    rows = [
        contact(code, "2024-01-01", main_diagnosis=code) for code in ("F900", "F410", "F50", "F84")
    ]
    found = built(workbench, "bup_patients", {"npr_stay": rows})
    assert [row[-1] for row in found].count(True) == 3
    assert len(found) == 4
    assert found == expected("bup_patients", {"npr_stay": rows})


ADHD: dict[str, tuple[list[Row], Expected]] = {
    "F90 counts as any diagnosis, down to the last": (
        [
            contact("main", "2022-01-01", main_diagnosis="F90"),
            contact("second", "2023-01-01", main_diagnosis="F84", main_diagnosis_2="F901"),
            contact("last", "2024-01-01", main_diagnosis="F84", other_diagnosis_19="F908"),
        ],
        [(year, "0-17", "030101", "patient") for year in ("2022", "2023", "2024")],
    ),
    "ages 17, 18, 25 and 26": (
        [
            contact(str(age), "2024-06-01", birth_year=2024 - age, person_id=f"{age}")
            for age in (17, 18, 25, 26)
        ],
        [
            ("2024", "0-17", "030101", "patient"),
            ("2024", "18-25", "030101", "patient"),
            ("2024", "18-25", "030101", "patient"),
        ],
    ),
    "a somatic contact is not mental health care, addiction treatment is": (
        [
            contact("somatic", "2022-01-01", sector="4"),
            contact("addiction", "2023-01-01", sector="1"),
            contact("adult", "2024-01-01", sector=None, specialty="320"),
        ],
        [("2023", "0-17", "030101", "patient"), ("2024", "0-17", "030101", "patient")],
    ),
    "one area a year, of the last contact that has the diagnosis": (
        [
            contact("first", "2024-01-01", bydel="030102"),
            contact("last", "2024-02-01", bydel="030103"),
            contact("without", "2024-12-01", bydel="030104", main_diagnosis="F84"),
        ],
        [("2024", "0-17", "030103", "patient")],
    ),
    "where the last contact's year of birth is unknown, an earlier one's does not stand in": (
        [contact("a", "2024-01-01"), contact("b", "2024-02-01", birth_year=9999)],
        [],
    ),
    "without a national id nobody knows how many they are": (
        [contact("a", "2024-01-01", link_quality=4), contact("b", "2024-01-01", link_quality=5)],
        [("2024", "0-17", "030101", "patient")],
    ),
}


@pytest.mark.parametrize("case", ADHD)
def test_adhd_patients(workbench: Workbench, case: str) -> None:
    rows, wanted = ADHD[case]
    columns = ("period", "age_group", "area", "atom")
    check(workbench, "adhd_patients", columns, {"npr_stay": rows}, wanted)


FRAILTY: dict[str, tuple[list[Row], Expected]] = {
    "4.9 is low and 5.0 intermediate": (
        [
            stay("a", "2024-01-01", main_diagnosis="N390", other_diagnosis_1="B95"),
            stay("b", "2024-01-01", person_id="q", main_diagnosis="N390",
                 other_diagnosis_19="G20"),
        ],
        [("p", "2024", "low"), ("q", "2024", "intermediate")],
    ),
    "15.0 is intermediate still and 15.1 high": (
        [
            stay("a", "2024-01-01", main_diagnosis="F009", main_diagnosis_2="G819",
                 other_diagnosis_1="F03", other_diagnosis_2="M819"),
            stay("b", "2024-01-01", person_id="q", main_diagnosis="F009",
                 main_diagnosis_2="G819", other_diagnosis_1="F03", other_diagnosis_2="G409"),
        ],
        [("p", "2024", "intermediate"), ("q", "2024", "high")],
    ),
    "a code gives its points once, however often and in whatever detail it stands": (
        [
            stay("a", "2024-01-01", main_diagnosis="N390", main_diagnosis_2="N399"),
            stay("b", "2024-02-01", main_diagnosis="N39", urgency=4),
            stay("c", "2024-03-01"),
        ],
        [("p", "2024", "low")],
    ),
    "exactly two years before is outside, a day less is inside": (
        [
            stay("out", "2022-03-01", main_diagnosis="F009"),
            stay("p", "2024-03-01"),
            stay("in", "2022-03-02", main_diagnosis="F009", person_id="q"),
            stay("q", "2024-03-01", person_id="q"),
        ],
        [("p", "2022", "intermediate"), ("p", "2024", "low"),
         ("q", "2022", "intermediate"), ("q", "2024", "intermediate")],
    ),
    "two years before a leap day is 28 February": (
        [
            stay("out", "2022-02-28", main_diagnosis="F009"),
            stay("p", "2024-02-29"),
            stay("in", "2022-03-01", main_diagnosis="F009", person_id="q"),
            stay("q", "2024-02-29", person_id="q"),
        ],
        [("p", "2022", "intermediate"), ("p", "2024", "low"),
         ("q", "2022", "intermediate"), ("q", "2024", "intermediate")],
    ),
    "only acute stays make an index, and planned ones are looked back at": (
        [
            stay("planned", "2024-01-01", urgency=4, main_diagnosis="F009"),
            stay("acute", "2024-01-02"),
            stay("planned only", "2024-01-02", urgency=4, person_id="q"),
        ],
        [("p", "2024", "intermediate")],
    ),
    "what is coded after the last acute stay of the year is not known yet": (
        [
            stay("first", "2024-01-01", urgency=1),
            stay("later", "2024-06-01", urgency=4, main_diagnosis="F009"),
        ],
        [("p", "2024", "low")],
    ),
    "outpatient codes do not count": (
        [stay("visit", "2024-01-01", care_level=3, main_diagnosis="F009"), stay("a", "2024-02-01")],
        [("p", "2024", "low")],
    ),
    "74 years is too young, unknown age and no national id are left out": (
        [
            stay("74", "2024-01-01", birth_year=1950),
            stay("unknown", "2024-01-01", birth_year=9999, person_id="q"),
            stay("nobody", "2024-01-01", link_quality=4, person_id="r"),
            stay("75", "2024-01-01", birth_year=1949, person_id="s"),
        ],
        [("s", "2024", "low")],
    ),
    "a stay over the new year belongs to the year of discharge": (
        [stay("a", "2024-01-02", admission_date=date(2023, 12, 28))],
        [("p", "2024", "low")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FRAILTY)
def test_frailty_risk(workbench: Workbench, case: str) -> None:
    rows, wanted = FRAILTY[case]
    check(workbench, "frailty_risk", ("person_id", "period", "atom"), {"npr_stay": rows}, wanted)


FRAIL = {"main_diagnosis": "F009"}
SPECIALIST: dict[str, tuple[list[Row], Expected]] = {
    "each kind of contact of the year once, an outpatient contact for an inpatient with them": (
        [
            stay("acute", "2024-06-01", **FRAIL),
            stay("planned", "2024-03-01", urgency=4),
            stay("day", "2024-02-29", care_level=2),
            stay("visit", "2024-12-31", care_level=3),
            stay("ray", "2024-06-01", care_level=8),
        ],
        [
            ("p", "2024", "acute_stay", "one"),
            ("p", "2024", "planned_stay", "one"),
            ("p", "2024", "day_care", "one"),
            ("p", "2024", "outpatient", "two"),
        ],
    ),
    "3 and 5 contacts are one band, 6 the next": (
        [
            *(stay(f"p{number}", "2024-06-01", **FRAIL) for number in range(3)),
            *(stay(f"q{number}", "2024-06-01", person_id="q", **FRAIL) for number in range(5)),
            *(stay(f"r{number}", "2024-06-01", person_id="r", **FRAIL) for number in range(6)),
        ],
        [
            ("p", "2024", "acute_stay", "three_to_five"),
            ("q", "2024", "acute_stay", "three_to_five"),
            ("r", "2024", "acute_stay", "six_or_more"),
        ],
    ),
    "who is at low risk, or was not admitted acutely, is not frail": (
        [
            stay("low", "2024-06-01"),
            stay("planned", "2024-06-01", urgency=4, person_id="q", **FRAIL),
        ],
        [],
    ),
    "frailty holds for the year in which it was found and no other": (
        [
            stay("frail", "2023-06-01", **FRAIL),
            stay("visit", "2023-01-01", care_level=3),
            stay("next", "2024-01-01", care_level=3),
        ],
        [("p", "2023", "acute_stay", "one"), ("p", "2023", "outpatient", "one")],
    ),
    "a code of the year before makes frail": (
        [stay("a", "2023-12-31", urgency=4, **FRAIL), stay("b", "2024-01-01")],
        [("p", "2024", "acute_stay", "one")],
    ),
    "a contact without a national id is nobody's, one of unknown age is the person's": (
        [
            stay("frail", "2024-06-01", **FRAIL),
            stay("age", "2024-01-01", care_level=3, birth_year=None),
            stay("nobody", "2024-01-01", care_level=2, link_quality=4),
        ],
        [("p", "2024", "acute_stay", "one"), ("p", "2024", "outpatient", "one")],
    ),
}


@pytest.mark.parametrize("case", SPECIALIST)
def test_frail_specialist_care(workbench: Workbench, case: str) -> None:
    rows, wanted = SPECIALIST[case]
    columns = ("person_id", "period", "contact_kind", "atom")
    check(workbench, "frail_specialist_care", columns, {"npr_stay": rows}, wanted)


ADULT = {"birth_year": 1984, "sector": "2"}
SEVERE: dict[str, tuple[list[Row], Expected]] = {
    "the most intensive kind of contact decides": (
        [
            contact("a", "2024-01-01", main_diagnosis="F200", care_level=3, **ADULT),
            contact("b", "2024-02-01", main_diagnosis="F29", care_level=1, **ADULT),
            contact("c", "2024-03-01", main_diagnosis="F311", care_level=3, **ADULT),
            contact("d", "2024-04-01", main_diagnosis="F319", care_level=2, **ADULT),
        ],
        [("2024", "psychosis", "18-66", "inpatient"), ("2024", "bipolar", "18-66", "day_care")],
    ),
    "F32.1 and F32.4 are not severe, F32.2, F32.3 and F33.2 are; F32 alone does not say": (
        [
            contact(code, "2024-01-01", main_diagnosis=code, person_id=code, **ADULT)
            for code in ("F321", "F322", "F323", "F324", "F32", "F331", "F332", "F334")
        ],
        [("2024", "severe_depression", "18-66", "outpatient")] * 3,
    ),
    "F10 to F19 are substance use, F09 and F34 nothing": (
        [
            contact(code, "2024-01-01", main_diagnosis=code, person_id=code, **ADULT)
            for code in ("F09", "F100", "F172", "F199", "F34")
        ],
        [("2024", "substance_use", "18-66", "outpatient")] * 3,
    ),
    "a secondary diagnosis does not count, whatever the sector": (
        [
            contact("a", "2024-01-01", main_diagnosis="S060", main_diagnosis_2="F100", **ADULT),
            contact("b", "2024-01-01", main_diagnosis="F100", birth_year=1984, sector="4"),
        ],
        [("2024", "substance_use", "18-66", "outpatient")],
    ),
    "an outpatient contact for an inpatient is outpatient; nobody without a national id": (
        [
            contact("a", "2024-01-01", main_diagnosis="F20", care_level=8, **ADULT),
            contact("b", "2024-01-01", main_diagnosis="F20", care_level=1, link_quality=4,
                    **ADULT),
        ],
        [("2024", "psychosis", "18-66", "outpatient")],
    ),
    "age at the last contact of the group: 66 and 67": (
        [
            contact("a", "2023-12-31", main_diagnosis="F20", birth_year=1957),
            contact("b", "2024-01-01", main_diagnosis="F20", birth_year=1957),
            contact("c", "2024-01-01", main_diagnosis="F20", birth_year=9999, person_id="q"),
        ],
        [("2023", "psychosis", "18-66", "outpatient"),
         ("2024", "psychosis", "67-74", "outpatient")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SEVERE)
def test_severe_mental_illness(workbench: Workbench, case: str) -> None:
    rows, wanted = SEVERE[case]
    columns = ("period", "patient_group", "age_group", "atom")
    check(workbench, "severe_mental_illness", columns, {"npr_stay": rows}, wanted)


def psychosis(number: str, on: str, **fields: Any) -> Row:
    usual: Row = {"main_diagnosis": "F209", "birth_year": 1984, "sector": "2"}
    at_noon: Row = {"admission_time": time(12), "discharge_time": time(13)}
    return stay(number, on, **(usual | at_noon | fields))


READMITTED: dict[str, tuple[list[Row], Expected]] = {
    "readmitted after 30 days less an hour, for any cause": (
        [psychosis("a", "2024-03-01"), psychosis("b", "2024-03-31", main_diagnosis="S060")],
        [("p/a", "psychosis", "readmitted")],
    ),
    "31 days after is no readmission": (
        [psychosis("a", "2024-03-01"), psychosis("b", "2024-04-01")],
        [("p/a", "psychosis", "not_readmitted"), ("p/b", "psychosis", "not_readmitted")],
    ),
    "a planned return is no readmission": (
        [psychosis("a", "2024-03-01"), psychosis("b", "2024-03-05", urgency=4)],
        [("p/a", "psychosis", "not_readmitted"), ("p/b", "psychosis", "not_readmitted")],
    ),
    "the last stay of a chain gives the group": (
        [
            psychosis("a", "2024-03-01"),
            psychosis("b", "2024-03-01", admission_time=time(13), discharge_time=time(20),
                      main_diagnosis="F311"),
        ],
        [("p/b", "bipolar", "not_readmitted")],
    ),
    "dead, not followed and nobody known are no index stays": (
        [
            psychosis("dead", "2024-03-01", state_at_discharge=2),
            psychosis("late", "2024-12-15", person_id="q"),
            psychosis("nobody", "2024-03-01", person_id="r", link_quality=4),
            psychosis("other", "2024-03-01", person_id="s", main_diagnosis="F410"),
        ],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", READMITTED)
def test_severe_mental_illness_readmission(workbench: Workbench, case: str) -> None:
    rows, wanted = READMITTED[case]
    columns = ("unit_id", "patient_group", "atom")
    check(workbench, "severe_mental_illness_readmission", columns, {"npr_stay": rows}, wanted)


CHRONIC: dict[str, tuple[list[Row], Expected]] = {
    "conditions add up over the contacts and positions of a year": (
        [
            stay("a", "2024-01-01", main_diagnosis="E119", other_diagnosis_19="I500"),
            stay("b", "2024-06-01", care_level=3, main_diagnosis="J449"),
        ],
        [("2024", "75-84", "three_or_more")],
    ),
    "two codes of one condition are one": (
        [stay("a", "2024-01-01", main_diagnosis="E119", main_diagnosis_2="E109")],
        [("2024", "75-84", "one")],
    ),
    "Alzheimer's disease is dementia, coded as G30 or F00": (
        [
            stay("a", "2024-01-01", main_diagnosis="G309", main_diagnosis_2="F009"),
            stay("b", "2024-01-01", main_diagnosis="I48"),
        ],
        [("2024", "75-84", "two")],
    ),
    "years do not add up": (
        [
            stay("a", "2023-12-31", main_diagnosis="E119"),
            stay("b", "2024-01-01", main_diagnosis="I500"),
        ],
        [("2023", "75-84", "one"), ("2024", "75-84", "one")],
    ),
    "none, unknown age and no national id": (
        [
            stay("none", "2024-01-01", main_diagnosis="S720"),
            stay("age", "2024-01-01", main_diagnosis="E119", person_id="q", birth_year=None),
            stay("nobody", "2024-01-01", main_diagnosis="E119", person_id="r", link_quality=4),
        ],
        [],
    ),
}


@pytest.mark.parametrize("case", CHRONIC)
def test_multiple_chronic_conditions(workbench: Workbench, case: str) -> None:
    rows, wanted = CHRONIC[case]
    columns = ("period", "age_group", "atom")
    check(workbench, "multiple_chronic_conditions", columns, {"npr_stay": rows}, wanted)


FUNCTION: dict[str, tuple[list[Row], list[Row], Expected]] = {
    "4 of 20 scored 3 is limited, 5 medium, 14 medium still": (
        [
            service("a", 15, f"{year}-05-01", f"{year}-05-01") for year in (2022, 2023, 2024)
        ],
        [assessment("2022-01-01", 4), assessment("2023-01-01", 5, number="b"),
         assessment("2024-01-01", 14, number="c")],
        [("2022", "limited"), ("2023", "medium_to_great"), ("2024", "medium_to_great")],
    ),
    "15 of 20 is extensive, and so is 3 of 4 where the rest is irrelevant": (
        [service("a", 15, f"{year}-05-01", f"{year}-05-01") for year in (2023, 2024)],
        [assessment("2023-12-31", 15), assessment("2024-12-31", 3, of=4, number="b")],
        [("2023", "extensive"), ("2024", "extensive")],
    ),
    "no variable relevant, or none of the year, is not assessed": (
        [service("a", 15, f"{year}-05-01", f"{year}-05-01") for year in (2023, 2024)],
        [assessment("2023-05-01", 0, of=0), assessment("2022-12-31", 20, number="b")],
        [("2023", "not_assessed"), ("2024", "not_assessed")],
    ),
    "the last assessment of the year decides": (
        [service("a", 15, "2024-05-01")],
        [assessment("2024-01-01", 20), assessment("2024-02-29", 0, number="b")],
        [("2024", "limited")],
    ),
    "a service reported for the next year too is one of both; a dead person's is not": (
        [
            service("a", 15, "2023-05-01"),
            service("a", 15, "2023-05-01", data_year=2024),
            service("b", 15, "2023-05-01", person_id="q", death_date=date(2023, 12, 31)),
            service("b", 15, "2023-05-01", person_id="q", death_date=date(2023, 12, 31),
                    data_year=2024),
        ],
        [],
        [("2023", "not_assessed"), ("2024", "not_assessed"), ("2023", "not_assessed")],
    ),
    "74 years, unknown age, and a service that stopped before it began": (
        [
            service("a", 15, "2024-05-01", birth_year=1950),
            service("b", 15, "2024-05-01", birth_year=9999, person_id="q"),
            service("c", 15, "2024-05-01", "2024-04-30", person_id="r"),
        ],
        [],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FUNCTION)
def test_function_level(workbench: Workbench, case: str) -> None:
    care_rows, assessed, wanted = FUNCTION[case]
    landing = {"kpr_care": care_rows, "kpr_function": assessed}
    check(workbench, "function_level", ("period", "atom"), landing, wanted)


SERVICES: dict[str, tuple[list[Row], list[Row], Expected]] = {
    "each service once, whatever the number of grants": (
        [
            service("a", 15, "2024-01-01", "2024-01-31"),
            service("b", 15, "2024-02-01"),
            service("c", 6, "2024-03-01"),
        ],
        [assessment("2024-01-01", 20)],
        [("home_nursing", "030101", "extensive"), ("safety_alarm", "030101", "extensive")],
    ),
    "respite in and outside an institution are two services; 12 is 29; an unknown code is other": (
        [
            service("a", 7, "2024-01-01"),
            service("b", 8, "2024-01-01"),
            service("c", 12, "2024-01-01"),
            service("d", 98, "2024-01-01"),
        ],
        [],
        [
            (name, "030101", "not_assessed")
            for name in ("respite_outside", "respite_institution", "housing", "other")
        ],
    ),
    "one area a year, of the service that began last": (
        [
            service("a", 15, "2024-01-01", bydel="030102"),
            service("b", 1, "2024-01-02", bydel="030103"),
        ],
        [],
        [("home_nursing", "030103", "not_assessed"), ("practical_help", "030103", "not_assessed")],
    ),
    "a year's own delivery says what was had in it": (
        [
            service("a", 15, "2022-01-01", data_year=2023),
            service("a", 1, "2022-01-01", "2023-12-31", data_year=2024),
        ],
        [],
        [("home_nursing", "030101", "not_assessed")],
    ),
    "74 years and unknown age are left out": (
        [
            service("a", 15, "2024-01-01", birth_year=1950),
            service("b", 15, "2024-01-01", birth_year=None, person_id="q"),
            service("c", 15, "2024-01-01", birth_year=1949, person_id="r"),
        ],
        [],
        [("home_nursing", "030101", "not_assessed")],
    ),
}


@pytest.mark.parametrize("case", SERVICES)
def test_services_of_frail(workbench: Workbench, case: str) -> None:
    care_rows, assessed, wanted = SERVICES[case]
    landing = {"kpr_care": care_rows, "kpr_function": assessed}
    check(workbench, "services_of_frail", ("service", "area", "atom"), landing, wanted)


BEGAN_WITHOUT = ("2024", "long_term_stay", "began_without_services")
BEGAN_WITH = ("2024", "long_term_stay", "began_with_services")
LONG_TERM: dict[str, tuple[list[Row], Expected]] = {
    "a service that ended 365 days before counts, one that ended 366 days before does not": (
        [
            # 2024-06-01 less 365 days is 2023-06-02: there is a leap day between.
            service("a", 15, "2023-05-01", "2023-06-02"),
            service("b", 1, "2023-05-01", "2023-06-01"),
            service("c", 21, "2024-06-01"),
        ],
        [BEGAN_WITH, ("2024", "home_nursing", "had_before")],
    ),
    "a service that began on the same day was not had before, one of the day before was": (
        [
            service("a", 15, "2024-06-01"),
            service("b", 18, "2024-05-31", "2024-05-31", person_id="q"),
            service("c", 21, "2024-06-01"),
            service("d", 21, "2024-06-01", person_id="q"),
        ],
        [BEGAN_WITHOUT, BEGAN_WITH, ("2024", "short_term_assessment", "had_before")],
    ),
    "who had a long-term stay within 365 days before did not begin one": (
        [
            service("a", 21, "2023-01-01", "2023-06-02", person_id="inside"),
            service("b", 21, "2024-06-01", person_id="inside"),
            service("a", 21, "2023-01-02", "2023-06-01", person_id="outside"),
            service("b", 21, "2024-06-01", person_id="outside"),
        ],
        [
            BEGAN_WITHOUT,
            ("2023", "long_term_stay", "began_without_services"),
            ("2023", "long_term_stay", "began_without_services"),
        ],
    ),
    "a long-term stay that lasts from the year before has not begun, even in another place": (
        [
            service("a", 21, "2022-11-01", data_year=2023),
            service("a", 21, "2022-11-01", "2024-02-01", data_year=2024),
            service("b", 21, "2024-02-01"),
        ],
        [],
    ),
    "a move within the year begins nothing anew": (
        [service("a", 21, "2024-02-01", "2024-03-01"), service("b", 21, "2024-03-01")],
        [BEGAN_WITHOUT],
    ),
    "where the year before is not delivered nobody knows": (
        [
            service("a", 21, "2022-12-31"),
            service("b", 21, "2023-01-01", person_id="q"),
        ],
        [("2023", "long_term_stay", "began_without_services")],
    ),
    "unknown age is left out": (
        [service("a", 21, "2024-06-01", birth_year=9999), service("b", 15, "2024-01-01")],
        [],
    ),
}


@pytest.mark.parametrize("case", LONG_TERM)
def test_before_long_term_stay(workbench: Workbench, case: str) -> None:
    rows, wanted = LONG_TERM[case]
    columns = ("period", "service", "atom")
    check(workbench, "before_long_term_stay", columns, {"kpr_care": rows}, wanted)


# Tokens.


def tokens(workbench: Workbench, landing: Landing, changed: dict[str, str] | None = None):
    workbench.land(landing, DELIVERED)
    starts = workbench.rows("tok_long_term_stay_start", changed=changed)
    days = workbench.rows("tok_hospital_stay_before", changed=changed)
    return starts, days


def test_tokens_of_many_persons_equal_the_reference(workbench: Workbench) -> None:
    draw = Random(41)
    landing = {**hospital(draw, 200), **care(draw, 400)}
    starts, days = tokens(workbench, landing)
    assert starts == index_tokens(
        groups.long_term_stay_tokens(landing["kpr_care"], DELIVERED[0]), 1
    )
    assert days == sorted(groups.hospital_stay_tokens(landing["npr_stay"], DELIVERED[1]), key=repr)
    assert {row[3] for row in starts} == {"75-84", "85+"}
    assert {row[3] for row in days} == {"days_0_30", "days_31_90", "days_91_365"}


@SOME
@given(draw=st.randoms(use_true_random=False))
def test_any_tokens_equal_the_reference(workbench: Workbench, draw: Random) -> None:
    landing = {**hospital(draw, 2), **care(draw, 3)}
    starts, days = tokens(workbench, landing)
    assert starts == index_tokens(
        groups.long_term_stay_tokens(landing["kpr_care"], DELIVERED[0]), 1
    )
    assert days == sorted(groups.hospital_stay_tokens(landing["npr_stay"], DELIVERED[1]), key=repr)


def spans(days: list[tuple[object, ...]]) -> list[tuple[str, str, str]]:
    """(first day, last day, class) of each run of days of one class."""
    found: list[tuple[str, str, str]] = []
    for _, day, _, kind in sorted(days, key=lambda row: str(row[1])):
        if found and found[-1][2] == kind:
            found[-1] = (found[-1][0], str(day), str(kind))
        else:
            found.append((str(day), str(day), str(kind)))
    return found


HOSPITAL_DAYS: dict[str, tuple[list[Row], list[tuple[str, str, str]]]] = {
    "from the day after admission to 365 days after discharge; day 30 and 31, 90 and 91": (
        [stay("a", "2022-03-10", admission_date=date(2022, 3, 1))],
        [
            ("2022-03-02", "2022-04-09", "days_0_30"),
            ("2022-04-10", "2022-06-08", "days_31_90"),
            ("2022-06-09", "2023-03-10", "days_91_365"),
        ],
    ),
    "a new stay counts from the day after its admission": (
        [stay("a", "2022-03-01"), stay("b", "2022-05-01")],
        [
            ("2022-03-02", "2022-03-31", "days_0_30"),
            ("2022-04-01", "2022-05-01", "days_31_90"),
            ("2022-05-02", "2022-05-31", "days_0_30"),
            ("2022-06-01", "2022-07-30", "days_31_90"),
            ("2022-07-31", "2023-05-01", "days_91_365"),
        ],
    ),
    "a short stay inside a long one shortens nothing": (
        [
            stay("long", "2022-06-01", admission_date=date(2022, 3, 1)),
            stay("inside", "2022-03-06", admission_date=date(2022, 3, 5)),
        ],
        [
            ("2022-03-02", "2022-07-01", "days_0_30"),
            ("2022-07-02", "2022-08-30", "days_31_90"),
            ("2022-08-31", "2023-06-01", "days_91_365"),
        ],
    ),
    "the data's last day is the last, and planned stays count": (
        [stay("a", "2024-12-01", urgency=4)],
        [("2024-12-02", "2024-12-31", "days_0_30")],
    ),
    "no day of outpatients, the younger, those of unknown age and nobody known": (
        [
            stay("visit", "2024-01-01", care_level=3),
            stay("73", "2024-01-01", birth_year=1951, person_id="q"),
            stay("unknown", "2024-01-01", birth_year=9999, person_id="r"),
            stay("nobody", "2024-01-01", link_quality=4, person_id="s"),
        ],
        [],
    ),
}


@pytest.mark.parametrize("case", HOSPITAL_DAYS)
def test_days_after_hospital(workbench: Workbench, case: str) -> None:
    rows, wanted = HOSPITAL_DAYS[case]
    assert spans(tokens(workbench, {"npr_stay": rows})[1]) == wanted
    assert spans(list(groups.hospital_stay_tokens(rows, DELIVERED[1]))) == wanted


# Seeds.


def test_the_frailty_score_has_its_109_codes_and_the_weights_that_were_published() -> None:
    weights = {row["code"]: row["weight"] for row in seed("hfrs_weight")}
    assert len(weights) == len(seed("hfrs_weight")) == 109
    assert all(len(code) == 3 for code in weights)
    published = {"F00": "7.1", "G81": "4.4", "G30": "4.0", "I69": "3.7", "R29": "3.6",
                 "N39": "3.2", "F05": "3.2", "W19": "3.2"}  # fmt: skip
    assert {code: weights[code] for code in published} == published
    assert {min(map(float, weights.values())), max(map(float, weights.values()))} == {0.1, 7.1}


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        ("bup_diagnosis_code", "diagnosis_group"),
        ("patient_group_code", "patient_group"),
        ("chronic_condition_code", "condition"),
    ],
)
def test_no_code_is_in_two_groups(codes: str, group: str) -> None:
    rows = seed(codes)
    assert all(len(row["code_from"]) == len(row["code_to"]) for row in rows)
    spans = sorted(
        (row["code_from"].ljust(4, "0"), row["code_to"].ljust(4, "9"), row[group]) for row in rows
    )
    assert all(start <= end for start, end, _ in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


def test_groups_that_have_codes_are_public_keys() -> None:
    bup = {row["diagnosis_group"] for row in seed("bup_diagnosis_group")}
    with_codes = {row["diagnosis_group"] for row in seed("bup_diagnosis_code")}
    assert bup - with_codes == {"other", "not_stated"}
    assert with_codes < bup
    patients = {row["patient_group"] for row in seed("patient_group")}
    assert {row["patient_group"] for row in seed("patient_group_code")} == patients


def test_every_code_of_the_bup_groups_that_the_generator_draws_is_in_the_group_it_means() -> None:
    of = {row["name_nb"]: row["diagnosis_group"] for row in seed("bup_diagnosis_group")}
    for name, codes in zip(GROUPS, GROUP_CODES, strict=True):
        found = {groups.group_of(code, "bup_diagnosis_code", "diagnosis_group") for code in codes}
        assert found == {None if of[name] == "other" else of[name]}, name


def test_care_services_are_those_of_the_register_one_by_one() -> None:
    known = {
        (row["service_code"], row["name_nb"])
        for row in seed("service")
        if row["register"] == "kpr-omsorg" and not row["service"].startswith("unconfirmed")
    }
    own = [row for row in seed("care_service") if row["service_code"]]
    assert {(row["service_code"], row["name_nb"]) for row in own} == known
    assert len({row["service"] for row in seed("care_service")}) == len(known) + 1


# Mutations.


def with_cases(indicator: str) -> Landing:
    """A population, and the persons of every hand-worked case under names of their own."""
    landing = INDICATORS[indicator][0](Random(f"{indicator}-40"), 200)
    worked: dict[str, dict[str, list[list[Row]]]] = {
        "bup_referrals": {"npr_referral": [case[0] for case in REFERRALS.values()]},
        "bup_waiting": {"npr_referral": [case[0] for case in WAITING.values()]},
        "bup_patients": {"npr_stay": [case[0] for case in BUP.values()]},
        "adhd_patients": {"npr_stay": [case[0] for case in ADHD.values()]},
        "frailty_risk": {"npr_stay": [case[0] for case in FRAILTY.values()]},
        "frail_specialist_care": {"npr_stay": [case[0] for case in SPECIALIST.values()]},
        "severe_mental_illness": {"npr_stay": [case[0] for case in SEVERE.values()]},
        "severe_mental_illness_readmission": {
            "npr_stay": [case[0] for case in READMITTED.values()]
        },
        "multiple_chronic_conditions": {"npr_stay": [case[0] for case in CHRONIC.values()]},
        "function_level": {
            "kpr_care": [case[0] for case in FUNCTION.values()],
            "kpr_function": [case[1] for case in FUNCTION.values()],
        },
        "services_of_frail": {
            "kpr_care": [case[0] for case in SERVICES.values()],
            "kpr_function": [case[1] for case in SERVICES.values()],
        },
        "before_long_term_stay": {"kpr_care": [case[0] for case in LONG_TERM.values()]},
    }
    return {
        table: [
            *rows,
            *(
                {**row, "person_id": f"{number}-{row['person_id']}"}
                for number, case in enumerate(worked[indicator].get(table, []))
                for row in case
            ),
        ]
        for table, rows in landing.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("indicator", "model", "right", "wrong"),
    [
        ("bup_referrals", "atom_bup_referrals", "'310'", "'320'"),
        ("bup_referrals", "atom_bup_referrals", "'other_outcome'", "'not_assessed'"),
        ("bup_referrals", "atom_bup_referrals", "quarter(received_on)", "quarter(assessed_on)"),
        ("bup_waiting", "atom_bup_waiting", "days <= 30", "days < 30"),
        ("bup_waiting", "atom_bup_waiting", "days <= 90", "days <= 91"),
        ("bup_waiting", "atom_bup_waiting", "days >= 0", "days >= -1"),
        ("bup_waiting", "atom_bup_waiting", "'accepted'", "'rejected'"),
        ("bup_patients", "int_bup_contact", "where is_linkable", "where true"),
        ("bup_patients", "int_bup_contact", "year(discharged_at)::varchar",
         "year(discharged_at + interval 1 day)::varchar"),
        ("bup_patients", "atom_bup_patients", "arg_max_null(area", "arg_min_null(area"),
        ("bup_patients", "atom_bup_patients", "'not_stated'", "'other'"),
        ("adhd_patients", "atom_adhd_patients", "'360'", "'010'"),
        ("adhd_patients", "atom_adhd_patients", "arg_max_null(age", "arg_max(age"),
        ("frailty_risk", "int_frailty_score", "interval 2 years", "interval 1 year"),
        ("frailty_risk", "int_frailty_score", "code.discharged_on >", "code.discharged_on >="),
        ("frailty_risk", "int_frailty_score", "select distinct", "select"),
        ("frailty_risk", "int_frailty_score", "> 15", ">= 15"),
        ("frailty_risk", "int_frailty_score", "and is_acute", ""),
        ("frailty_risk", "int_frailty_score", "discharged_at desc", "discharged_at"),
        ("frail_specialist_care", "atom_frail_specialist_care",
         "'intermediate', 'high'", "'high'"),
        ("frail_specialist_care", "atom_frail_specialist_care", "contacts <= 5", "contacts < 5"),
        ("severe_mental_illness", "atom_severe_mental_illness", "care_level = 2",
         "care_level in (2, 3)"),
        ("severe_mental_illness", "atom_severe_mental_illness", ") <= 2 as", ") <= 3 as"),
        ("severe_mental_illness_readmission", "atom_severe_mental_illness_readmission",
         "where episode.is_index", "where true"),
        ("multiple_chronic_conditions", "atom_multiple_chronic_conditions",
         "count(distinct listed.condition)", "count(listed.condition)"),
        ("function_level", "int_function_level", "between 1 and 5", "between 1 and 9"),
        ("function_level", "int_function_level", "assessed_on desc", "assessed_on"),
        ("function_level", "int_function_level", "score >= 3", "score >= 4"),
        ("function_level", "int_care_service_year", "care.death_date, ", ""),
        ("services_of_frail", "int_care_service_year", "coalesce(recoded.new_code, ", "coalesce("),
        ("services_of_frail", "int_care_user_year", "arg_max_null(area", "arg_min_null(area"),
        ("before_long_term_stay", "int_long_term_stay_start", "- 365", "- 366"),
        ("before_long_term_stay", "int_long_term_stay_start",
         "not of_year.lasts_from_before", "true"),
        ("before_long_term_stay", "atom_before_long_term_stay", "- 365", "- 364"),
        ("before_long_term_stay", "atom_before_long_term_stay",
         "service.first_day <", "service.first_day <="),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench, indicator: str, model: str, right: str, wrong: str
) -> None:
    landing = with_cases(indicator)
    sql = workbench.models[model].sql
    assert right in sql
    changed = {model: sql.replace(right, wrong)}
    assert built(workbench, indicator, landing, changed) != expected(indicator, landing)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("max(discharged_on) over by_admission", "discharged_on"),
        ("admitted_on + 1", "admitted_on"),
        ("last_day_in_hospital + event_class.day_from", "last_day_in_hospital"),
        ("+ event_class.day_to", "+ event_class.day_to + 1"),
        ("event_class.day_from > 0", "true"),
        ("where is_linkable and", "where"),
    ],
)
def test_a_changed_rule_of_the_tokens_is_noticed(
    workbench: Workbench, right: str, wrong: str
) -> None:
    rows = [
        {**row, "person_id": f"{number}"}
        for number, case in enumerate(HOSPITAL_DAYS.values())
        for row in case[0]
    ]
    landing = {"npr_stay": [*drawn.hospital_contacts(Random(41), 20), *rows]}
    sql = workbench.models["int_hospital_stay_span"].sql
    assert right in sql
    found = tokens(workbench, landing, {"int_hospital_stay_span": sql.replace(right, wrong)})[1]
    wanted = groups.hospital_stay_tokens(landing["npr_stay"], DELIVERED[1])
    assert found != sorted(wanted, key=repr)
