"""The variants of readmission: worked by hand, then against the plain-Python reference."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_models.populations import DAY, HOUR, MINUTE, Step, contacts_of
from tests.dbt_models.seeds import codes, seed
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference import readmission_variants as reference
from tests.reference.atoms import Unit, atom_rows
from tests.reference.readmission_variants import Row
from tests.reference.tokens import index_tokens

FIRST_DAY, LAST_DAY = date(2023, 1, 1), date(2026, 6, 30)
DATA_END = datetime(2026, 7, 1)


@dataclass(frozen=True)
class Atoms:
    """An atom table: what it should hold, and the bounds of its definition."""

    units: Callable[[Iterable[Row], datetime], list[Unit]]
    per_cell: int
    total: int


TABLES = {
    "atom_readmission_30d_fhi": Atoms(reference.fhi, 3, 4),
    "atom_readmission_30d_skde": Atoms(reference.skde, 3, 4),
    "atom_readmission_30d_skde_diagnosis": Atoms(reference.skde_diagnosis, 3, 4),
    "atom_readmission_30d_hdir": Atoms(reference.hdir, 3, 4),
    "atom_discharge_days": Atoms(reference.discharge_days, 4, 4),
}
INDEX_TOKENS: dict[str, Callable[[Iterable[Row], datetime], list[reference.IndexToken]]] = {
    "tok_discharge_day": reference.tok_discharge_day,
    "tok_discharge_home_day": reference.tok_discharge_home_day,
    "tok_discharge_alive_day": reference.tok_discharge_alive_day,
}
DAYS_KEPT = 4


def stay(number: str, admitted: str, discharged: str, **more: object) -> Row:
    """A landing row: "2024-02-01 08:00" to "2024-02-10 12:00"; an acute stay of p, born 1940."""
    starts, ends = datetime.fromisoformat(admitted), datetime.fromisoformat(discharged)
    usual = {
        "person_id": "p", "care_level": 1, "urgency": 1, "state_at_discharge": 1, "sex": 2,
        "birth_year": 1940, "link_quality": 1, "discharged_to": 1, "main_diagnosis": "I500",
        "municipality_no": "0301", "bydel": "030105",
    }  # fmt: skip
    return usual | {
        "episode_id": number,
        "data_year": ends.year,
        "admission_date": starts.date(),
        "admission_time": starts.time(),
        "discharge_date": ends.date(),
        "discharge_time": ends.time(),
        **more,
    }


INDEX = stay("a", "2024-02-01 08:00", "2024-02-10 12:00", discharge_ready_date=date(2024, 2, 8))


def after(days: int, at: str = "12:00", number: str = "b", **more: object) -> Row:
    """A short stay that begins so many days after the 10th of February 2024."""
    begins = datetime.fromisoformat(f"2024-02-10 {at}") + timedelta(days)
    ends = begins + timedelta(hours=2)
    return stay(number, begins.isoformat(), ends.isoformat(), **{"main_diagnosis": "Z509"} | more)


def built(
    workbench: Workbench,
    model: str,
    stays: Sequence[Row],
    changed: Mapping[str, str] | None = None,
    period: tuple[date, date] = (FIRST_DAY, LAST_DAY),
) -> list[tuple[object, ...]]:
    workbench.land({"npr_stay": stays}, period)
    return workbench.rows(model, changed=changed)


READMITTED, NOT, NO_INDEX = "readmitted", "not_readmitted", None


def with_index(**more: object) -> Row:
    return {**INDEX, **more}


# Stays of one person, and the atom of the first of them, or None where it is no index stay.
COMMON: dict[str, tuple[list[Row], str | None]] = {
    "nothing follows": ([INDEX], NOT),
    "acute after ten days": ([INDEX, after(10)], READMITTED),
    "planned after ten days": ([INDEX, after(10, urgency=4)], NOT),
    "returned from another hospital is not acute": ([INDEX, after(10, urgency=5)], NOT),
    "urgency missing is not acute": ([INDEX, after(10, urgency=None)], NOT),
    "a planned stay between hides no acute one": (
        [INDEX, after(3, number="b", urgency=4), after(10, number="c")],
        READMITTED,
    ),
    "outpatient is no admission": ([INDEX, after(10, care_level=3)], NOT),
    "somebody else's admission": ([INDEX, after(10, person_id="q")], NOT),
    "over the leap day and a year earlier no matter": ([INDEX, after(19)], READMITTED),
    "dead at discharge": ([with_index(state_at_discharge=2), after(10)], NO_INDEX),
    "dead on the day of discharge": ([with_index(death_date=date(2024, 2, 10))], NO_INDEX),
    "without a national id": ([with_index(link_quality=4), after(10)], NO_INDEX),
    "an admission without a national id": ([INDEX, after(10, link_quality=4)], NOT),
    "year of birth unknown": ([with_index(birth_year=9999)], NO_INDEX),
    "sex unspecified": ([with_index(sex=9)], NO_INDEX),
    "a transfer at the same minute goes on": (
        [INDEX, stay("b", "2024-02-10 12:00", "2024-02-12 12:00")],
        NO_INDEX,
    ),
    "a stay inside another is no readmission": (
        [INDEX, stay("b", "2024-02-03 12:00", "2024-02-04 12:00")],
        NOT,
    ),
}
WINDOW: dict[str, dict[str, tuple[list[Row], str | None]]] = {
    "atom_readmission_30d_fhi": {
        "8 hours are the same episode": ([INDEX, after(0, "20:00")], NO_INDEX),
        "a minute more is a readmission": ([INDEX, after(0, "20:01")], READMITTED),
        "30 days to the minute": ([INDEX, after(30)], READMITTED),
        "30 days and a minute": ([INDEX, after(30, "12:01")], NOT),
        "31 days": ([INDEX, after(31)], NOT),
        "dies later without readmission": ([with_index(death_date=date(2024, 2, 20))], NOT),
        "66 in the year of discharge": ([with_index(birth_year=1958)], NO_INDEX),
        "67 in the year of discharge": ([with_index(birth_year=1957)], NOT),
        "a diagnosis in no group": ([with_index(main_diagnosis="I424")], NO_INDEX),
        "a planned index stay": ([with_index(urgency=4), after(10)], READMITTED),
    },
    "atom_readmission_30d_skde": {
        "later the same day": ([INDEX, after(0, "21:00")], NOT),
        "later the same day and again after a week": (
            [INDEX, after(0, "21:00", "b"), after(7, number="c")],
            READMITTED,
        ),
        "the day after, at midnight": ([INDEX, after(1, "00:00")], READMITTED),
        "29 days, at the last minute": ([INDEX, after(29, "23:59")], READMITTED),
        "30 days, at the first minute": ([INDEX, after(30, "00:00")], NOT),
        "dies on day 30 and was not back": ([with_index(death_date=date(2024, 3, 11))], NO_INDEX),
        "dies on day 31 and was not back": ([with_index(death_date=date(2024, 3, 12))], NOT),
        "readmitted and dies on day 20": (
            [with_index(death_date=date(2024, 3, 1)), after(10)],
            READMITTED,
        ),
        "74 in the year of discharge": ([with_index(birth_year=1950)], NO_INDEX),
        "75 in the year of discharge": ([with_index(birth_year=1949)], NOT),
        "any diagnosis": ([with_index(main_diagnosis=None), after(10)], READMITTED),
    },
    "atom_readmission_30d_skde_diagnosis": {
        "29 days, at the last minute": ([INDEX, after(29, "23:59")], READMITTED),
        "30 days, at the first minute": ([INDEX, after(30, "00:00")], NOT),
        "dies on day 30 and was not back": ([with_index(death_date=date(2024, 3, 11))], NO_INDEX),
        "a planned index stay": ([with_index(urgency=4), after(10)], NO_INDEX),
        "asthma is not COPD": ([with_index(main_diagnosis="J450"), after(10)], NO_INDEX),
        "a shaft fracture is no hip fracture": ([with_index(main_diagnosis="S723")], NO_INDEX),
    },
    "atom_readmission_30d_hdir": {
        "later the same day": ([INDEX, after(0, "21:00")], NOT),
        "the day after, at midnight": ([INDEX, after(1, "00:00")], READMITTED),
        "30 days, at the last minute": ([INDEX, after(30, "23:59")], READMITTED),
        "31 days, at the first minute": ([INDEX, after(31, "00:00")], NOT),
        "not reported ready": ([with_index(discharge_ready_date=None), after(10)], NO_INDEX),
        "reported ready before the admission": (
            [with_index(discharge_ready_date=date(2024, 1, 31)), after(10)],
            NO_INDEX,
        ),
        "reported ready on the day of admission": (
            [with_index(discharge_ready_date=date(2024, 2, 1)), after(10)],
            READMITTED,
        ),
        "a child": ([with_index(birth_year=2020)], NOT),
        "dies later without readmission": ([with_index(death_date=date(2024, 2, 20))], NOT),
    },
}  # fmt: skip


def persons_of(cases: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The stays of every case under persons of its own: one landing for all of them."""
    return [
        {**row, "person_id": f"{name}: {row['person_id']}"}
        for name, stays in cases.items()
        for row in stays
    ]


