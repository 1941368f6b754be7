"""Events as register tables: the columns, names and codes of NPR and KPR extracts.

Every table follows the input-layer contract of its register (`dbt_models/models/input_layer`). A
column that the events say nothing of is left out. No id has eleven digits, so that none can be
mistaken for a national identity number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic import codes
from synthetic.columns import coded, constant, dates, digits, times, timestamps, years
from synthetic.events import (
    DAY,
    NO_DAY,
    Bools,
    CareServices,
    Claims,
    Functions,
    Ints,
    People,
    Referrals,
    Stays,
    Window,
)

MUNICIPALITIES = ("0301", "-1")
BYDELER = (*codes.BYDELER, "030199")
"""What a row may say of a residence; the last of each only in dirty data."""
BIRTH_YEAR_UNKNOWN = 9999

ROWS_A_SHARD = 10**7
"""Ids of a register count from here in each shard: nine digits up to 6.5 million persons."""

INPATIENT, DAY_CASE, OUTPATIENT = 1, 2, 3
SOMATIC = 4
_HOUR = 3_600
_CHAIN_GAP = 8 * _HOUR  # SKDE: stays at most 8 hours apart are one
_NOTICE = 12 * _HOUR  # after admission the municipality is told of it, at the latest 24 hours

_FROM_HOSPITAL, _FROM_NURSING_HOME = 3, 11
_GP, _SOMATIC_CARE, _OTHER_MUNICIPAL = 28, 41, 88  # henvFra/TilTjeneste
_SERVICE_OF_PLACE = np.full(128, _GP, dtype=np.int8)
_SERVICE_OF_PLACE[[_FROM_HOSPITAL, _FROM_NURSING_HOME]] = _SOMATIC_CARE, _OTHER_MUNICIPAL
_NEW, _TREATMENT, _CONTROL = 1, 2, 3  # kontaktType

# Not an organisation's number: the first digit of a real one is 8 or 9.
_INSTITUTION = "7000000{:02d}"
# SKDE's codes of treating trust; a hospital of another name counts on from 101.
_TRUST_CODES = {"ahus": 16, "ous": 18, "diakonhjemmet": 23, "lovisenberg": 24}

TARIFFS = ("1ad", "2ad", "11ad", "1bd", "1ak", "2ak", "11ak", "1bk", "1g", "2ae", "2as", "2fk",
           "1be", "14", "1f", "1j", "L1", "5", "H1", "2kd")  # fmt: skip
# First item by service (GP, other) and contact type (SKDE: the highest of a claim's items), four
# equally likely ones; the second item never changes the contact type.
_FIRST = {
    (False, 1): ("L1", "5", "H1", "2kd"), (True, 1): ("L1", "5", "L1", "5"),
    (False, 2): ("1ad", "1bd", "1be", "1g"), (True, 2): ("1ak", "1bk", "1g", "1ak"),
    (False, 3): ("2ad", "2ad", "2ae", "2as"), (True, 3): ("2ak", "2ak", "2ak", "2fk"),
    (False, 4): ("11ad", "11ad", "11ad", "11ad"), (True, 4): ("11ak", "11ak", "11ak", "11ak"),
    (False, 5): ("1f", "14", "1j", "14"), (True, 5): ("1f", "14", "1f", "14"),
}  # fmt: skip
_SECOND = {1: "5", 2: "1g", 3: "2fk", 4: "2fk", 5: "1g"}
_SECOND_TARIFF = _SECOND_DIAGNOSIS = 0.15  # of claims
# Patient's share and refund by contact type, NOK: invented round sums, no year's tariff.
_PATIENT_PAYS = np.array([0, 0, 80, 180, 250, 0], dtype=np.int16)
_REFUND = np.array([0, 40, 60, 220, 320, 450], dtype=np.int16)
_FREE_BELOW_AGE = 16


@dataclass(frozen=True)
class Registers:
    """What the writers know of a shard: who its people are, and where its ids begin."""

    people: People
    window: Window
    shard: int

    @cached_property
    def npr_numbers(self) -> pa.Array:
        """lopenr of each person; shape (people,)."""
        return npr_numbers(self.people.number)

    @cached_property
    def kpr_numbers(self) -> pa.Array:
        """kpr_lnr of each person; shape (people,)."""
        return kpr_numbers(self.people.number)

    @cached_property
    def birth_year(self) -> NDArray[np.int16]:
        return (self.people.born.astype("datetime64[Y]").astype(np.int16)) + np.int16(1970)

    @cached_property
    def _lives(self) -> Bools:
        """Whether no death is known when the window ends."""
        return self._death_day == NO_DAY

    @cached_property
    def _known_death_day(self) -> NDArray[np.int32]:
        """The day of death of those who do not live."""
        return np.where(self._lives, np.int32(0), self._death_day)

    @cached_property
    def _sex(self) -> NDArray[np.int8]:
        return np.where(self.people.is_female, np.int8(2), np.int8(1))

    @cached_property
    def _death_day(self) -> NDArray[np.int32]:
        """The day of a death that is known when the window ends, else NO_DAY."""
        died = self.people.dies_at < self.window.seconds
        return np.where(died, self.people.dies_at // DAY, NO_DAY).astype(np.int32)

    # -- NPR ---------------------------------------------------------------------------------------

    def npr(self, stays: Stays, hospital: int, name: str) -> pa.Table:
        """The NPR analyst extract of one hospital: a row for each contact that has ended.

        stays: the shard's, of all hospitals. name: the hospital's site id.
        """
        is_reported = (
            (stays.hospital == hospital) & (stays.end >= 0) & (stays.end < self.window.seconds)
        )
        rows = np.flatnonzero(is_reported)
        stays = stays.take(rows)
        count = len(rows)
        is_inpatient = stays.care_level == INPATIENT
        is_outpatient = stays.care_level >= OUTPATIENT
        in_day, out_day = _day(stays.start), _day(stays.end)
        is_ready = stays.ready_at >= 0
        ready_day = _day(stays.ready_at)
        weight = _DRG_WEIGHT[stays.drg]
        is_isf = (stays.sector == SOMATIC) & (weight > 0)
        specialty = _three_digits(stays.specialty)
        discharge_notice = np.where(is_ready, 3, 1).astype(np.int8)
        columns: dict[str, pa.Array | NDArray] = {
            "episodeID": self.ids(rows),
            "lopenr": coded(self.npr_numbers, stays.person),
            "aar": years(self.window, out_day),
            "sektor": stays.sector,
            "institusjonID": constant(institution_id(hospital), count),
            "hf": np.full(count, trust_code(hospital, name), dtype=np.int16),
            "sh_reg": np.full(count, trust_code(hospital, name), dtype=np.int16),
            "episodeFag": specialty,
            "omsorgsniva": stays.care_level,
            "aktivitetskategori3": np.minimum(stays.care_level, np.int8(OUTPATIENT)),
            "innDato": dates(self.window, in_day),
            "innTid": times(stays.start),
            "utDato": dates(self.window, out_day),
            "utTid": times(stays.end),
            "innmateHast": stays.urgency,
            "inntilstand": stays.state_in,
            "utTilstand": stays.state,
            "fraSted": stays.came_from,
            "tilSted": stays.went_to,
            "henvFraTjeneste": _SERVICE_OF_PLACE[stays.came_from],
            "henvTilTjeneste": pa.array(_SERVICE_OF_PLACE[stays.went_to], mask=is_outpatient),
            "kontaktType": pa.array(_contact_kind(stays), mask=~is_outpatient),
            "typeTidspunkt_1": pa.array(np.ones(count, dtype=np.int8), mask=~is_inpatient),
            "tidspunkt_1": timestamps(
                self.window, np.minimum(stays.start + _NOTICE, stays.end), ~is_inpatient
            ),
            "typeTidspunkt_2": pa.array(discharge_notice, mask=~is_ready),
            "tidspunkt_2": timestamps(self.window, stays.ready_at, ~is_ready),
            "typeTidspunkt_3": pa.array(np.full(count, 2, dtype=np.int8), mask=~is_ready),
            "tidspunkt_3": timestamps(self.window, stays.ready_at, ~is_ready),
            "utskrKlarDato": dates(self.window, ready_day, ~is_ready),
            "utskrKlarDager": pa.array(out_day - ready_day, mask=~is_ready),
            "tilstand_1_1": coded(codes.ICD10, stays.main_diagnosis),
        }
        for place in range(stays.other_diagnoses.shape[1]):
            columns[f"tilstand_{place + 2}_1"] = coded(codes.ICD10, stays.other_diagnoses[:, place])
        for place in range(stays.procedures.shape[1]):
            columns[f"NCSP_{place + 1}"] = coded(codes.NCSP, stays.procedures[:, place])
        columns |= {
            "drg": coded(codes.DRG, stays.drg),
            "drg_type": coded(
                ("M", "K"), (stays.procedures[:, 0] >= 0).astype(np.int16), stays.drg < 0
            ),
            "vekt": weight,
            "korrvekt": weight,
            "npkOpphold_ISFPoeng": np.where(is_isf, weight, 0.0),
            "isf_opphold": is_isf.astype(np.int8),
            "aggrshoppID_LNr": _chain(stays, self.ids(rows)),
            "debitor": np.ones(count, dtype=np.int8),
            **self._person(stays.person, "komNrHjem2", "bydel2", "fodselsar"),
            "dodDato": self._died_on(stays.person),
            "NPRId_reg": np.ones(count, dtype=np.int8),
        }
        return pa.table(columns)

    def referrals(self, referrals: Referrals, hospital: int) -> pa.Table:
        """Referrals that one hospital received in the window; what is not yet known is empty."""
        is_here = (referrals.hospital == hospital) & (referrals.received >= 0)
        rows = np.flatnonzero(is_here & (referrals.received < self.window.days))
        referrals = referrals.take(rows)
        is_open = referrals.assessed >= self.window.days
        is_waiting = referrals.first_contact >= self.window.days
        outcome = np.where(referrals.is_accepted, np.int8(1), np.int8(2))
        return pa.table(
            {
                "henvisning_lnr": self.ids(rows),
                "lopenr": coded(self.npr_numbers, referrals.person),
                "institusjonID": constant(institution_id(hospital), len(rows)),
                "fagomrade": _three_digits(referrals.specialty),
                "mottattDato": dates(self.window, referrals.received),
                "vurdertDato": dates(
                    self.window, np.where(is_open, 0, referrals.assessed), is_open
                ),
                "utfall": pa.array(outcome, mask=is_open),
                "ventetidSluttDato": dates(
                    self.window, np.where(is_waiting, 0, referrals.first_contact), is_waiting
                ),
                **self._person(referrals.person, "komNrHjem2", "bydel2", "fodselsar"),
            }
        )

    # -- KPR: claims -------------------------------------------------------------------------------

    def claims(self, claims: Claims) -> pa.Table:
        """`regning`: one row a claim."""
        year = years(self.window, claims.day)
        age = year - self.birth_year[claims.person]
        pays = np.where(age < _FREE_BELOW_AGE, np.int16(0), _PATIENT_PAYS[claims.contact_type])
        return pa.table(
            {
                "enkeltregning_lnr": self.ids(np.arange(len(claims))),
                "kpr_lnr": coded(self.kpr_numbers, claims.person),
                "aar": year,
                "dato": dates(self.window, claims.day),
                "alder": np.maximum(age, 0).astype(np.int16),
                **self._person(claims.person, "kommuneNr", "bydel", "fodselsaar"),
                "kommunenrPB": constant(MUNICIPALITIES[0], len(claims)),
                "tjenestetype": claims.service_type,
                "praksiskommune": constant(MUNICIPALITIES[0], len(claims)),
                "egenandelPasient": pays,
                "refusjonutbetaltbeløp": _REFUND[claims.contact_type],
                "doddato": self._died_on(claims.person),
            }
        )

    def diagnoses(self, rng: np.random.Generator, claims: Claims) -> pa.Table:
        """`diagnose`: the claim's diagnosis and, in some, that of the person's claim before."""
        before = np.concatenate((claims.diagnosis[:1], claims.diagnosis[:-1]))
        same = np.concatenate(([False], claims.person[1:] == claims.person[:-1]))
        has_two = (
            (rng.random(len(claims), dtype=np.float32) < _SECOND_DIAGNOSIS)
            & same[: len(claims)]
            & (before != claims.diagnosis)
        )
        row, is_first, second = _repeat(has_two)
        diagnosis = claims.diagnosis[row]
        diagnosis[second] = before[row[second]]
        return pa.table(
            {
                "enkeltregning_lnr": self.ids(row),
                "diagnoseKode": coded(codes.ICPC2, diagnosis),
                "diagnoseTabell": np.ones(len(row), dtype=np.int8),
                "erHoveddiagnose": is_first.astype(np.int8),
                "kodeNr": np.int8(2) - is_first,
            }
        )

    def tariffs(self, rng: np.random.Generator, claims: Claims) -> pa.Table:
        """`takst`: items from which the contact type can be told again."""
        drawn = rng.integers(0, 256, len(claims), dtype=np.uint8)
        is_other = claims.service_type != 1
        kind = is_other * np.uint8(_FIRST_ITEM.shape[1]) + claims.contact_type
        first = _FIRST_ITEM.ravel()[kind * np.uint8(4) + (drawn & 3)]
        row, _, second = _repeat(drawn >= int(256 * (1 - _SECOND_TARIFF)))
        item = first[row]
        item[second] = _SECOND_ITEM[claims.contact_type[row[second]]]
        return pa.table(
            {
                "enkeltregning_lnr": self.ids(row),
                "takstKode": coded(TARIFFS, item),
                "antall": np.ones(len(row), dtype=np.int8),
            }
        )

    # -- KPR: care ---------------------------------------------------------------------------------

    def care(self, care: CareServices) -> pa.Table:
        """`tjeneste`: one row a service and data year, as it was known at the end of that year.

        No row of a year before which the person died.
        """
        first, last = years(self.window, np.array([0, self.window.days - 1]))
        death = self._death_day[care.person]
        parts = []
        for year in range(first, last + 1):
            begins = self._first_day_of(year)
            ends = min(self._first_day_of(year + 1), self.window.days) - 1
            rows = np.flatnonzero(
                (care.first_day <= ends) & (care.last_day >= begins) & (death >= begins)
            )
            parts.append((rows, np.full(len(rows), year, np.int16), care.last_day[rows] > ends))
        rows, year, lasts = (np.concatenate([part[i] for part in parts]) for i in range(3))
        order = np.lexsort((year, rows))  # by service and so by person, as in every register
        rows, year, lasts = rows[order], year[order], lasts[order]
        care = care.take(rows)
        return pa.table(
            {
                "tjeneste_lnr": self.ids(rows),
                "kpr_lnr": coded(self.kpr_numbers, care.person),
                "aar": year,
                "tjenestekode": care.code,
                "startdato": dates(self.window, care.first_day),
                "stoppdato": dates(self.window, np.where(lasts, 0, care.last_day), lasts),
                "timer_uke": pa.array(care.hours_per_week, mask=np.isnan(care.hours_per_week)),
                **self._person(care.person, "kommuneNr", "bydel", "fodselsaar"),
                "doddato": self._died_on(care.person),
            }
        )

    def functions(self, functions: Functions) -> pa.Table:
        """`funksjon`: one row an assessment within the window, twenty scores."""
        rows = np.flatnonzero((functions.day >= 0) & (functions.day < self.window.days))
        functions = functions.take(rows)
        scores = {
            f"funksjon_{place + 1:02d}": np.ascontiguousarray(functions.scores[:, place])
            for place in range(functions.scores.shape[1])
        }
        return pa.table(
            {
                "vurdering_lnr": self.ids(rows),
                "kpr_lnr": coded(self.kpr_numbers, functions.person),
                "aar": years(self.window, functions.day),
                "vurdertDato": dates(self.window, functions.day),
                **scores,
            }
        )

    def person_key(self) -> pa.Table:
        """The key file: every person's number in NPR and in KPR."""
        return pa.table({"npr_lnr": self.npr_numbers, "kpr_lnr": self.kpr_numbers})

    def _first_day_of(self, year: int) -> int:
        return int((np.datetime64(f"{year}-01-01") - self.window.first_day).astype(int))

    # -- shared ------------------------------------------------------------------------------------

    def ids(self, rows: Ints) -> NDArray[np.int64]:
        """Ids of the shard's rows; the highest of its range are left to `dirt`."""
        return self.shard * ROWS_A_SHARD + 1 + rows.astype(np.int64)

    def _person(self, person: Ints, municipality: str, bydel: str, born: str) -> dict:
        return {
            municipality: coded(MUNICIPALITIES, np.zeros(len(person), dtype=np.int16)),
            bydel: coded(BYDELER, self.people.bydel.astype(np.int16)[person]),
            "kjonn": self._sex[person],
            born: self.birth_year[person],
        }

    def _died_on(self, person: Ints) -> pa.Array:
        return dates(self.window, self._known_death_day[person], self._lives[person])


