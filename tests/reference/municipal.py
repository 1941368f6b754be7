"""Municipal indicators in plain Python, from their definitions: one person, one day at a time.

Rows come as the landing has them (dicts by the landing's column names). Written to be read, not
fast; the dbt models are compared with it row for row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.dbt_models.seeds import seed
from tests.reference.atoms import Unit
from tests.reference.readmission import AGE_GROUPS, Contact, Episode, episodes

Row = Mapping[str, Any]
DAY = timedelta(days=1)
LOOKBACK = 90
LAGS = (("1-7", 1, 7), ("8-30", 8, 30), ("31-90", 31, 90))
BANDS = (("1-2", 1, 2), ("3-7", 3, 7), ("8-30", 8, 30), ("31-90", 31, 90))
SERVICES = {
    "gp": "gp", "legevakt": "legevakt", "home_nursing": "home_nursing",
    "practical_help": "practical_help", "municipal_acute_stay": "municipal_acute_stay",
    "short_term_stay": "short_term_stay", "day_activity": "day_centre", "day_stay": "day_centre",
    "physiotherapy": "physiotherapy",
}  # fmt: skip


@dataclass(frozen=True)
class Period:
    """The days that a register's delivery covers, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def days(first: date, last: date) -> list[date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def age_group(age: int | None) -> str | None:
    if age is None:
        return None
    return next((name for name, low, high in AGE_GROUPS if low <= age <= high), None)


def known_birth_year(birth_year: int | None, year: int) -> int | None:
    """None where it is missing, 9999, after `year`, or more than 130 years before it."""
    return birth_year if birth_year is not None and 0 <= year - birth_year <= 130 else None


def area(municipality: str | None, bydel: str | None) -> str:
    """Bydel of Oslo, else the health region of the county, else unknown."""
    if municipality == "-1":
        municipality = None
    if municipality is not None and len(municipality) == 3:
        municipality = "0" + municipality
    if bydel is not None and len(bydel) == 5:
        bydel = "0" + bydel
    in_oslo = municipality == "0301" or (bydel is not None and bydel.startswith("0301"))
    if in_oslo:
        return bydel if bydel in {row["code"] for row in seed("bydel")} and bydel else "030199"
    counties = {row["county"]: row["region"] for row in seed("county_region")}
    return counties.get((municipality or "")[:2], "unknown")


def sector(of_area: str, year: int) -> str:
    for row in seed("area_group"):
        first, last = int(row["year_from"] or 0), int(row["year_to"] or 9999)
        if (
            row["area_group"].startswith("sector_")
            and row["area"] == of_area
            and first <= year <= last
        ):
            return row["area_group"]
    return "outside_sectors"


def service_name(register: str, code: int) -> str:
    for row in seed("service"):
        if (row["register"], int(row["service_code"])) == (register, code):
            return row["service"]
    return "unmapped"


@dataclass(frozen=True)
class CareService:
    """A service granted, as its latest data year has it. ended_on: None while it lasts."""

    service_id: str
    person_id: str
    service: str
    started_on: date
    ended_on: date | None
    hours_per_week: float | None
    area: str
    birth_year: int | None
    death_date: date | None
    last_data_year: int

    @property
    def key(self) -> str:
        return f"{self.person_id}/{self.service_id}"

    @property
    def reaches_to(self) -> date:
        """The end of the year after the last that reports it."""
        return date(self.last_data_year + 1, 12, 31)

    @property
    def stopped_on(self) -> date | None:
        """Last day: the day it ended or the person died, whichever is first."""
        return min((day for day in (self.ended_on, self.death_date) if day), default=None)

    def last_day(self, period: Period) -> date:
        return min(self.stopped_on or period.last, period.last)


def current_code(code: int) -> int:
    """The code that stands for an old one now."""
    for row in seed("recoded_service"):
        if int(row["old_code"]) == code:
            return int(row["new_code"])
    return code


def care_services(rows: Iterable[Row]) -> list[CareService]:
    latest: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row["person_id"], row["service_id"]
        if key not in latest or row["data_year"] > latest[key]["data_year"]:
            latest[key] = row
    return [
        CareService(
            service_id=row["service_id"],
            person_id=row["person_id"],
            service=service_name("kpr-omsorg", current_code(row["service_code"])),
            started_on=row["started_on"],
            ended_on=row.get("ended_on"),
            hours_per_week=row.get("hours_per_week"),
            area=area(row.get("municipality_no"), row.get("bydel")),
            birth_year=known_birth_year(row.get("birth_year"), row["data_year"]),
            death_date=row.get("death_date"),
            last_data_year=row["data_year"],
        )
        for row in latest.values()
    ]