@pytest.mark.parametrize("model", list(WINDOW))
def test_worked_by_hand(workbench: Workbench, model: str) -> None:
    cases = COMMON | WINDOW[model]
    rows = built(workbench, model, persons_of({name: stays for name, (stays, _) in cases.items()}))
    atoms = {row[0]: row[-2] for row in rows}
    found = {name: atoms.get(f"{name}: p/a") for name in cases}
    assert found == {name: atom for name, (_, atom) in cases.items()}


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("atom_readmission_30d_fhi", ("75-84", "female", "heart_failure")),
        ("atom_readmission_30d_skde", ("80-84", "female", "2024Q1")),
        ("atom_readmission_30d_skde_diagnosis", ("heart_failure", "80-84", "female")),
        ("atom_readmission_30d_hdir", ("75-84", "female", "2024Q1")),
    ],
)
def test_a_row_says_whose_and_in_which_cell(
    workbench: Workbench, model: str, row: tuple[str, ...]
) -> None:
    assert built(workbench, model, [INDEX]) == [("p/a", "p", "2024", *row, NOT, True)]


@pytest.mark.parametrize(
    ("model", "last_day", "is_index"),
    [
        # Discharged on the 10th of February at 12: 30 x 24 h are full on the 11th of March at 12.
        ("atom_readmission_30d_fhi", date(2024, 3, 10), False),
        ("atom_readmission_30d_fhi", date(2024, 3, 11), True),
        # The thirtieth day is the 11th of March, and it must be over.
        ("atom_readmission_30d_skde", date(2024, 3, 10), False),
        ("atom_readmission_30d_skde", date(2024, 3, 11), True),
        ("atom_readmission_30d_hdir", date(2024, 3, 10), False),
        ("atom_readmission_30d_hdir", date(2024, 3, 11), True),
        ("atom_discharge_days", date(2024, 3, 10), False),
        ("atom_discharge_days", date(2024, 3, 11), True),
    ],
)
def test_an_index_stay_is_followed_to_the_end_of_its_window(
    workbench: Workbench, model: str, last_day: date, is_index: bool
) -> None:
    rows = built(workbench, model, [INDEX], period=(FIRST_DAY, last_day))
    assert bool(rows) == is_index


