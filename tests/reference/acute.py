"""The indicators of acute care in plain Python, from landing rows, straight from their definitions.

One person at a time, one day at a time, no windows: slow, and meant to be read. The dbt models are
compared with it row for row. Code lists, prices and bands come from the seeds, which are public.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tests.dbt_models.seeds import seed
from tests.reference.atoms import Unit
from tests.reference.readmission import AGE_GROUPS, Contact, Episode, episodes

Row = Mapping[str, Any]
Tokens = set[tuple[object, ...]]

THIRTY_DAYS = timedelta(days=30)
PATHWAY_DAYS = 90
MOST_DAYS_OVER = 365


@dataclass(frozen=True)
class Stay:
    """One inpatient stay and the landing row that it comes from."""

    contact: Contact
    row: Row

    @property
    def id(self) -> str:
        return self.contact.episode_id

    @property
    def person(self) -> str:
        return self.contact.person_id

    @property
    def admitted_on(self) -> date:
        return self.contact.admitted_at.date()

    @property
    def discharged_on(self) -> date:
        return self.contact.discharged_at.date()

    @property
    def is_acute(self) -> bool:
        return self.row.get("urgency") in (1, 2, 3)

    @property
    def is_known(self) -> bool:
        return self.row.get("link_quality") != 4

    @property
    def is_somatic(self) -> bool:
        return self.row.get("sector") not in ("1", "2", "3", "PHV")

    @property
    def area(self) -> str:
        return area_of(self.row.get("municipality_no"), self.row.get("bydel"))

    @property
    def left_dead(self) -> bool:
        return self.row.get("state_at_discharge") in (2, 3)

    def age_group(self, year: int) -> str | None:
        born = self.contact.known_birth_year
        if born is None:
            return None
        return next((name for name, low, high in AGE_GROUPS if low <= year - born <= high), None)

    @property
    def days_over(self) -> int | None:
        """Days from reported ready to discharge; None where no possible report was made."""
        ready = self.row.get("discharge_ready_date")
        if ready is None or ready < self.row["admission_date"] or ready > self.discharged_on:
            return None
        return (self.discharged_on - ready).days


def stays_of(rows: Iterable[Row]) -> list[Stay]:
    """The inpatient stays among the rows of `npr_stay`, under the models' own key."""
    return [
        Stay(
            Contact(
                episode_id=f"{row['person_id']}/{row['episode_id']}",
                person_id=row["person_id"],
                care_level=1,
                admission_date=row["admission_date"],
                admission_time=row.get("admission_time"),
                discharge_date=row["discharge_date"],
                discharge_time=row.get("discharge_time"),
                urgency=row.get("urgency"),
                state_at_discharge=row.get("state_at_discharge"),
                birth_year=row.get("birth_year"),
                death_date=row.get("death_date"),
                link_quality=row.get("link_quality"),
            ),
            row,
        )
        for row in rows
        if row["care_level"] == 1
    ]


def area_of(municipality: str | None, bydel: str | None) -> str:
    if municipality == "-1":
        municipality = None
    if municipality is not None and len(municipality) == 3:
        municipality = "0" + municipality
    if bydel is not None and len(bydel) == 5:
        bydel = "0" + bydel
    bydeler = {row["code"] for row in seed("bydel")}
    if municipality == "0301" or (bydel or "").startswith("0301"):
        return bydel if bydel in bydeler else "030199"
    regions = {row["county"]: row["region"] for row in seed("county_region")}
    return regions.get((municipality or "")[:2], "unknown")


@dataclass(frozen=True)
class Chain:
    """An episode of care and its stays."""

    episode: Episode
    stays: tuple[Stay, ...]

    @property
    def first(self) -> Stay:
        return min(self.stays, key=lambda stay: (stay.contact.admitted_at, stay.id))

    @property
    def last(self) -> Stay:
        return max(self.stays, key=lambda stay: (stay.contact.discharged_at, stay.id))


def chains(stays: Iterable[Stay]) -> list[Chain]:
    by_id = {stay.id: stay for stay in stays}
    return [
        Chain(episode, tuple(by_id[part.episode_id] for part in episode.parts))
        for episode in episodes(stay.contact for stay in by_id.values())
    ]


