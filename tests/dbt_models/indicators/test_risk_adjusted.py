"""Risk-adjusted indicators: comorbidity and bands by hand, populations, mutations, the point."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.standardise import (
    Share,
    Stratum,
    crude,
    directly_standardised,
    observed_over_expected,
    standard_of,
)
from tests.dbt_models.indicators.test_readmission_variants import INDEX, after, population, stay
from tests.dbt_models.seeds import seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference import risk as reference
from tests.reference.atoms import Unit, atom_rows
from tests.reference.readmission_variants import Row

FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2026, 6, 30)
DATA_END = datetime(2026, 7, 1)
FHI, SKDE, DEATH = (
    "readmission_30d_fhi_adjusted",
    "readmission_30d_skde_adjusted",
    "death_after_discharge_adjusted",
)
Units = Callable[[Sequence[Row], datetime, date], list[Unit]]
INDICATORS: dict[str, tuple[Units, int]] = {
    FHI: (reference.fhi_adjusted, 3),
    SKDE: (reference.skde_adjusted, 3),
    DEATH: (reference.death_adjusted, 2),
}
"""Indicator -> what the reference makes of landing rows, and its bound per cell; 4 in all."""


def built(
    workbench: Workbench,
    model: str,
    rows: Sequence[Row],
    changed: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
) -> list[tuple[object, ...]]:
    workbench.land({"npr_stay": rows}, (FIRST_DAY, LAST_DAY))
    return workbench.rows(model, columns, changed)


def expected(indicator: str, rows: Sequence[Row]) -> list[tuple[object, ...]]:
    units, per_cell = INDICATORS[indicator]
    return sorted(atom_rows(units(rows, DATA_END, FIRST_DAY), per_cell, 4), key=repr)


# Comorbidity by hand. The index stay is from the 1st to the 10th of February 2024: the window
# reaches back to the 10th of February 2023, and 2024 is a leap year.


def visit(on: str, *codes: str, **more: object) -> Row:
    """An outpatient contact on one day, with these codes, the first as its main diagnosis."""
    names = ("main_diagnosis", "other_diagnosis_1", "other_diagnosis_2", "other_diagnosis_3")
    diagnoses = dict(zip(names, codes, strict=False))
    return stay(f"v{on}", f"{on} 09:00", f"{on} 09:30", **({"care_level": 3} | diagnoses | more))


COMORBIDITY: dict[str, tuple[list[Row], int]] = {
    "nothing before": ([], 0),
    "heart failure and renal disease": ([visit("2023-10-01", "I500", "N183")], 3),
    "as other diagnosis": ([visit("2023-10-01", "Z509", "I500")], 1),
    "a condition coded often counts once": (
        [visit("2023-10-01", "I500", "I110"), visit("2023-11-01", "I43")],
        1,
    ),
    "two contacts, two conditions": (
        [visit("2023-10-01", "J449"), visit("2023-11-01", "F009")],
        2,
    ),
    "spread cancer outweighs cancer": ([visit("2023-10-01", "C509", "C787")], 6),
    "diabetes with complication outweighs diabetes": (
        [visit("2023-05-01", "E119"), visit("2023-10-01", "E112")],
        2,
    ),
    "severe liver disease outweighs mild": ([visit("2023-10-01", "K703", "K766")], 3),
    "skin cancer and a benign tumour are none": ([visit("2023-10-01", "C440", "D259")], 0),
    "a code of three characters is not one of its four": (
        [visit("2023-10-01", "E11", "I42")],
        0,
    ),
    "365 days before the discharge": ([visit("2023-02-10", "I500")], 1),
    "366 days before the discharge": ([visit("2023-02-09", "I500")], 0),
    "the day before the admission": ([visit("2024-01-31", "I500")], 1),
    "the day of the admission": ([visit("2024-02-01", "I500")], 0),
    "during the stay": ([visit("2024-02-05", "I500")], 0),
    "after it": ([visit("2024-03-20", "I500")], 0),
    "a day case, and a planned stay": (
        [
            visit("2023-10-01", "I500", care_level=2),
            visit("2023-11-01", "N183", care_level=1, urgency=4),
        ],
        3,
    ),
    "somebody else's": ([visit("2023-10-01", "I500", person_id="q")], 0),
    "without a national id": ([visit("2023-10-01", "I500", link_quality=4)], 0),
    "it counts by when it ended": (
        [
            stay(
                "long", "2023-02-01 08:00", "2023-02-10 12:00",
                care_level=2, main_diagnosis="I500",
            )
        ],
        1,
    ),
    "an earlier part of the same episode, the same day, is not before": (
        [stay("first", "2024-01-30 08:00", "2024-02-01 07:00", main_diagnosis="J449")],
        0,
    ),
    "what the index stay itself says is not before": ([], 0),
}  # fmt: skip


@pytest.mark.parametrize("case", COMORBIDITY)
def test_comorbidity_worked_by_hand(workbench: Workbench, case: str) -> None:
    before, score = COMORBIDITY[case]
    index = {**INDEX, "main_diagnosis": "I500", "other_diagnosis_1": "N183"}
    found = built(workbench, "int_comorbidity", [index, *before])
    assert {row[0]: row[1] for row in found}["p/a"] == score


@pytest.mark.parametrize(
    ("score", "group"),
    [(0, "0"), (1, "1"), (2, "2"), (3, "3-4"), (4, "3-4"), (5, "5+"), (12, "5+")],
)
def test_scores_are_grouped(score: int, group: str) -> None:
    (found,) = [
        row["charlson_group"]
        for row in seed("charlson_group")
        if int(row["score_from"]) <= score <= int(row["score_to"])
    ]
    assert found == group == reference.charlson_group(score)


def test_whose_year_before_is_not_delivered_is_left_out(workbench: Workbench) -> None:
    """The first day delivered is the 1st of January 2023, 365 days before that of 2024."""
    rows = [
        stay("early", "2023-12-30 08:00", "2023-12-31 12:00", person_id="q"),
        stay("first", "2023-12-30 08:00", "2024-01-01 12:00"),
    ]
    for indicator in INDICATORS:
        found = built(workbench, f"atom_{indicator}", rows, columns=["unit_id"])
        assert found == [("p/first",)], indicator


# Bands by hand: the coefficients are added up here, from the seed, as the definition says.


def log_odds(model: str, *values: str) -> int:
    """Intercept and the coefficients of (age group, sex, diagnosis group, Charlson group)."""
    terms = ("age_group", "sex", "diagnosis_group", "charlson_group")
    of = {(r["term"], r["value"]): int(r["millilogit"]) for r in seed("risk_coefficient")
          if r["model"] == model}  # fmt: skip
    return of["intercept", "all"] + sum(of[pair] for pair in zip(terms, values, strict=True))


def band_of(model: str, millilogit: int) -> str:
    (band,) = [
        row["risk_band"]
        for row in seed("risk_band_bound")
        if row["model"] == model
        and int(row["millilogit_from"]) <= millilogit <= int(row["millilogit_to"])
    ]
    return band


BEFORE = [visit("2023-10-01", "J449", "N183", "C787")]  # 1 + 2 + 6 points
BANDS: dict[str, dict[str, tuple[list[Row], tuple[str, ...]]]] = {
    FHI: {
        "a woman of 84 with heart failure, healthy before": (
            [INDEX],
            ("75-84", "female", "heart_failure", "0"),
        ),
        "the same with nine points": (
            [INDEX, *BEFORE],
            ("75-84", "female", "heart_failure", "5+"),
        ),
        "a man of 67 with a fracture": (
            [{**INDEX, "sex": 1, "birth_year": 1957, "main_diagnosis": "S720"}],
            ("67-74", "male", "fracture", "0"),
        ),
        "pneumonia at 90, one point": (
            [
                {**INDEX, "birth_year": 1934, "main_diagnosis": "J189"},
                visit("2023-10-01", "J449"),
            ],
            ("85+", "female", "pneumonia", "1"),
        ),
        "stroke, two points": (
            [{**INDEX, "main_diagnosis": "I639"}, visit("2023-10-01", "E112")],
            ("75-84", "female", "stroke", "2"),
        ),
    },
    SKDE: {
        "any other diagnosis": (
            [{**INDEX, "main_diagnosis": "Z509"}],
            ("80-84", "female", "other", "0"),
        ),
        "no diagnosis": ([{**INDEX, "main_diagnosis": None}], ("80-84", "female", "other", "0")),
        "COPD at 90, three points": (
            [
                {**INDEX, "birth_year": 1934, "main_diagnosis": "J441"},
                visit("2023-10-01", "J449", "N183"),
            ],
            ("90+", "female", "asthma_copd", "3-4"),
        ),
        "a man of 75, planned": (
            [{**INDEX, "sex": 1, "birth_year": 1949, "urgency": 4}],
            ("75-79", "male", "heart_failure", "0"),
        ),
        "gout, nine points": (
            [{**INDEX, "main_diagnosis": "M109"}, *BEFORE],
            ("80-84", "female", "gout_joint_disease", "5+"),
        ),
    },
    DEATH: {
        "a child": (
            [{**INDEX, "birth_year": 2015, "main_diagnosis": "A099"}],
            ("0-17", "female", "gastroenteritis", "0"),
        ),
        "a man of 40, nine points": (
            [{**INDEX, "sex": 1, "birth_year": 1984, "main_diagnosis": "S720"}, *BEFORE],
            ("18-66", "male", "fracture", "5+"),
        ),
        "86, any other diagnosis": (
            [{**INDEX, "birth_year": 1938, "main_diagnosis": "Z509"}],
            ("85+", "female", "other", "0"),
        ),
        "70, one point": (
            [{**INDEX, "birth_year": 1954}, visit("2024-01-31", "J449")],
            ("67-74", "female", "heart_failure", "1"),
        ),
        "84, three points": (
            [INDEX, visit("2023-10-01", "J449", "N183")],
            ("75-84", "female", "heart_failure", "3-4"),
        ),
    },
}


@pytest.mark.parametrize("indicator", BANDS)
def test_bands_worked_by_hand(workbench: Workbench, indicator: str) -> None:
    cases = BANDS[indicator]
    rows = [
        {**row, "person_id": f"{name}: {row['person_id']}"}
        for name, (stays, _) in cases.items()
        for row in stays
    ]
    columns = ["unit_id", "sector", "risk_band"]
    found = built(workbench, f"atom_{indicator}", rows, columns=columns)
    of_unit = {str(unit): cell for unit, *cell in found}
    assert {name: of_unit[f"{name}: p/a"] for name in cases} == {
        name: ["sector_diakonhjemmet", band_of(indicator, log_odds(indicator, *terms))]
        for name, (_, terms) in cases.items()
    }


SEX = {**INDEX, "sex": 9}
OUTCOMES: dict[str, dict[str, tuple[list[Row], str | None]]] = {
    FHI: {
        "back after 30 days to the minute": ([INDEX, after(30)], "readmitted"),
        "back a minute later": ([INDEX, after(30, "12:01")], "not_readmitted"),
        "planned": ([INDEX, after(10, urgency=4)], "not_readmitted"),
        "in no group": ([{**INDEX, "main_diagnosis": "Z509"}], None),
        "dead at discharge": ([{**INDEX, "state_at_discharge": 2}], None),
    },
    SKDE: {
        "back on day 29": ([INDEX, after(29, "23:59")], "readmitted"),
        "back on day 30": ([INDEX, after(30, "00:00")], "not_readmitted"),
        "back the same day": ([INDEX, after(0, "21:00")], "not_readmitted"),
        "dies and was not back": ([{**INDEX, "death_date": date(2024, 3, 11)}], None),
        "sex unspecified": ([SEX], None),
    },
    DEATH: {
        "dies on day 30": ([{**INDEX, "death_date": date(2024, 3, 11)}], "died"),
        "dies on day 31": ([{**INDEX, "death_date": date(2024, 3, 12)}], "survived"),
        "planned": ([{**INDEX, "urgency": 4}], None),
        "sex unspecified": ([SEX], None),
        "lives": ([INDEX], "survived"),
    },
}


@pytest.mark.parametrize("indicator", OUTCOMES)
def test_what_follows_worked_by_hand(workbench: Workbench, indicator: str) -> None:
    cases = OUTCOMES[indicator]
    rows = [
        {**row, "person_id": f"{name}: {row['person_id']}"}
        for name, (stays, _) in cases.items()
        for row in stays
    ]
    found = built(workbench, f"atom_{indicator}", rows, columns=["unit_id", "atom"])
    atoms = {str(unit): atom for unit, atom in found}
    assert {name: atoms.get(f"{name}: p/a") for name in cases} == {
        name: atom for name, (_, atom) in cases.items()
    }


# --- seeds ----------------------------------------------------------------------------------------


def test_every_value_that_a_stay_can_have_has_one_coefficient() -> None:
    """Else the stay would fall out of the indicator."""
    diagnoses = [row["diagnosis_group"] for row in seed("readmission_diagnosis")]
    ages = {FHI: "age_group_67plus", SKDE: "age_group_75plus", DEATH: "age_group"}
    for model, age_seed in ages.items():
        wanted = [("intercept", "all")]
        wanted += [("age_group", row["age_group"]) for row in seed(age_seed)]
        wanted += [("sex", row["sex"]) for row in seed("sex")]
        wanted += [("diagnosis_group", name) for name in diagnoses]
        wanted += [("diagnosis_group", "other")] if model != FHI else []
        wanted += [("charlson_group", row["charlson_group"]) for row in seed("charlson_group")]
        found = [(r["term"], r["value"]) for r in seed("risk_coefficient") if r["model"] == model]
        assert sorted(found) == sorted(wanted), model


def test_bands_cover_every_log_odds_once_and_the_standard_has_each() -> None:
    names = [row["risk_band"] for row in seed("risk_band")]
    for model in INDICATORS:
        rows = [row for row in seed("risk_band_bound") if row["model"] == model]
        bounds = [(int(row["millilogit_from"]), int(row["millilogit_to"])) for row in rows]
        assert [row["risk_band"] for row in rows] == names
        assert all(low <= high for low, high in bounds)
        assert all(low == high + 1 for (_, high), (low, _) in pairwise(bounds))
        of_model = [int(r["millilogit"]) for r in seed("risk_coefficient") if r["model"] == model]
        most = sum(abs(value) for value in of_model)
        assert bounds[0][0] < -most and bounds[-1][1] > most
        for row in rows:
            for end in ("from", "to"):
                odds = math.exp(int(row[f"millilogit_{end}"]) / 1000)
                risk = odds / (1 + odds) if odds < math.inf else 1.0
                assert float(row[f"predicted_{end}"]) == pytest.approx(risk, abs=5e-5)
        standard = standard_of(PROJECT_DIR, model, ["risk_band"])
        assert list(standard) == [(name,) for name in names]
        assert math.fsum(of.weight for of in standard.values()) == pytest.approx(1, abs=1e-6)
        assert all(0.03 < of.weight < 0.4 for of in standard.values())
        rates = [of.expected for of in standard.values() if of.expected is not None]
        assert len(rates) == len(names)
        # Who hardly runs a risk of dying is in one of two bands, and which, chance decides.
        upwards = rates[1:] if model == DEATH else rates
        assert upwards == sorted(upwards) and rates[-1] > 5 * rates[0]


def test_predicted_and_observed_agree_in_the_reference() -> None:
    """A band's share with the event lies within its predicted risks, or by chance beside them."""
    for model in INDICATORS:
        standard = standard_of(PROJECT_DIR, model, ["risk_band"])
        persons = {
            row["risk_band"]: int(row["persons"])
            for row in seed("standard_population_readmission")
            if row["indicator"] == model
        }
        for row in seed("risk_band_bound"):
            if row["model"] != model:
                continue
            rate = standard[row["risk_band"],].expected
            assert rate is not None
            error = 3 * math.sqrt(rate * (1 - rate) / persons[row["risk_band"]])
            low, high = float(row["predicted_from"]), float(row["predicted_to"])
            assert low - error <= rate <= high + error, (model, row["risk_band"])