def test_the_stay_that_ends_the_episode_says_the_diagnosis(workbench: Workbench) -> None:
    stays = [
        stay("a", "2024-02-01 08:00", "2024-02-03 12:00", main_diagnosis="J189"),
        stay("b", "2024-02-03 13:00", "2024-02-10 12:00", main_diagnosis="S720"),
    ]
    ((unit, *_, group, atom, _),) = built(workbench, "atom_readmission_30d_fhi", stays)
    assert (unit, group, atom) == ("p/b", "fracture", NOT)


DISCHARGES: dict[str, tuple[list[Row], str | None]] = {
    "to home": ([INDEX], "home_not_readmitted_here"),
    "to home and back in": ([INDEX, after(30, "23:59")], "home_readmitted_here"),
    "back in on day 31": ([INDEX, after(31, "00:00")], "home_not_readmitted_here"),
    "back in the same day": ([INDEX, after(0, "21:00")], None),
    "to a nursing home": ([with_index(discharged_to=11)], "elsewhere_not_readmitted_here"),
    "destination missing": (
        [with_index(discharged_to=None), after(1)],
        "elsewhere_readmitted_here",
    ),
    "moved to another hospital": ([with_index(discharged_to=3), after(5)], None),
    "moved within the hospital": ([with_index(discharged_to=7)], None),
    "dead at discharge": ([with_index(state_at_discharge=3)], None),
    "sex and age unknown do not matter here": (
        [with_index(sex=0, birth_year=9999)],
        "home_not_readmitted_here",
    ),
    "without a national id": ([with_index(link_quality=4)], None),
}


