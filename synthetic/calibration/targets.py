"""Every published figure that the synthetic registers are held against, with its source.

Figures stand as printed in the source, or computed from printed counts as the note says. A figure
of another year or another place is carried over as a *rate* for the matching population; where the
source shows growth, it is taken to go on [B].
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from synthetic.calibration.areas import ATLAS, CODES, NAMES, SECTORS

ELDER_ATLAS: Final = "Eldrehelseatlas 2013-2015 (github Helseatlas/data, MIT)"
COPD_ATLAS: Final = "KOLS-atlas 2013-2015 (github Helseatlas/data, MIT)"
SKDE: Final = "SKDE, opphold 75+ 2015-2023"
HDIR: Final = "Helsedirektoratet, utskrivningsklare pasienter 2022"
OSLO: Final = "Styringsdata for Oslo helsefellesskap, presentation (OUS, 2023)"
SSB: Final = "SSB via github folkehelseinstituttet/fhidata (NLOD 2.0), 1 January 2021"
OWN: Final = "The project's own planning figures (seed 000)"
NONE: Final = "No public source found"

CONFIRMED, ASSUMED, UNKNOWN = "S", "B", "U"
TOLERANCE = 0.10


@dataclass(frozen=True)
class Target:
    """One published figure.

    name: "<measure>/<key>", the key as `measure` gives it. value: as published for `year`, in
    `unit`. counted: events behind it, and `of`: how many they are a share of (None: a rate); they
    give the figure its own sampling error. yearly: factor a year by which it is carried to another
    year. tolerance: relative. standing: S source, B assumed, U not found.
    """

    name: str
    group: str
    source: str
    year: str
    value: float
    unit: str
    denominator: str
    counted: float | None = None
    of: float | None = None
    yearly: float = 1.0
    tolerance: float = TOLERANCE
    standing: str = CONFIRMED
    note: str = ""

    def carried(self, year: int) -> float:
        """The figure for `year`."""
        return self.value * self.yearly ** (year - int(self.year[:4]))

    @property
    def relative_sampling_error(self) -> float:
        """One standard error of the published figure over the figure, 0 where no count is known."""
        if not self.counted:
            return 0.0
        share = self.counted / self.of if self.of else 0.0
        return math.sqrt((1 - share) / self.counted)


# -- population -----------------------------------------------------------------------------------

AGE_FROM: Final = (0, 6, 13, 18, 26, 67, 75, 80, 85)
"""Lower ends of the age groups; the last is 85 and over."""

POPULATION_2021: Final = {  # by bydel and AGE_FROM
    "030101": (4472, 3417, 1750, 5715, 40844, 2212, 742, 368, 356),
    "030102": (4293, 2921, 1591, 8082, 43243, 1933, 700, 347, 346),
    "030103": (3240, 2002, 974, 5424, 30835, 1765, 744, 338, 350),
    "030104": (2036, 1594, 936, 5846, 25485, 1555, 612, 401, 399),
    "030105": (2600, 2336, 1624, 7801, 36790, 3846, 1840, 1123, 1055),
    "030106": (2456, 2889, 1969, 2627, 18676, 2983, 1499, 864, 931),
    "030107": (4046, 4842, 3188, 4163, 26410, 3893, 1818, 1071, 1127),
    "030108": (3657, 4778, 3179, 6571, 27941, 3180, 1391, 845, 1092),
    "030109": (2856, 3123, 1948, 2989, 19844, 1599, 665, 450, 529),
    "030110": (1871, 2240, 1565, 2547, 15856, 1593, 739, 465, 579),
    "030111": (2364, 2967, 2363, 3550, 17498, 2145, 1159, 669, 564),
    "030112": (3619, 4367, 2883, 4444, 27953, 3272, 1407, 814, 818),
    "030113": (3769, 4746, 2958, 3748, 28836, 2861, 1311, 1074, 1488),
    "030114": (3732, 4837, 3277, 4285, 28641, 3717, 1685, 1091, 1318),
    "030115": (3019, 3934, 2870, 4043, 21382, 2294, 824, 383, 348),
}
SHARE_75_IN_2025: Final = 46_000 / 720_000


def residents(bydeler: tuple[str, ...] | None = None, ages: tuple[int, int] = (0, 200)) -> int:
    """Persons on 1 January 2021 in `bydeler` (all), aged from ages[0] to below ages[1]."""
    ends = (*AGE_FROM[1:], 200)
    return sum(
        persons
        for bydel in bydeler or NAMES
        for persons, start, end in zip(POPULATION_2021[bydel], AGE_FROM, ends, strict=True)
        if ages[0] <= start and end <= ages[1]
    )


POPULATION_GROUPS: Final = {
    "0-17": (0, 18), "18-66": (18, 67), "67-74": (67, 75), "75+": (75, 200)
}  # fmt: skip


def _share_75(year: int) -> float:
    """Log odds move evenly from the count of 2021 to the projection for 2025, and on."""
    counted = residents(ages=(75, 200)) / residents()
    start, end = (math.log(share / (1 - share)) for share in (counted, SHARE_75_IN_2025))
    return 1 / (1 + math.exp(-(start + (end - start) * (year - 2021) / 4)))


def _population(year: int) -> Iterator[Target]:
    total, old = residents(), residents(ages=(75, 200))
    share = _share_75(year)
    weight = {True: share / (old / total), False: (1 - share) / (1 - old / total)}
    for label, ages in POPULATION_GROUPS.items():
        for bydel in NAMES:
            counted = residents((bydel,), ages)
            yield Target(
                name=f"population/{bydel}/{label}",
                group="population",
                source=SSB,
                year=str(year),
                value=1000 * counted / total * weight[ages[0] >= 75],
                unit="per 1000",
                denominator="all inhabitants",
                note=f"{counted} persons in 2021; the share of 75+ projected to 46 000 of 720 000 "
                "in 2025, inside it the bydel's share of 2021",
            )
    yield Target(
        name="population/75+",
        group="population",
        source=OWN,
        year=str(year),
        value=1000 * share,
        unit="per 1000",
        denominator="all inhabitants",
        standing=ASSUMED,
        note="46 000 of 720 000 in 2025",
    )


# -- hospital stays of the old --------------------------------------------------------------------

_OLD = "inhabitants 75+"
# Eldrehelseatlas, yearly means: admissions, inhabitants, index stays, readmissions, consultations
# with a GP, contacts with legevakt; rates as printed (standardised for age and sex).
_ELDER: Final = {
    "Norge": (496.98, 178_571, 17.45, 28_743, 164_687, 5350.93, 446.45),
    "OUS": (509.69, 7_834, 18.05, 1_299, 7_223, 5290.05, 365.76),
    "Indre Oslo": (522.32, 6_656, 20.39, 1_245, 6_130, 4792.83, 335.24),
    "Akershus": (485.55, 13_612, 18.70, 2_337, 12_509, 5456.06, 386.10),
}
_ATLAS_YEARS = 3
_ATLAS_AREAS = ("OUS", "Indre Oslo", "Akershus")
# Eldrehelseatlas, Norway, by diagnosis of the index stay: printed per cent, readmissions, stays.
_READMISSION_BY_DIAGNOSIS: Final = {
    "heart_failure": (25.59, 1_521, 5_940),
    "copd": (29.08, 2_144, 7_371),
    "pneumonia": (21.87, 2_312, 10_577),
    "stroke": (12.73, 545, 4_281),
    "hip_fracture": (15.37, 974, 6_322),
}
# KOLS-atlas: printed per cent, readmissions, index stays.
_COPD: Final = {
    "OUS": (33.0, 236, 723),
    "Diakonhjemmet": (32.4, 71, 218),
    "Lovisenberg": (38.2, 125, 343),
    "Akershus": (31.2, 429, 1_371),
}
_COPD_NORWAY = (29.3, 4_620, 15_771)


def old_in_area(area: str) -> int:
    """Inhabitants 75+ in 2021 of an area of Eldrehelseatlas, or of a sector."""
    own = [sector for sector in SECTORS if area in {sector, ATLAS[sector]}]
    return sum(residents(SECTORS[sector], (75, 200)) for sector in own)


def pattern(
    values: Mapping[str, float], weights: Mapping[str, float], level: float
) -> dict[str, float]:
    """`values` scaled so that their weighted mean is `level`: the areas' pattern, another level."""
    mean = sum(values[a] * weights[a] for a in values) / sum(weights[a] for a in values)
    return {area: value * level / mean for area, value in values.items()}