def acute_admissions(rows: Iterable[Row]) -> list[Chain]:
    """Acute episodes of persons who are known, of known age on the day the first stay begins."""
    return [
        chain
        for chain in chains(stays_of(rows))
        if any(stay.is_acute for stay in chain.stays)
        and chain.first.is_known
        and chain.first.age_group(chain.first.admitted_on.year) is not None
    ]


def _known(text: str | None) -> str:
    assert text is not None
    return text


def acute_admission_units(rows: Iterable[Row]) -> list[Unit]:
    return [
        Unit(
            unit_id=chain.episode.episode_id,
            person_id=first.person,
            period=f"{first.admitted_on.year}",
            cell=(
                first.area,
                _known(first.age_group(first.admitted_on.year)),
                f"{first.admitted_on.year}-{first.admitted_on.month:02}",
            ),
            atom="somatic" if first.is_somatic else "mental_health_addiction",
        )
        for chain in acute_admissions(rows)
        for first in [chain.first]
    ]


def acsc_group(diagnosis: str | None) -> str | None:
    for row in seed("acsc"):
        width = len(row["code_from"])
        if diagnosis is None or len(diagnosis) < width:
            continue
        if row["code_from"] <= diagnosis[:width] <= row["code_to"]:
            return row["acsc_group"]
    return None


def acsc_units(rows: Iterable[Row]) -> list[Unit]:
    found: list[Unit] = []
    for chain in acute_admissions(rows):
        first = chain.first
        group = acsc_group(first.row.get("main_diagnosis"))
        if group is not None:
            year = first.admitted_on.year
            cell = (group, first.area, _known(first.age_group(year)))
            found.append(Unit(chain.episode.episode_id, first.person, f"{year}", cell, "admission"))
    return found