def test_discharges_worked_by_hand(workbench: Workbench) -> None:
    stays = persons_of({name: stays for name, (stays, _) in DISCHARGES.items()})
    atoms = {row[0]: row[-2] for row in built(workbench, "atom_discharge_days", stays)}
    found = {name: atoms.get(f"{name}: p/a") for name in DISCHARGES}
    assert found == {name: atom for name, (_, atom) in DISCHARGES.items()}


@pytest.mark.parametrize(
    ("token", "bucket", "is_in"),
    [
        ("tok_discharge_alive_day", "030105", ""),
        ("tok_discharge_home_day", "030105", "home"),
        ("tok_discharge_day", "sector_diakonhjemmet", "_not_readmitted_here"),
    ],
)
def test_tokens_of_discharges_worked_by_hand(
    workbench: Workbench, token: str, bucket: str, is_in: str
) -> None:
    stays = persons_of({name: stays for name, (stays, _) in DISCHARGES.items()})
    rows = built(workbench, token, stays)
    of_index = {str(row[0]): row[2:] for row in rows if row[1] == date(2024, 2, 10)}
    # Back in the same day: the later stay speaks for the day, and it went home too.
    atoms = {name: atom or "" for name, (_, atom) in DISCHARGES.items()} | {
        "back in the same day": "home_not_readmitted_here"
    }
    assert of_index == {
        f"{name}: p": ("2024", bucket, True)
        for name, atom in atoms.items()
        if atom and is_in in atom
    }


def test_who_came_back_and_died_the_same_day_is_not_discharged(workbench: Workbench) -> None:
    stays = [INDEX, after(0, "21:00", state_at_discharge=2)]
    assert built(workbench, "tok_discharge_alive_day", stays) == []


def test_two_discharges_of_a_day_are_one_token_of_the_later(workbench: Workbench) -> None:
    stays = [INDEX, after(0, "21:00", bydel="030101", discharged_to=11)]
    found = built(workbench, "tok_discharge_alive_day", stays)
    assert found == [("p", date(2024, 2, 10), "2024", "030101", True)]


def test_a_bydel_changes_its_sector_with_the_year(workbench: Workbench) -> None:
    alna = {"bydel": "030112", "municipality_no": "301"}
    stays = [
        stay("a", "2025-12-01 08:00", "2025-12-31 08:00", **alna),
        stay("b", "2026-03-01 08:00", "2026-03-05 08:00", **alna),
        stay("c", "2026-05-01 08:00", "2026-05-05 08:00", municipality_no="-1", bydel=None),
    ]
    assert built(workbench, "tok_discharge_day", stays) == [
        ("p", date(2025, 12, 31), "2025", "sector_ahus", True),
        ("p", date(2026, 3, 5), "2026", "sector_ous", True),
        ("p", date(2026, 5, 5), "2026", "outside_sectors", True),
    ]


