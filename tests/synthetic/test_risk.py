"""The fit of the risk models: known coefficients come back, bands are whole, seeds keep theirs."""

import csv
import itertools
import math
from pathlib import Path

import duckdb
import numpy as np
import pytest

from synthetic.risk import BANDS, WIDEST, Cell, fit, risk_of
from synthetic.risk_seeds import (
    BOUNDS,
    COEFFICIENTS,
    STANDARD,
    Counts,
    add_counts,
    fit_all,
    write_seeds,
)

AGES = {"67-74": -0.4, "75-84": 0.0, "85+": 0.3}
SEXES = {"female": 0.0, "male": -0.1}
DIAGNOSES = {"copd": 0.0, "fracture": -0.6, "stroke": -0.9}
POINTS = {"0": 0.0, "1": 0.5, "2": 0.8, "3-4": 1.1, "5+": 1.5}
INTERCEPT = -2.0


def log_odds(cell: Cell) -> float:
    age, sex, diagnosis, points = cell
    return INTERCEPT + AGES[age] + SEXES[sex] + DIAGNOSES[diagnosis] + POINTS[points]


def drawn(seed: int, most: int = 8_000) -> dict[Cell, tuple[int, int]]:
    rng = np.random.default_rng(seed)
    counts: dict[Cell, tuple[int, int]] = {}
    for cell in itertools.product(AGES, SEXES, DIAGNOSES, POINTS):
        # The values that the truth calls its reference are the most frequent.
        often = [of[value] == 0.0 for of, value in zip((AGES, SEXES, DIAGNOSES, POINTS), cell,
                                                       strict=True)]  # fmt: skip
        stays = int(rng.integers(50, most // 2)) * (1 + 3 * sum(often))
        counts[cell] = stays, int(rng.binomial(stays, 1 / (1 + math.exp(-log_odds(cell)))))
    return counts


def test_known_coefficients_come_back_within_their_errors() -> None:
    model = fit(drawn(7))
    truth = {("intercept", "all"): INTERCEPT}
    for term, of in zip(("age_group", "sex", "diagnosis_group", "charlson_group"),
                        (AGES, SEXES, DIAGNOSES, POINTS), strict=True):  # fmt: skip
        truth |= {(term, value): coefficient for value, coefficient in of.items()}
    assert {(c.term, c.value) for c in model.coefficients} == set(truth)
    for c in model.coefficients:
        assert abs(c.millilogit - 1000 * truth[c.term, c.value]) <= 4 * c.standard_error + 1, c
        assert c.standard_error < 60
    references = [c for c in model.coefficients if c.millilogit == 0 and c.standard_error == 0]
    assert [c.value for c in references] == ["75-84", "female", "copd", "0"]


def test_standard_errors_are_how_far_the_fit_falls_from_the_truth() -> None:
    """Over forty draws: the mean square of (found - true) / error is near 1."""
    squares: list[float] = []
    for seed in range(40):
        for c in fit(drawn(seed, most=1_000)).coefficients:
            if c.term == "charlson_group" and c.value != "0":
                squares.append(((c.millilogit / 1000 - POINTS[c.value]) * 1000 / c.standard_error)
                               ** 2)  # fmt: skip
    assert 0.7 < np.mean(squares) < 1.4


def test_bands_cover_all_log_odds_and_hold_all_stays() -> None:
    counts = drawn(3)
    model = fit(counts)
    assert [band.name for band in model.bands] == [f"risk_{n}" for n in range(1, BANDS + 1)]
    edges = [(band.millilogit_from, band.millilogit_to) for band in model.bands]
    assert edges[0][0] == -WIDEST and edges[-1][1] == WIDEST
    assert all(low == high + 1 for (_, high), (low, _) in itertools.pairwise(edges))
    assert sum(band.stays for band in model.bands) == sum(n for n, _ in counts.values())
    assert sum(band.events for band in model.bands) == sum(n for _, n in counts.values())
    rates = [band.events / band.stays for band in model.bands]
    assert rates == sorted(rates)
    spread = [
        band.stays * math.sqrt(r * (1 - r)) for band, r in zip(model.bands, rates, strict=True)
    ]
    assert max(spread) < 2 * min(spread)


def test_the_concordance_is_that_of_all_pairs() -> None:
    counts = drawn(5, most=120)
    of = {(c.term, c.value): c.millilogit for c in fit(counts).coefficients}
    terms = ("age_group", "sex", "diagnosis_group", "charlson_group")
    scored = [(sum(of[pair] for pair in zip(terms, cell, strict=True)), *n)
              for cell, n in counts.items()]  # fmt: skip
    won, pairs = 0.0, 0.0
    for score, _, events in scored:
        for other, stays, with_event in scored:
            number = events * (stays - with_event)
            pairs += number
            won += number * (1.0 if score > other else 0.5 if score == other else 0.0)
    assert fit(counts).concordance == pytest.approx(won / pairs)


def test_a_value_without_an_event_stays_finite() -> None:
    counts = drawn(9) | {("67-74", "male", "gout", "0"): (40, 0)}
    (gout,) = [c for c in fit(counts).coefficients if c.value == "gout"]
    assert -8_000 < gout.millilogit < -500 and gout.events == 0


@pytest.mark.parametrize("events", [0, 10])
def test_nothing_to_tell_apart_is_said(events: int) -> None:
    with pytest.raises(ValueError, match="nothing to tell apart"):
        fit({("85+", "male", "copd", "0"): (10, events)})


def test_too_few_kinds_of_stays_make_no_eight_bands() -> None:
    with pytest.raises(ValueError, match="too few different stays"):
        fit({("85+", sex, "copd", "0"): (100, n) for sex, n in (("male", 20), ("female", 10))})


def test_seeds_keep_the_rows_of_others_and_values_that_no_stay_has(tmp_path: Path) -> None:
    for name, column, head in (
        (COEFFICIENTS, "model", "model,term,value,millilogit,standard_error,stays,events"),
        (BOUNDS, "model",
         "model,risk_band,millilogit_from,millilogit_to,predicted_from,predicted_to"),
        (STANDARD, "indicator", "indicator,age_group,sex,risk_band,persons,weight,rate"),
    ):  # fmt: skip
        width = head.count(",")
        rows = ["other" + "," * width + ",a source,confirmed"]
        if name == COEFFICIENTS:
            rows.append("mine,sex,unseen,5,5,5,5,old,configuration")
        assert column in head
        (tmp_path / name).write_text("\n".join([f"{head},source,standing", *rows]) + "\n")
    write_seeds({"mine": fit(drawn(1))}, tmp_path, "fitted, in a test")
    coefficients, bounds, standard = (
        rows_of(tmp_path / n) for n in (COEFFICIENTS, BOUNDS, STANDARD)
    )
    assert coefficients[0]["model"] == "other" and coefficients[0]["source"] == "a source"
    unseen = coefficients[-1]
    assert (unseen["value"], unseen["millilogit"], unseen["stays"]) == ("unseen", "0", "0")
    assert {row["source"] for row in coefficients[1:]} == {"fitted, in a test"}
    assert len(bounds) == len(standard) == 1 + BANDS
    mine = [row for row in standard if row["indicator"] == "mine"]
    assert sum(float(row["weight"]) for row in mine) == pytest.approx(1, abs=1e-6)
    assert all(row["age_group"] == row["sex"] == "" for row in mine)
    assert [row["risk_band"] for row in mine] == [f"risk_{n}" for n in range(1, BANDS + 1)]
    assert float(bounds[2]["predicted_from"]) == pytest.approx(
        risk_of(int(bounds[2]["millilogit_from"])), abs=5e-5
    )


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_counts_of_several_warehouses_add_up() -> None:
    counts: Counts = {}
    for stays in (3, 4):
        with duckdb.connect() as connection:
            connection.execute("create schema intermediate")
            connection.execute(f"""
                create table intermediate.int_risk_stay as
                select 'm' as model, '85+' as age_group, 'male' as sex, 'copd' as diagnosis_group,
                    '0' as charlson_group, if(i = 0, 'readmitted', 'not_readmitted') as atom
                from range({stays}) as of (i)
            """)
            add_counts(counts, connection)
    assert counts == {"m": {("85+", "male", "copd", "0"): (7, 2)}}
    with pytest.raises(ValueError, match="too few different stays"):
        fit_all(counts)