# Use of municipal services before an acute admission


ContactDays = dict[tuple[str, str], set[date]]
"""(person, group of services) -> the days with contact."""


def contact_days(
    claims: Iterable[Row], care: Iterable[Row], claimed: Period, cared: Period
) -> ContactDays:
    found: ContactDays = defaultdict(set)
    for row in claims:
        group = SERVICES.get(service_name("kuhr", row["service_type"]))
        if group:
            found[row["person_id"], group].add(row["claim_date"])
    for service in care_services(care):
        group = SERVICES.get(service.service)
        if group:
            found[service.person_id, group].update(
                days(service.started_on, service.last_day(cared))
            )
    return {key: of_key for key, of_key in found.items() if of_key}


TokenRow = tuple[object, ...]


def service_lag_classes(contacts: ContactDays, period: Period) -> list[TokenRow]:
    """(person, day, service, class of days since the last contact before the day)."""
    found: list[TokenRow] = []
    for (person, service), own in contacts.items():
        for day in days(period.first, period.last):
            lags = [lag for lag in range(1, LOOKBACK + 1) if day - lag * DAY in own]
            if lags:
                name = next(name for name, low, high in LAGS if low <= min(lags) <= high)
                found.append((person, day, service, name))
    return found


def service_day_bands(contacts: ContactDays, period: Period) -> list[TokenRow]:
    """(person, day, service, band of how many of the 90 days before it had the service)."""
    found: list[TokenRow] = []
    for (person, service), own in contacts.items():
        for day in days(period.first, period.last):
            count = sum(day - lag * DAY in own for lag in range(1, LOOKBACK + 1))
            if count:
                name = next(name for name, low, high in BANDS if low <= count <= high)
                found.append((person, day, service, name))
    return found


def bucket(of_area: str, birth_year: int | None, day: date) -> str | None:
    """The area's sector that year, else the wider group it is in, and the age group of the year;
    None where the age is unknown."""
    group = age_group(None if birth_year is None else day.year - birth_year)
    wider = sector(of_area, day.year)
    if wider == "outside_sectors":
        (wider,) = (
            row["area_group"]
            for row in seed("area_group")
            if row["area"] == of_area and not row["area_group"].startswith("sector_")
        )
    return group and f"{wider}/{group}"


def hospital_contact(row: Row) -> Contact:
    return Contact(
        episode_id=f"{row['person_id']}/{row['episode_id']}",
        person_id=row["person_id"],
        care_level=row["care_level"],
        admission_date=row["admission_date"],
        admission_time=row.get("admission_time"),
        discharge_date=row["discharge_date"],
        discharge_time=row.get("discharge_time"),
        urgency=row.get("urgency"),
        state_at_discharge=row.get("state_at_discharge"),
        sex=row.get("sex"),
        birth_year=row.get("birth_year"),
        death_date=row.get("death_date"),
        link_quality=row.get("link_quality"),
    )


def acute_episodes(stays: Sequence[Row]) -> list[Episode]:
    """Acute episodes of known persons."""
    found = episodes(hospital_contact(row) for row in stays)
    return [episode for episode in found if episode.is_acute and episode.is_linkable]


# Municipal acute beds


@dataclass(frozen=True)
class KadStay:
    """Services that overlap or touch, in the order in which they begin."""

    services: tuple[CareService, ...]

    @property
    def first(self) -> CareService:
        return self.services[0]

    @property
    def last(self) -> CareService:
        return max(self.services, key=lambda service: (service.stopped_on or date.max, service.key))

    @property
    def age_group(self) -> str | None:
        born = self.first.birth_year
        return age_group(None if born is None else self.first.started_on.year - born)

    @property
    def stopped_on(self) -> date | None:
        return self.last.stopped_on

    @property
    def is_ended_by_death(self) -> bool:
        died, ended = self.last.death_date, self.last.ended_on
        return died is not None and (ended is None or died <= ended)

    def bed_days(self, period: Period) -> list[date]:
        """The first day, and every day after it before the day of leaving."""
        leaving = self.stopped_on or period.last + DAY
        all_days = [self.first.started_on, *days(self.first.started_on + DAY, leaving - DAY)]
        return [day for day in all_days if day in period]