BACK: dict[str, tuple[list[Row], list[date]]] = {
    "thirty days before, and not the day itself": (
        [after(0)],
        [date(2024, 1, 11) + timedelta(n) for n in range(30)],
    ),
    "a planned admission": ([after(0, urgency=4)], []),
    "returned from another hospital": ([after(0, urgency=5)], []),
    "without a national id": ([after(0, link_quality=4)], []),
    "two in a month cover a day once": (
        [after(0), after(10, number="c")],
        [date(2024, 1, 11) + timedelta(n) for n in range(40)],
    ),
    "two a day are one": (
        [after(0, "01:00"), after(0, "13:00", "c")],
        [date(2024, 1, 11) + timedelta(n) for n in range(30)],
    ),
    "not before the day before the first that is delivered": (
        [stay("a", "2023-01-03 08:00", "2023-01-04 08:00")],
        [date(2022, 12, 31), date(2023, 1, 1), date(2023, 1, 2)],
    ),
}


def test_days_before_an_acute_admission_worked_by_hand(workbench: Workbench) -> None:
    stays = persons_of({name: stays for name, (stays, _) in BACK.items()})
    wanted = [
        (f"{name}: p", day, "acute_readmission", "days_1_30")
        for name, (_, days) in BACK.items()
        for day in days
    ]
    assert built(workbench, "tok_acute_admission_back_30d", stays) == sorted(wanted, key=repr)


def test_same_and_other_hospital_add_up_to_any(workbench: Workbench) -> None:
    """What the linkage counts, by hand. The discharge after which p is back here is not asked about
    elsewhere; the one after that stay is, and so is that of q."""
    here = [INDEX, after(5), stay("x", "2024-02-01 08:00", "2024-02-10 12:00", person_id="q")]
    index = built(workbench, "tok_discharge_day", here)
    elsewhere = [after(8, person_id="p"), after(8, person_id="q")]
    there = built(workbench, "tok_acute_admission_back_30d", elsewhere)
    matched = {row[:2] for row in index} & {row[:2] for row in there}
    assert matched == {("p", date(2024, 2, 15)), ("q", date(2024, 2, 10))}


# --- seeds ----------------------------------------------------------------------------------------


def test_age_groups_cover_their_ages_once() -> None:
    for name, youngest in (("age_group_67plus", 67), ("age_group_75plus", 75)):
        ages = [
            age for row in seed(name) for age in range(int(row["age_from"]), int(row["age_to"]) + 1)
        ]
        assert ages == list(range(youngest, 131)), name


def test_a_domain_has_the_names_of_the_seed_it_stands_for_once() -> None:
    for domain, column, of, same in (
        ("readmission_diagnosis", "diagnosis_group", "diagnosis_group", "diagnosis_group"),
        ("atlas_diagnosis", "atlas_diagnosis", "atlas_diagnosis_code", "atlas_diagnosis"),
    ):
        names = [row[column] for row in seed(domain)]
        assert len(names) == len(set(names)), domain
        assert set(names) == {row[same] for row in seed(of)}, domain
    sectors = {r["area_group"] for r in seed("area_group") if r["area_group"][:7] == "sector_"}
    assert [row["sector"] for row in seed("readmission_sector")] == [
        *sorted(sectors), "outside_sectors",
    ]  # fmt: skip
    assert {row["code"] for row in seed("sex")} <= set(codes("kjonn"))


