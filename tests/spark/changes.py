"""A project that is wrong on purpose: what the tests say of Spark must fail on it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from dbt_models import PROJECT_DIR


@dataclass(frozen=True)
class Change:
    """One thing said otherwise in a file of the project, and the table where it has to show."""

    file: str
    was: str
    becomes: str
    shows_in: str


MACROS, RESIDENCE = "macros/cross_database.sql", "macros/residence.sql"
CHANGES = (
    Change(MACROS, "{{ term }} is null, {{ term }}", "{{ term }}", "marts.fct_claim"),
    Change(
        MACROS,
        "{{ first }} <= {{ last }} then sequence({{ first }}, {{ last }}, interval 1 day)",
        "{{ first }} < {{ last }} then sequence({{ first }}, {{ last }}, interval 1 day)",
        "marts.fct_service_day",
    ),
    Change(
        MACROS,
        "max_by({{ value }}, {{ order_term(order) }})",
        "max_by({{ value }}, case when {{ value }} is not null then {{ order_term(order) }} end)",
        "intermediate.int_care_service",
    ),
    Change(
        MACROS,
        "'00:00:00') as timestamp_ntz",
        "'12:00:00') as timestamp_ntz",
        "intermediate.int_stay_chain",
    ),
    Change(MACROS, "array_compact(", "array_distinct(", "staging.stg_npr__stay"),
    # On Spark a null is not in a list, where in DuckDB nobody knows.
    Change(RESIDENCE, " and stated_bydel is not null", "", "staging.stg_npr__referral"),
)

BROKEN_CONTRACT = Change(
    "models/marts/marts.yml",
    "{name: persons, data_type: bigint,",
    "{name: persons, data_type: integer,",
    "marts.fct_population",
)


def changed_project(folder: Path) -> Path:
    """A copy of the dbt project in `folder` with every change and the broken contract."""
    shutil.copytree(PROJECT_DIR, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    for change in (*CHANGES, BROKEN_CONTRACT):
        file = folder / change.file
        text = file.read_text(encoding="utf-8")
        assert text.count(change.was) == 1, change
        file.write_text(text.replace(change.was, change.becomes), encoding="utf-8")
    return folder


def model(change: Change) -> str:
    return change.shows_in.partition(".")[2]