def npr_numbers(number: NDArray[np.int64]) -> pa.Array:
    """lopenr: a person number of NPR's own, nine digits as text; one to one over all persons."""
    return _scramble(number, 0x0F2C_1A5D, 0x1357_9BDF)


def kpr_numbers(number: NDArray[np.int64]) -> pa.Array:
    """kpr_lnr: the same person's number in KPR, in no way to be told from `lopenr`'s digits."""
    return _scramble(number, 0x1B87_3593, 0x0CC9_E2D5)


def institution_id(hospital: int) -> str:
    return _INSTITUTION.format(hospital + 1)


def trust_code(hospital: int, name: str) -> int:
    return _TRUST_CODES.get(name, 101 + hospital)


_DRG_WEIGHT = np.append(codes.DRG_WEIGHT, codes.NO_DRG_WEIGHT)  # the last for index -1
_THREE_DIGITS = tuple(f"{code:03d}" for code in range(1_000))
_BITS = 29  # of person numbers; 536 million


def _scramble(number: NDArray[np.int64], first: int, second: int) -> pa.Array:
    """A bijection of 29-bit numbers: odd factors and shifts can each be undone."""
    mask = (1 << _BITS) - 1
    mixed = (number * first + second) & mask
    mixed ^= mixed >> 15
    mixed = (mixed * second) & mask
    mixed ^= mixed >> 13
    return digits(mixed + 100_000_000, 9)