def test_every_destination_is_grouped_and_only_home_is_home() -> None:
    grouped = {row["discharged_to"]: row["destination"] for row in seed("discharge_destination")}
    assert set(grouped) == set(codes("tilSted"))
    assert {code for code, to in grouped.items() if to == "home"} == {"1"}
    assert {code for code, to in grouped.items() if to == "transfer"} == {"3", "7", "8"}
    assert set(grouped.values()) == {"home", "transfer", "other"}


def test_the_diagnoses_of_the_atlas_are_apart() -> None:
    rows = seed("atlas_diagnosis_code")
    assert all(len(row["code_from"]) == len(row["code_to"]) for row in rows)
    spans = sorted((row["code_from"].ljust(4, "0"), row["code_to"].ljust(4, "9")) for row in rows)
    assert all(before < after for (_, before), (after, _) in pairwise(spans))


# --- many persons ---------------------------------------------------------------------------------

STARTS = (
    datetime(2023, 12, 30, 23, 50), datetime(2024, 2, 28, 22, 0), datetime(2024, 3, 31, 2, 30),
    datetime(2024, 10, 27, 2, 30), datetime(2025, 12, 20, 12, 0), datetime(2026, 5, 30, 0, 0),
    datetime(2026, 5, 31, 0, 0), datetime(2023, 1, 2, 8, 0),
)  # fmt: skip
GAPS = (
    0, MINUTE, 8 * HOUR, 8 * HOUR + 1, 9 * HOUR, 14 * HOUR, DAY, 3 * DAY, 10 * DAY, 28 * DAY,
    29 * DAY, 30 * DAY - 1, 30 * DAY, 30 * DAY + 1, 31 * DAY, 200 * DAY, -HOUR, -3 * DAY, -12 * DAY,
)  # fmt: skip
LENGTHS = (0, MINUTE, 6 * HOUR, DAY, 2 * DAY + HOUR, 9 * DAY, 40 * DAY, -DAY)
BIRTH_YEARS = (
    1930, 1935, 1937, 1940, 1942, 1945, 1949, 1950, 1957, 1958, 1980, 2015, None, 9999, 2040,
)  # fmt: skip
DIAGNOSES = (
    "I500", "I110", "I119", "J441", "J450", "J189", "S720", "S723", "I639", "N300", "K590",
    "A099", "M109", "D539", "E86", "I424", "Z509", None,
)  # fmt: skip
HOMES = (
    ("0301", "030105"), ("301", "30112"), ("0301", "030112"), ("0301", "039999"), ("0301", None),
    ("4601", None), ("3301", None), ("-1", None), (None, None), (None, "030117"),
)  # fmt: skip


def population(draw: random.Random, persons: int) -> list[Row]:
    """Stays on the edges of the definitions, as landing rows in random order."""
    found: list[Row] = []
    for person in range(persons):
        often = person % 8 == 0
        steps = [
            Step(
                gap=draw.choice((DAY, 9 * DAY)) if often else draw.choice(GAPS),
                length=draw.choice(LENGTHS),
                care_level=draw.choice((1, 1, 1, 1, 1, 2)),
                urgency=(1 if person % 16 else 4)
                if often
                else draw.choice((1, 1, 2, 3, 4, 4, 5, None)),
                state_at_discharge=draw.choice((1, 1, 1, 1, 1, 1, 1, None, 2)),
                death_after=draw.choice((None, None, None, None, None, -1, 0, 1, 29, 30, 31)),
                birth_year=1940 if often else draw.choice(BIRTH_YEARS),
                link_quality=draw.choice((1, 1, 1, 1, 1, 1, 1, 4, None)),
                sex=2 if often else draw.choice((1, 1, 1, 2, 2, 2, 0, 9, None)),
                lacks_admission_time=draw.choice((False, False, False, True)),
                lacks_discharge_time=draw.choice((False, False, False, True)),
            )
            for _ in range(10 if often else draw.choice((1, 2, 2, 3, 3, 4, 6)))
        ]
        for contact in contacts_of(f"p{person}", draw.choice(STARTS), steps):
            municipality, bydel = draw.choice(HOMES)
            found.append(
                asdict(contact)
                | {
                    "data_year": contact.discharge_date.year,
                    "main_diagnosis": "I500" if often else draw.choice(DIAGNOSES),
                    "discharged_to": draw.choice((1, 1, 1, 3, 7, 8, 11, 21, 98, 97, None)),
                    "discharge_ready_date": draw.choice(
                        (
                            None,
                            contact.admission_date - timedelta(1),
                            contact.admission_date,
                            contact.discharge_date,
                            contact.discharge_date + timedelta(1),
                        )
                    ),
                    "municipality_no": municipality,
                    "bydel": bydel,
                }
            )
    draw.shuffle(found)
    return found