def test_risk_rises_with_comorbidity_where_the_reference_is_not_small() -> None:
    for model in INDICATORS:
        of = {r["value"]: int(r["millilogit"]) for r in seed("risk_coefficient")
              if r["model"] == model and r["term"] == "charlson_group"}  # fmt: skip
        assert of["0"] < of["1"] < of["3-4"] and of["0"] < of["2"] < of["5+"], model


def test_codes_of_conditions_are_apart_and_every_condition_has_some() -> None:
    rows = seed("charlson_code")
    assert all(len(row["code_from"]) == len(row["code_to"]) for row in rows)
    # A code of three characters would lie in a range of four that goes over from one to the next.
    assert all(
        row["code_from"][:3] == row["code_to"][:3] for row in rows if len(row["code_to"]) > 3
    )
    spans = sorted((row["code_from"].ljust(4, "0"), row["code_to"].ljust(4, "9")) for row in rows)
    assert all(before < after for (_, before), (after, _) in pairwise(spans))
    names = [row["condition"] for row in seed("charlson_condition")]
    assert {row["condition"] for row in rows} == set(names) and len(names) == 17
    graver = {row["outweighed_by"] for row in seed("charlson_condition")} - {""}
    assert graver == {"severe_liver_disease", "diabetes_with_complication", "metastatic_cancer"}