_PATTERN_NOTE = (
    "Norway's level with the pattern of the areas: their weighted mean set to the national figure, "
    "which the issue asks for"
)


def _stays() -> Iterator[Target]:
    for area in ("Norge", *_ATLAS_AREAS):
        rate, counted = _ELDER[area][:2]
        yield Target(
            name="admissions_75/all" if area == "Norge" else f"admissions_75/{area}",
            group="admissions",
            source=ELDER_ATLAS,
            year="2013-2015",
            value=rate,
            unit="per 1000",
            denominator=f"{_OLD}, {area}",
            counted=counted * _ATLAS_YEARS,
            note="somatic inpatient stays, contacts at most 8 hours apart merged; no trend assumed",
        )
    yield Target(
        name="acute_admissions_75/all",
        group="admissions",
        source=OWN,
        year="2025",
        value=1000 * 17_000 / 46_000,
        unit="per 1000",
        denominator=_OLD,
        standing=ASSUMED,
        note="about 17 000 acute admissions of 46 000 persons",
    )
    yield Target(
        name="stay_days_75/all",
        group="admissions",
        source=SKDE,
        year="2023",
        value=4.7,
        unit="days",
        denominator="somatic inpatient stays 75+",
        counted=217_966,
        note="fell from 5.4 days in 2015",
    )
    yield Target(
        name="drg_cost_in_band/all",
        group="admissions",
        source=OWN,
        year="2024",
        value=100.0,
        unit="%",
        denominator="acute somatic inpatient contacts 75+",
        standing=ASSUMED,
        note="cost (DRG weight x 52 248 NOK, Hdir 2024) between 40 000 and 210 000 NOK",
    )


