"""Databases that differ in one person's rows, as they land: absent, there, and there otherwise.

That person is hostile: the rows of many persons under one number, in every register, hundreds of
them, over every turn of year, in as many cells as there are; and numbers that might be taken for
somebody else's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.dbt_models.everybody import FIRST, LAST, everybody
from tests.dbt_models.workbench import Landing

Row = dict[str, Any]
Rows = dict[str, list[Row]]

_NUMBERS = ("episode_id", "referral_id", "service_id", "assessment_id", "claim_id")
_IMPERSONAL = ("bed_capacity",)
_DAYS = (LAST - FIRST).days


@dataclass(frozen=True)
class Life:
    """How one hostile person's rows are made.

    lives: of how many persons the rows are. every: days between stays, acute and alive, and between
    short services of care, so that none is taken into another; None leaves them where they were.
    """

    seed: int
    lives: int
    every: int | None = None


@dataclass(frozen=True)
class Neighbours:
    """Three databases: without the person, with, and with other rows of the same person."""

    person: str
    without: Landing
    with_person: Landing
    replaced: Landing


@dataclass(frozen=True)
class Numbering:
    """Numbers of persons and of what they have: the person's own, and what the others' begin with.

    Two of them, put together with a separator, may read as those of another: a/1 + 0 and a + 1/0.
    """

    person: str
    own: str
    others: str


NUMBERINGS = (
    Numbering("q", "", ""),
    Numbering("a", "", ""),  # before the others in every order
    Numbering("p0/1", "", "1/"),
    Numbering("p0~1", "", "1/"),
    Numbering("p", "0/", ""),
    Numbering("p0 ", "", ""),
    Numbering("P0", "", ""),
)


def neighbours(
    others: int,
    seed: int,
    lives: tuple[Life, Life],
    numbering: Numbering = NUMBERINGS[0],
    *,
    comes_first: bool = False,
) -> Neighbours:
    """comes_first: whether the person's rows land before the others' or after."""
    crowd = _numbered(everybody(Random(seed), others), numbering.others) if others else {}
    first, second = (_hostile(life, numbering) for life in lives)
    without = _together(crowd, {}, comes_first=comes_first)
    return Neighbours(
        numbering.person,
        without,
        _together(crowd, first, comes_first=comes_first),
        _together(crowd, second, comes_first=comes_first),
    )


def _lives(most: int) -> st.SearchStrategy[Life]:
    return st.builds(
        Life,
        seed=st.integers(0, 10**6),
        lives=st.sampled_from((1, 2, most // 2, most)),
        every=st.sampled_from((None, 2, 5, 31)),
    )


def any_neighbours(most_others: int, most_lives: int) -> st.SearchStrategy[Neighbours]:
    return st.builds(
        neighbours,
        others=st.integers(0, most_others),
        seed=st.integers(0, 10**6),
        lives=st.tuples(_lives(most_lives), _lives(most_lives)),
        numbering=st.sampled_from(NUMBERINGS),
        comes_first=st.booleans(),
    )


def _hostile(life: Life, numbering: Numbering) -> Rows:
    """The rows of `life.lives` persons as those of one."""
    drawn = everybody(Random(life.seed), life.lives)
    if life.every is not None:
        _one_by_one(drawn, life.every)

    def own(row: Row) -> Row:
        whose = row.get("person_id", "")
        claims = {"claim_id": f"{numbering.person}:{row['claim_id']}"} if "claim_id" in row else {}
        numbers = {
            name: numbering.own + (row[name] if whose == "p0" else f"{row[name]}.{whose}")
            for name in _NUMBERS
            if name in row and name != "claim_id"
        }
        person = {"person_id": numbering.person} if "person_id" in row else {}
        return row | numbers | claims | person

    return _each(drawn, own)


def _one_by_one(drawn: Rows, every: int) -> None:
    """Stays and services apart from each other over the whole period, and letters after them."""
    stays = drawn["npr_stay"]
    for place, row in enumerate(stays):
        admitted = FIRST + timedelta(days=place * every % _DAYS)
        discharged = admitted + timedelta(days=min(1, every - 1))
        row |= {
            "data_year": discharged.year,
            "admission_date": admitted,
            "discharge_date": discharged,
            "admission_time": None,
            "discharge_time": None,
            "discharge_ready_date": admitted,
            "care_level": (1, 1, 1, 3, 2)[place % 5],
            "urgency": 1,
            "state_at_discharge": 1,
            "death_date": None,
            "link_quality": 1,
        }
    discharged_on = {(row["person_id"], row["episode_id"]): row["discharge_date"] for row in stays}
    for letter in drawn["discharge_letter"]:
        letter["sent_on"] = discharged_on[letter["person_id"], letter["episode_id"]]
    for place, row in enumerate(drawn["kpr_care"]):
        started = FIRST + timedelta(days=place * every % _DAYS)
        row |= {
            "data_year": started.year,
            "started_on": started,
            "ended_on": started,
            "service_code": (22, 22, 15, 1)[place % 4],
            "death_date": None,
        }


def _numbered(crowd: Rows, prefix: str) -> Rows:
    """The crowd's rows with numbers that begin with `prefix`; claims, which need no person, not."""

    def own(row: Row) -> Row:
        return row | {n: prefix + row[n] for n in _NUMBERS[:-1] if n in row}

    return _each(crowd, own)


def _each(rows: Rows, change: Callable[[Row], Row]) -> Rows:
    return {
        table: [change(row) for row in of] for table, of in rows.items() if table not in _IMPERSONAL
    }


def _together(crowd: Rows, person: Rows, *, comes_first: bool) -> Landing:
    impersonal = everybody(Random(0), 0)
    order: Iterable[Mapping[str, list[Row]]] = (person, crowd) if comes_first else (crowd, person)
    parts = tuple(order)
    return {
        table: [*rows, *(row for part in parts for row in part.get(table, ()))]
        for table, rows in impersonal.items()
    }