# --- many persons ---------------------------------------------------------------------------------

CONDITIONS = (
    "I500", "J449", "N183", "C509", "C787", "E119", "E112", "F009", "K703", "K766", "G811", "B24",
    "C440", "Z509",
)  # fmt: skip


def with_contacts(draw: random.Random, stays: Sequence[Row]) -> list[Row]:
    """The stays, and contacts of the same persons on the edges of the look-back."""
    rows = list(stays)
    for number, row in enumerate(stays):
        left, began = row["discharge_date"], row["admission_date"]
        assert isinstance(left, date) and isinstance(began, date)
        for place in range(draw.choice((0, 1, 2))):
            day = draw.choice(
                (
                    left - timedelta(draw.choice((364, 365, 366, 200, 30))),
                    began - timedelta(draw.choice((-1, 0, 1))),
                )
            )
            codes = [draw.choice(CONDITIONS) for _ in range(draw.choice((1, 2, 4)))]
            more: Row = {
                "person_id": row["person_id"],
                "care_level": draw.choice((1, 2, 3, 3, 3)),
                "link_quality": draw.choice((1, 1, 1, 1, 4)),
                "episode_id": f"v{number}-{place}",
            }
            rows.append(visit(day.isoformat(), *codes, **more))
    draw.shuffle(rows)
    return rows


