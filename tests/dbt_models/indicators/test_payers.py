"""Who pays for a pathway and for primary care: by hand, populations, and changed rules."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_models.indicators import groups_populations as drawn
from tests.dbt_models.indicators.test_acute import DATA_END, PERIOD, found, hospital_rows, stay
from tests.dbt_models.workbench import Workbench
from tests.examples import examples
from tests.reference import payers
from tests.reference.atoms import atom_rows

Row = dict[str, Any]
PATHWAY, PRIMARY = "atom_pathway_payer_cost", "atom_primary_care_cost"
BUCKET = "sector_diakonhjemmet/75-84"
PRICE, SHARE, DAY = 52_248, 0.4, 5_745  # of 2024


def ready(number: str, admitted: str, discharged: str, ready_on: str, **fields: Any) -> Row:
    return stay(
        number, admitted, discharged, discharge_ready_date=date.fromisoformat(ready_on), **fields
    )


INDEX = stay("i", "2024-07-01 08:00", "2024-07-03 12:00", drg_weight=2.0)
# Stays, and what state, trust and municipality bear of the pathway of the 1st of July 2024.
PATHWAYS: dict[str, tuple[list[Row], tuple[float, float, float]]] = {
    "two points: 40 % the state's": (
        [INDEX],
        (2 * PRICE * SHARE, 2 * PRICE * (1 - SHARE), 0),
    ),
    "90 days before and after are in, 91 are not": (
        [
            INDEX,
            stay("a", "2024-04-01 08:00", "2024-04-01 12:00", urgency=4, drg_weight=16.0),
            stay("b", "2024-04-02 08:00", "2024-04-02 12:00", urgency=4, drg_weight=1.0),
            stay("c", "2024-09-29 08:00", "2024-09-30 12:00", urgency=4, drg_weight=4.0),
            stay("d", "2024-09-30 21:00", "2024-10-01 12:00", urgency=4, drg_weight=8.0),
        ],
        (7 * PRICE * SHARE, 7 * PRICE * (1 - SHARE), 0),
    ),
    "three days over": (
        [ready("i", "2024-07-01 08:00", "2024-07-06 12:00", "2024-07-03", drg_weight=2.0)],
        (2 * PRICE * SHARE, 2 * PRICE * (1 - SHARE), 3 * DAY),
    ),
    "days over of a planned stay before": (
        [
            INDEX,
            ready("b", "2024-06-01 08:00", "2024-06-05 12:00", "2024-06-04", urgency=4,
                  drg_weight=1.0),
        ],
        (3 * PRICE * SHARE, 3 * PRICE * (1 - SHARE), DAY),
    ),
    "discharged on the day reported ready": (
        [ready("i", "2024-07-01 08:00", "2024-07-03 12:00", "2024-07-03", drg_weight=2.0)],
        (2 * PRICE * SHARE, 2 * PRICE * (1 - SHARE), 0),
    ),
    "no points, and yet days over": (
        [ready("i", "2024-07-01 08:00", "2024-07-04 12:00", "2024-07-03")],
        (0, 0, DAY),
    ),
    "mental health care is not paid so": (
        [
            INDEX,
            ready("j", "2024-07-01 07:00", "2024-07-08 12:00", "2024-07-03", drg_weight=2.0,
                  sector="2", urgency=4),
        ],
        (2 * PRICE * SHARE, 2 * PRICE * (1 - SHARE), 0),
    ),
    "another person's stay": (
        [INDEX, stay("b", "2024-06-02 08:00", "2024-06-03 12:00", person_id="q", urgency=4,
                     drg_weight=1.0)],
        (2 * PRICE * SHARE, 2 * PRICE * (1 - SHARE), 0),
    ),
    "2023 has no unit price": (
        [stay("i", "2023-07-01 08:00", "2023-07-03 12:00", drg_weight=2.0)],
        (0, 0, 0),
    ),
    "89 days after are delivered": (
        [stay("i", "2024-10-03 08:00", "2024-10-03 12:00", drg_weight=2.0)],
        (0, 0, 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PATHWAYS)
def test_a_pathway_by_payer(workbench: Workbench, case: str) -> None:
    rows, amounts = PATHWAYS[case]
    of_index = [row for row in found(workbench, rows, PATHWAY) if row[1] == "p"]
    wanted = dict(zip(("state", "trust", "municipality"), amounts, strict=True))
    assert {row[4]: row[5] for row in of_index} == {
        payer: int(amount + 0.5) for payer, amount in wanted.items() if amount
    }
    assert all(row[2:4] == ("2024", BUCKET) for row in of_index)


def claim(number: int, on: str, service: int = 1, **fields: Any) -> Row:
    day = date.fromisoformat(on)
    return {
        "claim_id": f"k{number}", "person_id": "p", "data_year": day.year, "claim_date": day,
        "service_type": service, "birth_year": 1964, "refund": 200.0, "patient_share": 170.0,
    } | fields  # fmt: skip


CLAIMS: dict[str, tuple[list[Row], list[tuple[str, str, str, int]]]] = {
    "two claims add up": (
        [claim(1, "2024-01-01"), claim(2, "2024-12-31", refund=100.4)],
        [("gp", "18-66", "patient", 340), ("gp", "18-66", "state", 300)],
    ),
    "each service by itself": (
        [claim(1, "2024-01-01"), claim(2, "2024-02-01", 2, refund=500.5, patient_share=None)],
        [
            ("gp", "18-66", "patient", 170), ("gp", "18-66", "state", 200),
            ("legevakt", "18-66", "state", 501),
        ],
    ),
    "a private and a municipal physiotherapist are one service": (
        [claim(1, "2024-01-01", 3), claim(2, "2024-02-01", 4)],
        [("physiotherapy", "18-66", "patient", 340), ("physiotherapy", "18-66", "state", 400)],
    ),
    "a dentist is none of them": ([claim(1, "2024-01-01", 6)], []),
    "age by the last claim": (
        [claim(1, "2024-01-01"), claim(2, "2024-02-01", birth_year=1949)],
        [("gp", "75-84", "patient", 340), ("gp", "75-84", "state", 400)],
    ),
    "nothing paid is no row": ([claim(1, "2024-01-01", refund=0.0, patient_share=0.4)], []),
    "unknown age": ([claim(1, "2024-01-01", birth_year=9999)], []),
    "at most half a million": (
        [claim(1, "2024-01-01", refund=600_000.0, patient_share=0.0)],
        [("gp", "18-66", "state", 500_000)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CLAIMS)
def test_primary_care_by_payer(workbench: Workbench, case: str) -> None:
    claims, wanted = CLAIMS[case]
    workbench.land({"kuhr_claim": claims}, PERIOD)
    rows = workbench.rows(PRIMARY, ("service", "age_group", "atom", "amount"))
    assert sorted(rows, key=repr) == sorted(wanted, key=repr)


def claims_of(draw: Random, persons: int) -> list[Row]:
    rows: list[Row] = []
    for person in range(persons):
        day, born = draw.choice(drawn.MOMENTS).date(), draw.choice(drawn.BIRTH_YEARS)
        for number in range(draw.choice((1, 2, 5))):
            day = min(day + timedelta(draw.choice((0, 10, 200))), PERIOD[1])
            rows.append(
                claim(
                    number,
                    day.isoformat(),
                    draw.choice((1, 1, 2, 3, 4, 6, 9)),
                    claim_id=f"{person}-{number}",
                    person_id=f"p{person}",
                    birth_year=born,
                    # Halves and quarters: their sums are exact in any order.
                    refund=draw.choice((None, 0.0, 0.5, 123.25, 499_999.0, 700_000.0)),
                    patient_share=draw.choice((None, 0.0, 0.25, 170.0, 1_200.5)),
                )
            )
    draw.shuffle(rows)
    return rows


def expected(model: str, rows: list[Row]) -> list[tuple[object, ...]]:
    if model == PATHWAY:
        return sorted(atom_rows(payers.pathway_payer_cost(rows, DATA_END), 12, 12), key=repr)
    return sorted(atom_rows(payers.primary_care_cost(rows), 2, 8), key=repr)


def built(
    workbench: Workbench, model: str, rows: list[Row], changed: dict[str, str] | None = None
) -> list[tuple[object, ...]]:
    workbench.land({"npr_stay" if model == PATHWAY else "kuhr_claim": rows}, PERIOD)
    return workbench.rows(model, changed=changed)


@pytest.fixture(scope="module")
def many() -> dict[str, list[Row]]:
    draw = Random(61)
    return {PATHWAY: hospital_rows(300, draw), PRIMARY: claims_of(draw, 300)}


@pytest.mark.parametrize("model", [PATHWAY, PRIMARY])
def test_many_persons_equal_the_reference(
    workbench: Workbench, many: dict[str, list[Row]], model: str
) -> None:
    assert built(workbench, model, many[model]) == expected(model, many[model])


def test_the_population_reaches_every_branch(many: dict[str, list[Row]]) -> None:
    """Else the comparison above would prove less than it says."""
    pathways = payers.pathway_payer_cost(many[PATHWAY], DATA_END)
    assert {unit.atom for unit in pathways} == {"state", "trust", "municipality"}
    assert any(unit.amount == 5_000_000 for unit in pathways)
    paid = payers.primary_care_cost(many[PRIMARY])
    assert {(unit.cell[0], unit.atom) for unit in paid} == {
        (service, payer)
        for service in ("gp", "legevakt", "physiotherapy", "health_station")
        for payer in ("state", "patient")
    }
    assert any(unit.amount == 500_000 for unit in paid)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False))
def test_any_population_equals_the_reference(workbench: Workbench, draw: Random) -> None:
    for model, rows in ((PATHWAY, hospital_rows(3, draw)), (PRIMARY, claims_of(draw, 3))):
        assert built(workbench, model, rows) == expected(model, rows), model


@pytest.mark.parametrize(
    ("model", "right", "wrong"),
    [
        (PATHWAY, "admission.day - 90", "admission.day - 89"),
        (PATHWAY, "admission.day + 90", "admission.day + 91"),
        (PATHWAY, "(1 - price.share)", "price.share"),
        (PATHWAY, "least(coalesce(ready.days_over, 0), 365)", "coalesce(ready.days_over, 0)"),
        (PATHWAY, "stay.drg_weight >= 0", "stay.drg_weight > 2"),
        (PATHWAY, "where stay.is_linkable and", "where"),
        (PATHWAY, "where amount > 0", ""),
        (PRIMARY, "arg_max_null(age", "arg_min_null(age"),
        (PRIMARY, "'state', claimed.refund", "'patient', claimed.refund"),
        (PRIMARY, "where amount > 0", ""),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench, many: dict[str, list[Row]], model: str, right: str, wrong: str
) -> None:
    worked = PATHWAYS.values() if model == PATHWAY else CLAIMS.values()
    rows = [
        *many[model],
        *({**row, "person_id": f"{number}", **({"claim_id": f"w{number}-{row['claim_id']}"}
                                               if model == PRIMARY else {})}
          for number, (case, _) in enumerate(worked) for row in case),
    ]  # fmt: skip
    sql = workbench.models[model].sql
    assert right in sql
    assert built(workbench, model, rows, {model: sql.replace(right, wrong)}) != expected(
        model, rows
    )
