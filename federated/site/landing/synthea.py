"""Synthea's CSV export, mapped to the registers' shapes and dealt out to sites.

Every site reads the whole source and lands its own share. `inpatient` encounters become hospital
stays of hospital `('0x' || substr(md5(stay_id), 1, 8))::bigint % K`; every other class goes to the
one municipality (see `SERVICES`). Synthea has no acute flag: a stay counts as acute (urgency 1) if
an emergency encounter of the same person began no later than the stay and ended at most 24 hours
before it, or after it began; else as planned (4). Its diagnoses are SNOMED, not ICD-10, and stay
out. Times are UTC as Synthea writes them, kept to the second.
"""

# ruff: noqa: S608 -- what is spliced in is named in the contract, or quoted by `sql`

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from duckdb import DuckDBPyConnection

from federated.site.config import SyntheaShare
from federated.site.landing.delivery import Period
from federated.site.landing.quarantine import land, mark_duplicates, reject
from federated.site.landing.readable import Readable
from federated.site.landing.rules import Fault, cell, reasons, typed
from federated.site.landing.sql import literal
from federated.site.landing.staging import Staged, stage

STAY = "inpatient"
SERVICES: dict[str, tuple[str, int]] = {
    "ambulatory": ("kuhr_claim", 1),
    "wellness": ("kuhr_claim", 1),
    "outpatient": ("kuhr_claim", 1),
    "virtual": ("kuhr_claim", 1),
    "urgentcare": ("kuhr_claim", 2),
    "emergency": ("kuhr_claim", 2),
    "home": ("kpr_care", 15),
    "snf": ("kpr_care", 18),
    "hospice": ("kpr_care", 19),
}
"""Encounter class -> landing table and its service type (kuhr_claim) or service code (kpr_care)."""

_ENCOUNTER = ("Id", "START", "STOP", "PATIENT", "ENCOUNTERCLASS", "ORGANIZATION")
_PATIENT = ("Id", "BIRTHDATE", "DEATHDATE", "GENDER")
_OPTIONAL = {"ORGANIZATION", "GENDER"}

_PERSON = {
    "person_id": "patient_id",
    "sex": "case gender when 'M' then 1 when 'F' then 2 else 0 end",
    "birth_year": "year(birth_date)",
    "death_date": "death_date",
}


@dataclass(frozen=True)
class SyntheaReading:
    """The whole source, read and checked, of which one share is written."""

    connection: DuckDBPyConnection
    share: SyntheaShare
    encounters: Staged
    patients: Staged

    @property
    def _is_mine(self) -> str:
        return (
            "hospital is null"
            if self.share.hospital is None
            else f"hospital = {self.share.hospital}"
        )

    @property
    def rows_in(self) -> int:
        row = self.connection.execute(
            f"select count(*) from encounter where {self._is_mine}"
        ).fetchone()
        return row[0] if row else 0

    @property
    def ignored_columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.encounters.ignored, *self.patients.ignored]))

    @property
    def notes(self) -> tuple[str, ...]:
        mapped = (
            "Mapped from Synthea: acute means that an emergency encounter came within 24 hours "
            "before; diagnoses are not carried over.",
        )
        row = self.connection.execute(
            f"select count(*) from {self.patients.table} where cells is null"
        ).fetchone()
        if row and row[0]:
            return (*mapped, f"{row[0]} lines of {self.patients.file} could not be read.")
        return mapped

    def period_of_data(self) -> tuple[Period | None, datetime | None]:
        """From the year of the first START to the latest STOP in the whole source, every share."""
        row = self.connection.execute(
            "select min(started) filter (where started_in_range), "
            "max(stopped) filter (where stopped_in_range) from encounter"
        ).fetchone()
        if row is None or row[0] is None or row[1] is None:
            return None, None
        start, stop = row
        first = date(min(start, stop).year, 1, 1)
        return Period(first, stop.date()), stop

    def settle(self) -> None:
        landed = [
            f"select {key} from landing.{table}"
            for table, key in (
                ("npr_stay", "episode_id"),
                ("kuhr_claim", "claim_id"),
                ("kpr_care", "service_id"),
            )
        ]
        mark_duplicates(self.connection, "encounter", ["encounter_id"], landed, "duplicate:Id")

    def write(self, delivery_id: str) -> None:
        sound = f"encounter where len(reasons) = 0 and {self._is_mine}"
        if self.share.hospital is None:
            self._write_services(sound, delivery_id)
        else:
            self._write_stays(sound, delivery_id)
        reject(
            self.connection,
            "encounter",
            self.encounters,
            delivery_id=delivery_id,
            table_name="coalesce(target, 'encounters')",
            condition=self._is_mine,
        )

    def _write_stays(self, sound: str, delivery_id: str) -> None:
        stays = f"""
            (select stay.*, acute.position is not null as is_acute
             from (select * from {sound}) stay left join (
                select distinct s.position
                from (select * from {sound}) s join encounter e on e.patient_id = s.patient_id
                where e.class = 'emergency' and len(e.reasons) = 0
                    and e.started <= s.started and e.stopped >= s.started - interval 24 hour
             ) acute on acute.position = stay.position)
        """
        values = {
            **_PERSON,
            "episode_id": "encounter_id",
            "data_year": "year(stopped)",
            "institution_id": "organization",
            "care_level": "1",
            "admission_date": "started::date",
            "admission_time": "started::time",
            "discharge_date": "stopped::date",
            "discharge_time": "stopped::time",
            "urgency": "if(is_acute, 1, 4)",
            "state_at_discharge": "if(coalesce(death_date <= stopped::date, false), 2, 1)",
        }
        land(self.connection, "npr_stay", values, stays, delivery_id)

    def _write_services(self, sound: str, delivery_id: str) -> None:
        claim = {
            **_PERSON,
            "claim_id": "encounter_id",
            "data_year": "year(started)",
            "claim_date": "started::date",
            "service_type": "service",
        }
        care = {
            **_PERSON,
            "service_id": "encounter_id",
            "data_year": "year(started)",
            "service_code": "service",
            "started_on": "started::date",
            "ended_on": "stopped::date",
        }
        for table, values in (("kuhr_claim", claim), ("kpr_care", care)):
            rows = f"{sound} and target = '{table}'"
            land(self.connection, table, values, rows, delivery_id)