@pytest.fixture(scope="module")
def many() -> list[Row]:
    draw = random.Random(77)
    return with_contacts(draw, population(draw, 300))


@pytest.mark.parametrize("indicator", INDICATORS)
def test_many_persons_equal_the_reference(
    workbench: Workbench, many: list[Row], indicator: str
) -> None:
    assert built(workbench, f"atom_{indicator}", many) == expected(indicator, many)


def test_the_population_reaches_every_branch(many: list[Row]) -> None:
    """Else the comparison above would prove less than it says."""
    for indicator, (units, per_cell) in INDICATORS.items():
        found = units(many, DATA_END, FIRST_DAY)
        assert {unit.cell[1] for unit in found} == {row["risk_band"] for row in seed("risk_band")}
        assert {"sector_ahus", "sector_ous", "outside_sectors"} < {unit.cell[0] for unit in found}
        assert len({unit.atom for unit in found}) == 2
        kept = {row[-1] for row in atom_rows(found, per_cell, 4)}
        assert kept == {True, False}, indicator


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False), persons=st.integers(1, 4))
def test_any_population_equals_the_reference(
    workbench: Workbench, draw: random.Random, persons: int
) -> None:
    rows = with_contacts(draw, population(draw, persons))
    for indicator in INDICATORS:
        assert built(workbench, f"atom_{indicator}", rows) == expected(indicator, rows), indicator


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "right", "wrong"),
    [
        ("int_charlson_day", "where contact.is_linkable", "where true"),
        ("int_charlson_day", "contact.discharged_at::date", "contact.admitted_at::date"),
        ("int_comorbidity", "earlier.ended_on >= looked_back.discharged_on - 365",
         "earlier.ended_on > looked_back.discharged_on - 365"),
        ("int_comorbidity", "earlier.ended_on < looked_back.admitted_on",
         "earlier.ended_on <= looked_back.admitted_on"),
        ("int_comorbidity", "where graver.condition is null", ""),
        ("int_comorbidity", "select distinct\n        looked_back.episode_id",
         "select\n        looked_back.episode_id"),
        ("int_comorbidity", "episode.discharged_on - 365 >= (",
         "episode.discharged_on - 365 > ("),
        ("int_risk_stay", "'outside_sectors'", "'sector_ous'"),
        ("int_risk_stay", "year(index_stay.discharged_on)", "2024"),
        ("atom_readmission_30d_fhi_adjusted", "+ of_charlson_group.millilogit", ""),
        ("atom_readmission_30d_fhi_adjusted", "+ of_sex.millilogit", ""),
        ("atom_readmission_30d_fhi_adjusted", "and of_age_group.value = stay.age_group",
         "and of_age_group.value = '85+'"),
        ("atom_readmission_30d_fhi_adjusted", "+ of_diagnosis_group.millilogit",
         "+ 2 * of_diagnosis_group.millilogit"),
    ],
)  # fmt: skip
def test_a_changed_rule_is_noticed(
    workbench: Workbench, many: list[Row], place: str, right: str, wrong: str
) -> None:
    sql = workbench.models[place].sql
    assert right in sql
    changed = {place: sql.replace(right, wrong)}
    edges = [
        stay("first", "2023-12-30 08:00", "2024-01-01 12:00", person_id="edge"),
        *({**row, "person_id": f"{n}"} for n, (rows, _) in enumerate(COMORBIDITY.values())
          for row in (INDEX, *rows)),
    ]  # fmt: skip
    rows = [*many, *edges]
    found = built(workbench, f"atom_{FHI}", rows, changed)
    assert found != expected(FHI, rows)


