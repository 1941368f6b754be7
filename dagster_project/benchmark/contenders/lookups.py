"""What the hand-written transforms need besides the rows: the seeds, and the period delivered."""

import csv
from dataclasses import dataclass
from datetime import date

from dbt_models import PROJECT_DIR


@dataclass(frozen=True)
class Lookups:
    """groups: service -> group of services. ages, classes: (name, from, to), both ends included.

    first, last: days delivered, the same of every register.
    """

    groups: dict[str, str]
    ages: tuple[tuple[str, int, int], ...]
    classes: tuple[tuple[str, int, int], ...]
    first: date
    last: date


def read_lookups(first: date, last: date) -> Lookups:
    return Lookups(
        groups={row["service"]: row["service_group"] for row in _seed("pre_admission_service")},
        ages=tuple(
            (row["age_group"], int(row["age_from"]), int(row["age_to"]))
            for row in _seed("age_group")
        ),
        classes=tuple(
            (row["class"], int(row["day_from"]), int(row["day_to"])) for row in _seed("lag_class")
        ),
        first=first,
        last=last,
    )


def _seed(name: str) -> list[dict[str, str]]:
    with (PROJECT_DIR / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