def _readmissions() -> Iterator[Target]:
    value, counted, of = _ELDER["Norge"][2:5]
    index = "somatic inpatient stays 75+, discharged alive"
    group = "readmission"
    yield Target("readmission_75/all", group, ELDER_ATLAS, "2013-2015", value, "%", index,
                 counted * _ATLAS_YEARS, of * _ATLAS_YEARS,
                 note="SKDE: acute inpatient, more than 8 hours and less than 30 days, any hospital"
                 )  # fmt: skip
    for name, (value, counted, of) in _READMISSION_BY_DIAGNOSIS.items():
        yield Target(f"readmission_75/{name}", group, ELDER_ATLAS, "2013-2015", value, "%",
                     f"{index}, by main diagnosis", counted * _ATLAS_YEARS, of * _ATLAS_YEARS
                     )  # fmt: skip
    areas = pattern(
        {area: _ELDER[area][2] for area in _ATLAS_AREAS},
        {area: old_in_area(area) for area in _ATLAS_AREAS},
        _ELDER["Norge"][2],
    )
    for area, value in areas.items():
        printed, counted, of = _ELDER[area][2:5]
        yield Target(f"readmission_75/{area}", group, ELDER_ATLAS, "2013-2015", value, "%",
                     f"{index}, by residence", counted * _ATLAS_YEARS, of * _ATLAS_YEARS,
                     note=f"printed {printed} %. {_PATTERN_NOTE}")  # fmt: skip
    copd = pattern(
        {area: row[0] for area, row in _COPD.items()},
        {area: old_in_area(area) for area in _COPD},
        _COPD_NORWAY[0],
    )
    for area, value in copd.items():
        printed, counted, of = _COPD[area]
        yield Target(f"readmission_copd/{area}", group, COPD_ATLAS, "2013-2015", value, "%",
                     "acute stays for COPD from 40 years, by residence", counted * _ATLAS_YEARS,
                     of * _ATLAS_YEARS, note=f"printed {printed} %. {_PATTERN_NOTE}")  # fmt: skip
    yield Target("readmission_elsewhere_75/all", group, NONE, "2025", 17.5, "%",
                 "readmissions 75+", standing=ASSUMED, tolerance=0.15,
                 note="share of readmissions at another hospital than the last of the index stay: "
                 "our assumption, 15-20 % in a city with four hospitals")  # fmt: skip


