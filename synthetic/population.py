"""Who lives in synthetic Oslo: bydel, age, sex and household, before anything happens to them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from synthetic.events import NO_DAY, Columns, Window

# Population of the fifteen bydeler by five-year age group (0-4 ... 85-89, 90+), 1 January 2021.
# Source: Statistics Norway (SSB), through github folkehelseinstituttet/fhidata. Licence of the
# data: NLOD 2.0. Sentrum, Marka and unknown bydel are left out.
COUNTS_2021: Final = np.array(
    [
        (3912, 2612, 2144, 1688, 3643, 8552, 9720, 6606, 4874, 3843,
         3118, 2664, 2059, 1674, 1301, 742, 368, 202, 154),
        (3781, 2300, 1818, 1629, 5511, 11452, 11045, 6854, 4626, 3560,
         2895, 2233, 1797, 1436, 1126, 700, 347, 182, 164),
        (2854, 1660, 1112, 1047, 3652, 8182, 8008, 4745, 3139, 2413,
         1991, 1710, 1437, 1252, 1038, 744, 338, 181, 169),
        (1784, 1219, 1018, 1033, 4007, 7438, 5884, 3600, 2535, 2206,
         1930, 1524, 1278, 1058, 938, 612, 401, 210, 189),
        (2251, 1704, 1634, 1700, 5345, 9225, 7240, 4617, 3548, 3289,
         3510, 3276, 2808, 2398, 2452, 1840, 1123, 604, 451),
        (2049, 2039, 2107, 1823, 1510, 2154, 2573, 2542, 2404, 2468,
         2188, 2085, 1958, 1834, 1866, 1499, 864, 494, 437),
        (3350, 3460, 3433, 2913, 2508, 2828, 3463, 3637, 3729, 3675,
         3135, 2879, 2630, 2453, 2449, 1818, 1071, 624, 503),
        (2989, 3338, 3420, 3085, 4409, 4166, 3876, 3590, 3660, 3844,
         3422, 2907, 2524, 2122, 1954, 1391, 845, 631, 461),
        (2407, 2218, 2161, 1831, 1842, 2859, 3476, 3009, 2778, 2507,
         2096, 1709, 1390, 1106, 970, 665, 450, 292, 237),
        (1549, 1604, 1585, 1548, 1566, 2038, 2251, 2144, 2019, 1958,
         1991, 1848, 1489, 1124, 958, 739, 465, 342, 237),
        (1943, 2090, 2220, 2404, 2197, 2082, 2316, 2233, 2240, 2345,
         2426, 2025, 1673, 1352, 1341, 1159, 669, 357, 207),
        (3042, 3128, 2954, 2820, 2718, 3789, 4276, 4090, 3607, 3430,
         3158, 2891, 2492, 2117, 2026, 1407, 814, 480, 338),
        (3119, 3329, 3314, 2675, 2287, 3127, 4150, 3939, 3891, 3907,
         3593, 3137, 2694, 2012, 1744, 1311, 1074, 874, 614),
        (3089, 3373, 3481, 3048, 2523, 3102, 3528, 3757, 4059, 4025,
         3652, 3278, 2838, 2395, 2341, 1685, 1091, 725, 593),
        (2497, 2719, 2896, 2806, 2479, 2377, 2822, 2972, 2818, 2736,
         2560, 2410, 2402, 1733, 1315, 824, 383, 207, 141),
    ]
)  # fmt: skip

# The same persons by single year of age, 0-105, all bydeler together: the shape inside a group.
SINGLE_YEARS_2021: Final = np.array(
    [
        8804, 8458, 7849, 7765, 7740, 7414, 7552, 7179, 7339, 7309, 7271, 7280, 7063, 6960, 6723,
        6524, 6482, 6386, 6138, 6520, 7571, 8292, 8905, 9994, 11435, 12980, 13977, 14866, 15671,
        15877, 16128, 15766, 15124, 14081, 13529, 12624, 12169, 11526, 11246, 10770, 10819, 10222,
        9887, 9487, 9512, 9497, 9456, 9145, 9146, 8962, 8805, 8591, 8285, 7992, 7992, 7837, 7700,
        7310, 7018, 6711, 6764, 6429, 6309, 6109, 5858, 5582, 5455, 5178, 4985, 4866, 4745, 4689,
        4676, 4711, 4998, 4293, 4087, 3497, 2930, 2329, 2472, 2353, 2033, 1817, 1628, 1498, 1318,
        1291, 1199, 1099, 1008, 821, 656, 551, 474, 376, 315, 219, 146, 103, 85, 40, 18, 21, 22, 40,
    ]
)  # fmt: skip

OLD = 75
SHARE_OLD: Final = {2021: 38_739 / 691_754, 2025: 46_000 / 720_000}
"""Share aged 75 and over: counted in 2021 (SSB, as above); projected for 2025 (46 000 of 720 000,
the project's own projection). Between and beyond them the odds grow evenly by year."""

RESIDENTS: Final = {2021: 691_754, 2025: 720_000}
"""Residents of the fifteen bydeler, counted and projected as `SHARE_OLD`; even growth by year."""

BIRTHS_A_YEAR = 0.0127
"""Births a person-year: newborns among the residents of 2021 (SSB, as above)."""

# Share of women by age, to interpolate. Assumption: the order of size of Norway's tables; the
# source above does not tell the sexes apart.
_WOMEN_AT_AGE: Final = ((0, 20, 60, 70, 80, 90, 100), (0.49, 0.50, 0.50, 0.53, 0.58, 0.69, 0.80))

# Living alone by age, men and women. Assumption, after the census pattern: common in the inner
# city, common among old women.
_ALONE_AT_AGE: Final = (0, 17, 19, 30, 50, 67, 75, 85, 95)
_ALONE_MEN: Final = (0, 0, 0.28, 0.32, 0.27, 0.28, 0.29, 0.38, 0.48)
_ALONE_WOMEN: Final = (0, 0, 0.26, 0.26, 0.22, 0.33, 0.46, 0.66, 0.76)
_ALONE_BY_BYDEL: Final = np.array(
    [1.25, 1.35, 1.4, 1.4, 1.35, 0.9, 0.75, 0.9, 0.95, 0.95, 0.8, 0.9, 0.95, 0.8, 0.8]
)

# Deaths in a year of those of an age on its 1 January, to foresee who is left; who dies the model
# says, not this. As the model's own come out (2020-2024), so that the flows make up for them.
_DEATH_AGES: Final = (0, 3, 12, 24, 37, 50, 57, 62, 67, 72, 77, 82, 87, 92, 97, 102)
_DEATH_RATES: Final = (
    6e-4, 6e-5, 1e-4, 2.3e-4, 4.9e-4, 1.3e-3, 2.5e-3, 4.4e-3, 7.5e-3, 0.0128, 0.0214, 0.038,
    0.069, 0.132, 0.24, 0.32,
)  # fmt: skip

_OLD_ENOUGH: Final = 60
"""From this age on households shrink in the course of the window."""
_OLDEST = len(SINGLE_YEARS_2021) - 1
_YEAR_DAYS = 365.2425
_BAND_FROM: Final = np.array([0, 18, 35, 67, 75])
_BANDS: Final = range(len(_BAND_FROM))
_BAND_OF_AGE: Final = np.searchsorted(_BAND_FROM, np.arange(_OLDEST + 1), side="right") - 1
_CRADLE: Final = COUNTS_2021[:, 0] / COUNTS_2021[:, 0].sum()

ALWAYS: Final = np.int32(-(2**31))
"""The day somebody moved in who was there before everything."""


@dataclass(frozen=True)
class Residents(Columns):
    """Arrays of shape (n,). born: datetime64[D], may lie inside the window; bydel: 0..14.

    moves_in, moves_out: the first day in Oslo and the first no longer there, counted from the start
    of the window; ALWAYS and NO_DAY of those who were there before and stay.
    """

    born: NDArray[np.datetime64]
    is_female: NDArray[np.bool_]
    bydel: NDArray[np.int8]
    lives_alone: NDArray[np.bool_]
    moves_in: NDArray[np.int32]
    moves_out: NDArray[np.int32]


def structure(year: int) -> NDArray[np.float64]:
    """Shares of the residents on 1 January of `year` by bydel and age: (15, 106), sum 1.

    Each bydel keeps its own age groups of 2021, inside a group the city's shape; then the old and
    the rest are weighed so that the share of the old follows `SHARE_OLD`.
    """
    ages = np.arange(_OLDEST + 1)
    group = np.minimum(ages // 5, COUNTS_2021.shape[1] - 1)
    inside = SINGLE_YEARS_2021 / np.bincount(group, SINGLE_YEARS_2021)[group]
    shares = COUNTS_2021[:, group] * inside
    is_old = ages >= OLD
    old = _share_old(year)
    shares[:, is_old] *= old / shares[:, is_old].sum()
    shares[:, ~is_old] *= (1 - old) / shares[:, ~is_old].sum()
    return shares


def _share_old(year: int) -> float:
    (first, start), (last, end) = SHARE_OLD.items()
    odds = np.log([start / (1 - start), end / (1 - end)])
    slope = (odds[1] - odds[0]) / (last - first)
    return float(1 / (1 + np.exp(-(odds[0] + slope * (year - first)))))


@dataclass(frozen=True)
class _Flows:
    """What one calendar year does to the residents of its 1 January, as shares of the first year's.

    stay: (15, bands), share of a bydel's age band that stays for the next year. arrive: (15, 106),
    who has come by the next 1 January, by age on it.
    """

    stay: NDArray[np.float64]
    arrive: NDArray[np.float64]


def _flows(years: range) -> list[_Flows]:
    """The moves that keep each bydel's age bands on their projected size, year by year.

    Net moves only: a band that would outgrow its projection loses persons of every age in it in
    proportion, one that would fall short gains them. Without them the inner city would fill with
    the children whose families in truth move out.
    """
    stock = structure(years.start)
    size = float(_residents(years.start))
    death = np.exp(np.interp(np.arange(_OLDEST + 1), _DEATH_AGES, np.log(_DEATH_RATES)))
    flows = list[_Flows]()
    for year in years:
        expected = np.zeros_like(stock)
        expected[:, 1:] = (stock * (1 - death))[:, :-1]
        expected[:, 0] = BIRTHS_A_YEAR * stock.sum() * _CRADLE
        target = structure(year + 1) * (_residents(year + 1) / size)
        factor = _by_band(target) / _by_band(expected)
        stay = np.minimum(factor, 1)
        arrive = expected * np.maximum(factor - 1, 0)[:, _BAND_OF_AGE]
        stock = expected * factor[:, _BAND_OF_AGE]
        flows.append(_Flows(stay, arrive))
    return flows


def _by_band(stock: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([stock[:, band == _BAND_OF_AGE].sum(axis=1) for band in _BANDS], axis=1)


def _residents(year: int) -> float:
    """Size of the city, between and beyond the counted and the projected year."""
    (first, start), (last, end) = RESIDENTS.items()
    return start * (end / start) ** ((year - first) / (last - first))


def everybody(residents: int, window: Window) -> int:
    """How many persons a population of `residents` at the start of the window has in all of it."""
    shares = _shares(window, _flows(_years(window)))
    return max(round(residents * sum(float(share.sum()) for share in shares)), 1)


def _years(window: Window) -> range:
    first = window.first_day.astype("datetime64[Y]").astype(int)
    last = (window.first_day + window.days - 1).astype("datetime64[Y]").astype(int)
    return range(int(first) + 1970, int(last) + 1971)


def _shares(window: Window, flows: list[_Flows]) -> list[NDArray[np.float64]]:
    """Who is there at the start, is born, and arrives in each year, a share of the first's sum."""
    births = BIRTHS_A_YEAR * window.days / _YEAR_DAYS
    first = structure(_years(window).start)
    return [first.ravel(), births * _CRADLE, *(flow.arrive.ravel() for flow in flows)]


def draw_residents(rng: np.random.Generator, persons: int, window: Window) -> Residents:
    """`persons` people: there when the window begins, born or moving in later, in proportion."""
    first_day, years = window.first_day, _years(window)
    flows = _flows(years)
    shares = _shares(window, flows)
    cumulated = np.cumsum(np.concatenate(shares))
    drawn = np.searchsorted(cumulated[:-1], rng.random(persons) * cumulated[-1], side="right")
    begins = np.cumsum([0, *(len(share) for share in shares)])
    kind = np.searchsorted(begins[1:], drawn, side="right")
    bydel, age = np.divmod(drawn - begins[kind], _OLDEST + 1)
    is_newborn = kind == 1
    bydel[is_newborn], age[is_newborn] = (drawn - begins[1])[is_newborn], 0

    days_old = ((age + rng.random(persons)) * _YEAR_DAYS).astype(np.int64) + 1
    days_old[is_newborn] = -rng.integers(0, window.days, int(is_newborn.sum()))
    new_year = _new_years(first_day, years)
    arrives = kind >= 2
    year = kind[arrives] - 2
    days_old[arrives] -= new_year[year + 1]  # the age is that on the New Year after arrival
    moves_in = np.full(persons, ALWAYS, dtype=np.int32)
    length = np.diff(new_year)[year]
    moves_in[arrives] = new_year[year] + (rng.random(int(arrives.sum())) * length).astype(np.int64)
    moves_in[arrives] = np.maximum(moves_in[arrives], -days_old[arrives])  # not before birth

    ages = np.arange(_OLDEST + 1)
    is_female = rng.random(persons) < np.interp(ages, *_WOMEN_AT_AGE)[age]
    alone = np.stack([np.interp(ages, _ALONE_AT_AGE, of) for of in (_ALONE_MEN, _ALONE_WOMEN)])
    odds = (alone / (1 - alone))[:, None] * _ALONE_BY_BYDEL[:, None]  # sex, bydel, age
    # The old as in the window's last year: who is left alone in between is not told.
    last = ((days_old + new_year[-2]) // _YEAR_DAYS).astype(np.int64)
    then = np.where(age >= _OLD_ENOUGH, np.clip(last, age, _OLDEST), age)
    chance = (odds / (1 + odds))[is_female.astype(np.int8), bydel, then]
    lives_alone = rng.random(persons) < chance
    return Residents(
        born=first_day - days_old.astype("timedelta64[D]"),
        is_female=is_female,
        bydel=bydel.astype(np.int8),
        lives_alone=lives_alone,
        moves_in=moves_in,
        moves_out=_moves_out(
            rng, flows, new_year, bydel=bydel, days_old=days_old, moves_in=moves_in
        ),
    )


def _moves_out(
    rng: np.random.Generator,
    flows: list[_Flows],
    new_year: NDArray[np.int64],
    *,
    bydel: NDArray[np.int64],
    days_old: NDArray[np.int64],
    moves_in: NDArray[np.int32],
) -> NDArray[np.int32]:
    """The day somebody leaves, by the shares that their bydel's age band loses each year."""
    leaves = np.full(len(bydel), NO_DAY, dtype=np.int32)
    for year, flow in enumerate(flows):
        age = (days_old + new_year[year + 1]) / _YEAR_DAYS  # on the next New Year, as the flow's
        is_there = (age >= 0) & (moves_in < new_year[year]) & (leaves == NO_DAY)
        stay = flow.stay[:, _BAND_OF_AGE][bydel, np.clip(age.astype(np.int64), 0, _OLDEST)]
        goes = np.flatnonzero(is_there & (rng.random(len(bydel)) >= stay))
        day = rng.integers(new_year[year], new_year[year + 1], len(goes))
        leaves[goes] = np.maximum(day, np.maximum(1 - days_old[goes], 1))  # born, and once here
    return leaves


def _new_years(first_day: np.datetime64, years: range) -> NDArray[np.int64]:
    """Days from the start of the window to 1 January of each year, and of the one after."""
    january = np.array([f"{year}-01-01" for year in (*years, years.stop)], dtype="datetime64[D]")
    return (january - first_day).astype(np.int64)