# --- the point: like hospitals agree, a worse one does not ----------------------------------------

TRUE_SHARE = {("I500", 0): 0.14, ("I500", 9): 0.41, ("S720", 0): 0.105, ("S720", 9): 0.31}
"""Share readmitted by main diagnosis and points of comorbidity before, the same everywhere: about
1.3 times the reference's. Were it not the same multiple of each, observed over expected would
depend on the mix: it compares each hospital with the reference, not the two with each other."""


def hospital(mix: Mapping[tuple[str, int], int], times: float = 1.0) -> list[Row]:
    """So many patients of each kind, of whom so many as the true share says are readmitted; `times`
    multiplies the odds of that.
    """
    rows: list[Row] = []
    for (diagnosis, points), number in mix.items():
        share = TRUE_SHARE[diagnosis, points]
        odds = times * share / (1 - share)
        readmitted = round(number * odds / (1 + odds))
        for n in range(number):
            person = {"person_id": f"{diagnosis}-{points}-{n}"}
            rows.append({**INDEX, **person, "main_diagnosis": diagnosis})
            rows += [{**row, **person} for row in (BEFORE if points else [])]
            rows += [{**after(10), **person}] if n < readmitted else []
    return rows


LIGHT = {("I500", 0): 300, ("I500", 9): 60, ("S720", 0): 900, ("S720", 9): 90}
HEAVY = {("I500", 0): 150, ("I500", 9): 600, ("S720", 0): 120, ("S720", 9): 300}


