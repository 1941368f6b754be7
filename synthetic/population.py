"""Who lives in the synthetic municipality."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic import calibration as cal
from synthetic.national_id import fake_national_ids


@dataclass(frozen=True)
class Population:
    """One entry a person, all arrays of shape (n,).

    age_group: index into `calibration.AGE_FROM` at the start; kept for the whole period. frailty:
    mean 1, multiplies a person's rates. dies_at: seconds since the start, beyond the end if alive.
    """

    id: pa.Array
    born: NDArray[np.datetime64]
    is_female: NDArray[np.bool_]
    bydel: NDArray[np.int64]
    age_group: NDArray[np.int64]
    frailty: NDArray[np.float64]
    home_hospital: NDArray[np.int64]
    dies_at: NDArray[np.int64]


def draw_population(
    rng: np.random.Generator, persons: int, hospitals: int, start: np.datetime64
) -> Population:
    """Draw `persons` people who are alive at `start`; each bydel belongs to one hospital."""
    shares = cal.POPULATION.ravel() / cal.POPULATION.sum()
    cell = rng.choice(shares.size, persons, p=shares)
    bydel, age_group = np.divmod(cell, len(cal.AGE_FROM))
    width = cal.AGE_TO[age_group] - cal.AGE_FROM[age_group] + 1
    # Squaring leans the old groups towards their young end, as survival does.
    position = rng.random(persons)
    position = np.where(age_group >= 3, position**2, position)
    days_old = (cal.AGE_FROM[age_group] + position * width) * 365.2425
    born = start - days_old.astype("timedelta64[D]")
    is_female = rng.random(persons) < np.array([0.49, 0.50, 0.52, 0.55, 0.65])[age_group]
    frailty = rng.gamma(1.6, 1 / 1.6, persons)
    years_left = rng.exponential(1 / (cal.DEATH_RATE[age_group] * frailty))
    dies_at = (np.minimum(years_left, 200) * 365.2425 * 86_400).astype(np.int64)
    numbers = fake_national_ids(born, is_female).tolist()
    return Population(
        id=pa.array([f"{number:011d}" for number in numbers]),
        born=born,
        is_female=is_female,
        bydel=bydel,
        age_group=age_group,
        frailty=frailty,
        home_hospital=bydel * hospitals // len(cal.BYDELER),
        dies_at=dies_at,
    )