# -- primary care and discharge-ready -------------------------------------------------------------


def _primary_care() -> Iterator[Target]:
    for name, place, counted in (
        (
            "gp_75",
            5,
            {"Norge": 1_929_011, "OUS": 78_751, "Indre Oslo": 59_403, "Akershus": 158_633},
        ),
        (
            "legevakt_75",
            6,
            {"Norge": 160_471, "OUS": 5_619, "Indre Oslo": 4_289, "Akershus": 10_910},
        ),
    ):
        rates = pattern(
            {area: _ELDER[area][place] for area in _ATLAS_AREAS},
            {area: old_in_area(area) for area in _ATLAS_AREAS},
            _ELDER["Norge"][place],
        )
        for area, value in ({"all": _ELDER["Norge"][place]} | rates).items():
            own = "Norge" if area == "all" else area
            printed = _ELDER[own][place]
            yield Target(f"{name}/{area}", "primary_care", ELDER_ATLAS, "2013-2015", value,
                         "per 1000", _OLD, counted[own] * _ATLAS_YEARS,
                         note=f"printed {printed}. "
                         + ("" if area == "all" else _PATTERN_NOTE))  # fmt: skip


_NORWAY = 5_391_369  # inhabitants, 1 January 2021 (SSB, as POPULATION_2021)


def _discharge_ready() -> Iterator[Target]:
    for name, counted, note in (
        ("stays", 154_000, "stays reported utskrivningsklar, about 94 000 patients"),
        ("stays_over", 21_400, "stays with days over"),
        ("days_over", 71_800, "days over: utdato - utskrKlarDato"),
    ):
        yield Target(f"discharge_ready/{name}", "discharge_ready", HDIR, "2022",
                     1000 * counted / _NORWAY, "per 1000", "all inhabitants", counted,
                     note=f"{note}; {counted} in Norway")  # fmt: skip
    yield Target("discharge_ready_readmission/all", "discharge_ready", HDIR, "2022", 21.7, "%",
                 "stays reported utskrivningsklar, discharged alive", 0.217 * 154_000, 154_000,
                 note="acute, 1-30 days, any hospital")  # fmt: skip
    yield Target("discharge_ready_readmission/over", "discharge_ready", HDIR, "2022", 19.1, "%",
                 "of them, stays with days over", 0.191 * 21_400, 21_400)  # fmt: skip


# -- municipal services ---------------------------------------------------------------------------

# Oslo 2021: frail persons 75+ with each service, by tjenestekode. KAD is left out: the table has 3
# persons, where the duty has been in force since 2016: it was evidently not registered.
FRAIL_SERVICES: Final = {
    "15": ("Helsetjenester i hjemmet", 8028),
    "1": ("Praktisk bistand: daglige gjøremål", 4720),
    "21": ("Langtidsopphold i institusjon", 3883),
    "4": ("Dagaktivitetstilbud", 1769),
    "18": ("Tidsbegrenset opphold: utredning og behandling", 1684),
    "29": ("Bolig som kommunen disponerer", 1350),
    "19": ("Tidsbegrenset opphold: (re)habilitering", 1113),
    "20": ("Tidsbegrenset opphold: annet", 717),
    "5": ("Matombringing", 413),
    "coercion": ("Helsehjelp med tvang", 235),
    "8": ("Avlastning i institusjon", 185),
    "2": ("Praktisk bistand: opplæring", 178),
    "9": ("Støttekontakt", 168),
    "11": ("Omsorgsstønad", 122),
    "6": ("Trygghetsalarm", 24),
    "3": ("Brukerstyrt personlig assistanse", 22),
    "7": ("Avlastning utenfor institusjon", 15),
    "17": ("Dagopphold i institusjon", 2),
    "supervision": ("Digitalt tilsyn", 1),
    "dispenser": ("Elektronisk medisineringsstøtte", 1),
}
_FRAIL, _USERS, _LONG_TERM = 11_555, 31_990, 5_658
_OSLO_75, _POOR = 38_915, 168.0