def _quarter(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def _is_followed(day: date, days: timedelta, data_end: datetime) -> bool:
    """Every one of the days after `day` had passed when the data stop."""
    return datetime.combine(day + days, datetime.min.time()) + timedelta(days=1) <= data_end


def ready_stays(rows: Iterable[Row]) -> list[Stay]:
    return [
        stay
        for stay in stays_of(rows)
        if stay.is_known
        and stay.days_over is not None
        and stay.age_group(stay.discharged_on.year) is not None
    ]


def discharge_ready_units(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    acute_days: dict[str, list[date]] = defaultdict(list)
    for stay in stays_of(rows):
        if stay.is_known and stay.is_acute:
            acute_days[stay.person].append(stay.admitted_on)
    found: list[Unit] = []
    for stay in ready_stays(rows):
        left = stay.discharged_on
        died = stay.row.get("death_date")
        alive = not stay.left_dead and (died is None or died > left)
        if not (alive and _is_followed(left, THIRTY_DAYS, data_end)):
            outcome = "not_followed"
        elif any(1 <= (day - left).days <= 30 for day in acute_days[stay.person]):
            outcome = "readmitted"
        else:
            outcome = "not_readmitted"
        found.append(
            Unit(
                unit_id=stay.id,
                person_id=stay.person,
                period=f"{left.year}",
                cell=_ready_cell(stay),
                atom=("over_" if stay.days_over else "same_day_") + outcome,
            )
        )
    return found


def _ready_cell(stay: Stay) -> tuple[str, ...]:
    left = stay.discharged_on
    return stay.area, _known(stay.age_group(left.year)), _quarter(left)


def discharge_ready_days_units(rows: Sequence[Row]) -> list[Unit]:
    return [
        Unit(
            *(stay.id, stay.person, f"{stay.discharged_on.year}", _ready_cell(stay), "over"),
            amount=min(stay.days_over, MOST_DAYS_OVER),
        )
        for stay in ready_stays(rows)
        if stay.days_over
    ]


def price(item: str, year: int) -> float | None:
    for row in seed("price"):
        if row["item"] == item and row["year"] == str(year) and row["amount"]:
            return float(row["amount"])
    return None


def _kroner(amount: float, most: int) -> int:
    return min(math.floor(amount + 0.5), most)


def discharge_ready_cost_units(rows: Sequence[Row]) -> list[Unit]:
    found: list[Unit] = []
    for unit in discharge_ready_days_units(rows):
        day_price = price("discharge_ready_day", int(unit.period))
        if day_price is not None and unit.amount is not None:
            cost = _kroner(unit.amount * day_price, 3_000_000)
            found.append(
                Unit(unit.unit_id, unit.person_id, unit.period, unit.cell, unit.atom, cost)
            )
    return found


def death_units(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    found: list[Unit] = []
    for chain in chains(stays_of(rows)):
        last = chain.last
        left, died = last.discharged_on, last.row.get("death_date")
        age_group = last.age_group(left.year)
        is_acute = any(
            stay.is_acute and stay.discharged_on.year in (left.year, left.year - 1)
            for stay in chain.stays
        )
        left_alive = not last.left_dead and (
            died is None
            or died > left
            or (died == left and last.row.get("state_at_discharge") == 1)
        )
        if not (is_acute and left_alive and last.is_known and age_group):
            continue
        if not _is_followed(left, THIRTY_DAYS, data_end):
            continue
        atom = "died" if died is not None and (died - left).days <= 30 else "survived"
        found.append(Unit(last.id, last.person, f"{left.year}", (age_group, _quarter(left)), atom))
    return found


@dataclass(frozen=True)
class Priced:
    stay: Stay
    is_of_acute: bool
    full_price: float
    isf_income: float


def priced_stays(rows: Sequence[Row]) -> list[Priced]:
    found: list[Priced] = []
    for chain in chains(stays_of(rows)):
        is_acute = any(stay.is_acute for stay in chain.stays)
        for stay in chain.stays:
            year = stay.discharged_on.year
            unit_price, share = price("isf_unit_price", year), price("isf_share", year)
            points = stay.row.get("drg_weight")
            if unit_price is None or share is None or points is None or points < 0:
                continue
            if stay.is_known and stay.is_somatic and stay.age_group(year) is not None:
                full = points * unit_price
                found.append(Priced(stay, is_acute, full, full * share))
    return found


def _cost_unit(priced: Priced, amount: float) -> Unit:
    stay = priced.stay
    year = stay.discharged_on.year
    return Unit(
        unit_id=stay.id,
        person_id=stay.person,
        period=f"{year}",
        cell=(stay.area, _known(stay.age_group(year))),
        atom="acute" if priced.is_of_acute else "planned",
        amount=_kroner(amount, 5_000_000),
    )


def hospital_cost_units(rows: Sequence[Row]) -> list[Unit]:
    return [_cost_unit(priced, priced.full_price) for priced in priced_stays(rows)]


def acute_stay_cost_units(rows: Sequence[Row]) -> list[Unit]:
    found: list[Unit] = []
    for priced in priced_stays(rows):
        if priced.is_of_acute:
            year = priced.stay.discharged_on.year
            finest = _finest_group(priced.stay.area, year)
            found.append(
                Unit(
                    unit_id=priced.stay.id,
                    person_id=priced.stay.person,
                    period=f"{year}",
                    cell=(
                        finest if finest.startswith("sector_") else "outside_sectors",
                        _known(priced.stay.age_group(year)),
                    ),
                    atom="acute",
                    amount=_kroner(priced.full_price, 5_000_000),
                )
            )
    return found


def hospital_isf_income_units(rows: Sequence[Row]) -> list[Unit]:
    return [_cost_unit(priced, priced.isf_income) for priced in priced_stays(rows)]


def ten_percent_units(rows: Sequence[Row]) -> list[Unit]:
    parts: list[tuple[Stay, str, float]] = []
    for priced in priced_stays(rows):
        if priced.is_of_acute:
            rest = priced.full_price - priced.isf_income
            parts += [(priced.stay, "isf", priced.isf_income), (priced.stay, "trust", rest)]
    of_acute = {
        stay.id
        for chain in chains(stays_of(rows))
        if any(part.is_acute for part in chain.stays)
        for stay in chain.stays
    }
    for stay in ready_stays(rows):
        day_price = price("discharge_ready_day", stay.discharged_on.year)
        if stay.id in of_acute and stay.days_over and day_price is not None:
            days = min(stay.days_over, MOST_DAYS_OVER)
            parts.append((stay, "municipality", days * day_price))
    return [
        Unit(
            unit_id=f"{stay.id}/{payer}",
            person_id=stay.person,
            period=f"{stay.discharged_on.year}",
            cell=(stay.area, _known(stay.age_group(stay.discharged_on.year))),
            atom=payer,
            amount=_kroner(whole * 0.1, 500_000),
        )
        for stay, payer, whole in parts
    ]


def admission_days(rows: Sequence[Row]) -> list[tuple[str, date, str]]:
    """(person, day, bucket): one a person and day, by the first stay of the first admission."""
    of_day: dict[tuple[str, date], list[Chain]] = defaultdict(list)
    for chain in acute_admissions(rows):
        of_day[chain.first.person, chain.first.admitted_on].append(chain)
    found: list[tuple[str, date, str]] = []
    for (person, day), same in of_day.items():
        first = min(
            same, key=lambda chain: (chain.first.contact.admitted_at, chain.episode.episode_id)
        ).first
        bucket = f"{_finest_group(first.area, day.year)}/{first.age_group(day.year)}"
        found.append((person, day, bucket))
    return found


def _finest_group(area: str, year: int) -> str:
    groups = [
        row["area_group"]
        for row in seed("area_group")
        if row["area"] == area
        and (not row["year_from"] or int(row["year_from"]) <= year)
        and (not row["year_to"] or year <= int(row["year_to"]))
    ]
    sectors = [group for group in groups if group.startswith("sector_")]
    (finest,) = sectors or groups
    return finest


def municipal_cost_tokens(
    care: Iterable[Row], period: tuple[date, date], after: bool = False
) -> Tokens:
    """(person, day, service, class) of every delivered day with cost in the window about it.

    care: rows of `kpr_care`, of a service one row a data year; the latest decides.
    """
    latest: dict[tuple[str, str], Row] = {}
    for row in sorted(care, key=lambda row: row["data_year"]):
        latest[row["person_id"], row["service_id"]] = row
    names = {r["service_code"]: r["service"] for r in seed("service") if r["register"] != "kuhr"}
    in_bed = {row["service"] for row in seed("priced_service") if row["is_bed_day"] == "true"}
    prices = {
        (row["service"], int(row["year"])): float(row["nok"])
        for row in seed("municipal_price")
        if row["nok"] and row["unit"] == "day"
    }
    used: dict[tuple[str, date], set[str]] = defaultdict(set)
    for row in latest.values():
        day = max(row["started_on"], period[0])
        ends = [row.get("ended_on"), row.get("death_date"), period[1]]
        while day <= min(end for end in ends if end is not None):
            used[row["person_id"], day].add(names.get(str(row["service_code"]), "unmapped"))
            day += timedelta(days=1)
    cost: dict[tuple[str, date], float] = {}
    for (person, day), services in used.items():
        priced = {s: prices[s, day.year] for s in services if (s, day.year) in prices}
        beds = [price for service, price in priced.items() if service in in_bed]
        others = [price for service, price in priced.items() if service not in in_bed]
        cost[person, day] = max(beds, default=0) + sum(others)
    tokens: Tokens = set()
    for person in {person for person, _ in cost}:
        day = period[0]
        while day <= period[1]:
            whole = sum(
                cost.get((person, day + timedelta(days=away if after else -away)), 0)
                for away in range(1, PATHWAY_DAYS + 1)
            )
            for band in seed("municipal_cost_band"):
                if int(band["cost_from"]) <= whole <= int(band["cost_to"]):
                    which = "municipal_cost_after" if after else "municipal_cost_before"
                    tokens.add((person, day, which, band["class"]))
            day += timedelta(days=1)
    return tokens


def pathway_cost_units(rows: Sequence[Row], data_end: datetime) -> list[Unit]:
    """What the stays at the hospital cost that begin before, on and after an admission day."""
    of_person: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays_of(rows):
        points = stay.row.get("drg_weight")
        if stay.is_known and stay.is_somatic and points is not None and points >= 0:
            of_person[stay.person].append(stay)
    found: list[Unit] = []
    for person, day, bucket in admission_days(rows):
        unit_price = price("isf_unit_price", day.year)
        if unit_price is None or not _is_followed(day, timedelta(days=PATHWAY_DAYS), data_end):
            continue
        points_of: dict[str, list[float]] = defaultdict(list)
        for stay in of_person[person]:
            away = (stay.admitted_on - day).days
            if abs(away) <= PATHWAY_DAYS:
                part = "before" if away < 0 else "after" if away else "admission"
                points_of[part].append(stay.row["drg_weight"])
        found += [
            Unit(
                unit_id=f"{person}/{day}/{part}",
                person_id=person,
                period=f"{day.year}",
                cell=(bucket,),
                atom=part,
                amount=_kroner(math.fsum(points) * unit_price, 5_000_000),
            )
            for part, points in points_of.items()
        ]
    return found
