"""The generator at reduced scale: calibrated with its causes, and not without them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from synthetic.calibration import Calibration, calibrate
from synthetic.generate import generate

HOSPITALS = ("ous", "diakonhjemmet", "lovisenberg", "ahus")


def _calibrated(
    out: Path, persons: int, *, years: range = range(2024, 2025), causal: bool = True
) -> Calibration:
    generate(
        out,
        persons=persons,
        years=years,
        seed=2024,
        signing_key=Ed25519PrivateKey.from_private_bytes(bytes(32)),
        hospitals=HOSPITALS,
        municipality="oslo",
        causal=causal,
        file_format="parquet",
        workers=1,
    )
    return calibrate(out)


def _told(calibration: Calibration) -> str:
    return ", ".join(f"{r.name} {r.relative_error}" for r in calibration.missed)


@pytest.fixture(scope="module")
def caused(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return _calibrated(tmp_path_factory.mktemp("caused") / "d", 50_000)


@pytest.fixture(scope="module")
def uncaused(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return _calibrated(tmp_path_factory.mktemp("uncaused") / "d", 50_000, causal=False)


def test_calibrated_at_reduced_scale(caused: Calibration):
    # By chance alone one of some 200 figures is outside in one seed of twenty; not in this one.
    assert not caused.missed, _told(caused)
    assert all(result.produced is not None for result in caused.targets)


def test_the_run_could_have_failed(caused: Calibration):
    sharp = {result.group for result in caused.sharp}

    assert len(caused.sharp) >= 25
    assert {"admissions", "primary_care", "municipal", "population"} <= sharp


def test_without_causes_calibration_fails_in_every_kind_of_figure(uncaused: Calibration):
    missed = {result.group for result in uncaused.missed}

    assert len(uncaused.missed) > 30
    assert {
        "admissions", "readmission", "discharge_ready", "municipal", "bup_patients",
    } <= missed  # fmt: skip
    # Hardly anybody is frail then, so what services the frail have is not told.
    # Who lives where is no effect: the population stays as it was counted.
    assert "population" not in missed


def test_readmission_has_causes_of_its_own(caused: Calibration, uncaused: Calibration):
    """Not a rate that admissions carry along: it falls further than they do."""
    ratio = {}
    for name in ("readmission_75/all", "admissions_75/all"):
        with_causes, without = (
            next(r.produced for r in run.targets if r.name == name) or 0.0
            for run in (caused, uncaused)
        )
        ratio[name] = without / with_causes

    assert ratio["readmission_75/all"] < 0.5 * ratio["admissions_75/all"]


@pytest.mark.slow
def test_calibrated_with_growth_at_a_third_of_full_scale(tmp_path: Path):
    found = _calibrated(tmp_path / "d", 240_000, years=range(2023, 2025))

    assert not found.missed, _told(found)
    growth = [result for result in found.targets if result.group == "growth"]
    assert len(growth) == 10
    assert all(result.within for result in growth)
