"""Readmission: the first indicator of it here, and the cases of the variants."""

from datetime import date

from tests.dbt_models.indicators import test_readmission_variants as variants
from tests.dbt_models.indicators.cases.case import Case, Row, stay

# Discharged on 10 February 2024 at 12; 30 x 24 hours later it is 11 March at 12.
INDEX = stay("a", "2024-02-01 08:00", "2024-02-10 12:00")


def _same_site(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(f"p/{line}" for line in expected)
    return Case("readmission_30d_same_site", name, {"npr_stay": stays}, lines)


SAME_SITE = (
    _same_site(
        "back on 11 March at 12:00, 720 hours after: counts",
        [INDEX, stay("b", "2024-03-11 12:00", "2024-03-11 14:00")],
        "a 2024 75-84 2024Q1 readmitted",
        "b 2024 75-84 2024Q1 not_readmitted",
    ),
    _same_site(
        "back on 11 March at 12:01: does not",
        [INDEX, stay("b", "2024-03-11 12:01", "2024-03-11 14:00")],
        "a 2024 75-84 2024Q1 not_readmitted",
        "b 2024 75-84 2024Q1 not_readmitted",
    ),
    _same_site(
        "back after 8 hours to the minute: still the same episode",
        [INDEX, stay("b", "2024-02-10 20:00", "2024-02-12 12:00")],
        "b 2024 75-84 2024Q1 not_readmitted",
    ),
    _same_site(
        "back after 8 hours and a minute: a readmission the same day",
        [INDEX, stay("b", "2024-02-10 20:01", "2024-02-12 12:00")],
        "a 2024 75-84 2024Q1 readmitted",
        "b 2024 75-84 2024Q1 not_readmitted",
    ),
    _same_site(
        "a planned stay comes first: it is the next episode that counts, and that one is not acute",
        [
            INDEX,
            stay("b", "2024-02-13 12:00", "2024-02-14 12:00", urgency=4),
            stay("c", "2024-02-20 12:00", "2024-02-21 12:00"),
        ],
        "a 2024 75-84 2024Q1 not_readmitted",
        "b 2024 75-84 2024Q1 readmitted",
        "c 2024 75-84 2024Q1 not_readmitted",
    ),
    _same_site(
        "dead at discharge, or on the day of it, can not come back",
        [
            INDEX | {"state_at_discharge": 2},
            INDEX | {"person_id": "q", "death_date": date(2024, 2, 10)},
        ],
    ),
    _same_site(
        "30 days after midnight of 2 December the data end: followed; a minute later not",
        [
            stay("a", "2024-11-30 08:00", "2024-12-02 00:00"),
            stay("b", "2024-11-30 08:00", "2024-12-02 00:01", person_id="q"),
        ],
        "a 2024 75-84 2024Q4 not_readmitted",
    ),
)


def _diagnosis(name: str, stays: list[Row], *expected: str) -> Case:
    lines = tuple(f"p/{line}" for line in expected)
    return Case("readmission_30d_skde_diagnosis", name, {"npr_stay": stays}, lines)


SKDE_DIAGNOSIS = (
    _diagnosis(
        "COPD, back with a broken hip on day 29: both are index stays, one was readmitted",
        [
            INDEX | {"main_diagnosis": "J441"},
            stay("b", "2024-03-10 23:59", "2024-03-20 12:00", main_diagnosis="S720"),
        ],
        "a 2024 copd 80-84 female readmitted",
        "b 2024 hip_fracture 80-84 female not_readmitted",
    ),
    _diagnosis(
        "a planned stay with stroke is no index stay, and hides none",
        [
            INDEX | {"main_diagnosis": "I639"},
            stay("b", "2024-02-12 12:00", "2024-02-13 12:00", urgency=4, main_diagnosis="I639"),
            stay("c", "2024-02-20 12:00", "2024-02-21 12:00", main_diagnosis="J189"),
        ],
        "a 2024 stroke 80-84 female readmitted",
        "c 2024 pneumonia 80-84 female not_readmitted",
    ),
)


def _of_first_stay(model: str, cases: dict[str, tuple[list[variants.Row], str | None]]):
    """Cases that say the atom of p's first stay, or that it is none."""
    for name, (stays, atom) in cases.items():
        yield Case(
            indicator=model.removeprefix("atom_"),
            name=name,
            here={"npr_stay": [dict(row) for row in stays]},
            expected=(atom,) if atom else (),
            columns=("atom",),
            unit="p/a",
            period=(variants.FIRST_DAY, variants.LAST_DAY),
        )


CASES = (
    *SAME_SITE,
    *SKDE_DIAGNOSIS,
    *(case for model, own in variants.WINDOW.items() for case in _of_first_stay(model, own)),
    *_of_first_stay("atom_discharge_days", variants.DISCHARGES),
)
