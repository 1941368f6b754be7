"""Late, revised, withdrawn and split deliveries: going on gives what a full build would give."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_models.incremental import (
    MODELS,
    Incremental,
    Rows,
    compile_incremental,
    difference,
    empty,
    go_on,
    land,
    withdraw,
)
from tests.examples import examples

DIAGNOSES = ("A01", "F900", "R81")
TARIFFS = ("1f", "11AD", "2ad", "2AE", "zz")
"""Kinds of contact 5, 4, 3, 3 and none."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Incremental]]:
    return compile_incremental(tmp_path_factory.mktemp("by-delivery"))


@pytest.fixture(scope="module")
def connection(
    compiled: tuple[Path, dict[str, Incremental]],
) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(compiled[0])) as opened:
        yield opened


@pytest.fixture(scope="module")
def models(compiled: tuple[Path, dict[str, Incremental]]) -> dict[str, Incremental]:
    return compiled[1]


_numbers = itertools.count()


def stay(
    number: str, diagnosis: str = "A01", level: int = 1, home: str = "030105"
) -> dict[str, Any]:
    return {
        "episode_id": number, "person_id": "p", "data_year": 2024, "care_level": level,
        "admission_date": date(2024, 3, 1), "discharge_date": date(2024, 3, 4), "sector": "4",
        "main_diagnosis": diagnosis, "other_diagnosis_1": "I10", "municipality_no": "0301",
        "bydel": home, "birth_year": 1940,
    }  # fmt: skip


def claim(number: str, service: int = 1, refund: float = 100.0) -> dict[str, Any]:
    return {
        "claim_id": number, "person_id": "p", "data_year": 2024, "claim_date": date(2024, 5, 1),
        "service_type": service, "municipality_no": "0301", "bydel": "030105", "birth_year": 1940,
        "refund": refund,
    }  # fmt: skip


def diagnosis(number: str, code: str, is_main: int = 0) -> dict[str, Any]:
    """The place of a code on a claim is its own, so that which one comes first is never a tie."""
    return {
        "claim_id": number, "diagnosis": code, "is_main": is_main, "code_number": next(_numbers),
    }  # fmt: skip


def tariff(number: str, code: str) -> dict[str, Any]:
    return {"claim_id": number, "tariff": code, "quantity": 1}


@dataclass(frozen=True)
class Step:
    """What happens between two builds: these deliveries leave, and one arrives (or none)."""

    leaves: tuple[str, ...] = ()
    arrives: str = ""
    rows: Rows | None = None


STORY = (
    Step(
        arrives="first",
        rows={
            "npr_stay": [stay("s1"), stay("s2", "F900", 3)],
            "kuhr_claim": [claim("c1"), claim("c2"), claim("c3")],
            "kuhr_diagnosis": [diagnosis("c1", "A01"), diagnosis("c2", "R81")],
            "kuhr_tariff": [tariff("c1", "2ad"), tariff("c2", "2ad"), tariff("c3", "zz")],
        },
    ),
    Step(arrives="late", rows={"npr_stay": [stay("s3")], "kuhr_claim": [claim("c4", 2)]}),
    Step(arrives="main_diagnosis", rows={"kuhr_diagnosis": [diagnosis("c1", "F900", 1)]}),
    Step(arrives="dearer_tariff", rows={"kuhr_tariff": [tariff("c2", "11AD")]}),
    Step(leaves=("main_diagnosis",), arrives="nothing", rows={}),
    Step(
        leaves=("first",),
        arrives="revised",
        rows={
            "npr_stay": [stay("s1", "R81", home="30103")],
            "kuhr_claim": [claim("c1", refund=7.0), claim("c2", 2)],
            "kuhr_tariff": [tariff("c1", "1f")],
        },
    ),
    Step(leaves=("late", "dearer_tariff")),
    Step(
        leaves=("revised",),
        arrives="brought_back",
        rows={"npr_stay": [stay("s1"), stay("s2", "F900", 3)], "kuhr_claim": [claim("c1")]},
    ),
    Step(leaves=("brought_back",)),
)


def differences(
    connection: duckdb.DuckDBPyConnection,
    models: dict[str, Incremental],
    steps: Sequence[Step],
    look: Callable[[], object] = lambda: None,
) -> list[tuple[int, str]]:
    """(step, model) wherever going on gave another table than building in full.

    look: called after each step.
    """
    empty(connection, models)
    found: list[tuple[int, str]] = []
    for number, step in enumerate(steps):
        withdraw(connection, step.leaves)
        if step.arrives:
            land(connection, step.arrives, "kuhr", step.rows or {})
        for name, model in models.items():
            go_on(connection, model)
            if difference(connection, model.full, f"select * from {model.relation}"):
                found.append((number, name))
        look()
    return found