def expected(model: str, stays: Sequence[Row]) -> list[tuple[object, ...]]:
    if model == "tok_acute_admission_back_30d":
        return sorted(reference.tok_acute_admission_back_30d(stays, DATA_END, FIRST_DAY), key=repr)
    if model in INDEX_TOKENS:
        return index_tokens(INDEX_TOKENS[model](stays, DATA_END), DAYS_KEPT)
    table = TABLES[model]
    return sorted(atom_rows(table.units(stays, DATA_END), table.per_cell, table.total), key=repr)


def found_in(
    workbench: Workbench, model: str, stays: Sequence[Row], changed: Mapping[str, str] | None = None
) -> list[tuple[object, ...]]:
    return built(workbench, model, stays, changed)


MODELS = (*TABLES, *INDEX_TOKENS, "tok_acute_admission_back_30d")


@pytest.fixture(scope="module")
def many() -> list[Row]:
    return population(random.Random(31), 500)


def all_found_in(workbench: Workbench, stays: Sequence[Row]) -> dict[str, list[tuple[object, ...]]]:
    workbench.land({"npr_stay": stays}, (FIRST_DAY, LAST_DAY))
    return workbench.all_rows(MODELS)


def test_many_persons_equal_the_reference(workbench: Workbench, many: list[Row]) -> None:
    for model, found in all_found_in(workbench, many).items():
        assert found == expected(model, many), model