def kad_stays(care: Iterable[Row]) -> list[KadStay]:
    of_person: dict[str, list[CareService]] = defaultdict(list)
    for service in care_services(care):
        is_reversed = service.stopped_on is not None and service.stopped_on < service.started_on
        if service.service == "municipal_acute_stay" and not is_reversed:
            of_person[service.person_id].append(service)
    found: list[KadStay] = []
    for own in of_person.values():
        current: list[CareService] = []
        for service in sorted(own, key=lambda service: (service.started_on, service.key)):
            if current and service.started_on > max(
                min(s.stopped_on or date.max, s.reaches_to) for s in current
            ):
                found.append(KadStay(tuple(current)))
                current = []
            current.append(service)
        found.append(KadStay(tuple(current)))
    return found


def quarter(day: date) -> str:
    return f"{day.year}Q{(day.month + 2) // 3}"


def kad_use(care: Iterable[Row], period: Period) -> list[Unit]:
    return [
        Unit(
            unit_id=stay.first.key,
            person_id=stay.first.person_id,
            period=f"{stay.first.started_on.year}",
            cell=(stay.first.area, stay.age_group, quarter(stay.first.started_on)),
            atom="stay",
        )
        for stay in kad_stays(care)
        if stay.age_group and stay.first.started_on in period
    ]


def kad_days(care: Iterable[Row], period: Period) -> list[Unit]:
    found: list[Unit] = []
    for stay in kad_stays(care):
        if not stay.age_group:
            continue
        counts = Counter(quarter(day) for day in stay.bed_days(period))
        found += [
            Unit(
                unit_id=stay.first.key,
                person_id=stay.first.person_id,
                period=name[:4],
                cell=(stay.first.area, stay.age_group, name),
                atom="stay",
                amount=count,
            )
            for name, count in counts.items()
        ]
    return found


def kad_occupancy(care: Iterable[Row], period: Period, months: set[str]) -> list[Unit]:
    """months: those whose beds are delivered, YYYY-MM."""
    return [
        Unit(stay.first.key, stay.first.person_id, month[:4], (month,), "stay", count)
        for stay in kad_stays(care)
        for month, count in Counter(f"{day:%Y-%m}" for day in stay.bed_days(period)).items()
        if month in months
    ]


def kad_discharge_days(care: Iterable[Row], period: Period) -> list[tuple[str, date, str]]:
    found: list[tuple[str, date, str]] = []
    for stay in kad_stays(care):
        day = stay.stopped_on
        if day is None or day not in period or stay.is_ended_by_death:
            continue
        name = bucket(stay.first.area, stay.first.birth_year, day)
        if name:
            found.append((stay.first.person_id, day, name))
    return found


def onward_classes(stays: Sequence[Row], first_day: date) -> list[TokenRow]:
    """(person, day, service, class of days to the next acute admission, if at most 3), for days
    from the first delivered: of those before it nobody knows whether a nearer admission came."""
    admitted: dict[str, set[date]] = defaultdict(set)
    for episode in acute_episodes(stays):
        admitted[episode.person_id].add(episode.admitted_at.date())
    found: dict[tuple[str, date], str] = {}
    for person, own in admitted.items():
        for wait in (3, 2, 1, 0):  # the nearest admission has the last word
            for day in own:
                found[person, day - wait * DAY] = "days_1_3" if wait else "days_0"
    return [
        (person, day, "onward_admission", name)
        for (person, day), name in found.items()
        if day >= first_day
    ]


# What municipal services cost


Prices = Mapping[tuple[str, int], tuple[str, float]]
"""(service, year) -> (unit, kroner); what is unknown is not there."""


def municipal_cost(
    care: Iterable[Row], claims: Iterable[Row], cared: Period, prices: Prices
) -> list[Unit]:
    found: list[Unit] = []
    taken: set[tuple[str, str, date]] = set()
    """Days of a person and service that an earlier grant has."""
    granted = care_services(care)
    for service in sorted(granted, key=lambda s: (max(s.started_on, cared.first), s.key)):
        if service.stopped_on is not None and service.stopped_on < service.started_on:
            continue
        of_year: dict[int, list[date]] = defaultdict(list)
        own: Counter[int] = Counter()
        for day in days(max(service.started_on, cared.first), service.last_day(cared)):
            of_year[day.year].append(day)
            key = service.person_id, service.service, day
            own[day.year] += key not in taken
            taken.add(key)
        for year, year_days in of_year.items():
            unit, nok = prices.get((service.service, year), ("none", 0.0))
            hours = (service.hours_per_week or 0.0) / 7 * len(year_days)
            quantity = {"day": own[year], "hour": hours}.get(unit, 0)
            group = age_group(None if service.birth_year is None else year - service.birth_year)
            cell = service.service, service.area, group
            found += _cost(service.key, service.person_id, cell, year, nok * quantity)
    for row in claims:
        year = row["claim_date"].year
        name = service_name("kuhr", row["service_type"])
        unit, nok = prices.get((name, year), ("none", 0.0))
        if unit == "contact":
            born = known_birth_year(row.get("birth_year"), year)
            group = age_group(None if born is None else year - born)
            cell = name, claim_area(row), group
            found += _cost(row["claim_id"], row["person_id"], cell, year, nok)
    return found