def _municipal() -> Iterator[Target]:
    group = "municipal"
    yield Target("frail_75/all", group, OSLO, "2021", 1000 * _FRAIL / _OSLO_75, "per 1000", _OLD,
                 _FRAIL, note="11 555 frail persons; the cut-offs on function are not public [U]"
                 )  # fmt: skip
    yield Target("frail_75/poor", group, OSLO, "2021", _POOR, "per 1000", _OLD,
                 _POOR / 1000 * _OSLO_75, note="poor or very poor function; cut-offs [U]"
                 )  # fmt: skip
    yield Target("users/all", group, OSLO, "2021", 1000 * _USERS / 697_010, "per 1000",
                 "all inhabitants", _USERS, note="31 990 persons with any service")  # fmt: skip
    yield Target("users/long_term", group, OSLO, "2021", 1000 * _LONG_TERM / _OSLO_75, "per 1000",
                 _OLD, _LONG_TERM, note="5 658 persons of all ages in long-term care")  # fmt: skip
    yield Target("kad_67/all", group, "Helsedirektoratet, øyeblikkelig hjelp døgnopphold 2022",
                 "2022", 72.0, "%", "KAD stays", note="stays of persons of 67 and over"
                 )  # fmt: skip
    for code, (label, counted) in FRAIL_SERVICES.items():
        yield Target(f"frail_service/{code}", "frail_services", OSLO, "2021",
                     100 * counted / _FRAIL, "%", "frail persons 75+", counted, _FRAIL,
                     note=f"{label}: {counted} of 11 555")  # fmt: skip


# -- psychiatry -----------------------------------------------------------------------------------

# Oslo 2022: referrals to BUP, rejected. Unknown bydel (18, 3 rejected) is left out.
REFERRALS: Final = {
    "Grorud": (207, 24), "Stovner": (174, 6), "Alna": (293, 8),
    "Frogner": (250, 34), "Vestre Aker": (330, 40), "Ullern": (244, 20),
    "St. Hanshaugen": (119, 21), "Gamle Oslo": (229, 37), "Grünerløkka": (204, 30),
    "Søndre Nordstrand": (295, 99), "Nordstrand": (435, 118), "Østensjø": (360, 86),
    "Sagene": (183, 28), "Bjerke": (215, 28), "Nordre Aker": (343, 40),
}  # fmt: skip
# Oslo 2022: patients with ADHD, 0-17 in BUP and 18-25 in VOP.
ADHD: Final = {
    "Alna": (119, 27), "Grorud": (25, 28), "Stovner": (35, 23),
    "Frogner": (43, 44), "Ullern": (68, 12), "Vestre Aker": (84, 25),
    "Gamle Oslo": (58, 59), "Grünerløkka": (58, 73), "St. Hanshaugen": (24, 74),
    "Bjerke": (78, 22), "Nordre Aker": (120, 40), "Nordstrand": (125, 33), "Sagene": (45, 36),
    "Søndre Nordstrand": (77, 31), "Østensjø": (101, 38),
}  # fmt: skip
# Unique patients of a sector: fewer than the sum of its bydeler where one has moved.
ADHD_BY_SECTOR: Final = {
    "OUS": (543, 198), "Diakonhjemmet": (194, 81), "Lovisenberg": (140, 203), "Akershus": (178, 78)
}  # fmt: skip
ADHD_ADULT_CHANGE: Final = 2.3534  # 2018 -> 2022, as printed and checked: +135.34 %
# Oslo: BUP patients by diagnosis group, 2018 and 2022. The printed change is wrong: recomputed.
BUP_PATIENTS: Final = {
    "ADHD": (610, 1044),
    "Alvorlige psykiske lidelser": (37, 42),
    "Angst": (402, 512),
    "Annet": (1714, 1772),
    "Belastningslidelser": (398, 397),
    "Depresjon": (290, 339),
    "Spiseforstyrrelser": (98, 186),
    "Symptomdiagnoser": (3417, 4514),
}
BUP_ALL: Final = (6966, 8806)
_GROWS = "patients an inhabitant the year before"
GROWTH_TOLERANCE = 0.03  # of the yearly factor: 10 % of it would let everything pass