def test_the_population_reaches_every_branch(many: list[Row]) -> None:
    """Else the comparison above would prove less than it says."""
    for model, table in TABLES.items():
        units = table.units(many, DATA_END)
        assert len({unit.atom for unit in units}) == (4 if "discharge" in model else 2), model
        assert {row[-1] for row in atom_rows(units, table.per_cell, table.total)} == {True, False}
    cells = [unit.cell for unit in reference.fhi(many, DATA_END)]
    assert {group for *_, group in cells} == {
        r["diagnosis_group"] for r in seed("readmission_diagnosis")
    }
    assert {cell[:2] for cell in cells} == {
        (r["age_group"], sex) for r in seed("age_group_67plus") for sex in ("female", "male")
    }
    assert {u.cell[0] for u in reference.skde(many, DATA_END)} == {
        r["age_group"] for r in seed("age_group_75plus")
    }
    assert {u.cell[0] for u in reference.skde_diagnosis(many, DATA_END)} == {
        r["atlas_diagnosis"] for r in seed("atlas_diagnosis")
    }
    assert {bucket for *_, bucket in reference.tok_discharge_day(many, DATA_END)} > {
        "sector_ahus",
        "sector_diakonhjemmet",
        "sector_ous",
        "outside_sectors",
    }.difference({"outside_sectors"})
    stays = reference.discharges(many, DATA_END)
    assert {0, 1, 29, 30, 31} <= {days for stay in stays for days in stay.days_to_acute}
    assert {stay.is_alive for stay in stays} == {True, False}
    assert {stay.is_followed_by_days for stay in stays} == {True, False}
    assert any(0 in stay.days_to_acute and 0 < stay.days_to_acute[-1] < 30 for stay in stays)
    died = [s for s in stays if s.episode.death_date is not None]
    assert {29, 30, 31} <= {
        (s.episode.death_date - s.day).days for s in died if s.episode.death_date
    }


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False), persons=st.integers(1, 4))
def test_any_population_equals_the_reference(
    workbench: Workbench, draw: random.Random, persons: int
) -> None:
    stays = population(draw, persons)
    for model, found in all_found_in(workbench, stays).items():
        assert found == expected(model, stays), model


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "place", "right", "wrong"),
    [
        (
            "atom_readmission_30d_fhi",
            "int_readmission_stay",
            "rows between 1 following and unbounded following",
            "rows between 1 following and 1 following",
        ),
        (
            "atom_readmission_30d_fhi",
            "int_fhi_index_stay",
            "interval 30 days",
            "interval 29 days",
        ),
        ("atom_readmission_30d_fhi", "int_fhi_index_stay", "stay.is_followed_30d", "true"),
        ("atom_readmission_30d_fhi", "int_readmission_diagnosis", "length(fhi.code_from)", "3"),
        (
            "atom_readmission_30d_skde",
            "int_skde_index_stay",
            "< discharged_on + 30",
            "<= discharged_on + 30",
        ),
        (
            "atom_readmission_30d_skde",
            "int_skde_index_stay",
            "death_date > flagged.discharged_on + 30",
            "death_date >= flagged.discharged_on + 30",
        ),
        (
            "atom_readmission_30d_skde",
            "int_skde_index_stay",
            "flagged.is_readmitted\n        or",
            "false or",
        ),
        (
            "atom_readmission_30d_skde",
            "int_readmission_stay",
            "episode.discharged_on < acute_day.admitted_on",
            "episode.discharged_on <= acute_day.admitted_on",
        ),
        (
            "atom_readmission_30d_skde_diagnosis",
            "atom_readmission_30d_skde_diagnosis",
            "stay.episode_id in (select",
            "stay.episode_id is not null or 'x' in (select",
        ),
        (
            "atom_readmission_30d_hdir",
            "atom_readmission_30d_hdir",
            "<= stay.discharged_on + 30",
            "< stay.discharged_on + 30",
        ),
        (
            "atom_readmission_30d_hdir",
            "int_readmission_stay",
            "episode.discharged_on + 30 <",
            "episode.discharged_on + 30 <=",
        ),
        ("atom_discharge_days", "int_discharge_day", "discharged_at desc", "discharged_at"),
        ("atom_discharge_days", "int_discharge_day", "!= 'transfer', true", "!= 'transfer', false"),
        ("tok_discharge_day", "tok_discharge_day", "where not is_readmitted_here", ""),
        ("tok_discharge_day", "tok_discharge_day", ") <= 4", ") <= 3"),
        ("tok_discharge_day", "tok_discharge_day", "year(day)::varchar", "'2024'"),
        (
            "tok_discharge_day",
            "tok_discharge_day",
            "common.register = 'npr'",
            "common.register = 'kpr'",
        ),
        ("tok_discharge_day", "int_discharge_day", "year(last_of_day.discharged_on)", "2024"),
        ("tok_discharge_home_day", "tok_discharge_home_day", "where is_home", ""),
        (
            "tok_acute_admission_back_30d",
            "int_acute_admission_span",
            "next_event.event_on - event_class.day_to",
            "next_event.event_on - event_class.day_to + 1",
        ),
        ("tok_acute_admission_back_30d", "int_acute_admission_span", "+ 1 - 1", "+ 2 - 1"),
        (
            "tok_acute_admission_back_30d",
            "int_acute_admission_span",
            "period_from - 1",
            "period_from",
        ),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench, many: list[Row], model: str, place: str, right: str, wrong: str
) -> None:
    sql = workbench.models[place].sql
    assert right in sql
    changed = {place: sql.replace(right, wrong)}
    assert found_in(workbench, model, many, changed) != expected(model, many)