def shares(workbench: Workbench, rows: Sequence[Row]) -> tuple[Share, Share, Share]:
    """Crude, directly standardised over the bands that hold anybody, observed over expected.

    The patients are of four kinds, so that most bands hold none; their weights are shared out among
    the others, for both hospitals alike.
    """
    found = built(workbench, f"atom_{FHI}", rows, columns=["risk_band", "atom"])
    strata: list[Stratum] = []
    standard = standard_of(PROJECT_DIR, FHI, ["risk_band"])
    bands = {str(band) for band, _ in found}
    whole = math.fsum(standard[band,].weight for band in bands)
    for band in sorted(bands):
        atoms = [atom for of, atom in found if of == band]
        events = atoms.count("readmitted")
        of_band = standard[band,]
        strata.append(
            Stratum(of_band.weight / whole, events, len(atoms) - events, expected=of_band.expected)
        )
    raw, direct, ratio = (
        crude(strata),
        directly_standardised(strata),
        observed_over_expected(strata),
    )
    assert raw is not None and direct is not None and ratio is not None
    return raw, direct, ratio


def test_hospitals_of_equal_care_and_other_patients_agree_once_adjusted(
    workbench: Workbench,
) -> None:
    light, heavy = shares(workbench, hospital(LIGHT)), shares(workbench, hospital(HEAVY))
    assert heavy[0].value - light[0].value > 0.10
    assert heavy[1].value == pytest.approx(light[1].value, abs=0.01)
    assert heavy[2].value / light[2].value == pytest.approx(1, abs=0.05)


def test_a_hospital_of_truly_higher_risk_stays_higher(workbench: Workbench) -> None:
    """Although its patients are healthier, so that its crude share is the lower one."""
    worse, heavy = shares(workbench, hospital(LIGHT, times=1.5)), shares(workbench, hospital(HEAVY))
    assert worse[0].value < heavy[0].value
    low, _ = worse[1].interval()
    assert worse[1].value - heavy[1].value > 0.04 and low > heavy[1].value
    assert worse[2].value / heavy[2].value > 1.2


def test_every_kind_of_patient_is_a_band_of_its_own() -> None:
    """Else the agreement above would be one within bands, by luck."""
    terms = product(("heart_failure", "fracture"), ("0", "5+"))
    assert len({band_of(FHI, log_odds(FHI, "75-84", "female", *pair)) for pair in terms}) == 4