def yearly(before: float, after: float) -> float:
    """The factor a year of a change from 2018 to 2022."""
    return (after / before) ** (1 / 4)


def _counted(before: float, after: float) -> float:
    """The count whose relative error is that of `yearly(before, after)`: of ln(after/before)/4."""
    return 16 / (1 / before + 1 / after)


def _psychiatry() -> Iterator[Target]:
    growth = yearly(*BUP_ALL)
    adhd, adult = yearly(*BUP_PATIENTS["ADHD"]), yearly(1, ADHD_ADULT_CHANGE)
    trend = "moved by the growth 2018-2022, which is taken to go on [B]"
    children, young = (0, 18), (18, 26)
    areas = {code: (code,) for code in NAMES} | SECTORS
    referrals = _over_areas({CODES[name]: row for name, row in REFERRALS.items()})
    patients = _over_areas({CODES[name]: row for name, row in ADHD.items()}) | ADHD_BY_SECTOR
    for area, bydeler in areas.items():
        received, rejected = referrals[area]
        child, youth = patients[area]
        small, grown = residents(bydeler, children), residents(bydeler, young)
        where = NAMES.get(area, area)
        yield Target(f"bup_referrals/{area}", "bup_referrals", OSLO, "2022",
                     1000 * received / small, "per 1000", "inhabitants 0-17", received,
                     yearly=growth, note=f"{where}: {received} referrals, {trend}")  # fmt: skip
        yield Target(f"bup_rejected/{area}", "bup_rejected", OSLO, "2022",
                     100 * rejected / received, "%", "referrals to BUP", rejected, received,
                     note=f"{where}: {rejected} of {received}")  # fmt: skip
        yield Target(f"adhd_0_17/{area}", "adhd_0_17", OSLO, "2022", 1000 * child / small,
                     "per 1000", "inhabitants 0-17", child, yearly=adhd,
                     note=f"{where}: {child} patients in BUP, {trend} as in all Oslo")  # fmt: skip
        yield Target(f"adhd_18_25/{area}", "adhd_18_25", OSLO, "2022", 1000 * youth / grown,
                     "per 1000", "inhabitants 18-25", youth, yearly=adult,
                     note=f"{where}: {youth} patients in VOP, {trend} as in all Oslo")  # fmt: skip
    all_children = residents(ages=children)
    for name, (before, after) in (BUP_PATIENTS | {"all": BUP_ALL}).items():
        yield Target(f"bup_patients/{name}", "bup_patients", OSLO, "2022",
                     1000 * after / all_children, "per 1000", "inhabitants 0-17", after,
                     yearly=yearly(before, after),
                     note=f"{after} patients, {trend}; a patient counts once in each group"
                     )  # fmt: skip
        yield Target(f"bup_growth/{name}", "growth", OSLO, "2018-2022", yearly(before, after),
                     "factor a year", _GROWS, _counted(before, after),
                     tolerance=GROWTH_TOLERANCE,
                     note=f"recomputed from {before} and {after}: the printed change is wrong"
                     )  # fmt: skip
    yield Target("adhd_growth/18-25", "growth", OSLO, "2018-2022", adult, "factor a year",
                 _GROWS, _counted(546 / ADHD_ADULT_CHANGE, 546),
                 tolerance=GROWTH_TOLERANCE,
                 note="+135.34 % in four years")  # fmt: skip


def _over_areas(bydeler: Mapping[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """The same pairs with those of the sectors added."""
    sums = {
        sector: (sum(bydeler[code][0] for code in own), sum(bydeler[code][1] for code in own))
        for sector, own in SECTORS.items()
    }
    return {**bydeler, **sums}


def targets(year: int) -> tuple[Target, ...]:
    """All targets; population is projected to 1 January of `year`."""
    return (
        *_population(year),
        *_stays(),
        *_readmissions(),
        *_primary_care(),
        *_discharge_ready(),
        *_municipal(),
        *_psychiatry(),
    )