def _cost(
    key: str, person: str, cell: tuple[str, str, str | None], year: int, nok: float
) -> Iterator[Unit]:
    """Nothing without an age or a cost; half a krone is rounded up."""
    service, of_area, group = cell
    amount = min(int(nok + 0.5), 5_000_000)
    if group and amount:
        yield Unit(key, person, f"{year}", (service, of_area, group), "service", amount)


def claim_area(row: Row) -> str:
    """The home municipality, or where the claim has none the one of the second source."""
    stated = row.get("municipality_no")
    home = row.get("resident_municipality_no") if stated in (None, "-1") else stated
    return area(home, row.get("bydel"))


# Contacts at a distance


def remote_contacts_hospital(stays: Iterable[Row]) -> list[Unit]:
    forms = {6: "video", 7: "telephone", 1: "in_person", 2: "in_person", 3: "in_person"}
    found: list[Unit] = []
    for row in stays:
        if row["care_level"] != 3 or row.get("link_quality") == 4:
            continue
        began, born = row["admission_date"], hospital_contact(row).known_birth_year
        group = age_group(None if born is None else began.year - born)
        if group:
            cell = area(row.get("municipality_no"), row.get("bydel")), group, quarter(began)
            form = forms.get(row.get("contact_type") or 0, "other_form")
            key = f"{row['person_id']}/{row['episode_id']}"
            found.append(Unit(key, row["person_id"], f"{began.year}", cell, form))
    return found


IN_PERSON = {"11ad", "11ak", "2ad", "2ak", "1ad", "1ak"}
E_CONSULTATION = {"2ae", "2aek"}


def remote_contacts_gp(claims: Iterable[Row], lines: Iterable[Row]) -> list[Unit]:
    tariffs: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        tariffs[line["claim_id"]].add(line["tariff"].lower())
    found: list[Unit] = []
    for row in claims:
        own = tariffs[row["claim_id"]]
        day = row["claim_date"]
        born = known_birth_year(row.get("birth_year"), day.year)
        group = age_group(None if born is None else day.year - born)
        if row["service_type"] == 1 and group and contact_kind(own) in (2, 3, 4):
            cell = claim_area(row), group, quarter(day)
            unit = Unit(row["claim_id"], row["person_id"], f"{day.year}", cell, form_of(own))
            found.append(unit)
    return found


def form_of(tariffs: set[str]) -> str:
    if tariffs & IN_PERSON:
        return "in_person"
    if tariffs & E_CONSULTATION:
        return "e_consultation"
    simple = {"1bd": "telephone", "1be": "e_contact", "1bk": "telephone", "1g": "telephone"}
    return next((form for tariff, form in simple.items() if tariff in tariffs), "other_form")


def contact_kind(tariffs: set[str]) -> int:
    """SKDE's kind of contact: the greatest number that any tariff of the claim stands for."""
    kinds = [0]
    for tariff in tariffs:
        exact = [r for r in seed("tariff_contact_type") if r["tariff"] == tariff]
        prefix = [
            r
            for r in seed("tariff_contact_type")
            if r["match"] == "prefix" and tariff.startswith(r["tariff"])
        ]
        kinds += [int(row["contact_type"]) for row in exact or prefix]
    return max(kinds)


# Working together


def discharge_letters(
    stays: Iterable[Row], letters: Iterable[Row], delivered: Period
) -> list[Unit]:
    """Nothing where no letters were delivered."""
    sent: dict[tuple[str, str], set[date]] = defaultdict(set)
    for letter in letters:
        sent[letter["person_id"], letter["episode_id"]].add(letter["sent_on"])
    found: list[Unit] = []
    for row in stays if sent else ():
        contact = hospital_contact(row)
        day, born = contact.discharged_at.date(), contact.known_birth_year
        group = age_group(None if born is None else contact.admission_date.year - born)
        is_followed = delivered.first <= day < delivered.last
        if contact.care_level != 1 or contact.link_quality == 4 or not group or not is_followed:
            continue
        in_time = sent[row["person_id"], row["episode_id"]] & {day, day + DAY}
        atom = "within_1_day" if in_time else "not_within_1_day"
        cell = group, quarter(day)
        found.append(Unit(contact.episode_id, contact.person_id, f"{day.year}", cell, atom))
    return found


