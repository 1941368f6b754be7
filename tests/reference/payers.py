"""Who pays for what, in plain Python: pathways around an acute admission, and claims."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_models.seeds import seed
from tests.reference.acute import Stay, admission_day_tokens, price, stays_of
from tests.reference.atoms import Unit
from tests.reference.groups import age_group
from tests.reference.municipal import known_birth_year, service_name

Row = Mapping[str, Any]
PATHWAY = timedelta(days=90)


def _kroner(amount: float, most: int) -> int:
    return min(math.floor(amount + 0.5), most)


def pathway_payer_cost(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    of_person: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays_of(rows):
        if stay.is_known and stay.is_somatic:
            of_person[stay.person].append(stay)
    found: list[Unit] = []
    for person, period, day, bucket in admission_day_tokens(rows):
        assert isinstance(day, date)
        items = ("isf_unit_price", "isf_share", "discharge_ready_day")
        unit_price, share, day_price = (price(item, day.year) for item in items)
        is_followed = day + PATHWAY < data_end.date()
        if unit_price is None or share is None or day_price is None or not is_followed:
            continue
        within = [s for s in of_person[str(person)] if abs((s.admitted_on - day).days) <= 90]
        points = math.fsum(max(stay.row.get("drg_weight") or 0.0, 0.0) for stay in within)
        days_over = sum(min(stay.days_over or 0, 365) for stay in within)
        for payer, amount in (
            ("state", points * unit_price * share),
            ("trust", points * unit_price * (1 - share)),
            ("municipality", days_over * day_price),
        ):
            if amount > 0:
                unit_id = f"{person}/{day}/{payer}"
                kroner = _kroner(amount, 5_000_000)
                found.append(Unit(unit_id, str(person), str(period), (str(bucket),), payer, kroner))
    return found


def primary_care_cost(claims: Iterable[Row]) -> list[Unit]:
    services = {row["kind"] for row in seed("use_kind_primary")}
    own: dict[tuple[str, int, str], list[Row]] = defaultdict(list)
    for claim in claims:
        service = service_name("kuhr", claim["service_type"])
        if service in services:
            own[claim["person_id"], claim["claim_date"].year, service].append(claim)
    found: list[Unit] = []
    for (person, year, service), of_year in own.items():
        last = max(of_year, key=lambda claim: (claim["claim_date"], claim["claim_id"]))
        born = known_birth_year(last.get("birth_year"), year)
        group = age_group(None if born is None else year - born)
        for payer, column in (("state", "refund"), ("patient", "patient_share")):
            amount = _kroner(math.fsum(claim.get(column) or 0.0 for claim in of_year), 500_000)
            if group is not None and amount > 0:
                unit_id = f"{year}/{service}/{payer}"
                found.append(Unit(unit_id, person, f"{year}", (service, group), payer, amount))
    return found