def read_synthea(
    connection: DuckDBPyConnection,
    files: Sequence[Readable],
    share: SyntheaShare,
) -> SyntheaReading:
    """Read encounters and patients and check every encounter, whosever share it is."""
    staged = {
        file.part: stage(
            connection,
            file,
            table=f"staged_{file.part}",
            ordinal=0,
            wanted=(wanted := _ENCOUNTER if file.part == "encounters" else _PATIENT),
            required=[name for name in wanted if name not in _OPTIONAL],
        )
        for file in files
    }
    encounters, patients = staged["encounters"], staged["patients"]
    _check_patients(connection, patients)
    _check_encounters(connection, encounters, share)
    return SyntheaReading(connection, share, encounters, patients)


def _check_patients(connection: DuckDBPyConnection, staged: Staged) -> None:
    """`patient`: one row per Id (the first), with what is wrong with its dates."""
    text = {name: cell(staged.columns.get(name)) for name in _PATIENT}
    connection.execute(
        f"""
        create temp table patient as
        select distinct on (id) id, birth_date, death_date, gender,
            birth_text is not null and birth_date is null as is_birth_broken,
            death_text is not null and death_date is null as is_death_broken
        from (
            select *, {typed("birth_text", "date")} as birth_date,
                {typed("death_text", "timestamp")}::date as death_date
            from (
                select row_number, {text["Id"]} as id, {text["BIRTHDATE"]} as birth_text,
                    {text["DEATHDATE"]} as death_text, upper({text["GENDER"]}) as gender
                from {staged.table}
            )
        )
        where id is not null order by id, row_number
        """
    )


def _check_encounters(connection: DuckDBPyConnection, staged: Staged, share: SyntheaShare) -> None:
    """`encounter`: every row of the file, with reasons, landing table, service and hospital."""
    text = {name: cell(staged.columns.get(name)) for name in _ENCOUNTER}
    faults = [
        Fault("missing:Id", "encounter_id is null"),
        *(
            fault
            for column, value in (("START", "started"), ("STOP", "stopped"))
            for fault in (
                Fault(f"missing:{column}", f"{value}_text is null"),
                Fault(f"broken_date:{column}", f"{value}_text is not null and {value} is null"),
                Fault(f"out_of_range:{column}", f"not {value}_in_range"),
            )
        ),
        Fault("stop_before_start", "stopped < started"),
        Fault("missing:PATIENT", "patient_id is null"),
        Fault("unknown_patient:PATIENT", "patient_id is not null and patient.id is null"),
        Fault("broken_date:BIRTHDATE", "is_birth_broken"),
        Fault("out_of_range:BIRTHDATE", "year(birth_date) < 1850"),
        Fault("broken_date:DEATHDATE", "is_death_broken"),
        Fault("missing:ENCOUNTERCLASS", "class is null"),
        Fault("unknown_class:ENCOUNTERCLASS", "class is not null and target is null"),
    ]
    tables = " ".join(f"when '{c}' then '{table}'" for c, (table, _) in SERVICES.items())
    services = " ".join(f"when '{c}' then {code}" for c, (_, code) in SERVICES.items())
    in_range = "between timestamp '1900-01-01' and timestamp '2100-12-31 23:59:59'"
    connection.execute(
        f"""
        create temp table encounter as
        select {staged.position} + row_number as position, {literal(staged.file)} as file,
            row_number, {reasons(faults)} as reasons,
            encounter_id, patient_id, organization, class, target,
            case class {services} end as service, hospital, started, stopped,
            started_in_range, stopped_in_range, birth_date, death_date, gender
        from (
            select *, started {in_range} as started_in_range,
                stopped {in_range} as stopped_in_range,
                if(target = 'npr_stay',
                    ('0x' || substr(md5(coalesce(encounter_id, '')), 1, 8))::bigint % {share.of},
                    null) as hospital
            from (
                select *, {typed("started_text", "timestamp")} as started,
                    {typed("stopped_text", "timestamp")} as stopped,
                    case class when '{STAY}' then 'npr_stay' {tables} end as target
                from (
                    select row_number, cells, {text["Id"]} as encounter_id,
                        {text["START"]} as started_text, {text["STOP"]} as stopped_text,
                        {text["PATIENT"]} as patient_id, {text["ORGANIZATION"]} as organization,
                        lower({text["ENCOUNTERCLASS"]}) as class
                    from {staged.table}
                )
            )
        ) left join patient on patient.id = patient_id
        """
    )