def test_each_chapter_of_a_story_gives_what_a_full_build_gives(
    connection: duckdb.DuckDBPyConnection, models: dict[str, Incremental]
) -> None:
    """Worked by hand, so that equality with the full build is not equality of two mistakes."""
    told: list[tuple[list[str], dict[str, tuple[object, ...]]]] = []

    def look() -> None:
        stays = connection.execute("select stay_id from marts.fct_stay order by 1").fetchall()
        claims = connection.execute(
            "select claim_id, contact_type, main_diagnosis, refund, is_split from marts.fct_claim"
        ).fetchall()
        told.append(([s for (s,) in stays], {c[0]: c[1:] for c in claims}))

    assert differences(connection, models, STORY, look) == []
    first, late, main, dearer, taken_back, revised, left, back, over = told
    assert first == (
        ["p/s1"],
        {
            "c1": (3, "A01", 100.0, False),
            "c2": (3, "R81", 100.0, False),
            "c3": (0, None, 100.0, False),
        },
    )
    assert late[0] == ["p/s1", "p/s3"] and late[1]["c4"] == (0, None, 100.0, False)
    assert main[1]["c1"] == (3, "F900", 100.0, True)
    assert dearer[1]["c2"] == (4, "R81", 100.0, True)
    assert taken_back[1]["c1"] == (3, "A01", 100.0, False)
    assert revised[1] == {
        "c1": (5, None, 7.0, False),
        "c2": (4, None, 100.0, True),
        "c4": (0, None, 100.0, False),
    }
    assert left == (["p/s1"], {"c1": (5, None, 7.0, False), "c2": (0, None, 100.0, False)})
    assert back == (["p/s1"], {"c1": (0, None, 100.0, False)})
    assert over == ([], {})


def _all_rows(rows: list[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.sampled_from(rows), max_size=4)


NUMBERS = ("c1", "c2", "c3")
STAYS = [stay(n, d, v) for n in ("s1", "s2") for d in DIAGNOSES[:2] for v in (1, 3)]
CLAIMS = [claim(n, s, r) for n in NUMBERS for s in (1, 2) for r in (1.0, 2.0)]
LINES = [tariff(n, code) for n in NUMBERS for code in TARIFFS]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Up to six builds. Before each any current deliveries may leave and one may arrive, with any
    rows of any part: the same claim or stay may well be in two deliveries at once.
    """
    current: list[str] = []
    steps: list[Step] = []
    for number in range(draw(st.integers(1, 6))):
        leaves = tuple(id_ for id_ in current if draw(st.integers(0, 3)) == 0)
        current = [id_ for id_ in current if id_ not in leaves]
        arrives, rows = "", {}
        if draw(st.integers(0, 4)):
            arrives = f"d{number}"
            current.append(arrives)
            diagnoses = draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(NUMBERS), st.sampled_from(DIAGNOSES), st.integers(0, 1)
                    ),
                    max_size=4,
                )
            )
            rows = {
                "npr_stay": draw(_all_rows(STAYS)),
                "kuhr_claim": draw(_all_rows(CLAIMS)),
                "kuhr_diagnosis": [diagnosis(*row) for row in diagnoses],
                "kuhr_tariff": draw(_all_rows(LINES)),
            }
        steps.append(Step(leaves, arrives, rows))
    return steps


@settings(max_examples=examples(15), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories())
def test_any_history_of_deliveries_gives_what_a_full_build_gives(
    connection: duckdb.DuckDBPyConnection, models: dict[str, Incremental], history: list[Step]
) -> None:
    assert differences(connection, models, history) == []


Change = Callable[[Incremental], Incremental]


def _without(part: str, text: str, instead: str = "") -> Change:
    def change(model: Incremental) -> Incremental:
        whole = getattr(model, part)
        assert text in whole, whole
        return replace(model, **{part: whole.replace(text, instead)})

    return change


CURRENT = "delivery_id not in (select delivery_id from"
NEW = "where delivery_id in (select delivery_id from new_delivery)"


def _of(table: str) -> str:
    return f'select claim_id from "warehouse"."staging"."stg_kuhr__{table}"\n    {NEW}'


MUTATIONS: dict[str, tuple[str, Change]] = {
    **{
        f"{model} keeps rows of deliveries that have left": (
            model, _without("apply", CURRENT, f"false and {CURRENT}"),
        )
        for model in MODELS
    },
    **{
        f"{model} takes nothing in": (
            model, _without("apply", " from fresh;", " from fresh where false;"),
        )
        for model in MODELS
    },
    "a claim is not replaced by what it has become": (
        "fct_claim", _without("apply", "or claim_id in", "or false and claim_id in"),
    ),
    "a claim keeps the diagnosis of a delivery that has left": (
        "fct_claim", _without("fresh", "where is_split", "where false"),
    ),
    "a new diagnosis of an old claim is passed over": (
        "fct_claim", _without("fresh", _of("diagnosis"), f"{_of('diagnosis')} and false"),
    ),
    "a new tariff of an old claim is passed over": (
        "fct_claim", _without("fresh", _of("tariff"), f"{_of('tariff')} and false"),
    ),
    "a claim's row counts, its other parts do not": (
        "fct_claim", _without("fresh", _of("contact"), f"{_of('contact')} and false"),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_model_that_forgets_something_is_noticed(
    connection: duckdb.DuckDBPyConnection, models: dict[str, Incremental], name: str
) -> None:
    model, change = MUTATIONS[name]
    assert differences(connection, {model: change(models[model])}, STORY)