def collaboration(rows: Iterable[Row], code: str, atom: str, *, is_by_day: bool) -> list[Unit]:
    """Days with the activity, or persons with it in a quarter."""
    of_code = [row for row in rows if row["activity_code"] == code]
    keys = {
        (
            f"{row['person_id']}/{row['activity_on']}" if is_by_day else row["person_id"],
            row["person_id"],
            quarter(row["activity_on"]),
        )
        for row in of_code
    }
    return [Unit(key, person, name[:4], (name,), atom) for key, person, name in keys]


# Use by level


LIFE = (
    ("0-5", 0, 5), ("6-12", 6, 12), ("13-17", 13, 17), ("18-66", 18, 66), ("67-74", 67, 74),
    ("75-84", 75, 84), ("85+", 85, 130),
)  # fmt: skip
Use = tuple[str, int, str, tuple[Any, str], str, int | None]
"""(person, year, kind, (when it began, key), area, year of birth)"""


def hospital_use(stays: Iterable[Row]) -> list[Use]:
    found: list[Use] = []
    for row in stays:
        contact = hospital_contact(row)
        if contact.link_quality == 4:
            continue
        if row.get("sector") in ("4", "5", "SOM"):
            kind = "somatic_inpatient" if contact.care_level == 1 else "somatic_outpatient"
        else:
            kind = {
                "1": "addiction", "2": "adult_mental_health", "PHV": "adult_mental_health",
                "3": "child_mental_health",
            }.get(row.get("sector") or "", "unknown_sector")  # fmt: skip
        place = area(row.get("municipality_no"), row.get("bydel"))
        began = contact.admitted_at, contact.episode_id
        born = contact.known_birth_year
        found.append((contact.person_id, began[0].year, kind, began, place, born))
    return found


def primary_use(claims: Iterable[Row]) -> list[Use]:
    found: list[Use] = []
    for row in claims:
        kind, day = service_name("kuhr", row["service_type"]), row["claim_date"]
        if kind in {named["kind"] for named in seed("use_kind_primary")}:
            born = known_birth_year(row.get("birth_year"), day.year)
            began = day, row["claim_id"]
            found.append((row["person_id"], day.year, kind, began, claim_area(row), born))
    return found


def care_use(care: Iterable[Row], period: Period) -> list[Use]:
    found: list[Use] = []
    for service in care_services(care):
        if service.service not in {named["kind"] for named in seed("use_kind_care")}:
            continue
        last = min(service.last_day(period), service.reaches_to)
        with_service = days(service.started_on, last)
        for year in sorted({day.year for day in with_service if day in period}):
            began = service.started_on, service.key
            found.append(
                (service.person_id, year, service.service, began, service.area, service.birth_year)
            )
    return found


def users(uses: Iterable[Use]) -> list[Unit]:
    """Each person once a year and kind, as the first use of known age has the person."""
    first: dict[tuple[str, int, str], tuple[tuple[Any, str], str, str]] = {}
    for person, year, kind, began, place, born in uses:
        age = None if born is None else year - born
        group = next((n for n, low, high in LIFE if age is not None and low <= age <= high), None)
        if group is None:
            continue
        key = person, year, kind
        first[key] = min(first.get(key, (began, place, group)), (began, place, group))
    return [
        Unit(f"{person}/{kind}", person, f"{year}", (kind, place, group), "user")
        for (person, year, kind), (_, place, group) in first.items()
    ]


def hospital_user_years(uses: Iterable[Use]) -> list[tuple[str, date, str]]:
    """(person, first day of the year, bucket)."""
    first: dict[tuple[str, date], tuple[tuple[Any, str], str]] = {}
    for person, year, _, began, place, born in uses:
        key = person, date(year, 1, 1)
        name = bucket(place, born, key[1])
        if name:
            first[key] = min(first.get(key, (began, name)), (began, name))
    return [(person, day, name) for (person, day), (_, name) in first.items()]


def municipal_user_years(primary: Iterable[Use], care: Iterable[Use]) -> list[TokenRow]:
    of_level = {"primary_use": primary, "care_use": care}
    return list(
        {
            (person, date(year, 1, 1), level, "user")
            for level, uses in of_level.items()
            for person, year, *_ in uses
        }
    )
