"""The patient groups: their cases stand beside the tests that mutate the SQL with them."""

from collections.abc import Iterator, Mapping, Sequence

from tests.dbt_models.indicators import test_groups as groups
from tests.dbt_models.indicators.cases.case import Case, Row


def _cases(
    indicator: str,
    columns: tuple[str, ...],
    tables: tuple[str, ...],
    cases: Mapping[str, Sequence[object]],
) -> Iterator[Case]:
    """cases: name -> (rows of each table…, rows expected)."""
    for name, (*of_tables, wanted) in cases.items():
        here: dict[str, Sequence[Row]] = dict(zip(tables, of_tables, strict=True))  # pyright: ignore[reportAssignmentType]
        lines = tuple(" ".join(map(str, row)) for row in wanted)  # pyright: ignore
        yield Case(indicator, name, here, lines, columns=columns)


STAY, CARE = ("npr_stay",), ("kpr_care", "kpr_function")
CASES = (
    *_cases(
        "bup_referrals",
        ("unit_id", "area", "quarter", "atom"),
        ("npr_referral",),
        groups.REFERRALS,
    ),
    *_cases("bup_waiting", ("unit_id", "atom"), ("npr_referral",), groups.WAITING),
    *_cases("bup_patients", ("period", "area", "diagnosis_group", "atom"), STAY, groups.BUP),
    *_cases("adhd_patients", ("period", "age_group", "area", "atom"), STAY, groups.ADHD),
    *_cases("frailty_risk", ("person_id", "period", "atom"), STAY, groups.FRAILTY),
    *_cases(
        "frail_specialist_care",
        ("person_id", "period", "contact_kind", "atom"),
        STAY,
        groups.SPECIALIST,
    ),
    *_cases(
        "severe_mental_illness",
        ("period", "patient_group", "age_group", "atom"),
        STAY,
        groups.SEVERE,
    ),
    *_cases(
        "severe_mental_illness_readmission",
        ("unit_id", "patient_group", "atom"),
        STAY,
        groups.READMITTED,
    ),
    *_cases("multiple_chronic_conditions", ("period", "age_group", "atom"), STAY, groups.CHRONIC),
    *_cases("function_level", ("period", "atom"), CARE, groups.FUNCTION),
    *_cases("services_of_frail", ("service", "area", "atom"), CARE, groups.SERVICES),
    *_cases(
        "before_long_term_stay", ("period", "service", "atom"), ("kpr_care",), groups.LONG_TERM
    ),
)