def _day(second: Ints) -> NDArray[np.int32]:
    return (second // DAY).astype(np.int32)


def _three_digits(specialty: Ints) -> pa.Array:
    return coded(_THREE_DIGITS, specialty)


def _contact_kind(stays: Stays) -> NDArray[np.int8]:
    """kontaktType: a referral's first contact is assessment, one with a procedure treatment."""
    is_new = np.zeros(len(stays), dtype=np.bool_)
    referred = np.flatnonzero(stays.referral >= 0)
    is_new[referred[np.unique(stays.referral[referred], return_index=True)[1]]] = True
    return np.select(
        [is_new, stays.procedures[:, 0] >= 0],
        [np.int8(_NEW), np.int8(_TREATMENT)],
        np.int8(_CONTROL),
    )


def _chain(stays: Stays, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """aggrshoppID_LNr: the id of the first stay of a chain in this hospital, 1 for a stay alone.

    A chain: stays of a person at most 8 hours apart. Rows are ordered by person and start.
    """
    chain = np.ones(len(stays), dtype=np.int64)
    bed = np.flatnonzero(stays.care_level == INPATIENT)
    if len(bed) < 2:
        return chain
    goes_on = (stays.person[bed][1:] == stays.person[bed][:-1]) & (
        stays.start[bed][1:] <= stays.end[bed][:-1] + _CHAIN_GAP
    )
    number = np.concatenate(([0], np.cumsum(~goes_on)))
    first = np.concatenate(([0], np.flatnonzero(~goes_on) + 1))
    is_several = np.bincount(number)[number] > 1
    chain[bed[is_several]] = ids[bed[first]][number[is_several]]
    return chain


def _repeat(has_two: Bools) -> tuple[NDArray[np.int32], Bools, NDArray[np.int64]]:
    """Rows of claims, once or twice each; whether a row is its claim's first, and where not."""
    twice = np.flatnonzero(has_two)
    second = twice + np.arange(1, len(twice) + 1)
    is_first = np.ones(len(has_two) + len(twice), dtype=np.bool_)
    is_first[second] = False
    return np.cumsum(is_first, dtype=np.int32) - np.int32(1), is_first, second


def _items(by_key: Mapping[tuple[bool, int], Sequence[str]]) -> NDArray[np.int16]:
    table = np.zeros((2, 6, 4), dtype=np.int16)
    for (is_other, contact), items in by_key.items():
        table[int(is_other), contact] = [TARIFFS.index(item) for item in items]
    return table


_FIRST_ITEM = _items(_FIRST)
_SECOND_ITEM = np.array(
    [0, *(TARIFFS.index(_SECOND[contact]) for contact in range(1, 6))], np.int16
)
