"""What the municipality and the register say after a discharge: classes of days, by hand and then
against the plain-Python reference."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_versions
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples
from tests.reference import readmission_variants as reference
from tests.reference.readmission_variants import Row

FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2024, 12, 31)
SPAN = {
    "tok_gp_contact_class": "int_gp_contact_span",
    "tok_home_care_class": "int_home_care_span",
    "tok_short_term_stay_class": "int_short_term_stay_span",
}
TOKENS = tuple(SPAN)


def found_in(
    workbench: Workbench, token: str, landing: Landing, changed: Mapping[str, str] | None = None
) -> list[tuple[object, ...]]:
    workbench.land(landing, (FIRST_DAY, LAST_DAY))
    return workbench.rows(token, changed=changed)


def expected(token: str, landing: Landing) -> list[tuple[object, ...]]:
    care = landing.get("kpr_care", ())
    if token == "tok_home_care_class":
        return sorted(reference.tok_home_care_class(care, FIRST_DAY), key=repr)
    if token == "tok_short_term_stay_class":
        return sorted(reference.tok_short_term_stay_class(care, FIRST_DAY), key=repr)
    claims, tariffs = landing.get("kuhr_claim", ()), landing.get("kuhr_tariff", ())
    return sorted(reference.tok_gp_contact_class(claims, tariffs, FIRST_DAY), key=repr)


def claims_of(*claims: tuple[str, date, int, Sequence[str]]) -> Landing:
    """(person, day, tjenestetype, tariffs) of each claim."""
    return {
        "kuhr_claim": [
            {
                "claim_id": f"c{number}", "person_id": person, "data_year": day.year,
                "claim_date": day, "service_type": kind,
            }
            for number, (person, day, kind, _) in enumerate(claims)
        ],
        "kuhr_tariff": [
            {"claim_id": f"c{number}", "tariff": tariff}
            for number, (*_, tariffs) in enumerate(claims)
            for tariff in tariffs
        ],
    }  # fmt: skip


def care_of(*services: tuple[str, int, date, date | None]) -> list[Row]:
    """(person, tjenestekode, first day, last day) of each service."""
    return [
        {
            "service_id": f"s{number:02}", "person_id": person, "data_year": 2024,
            "service_code": code, "started_on": started, "ended_on": ended,
        }
        for number, (person, code, started, ended) in enumerate(services)
    ]  # fmt: skip


def runs(person: str, *spans: tuple[date, date, str]) -> list[tuple[object, ...]]:
    """(person, day, class)"""
    return [
        (person, first + timedelta(n), name)
        for first, last, name in spans
        for n in range((last - first).days + 1)
    ]


def of_service(service: str, days: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(((person, day, service, name) for person, day, name in days), key=repr)


MAY_31 = date(2024, 5, 31)
A_MONTH_BEFORE = (
    (date(2024, 5, 1), date(2024, 5, 16), "days_15_30"),
    (date(2024, 5, 17), date(2024, 5, 23), "days_8_14"),
    (date(2024, 5, 24), date(2024, 5, 30), "days_1_7"),
)


def test_gp_contacts_worked_by_hand(workbench: Workbench) -> None:
    claims = claims_of(
        ("a consultation", MAY_31, 1, ["2ad"]),
        ("a home visit, in capitals", MAY_31, 1, ["11AK"]),
        ("a consultation beside a simple contact", MAY_31, 1, ["1bd", "2ad"]),
        ("a simple contact", MAY_31, 1, ["1bd"]),
        ("no tariff", MAY_31, 1, []),
        ("legevakt", MAY_31, 2, ["2ad"]),
        ("across professions goes before", MAY_31, 1, ["2ad", "14"]),
        ("two the same day", MAY_31, 1, ["2ad"]),
        ("two the same day", MAY_31, 1, ["11ad"]),
        ("again after ten days", MAY_31, 1, ["2ad"]),
        ("again after ten days", date(2024, 6, 10), 1, ["2ad"]),
        ("early in the year", date(2024, 1, 3), 1, ["2ad"]),
        ("before what is delivered", date(2023, 12, 30), 1, ["2ad"]),
        ("over the leap day", date(2024, 3, 1), 1, ["2ad"]),
    )
    wanted = [
        *runs("a consultation", *A_MONTH_BEFORE),
        *runs("a home visit, in capitals", *A_MONTH_BEFORE),
        *runs("a consultation beside a simple contact", *A_MONTH_BEFORE),
        *runs("two the same day", *A_MONTH_BEFORE),
        # The day of the first contact has the second one as its next, ten days later.
        *runs(
            "again after ten days",
            *A_MONTH_BEFORE,
            (MAY_31, date(2024, 6, 2), "days_8_14"),
            (date(2024, 6, 3), date(2024, 6, 9), "days_1_7"),
        ),
        # Of the 30th of December it is not known whether a contact followed on the 31st.
        *runs("early in the year", (date(2023, 12, 31), date(2024, 1, 2), "days_1_7")),
        *runs(
            "over the leap day",
            (date(2024, 1, 31), date(2024, 2, 15), "days_15_30"),
            (date(2024, 2, 16), date(2024, 2, 22), "days_8_14"),
            (date(2024, 2, 23), date(2024, 2, 29), "days_1_7"),
        ),
    ]
    assert found_in(workbench, "tok_gp_contact_class", claims) == of_service("gp_contact", wanted)


def test_home_care_worked_by_hand(workbench: Workbench) -> None:
    may, june = MAY_31, date(2024, 6, 3)
    care = care_of(
        ("nursing begins", 15, may, None),
        ("practical help begins", 1, may, date(2024, 8, 1)),
        ("of one day", 15, may, may),
        ("training is not help", 2, may, None),
        ("safety alarm", 6, may, None),
        ("renewed without a day between", 15, date(2024, 2, 1), date(2024, 5, 30)),
        ("renewed without a day between", 15, may, None),
        ("renewed while it lasts", 15, date(2024, 2, 1), None),
        ("renewed while it lasts", 15, may, date(2024, 6, 30)),
        ("a day between", 15, date(2024, 4, 1), date(2024, 5, 29)),
        ("a day between", 15, may, None),
        ("another kind beside it", 1, date(2024, 4, 1), None),
        ("another kind beside it", 15, may, None),
        ("both kinds, three days apart", 15, may, None),
        ("both kinds, three days apart", 1, june, None),
        ("ends before it begins", 15, may, date(2024, 5, 30)),
    )
    week = (
        (date(2024, 5, 24), date(2024, 5, 27), "days_4_7"),
        (date(2024, 5, 28), may, "days_0_3"),
    )
    april = (
        (date(2024, 3, 25), date(2024, 3, 28), "days_4_7"),
        (date(2024, 3, 29), date(2024, 4, 1), "days_0_3"),
    )
    february = (
        (date(2024, 1, 25), date(2024, 1, 28), "days_4_7"),
        (date(2024, 1, 29), date(2024, 2, 1), "days_0_3"),
    )
    wanted = [
        *runs("nursing begins", *week),
        *runs("practical help begins", *week),
        *runs("of one day", *week),
        *runs("renewed without a day between", *february),
        *runs("renewed while it lasts", *february),
        *runs("a day between", *april, *week),
        *runs("another kind beside it", *april, *week),
        *runs("both kinds, three days apart", *week, (date(2024, 6, 1), june, "days_0_3")),
    ]
    found = found_in(workbench, "tok_home_care_class", {"kpr_care": care})
    assert found == of_service("home_care_start", wanted)


def test_short_term_stays_worked_by_hand(workbench: Workbench) -> None:
    new_year = date(2024, 1, 1)
    care = care_of(
        ("assessment", 18, MAY_31, None),
        ("rehabilitation", 19, MAY_31, MAY_31),
        ("other", 20, MAY_31, None),
        ("long-term", 21, MAY_31, None),
        ("moved on within", 18, date(2024, 5, 1), date(2024, 5, 31)),
        ("moved on within", 20, MAY_31, None),
        ("on the first day delivered", 18, new_year, None),
        ("in the year before", 18, date(2023, 12, 31), None),
    )
    two_days = (date(2024, 5, 30), MAY_31, "days_0_1")
    wanted = [
        *runs("assessment", two_days),
        *runs("rehabilitation", two_days),
        *runs("other", two_days),
        *runs("moved on within", (date(2024, 4, 30), date(2024, 5, 1), "days_0_1")),
        *runs("on the first day delivered", (new_year, new_year, "days_0_1")),
    ]
    found = found_in(workbench, "tok_short_term_stay_class", {"kpr_care": care})
    assert found == of_service("short_term_stay_start", wanted)


def test_a_service_counts_as_last_reported(workbench: Workbench) -> None:
    """Reported open for 2023, ended in 2024: the one that follows after a day begins anew."""
    first, again = care_of(("p", 15, date(2023, 5, 1), None), ("p", 15, date(2024, 5, 10), None))
    care = [
        {**first, "data_year": 2023},
        {**first, "data_year": 2024, "ended_on": date(2024, 5, 8)},
        again,
    ]
    found = found_in(workbench, "tok_home_care_class", {"kpr_care": care})
    assert max(found) == ("p", date(2024, 5, 10), "home_care_start", "days_0_3")
    assert len(found) == 8


# --- many persons ---------------------------------------------------------------------------------

STEPS = (0, 1, 2, 3, 4, 6, 7, 8, 9, 14, 15, 16, 29, 30, 31, 32, 60)
STARTS = (
    date(2023, 12, 25), date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 27), date(2024, 3, 31),
    date(2024, 10, 27), date(2024, 12, 20),
)  # fmt: skip
TARIFFS = ("2ad", "2AE", "11ad", "11ak", "1bd", "14", "1f", "l1", "unheard", "2kd")
LENGTHS = (None, -1, 0, 1, 2, 7, 30)


def population(draw: random.Random, persons: int) -> dict[str, list[Row]]:
    claims: list[tuple[str, date, int, Sequence[str]]] = []
    services: list[tuple[str, int, date, date | None]] = []
    for person in range(persons):
        day = draw.choice(STARTS)
        for _ in range(draw.choice((1, 2, 3, 6))):
            day += timedelta(draw.choice(STEPS))
            tariffs = draw.sample(TARIFFS, draw.choice((0, 1, 1, 1, 2)))
            claims.append((f"p{person}", day, draw.choice((1, 1, 1, 2, 9)), tariffs))
        day = draw.choice(STARTS)
        codes = draw.choice(((15,), (1, 15), (18, 20), (1, 2, 15, 18, 19, 21)))
        for _ in range(draw.choice((1, 2, 3, 5))):
            length = draw.choice(LENGTHS)
            ended = None if length is None else day + timedelta(length)
            services.append((f"p{person}", draw.choice(codes), day, ended))
            day += timedelta(draw.choice(STEPS) - draw.choice((0, 0, 5)))
    draw.shuffle(claims)
    draw.shuffle(services)
    found = {name: list(rows) for name, rows in claims_of(*claims).items()}
    return {**found, "kpr_care": care_of(*services)}


@pytest.fixture(scope="module")
def many() -> dict[str, list[Row]]:
    return population(random.Random(32), 400)


@pytest.mark.parametrize("token", TOKENS)
def test_many_persons_equal_the_reference(
    workbench: Workbench, many: dict[str, list[Row]], token: str
) -> None:
    found = found_in(workbench, token, many)
    assert found == expected(token, many)
    assert len({row[:2] for row in found}) == len(found)


def test_the_population_reaches_every_class(many: dict[str, list[Row]]) -> None:
    classes = {token: {row[-1] for row in expected(token, many)} for token in TOKENS}
    assert classes == {
        "tok_gp_contact_class": {"days_1_7", "days_8_14", "days_15_30"},
        "tok_home_care_class": {"days_0_3", "days_4_7"},
        "tok_short_term_stay_class": {"days_0_1"},
    }


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(draw=st.randoms(use_true_random=False), persons=st.integers(1, 4))
def test_any_population_equals_the_reference(
    workbench: Workbench, draw: random.Random, persons: int
) -> None:
    landing = population(draw, persons)
    for token in TOKENS:
        assert found_in(workbench, token, landing) == expected(token, landing), token


@pytest.mark.parametrize(
    ("token", "right", "wrong"),
    [
        (
            "tok_gp_contact_class",
            "next_event.event_on - event_class.day_to",
            "next_event.event_on - event_class.day_to - 1",
        ),
        ("tok_gp_contact_class", "+ 1 - 1", "+ 1"),
        ("tok_gp_contact_class", "contact_type in (3, 4)", "contact_type >= 3"),
        ("tok_gp_contact_class", "service = 'gp'", "service in ('gp', 'legevakt')"),
        ("tok_gp_contact_class", "period_from - 1", "period_from"),
        (
            "tok_home_care_class",
            "next_event.event_on - event_class.day_to",
            "next_event.event_on - event_class.day_to + 1",
        ),
        ("tok_home_care_class", "+ 1 - 0", "- 0"),
        ("tok_home_care_class", "lasted_until + 1", "lasted_until"),
        ("tok_home_care_class", "partition by person_id, service\n", "partition by person_id\n"),
        ("tok_home_care_class", "unbounded preceding and", "1 preceding and"),
        ("tok_home_care_class", "started_on <= ended_on, true", "true, true"),
        (
            "tok_short_term_stay_class",
            "next_event.event_on - event_class.day_to",
            "next_event.event_on - event_class.day_to - 1",
        ),
    ],
)
def test_a_changed_rule_is_noticed(
    workbench: Workbench, many: dict[str, list[Row]], token: str, right: str, wrong: str
) -> None:
    sql = workbench.models[SPAN[token]].sql
    assert right in sql
    changed = {SPAN[token]: sql.replace(right, wrong)}
    assert found_in(workbench, token, many, changed) != expected(token, many)


# --- definitions ----------------------------------------------------------------------------------


def test_classes_of_linked_indicators_are_their_atoms(
    built_sites: BuiltSites, many: dict[str, list[Row]]
) -> None:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    found = {
        token: set(indicator.definition.atoms)
        for indicator in load_versions(manifest, PROJECT_DIR)
        for token in indicator.definition.tokens
        if token in TOKENS
    }
    assert found == {token: {row[-1] for row in expected(token, many)} for token in TOKENS}
