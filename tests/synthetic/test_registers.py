"""Events as register tables: what a reader of the register can tell from them again."""

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from synthetic import codes
from synthetic.events import DAY, NO_DAY, CareServices, Columns, Stays
from synthetic.registers import Registers, kpr_numbers, npr_numbers
from tests.synthetic.random_events import WINDOW, random_events

EVENTS = random_events(1_500)
SHARD = 3


@pytest.fixture(scope="module")
def registers() -> Registers:
    return Registers(EVENTS.people, WINDOW, SHARD)


def _day(second: int) -> date:
    return WINDOW.first_day.astype(object) + timedelta(days=int(second) // DAY)


def _second(day: str) -> int:
    return int((np.datetime64(day) - WINDOW.first_day).astype(int)) * DAY


def _same(columns: Columns, **changes: object) -> dict:
    return {name: getattr(columns, name) for name in columns.__dataclass_fields__} | changes


def test_a_stay_is_told_at_its_hospital_once_it_has_ended(registers: Registers) -> None:
    stays = EVENTS.stays
    for hospital in range(4):
        rows = registers.npr(stays, hospital, "ous").to_pylist()
        expected = [
            index
            for index in range(len(stays))
            if stays.hospital[index] == hospital and 0 <= stays.end[index] < WINDOW.seconds
        ]
        assert len(rows) == len(expected) > 0
        for row, index in zip(rows, expected, strict=True):
            start, end = int(stays.start[index]), int(stays.end[index])
            assert (row["innDato"], row["utDato"]) == (_day(start), _day(end))
            assert row["innTid"].isoformat() == _clock(start)
            assert row["utTid"].isoformat() == _clock(end)
            assert row["aar"] == row["utDato"].year
            assert row["omsorgsniva"] == stays.care_level[index]
            assert row["innmateHast"] == stays.urgency[index]
            assert row["tilstand_1_1"] == codes.ICD10[stays.main_diagnosis[index]]
            other = int(stays.other_diagnoses[index, 3])
            assert row["tilstand_5_1"] == (None if other < 0 else codes.ICD10[other])
            second = int(stays.procedures[index, 1])
            assert row["NCSP_2"] == (None if second < 0 else codes.NCSP[second])
            drg = int(stays.drg[index])
            assert row["drg"] == (None if drg < 0 else codes.DRG[drg])
            assert row["korrvekt"] == (0 if drg < 0 else codes.DRG_WEIGHT[drg])
            assert row["episodeFag"] == f"{stays.specialty[index]:03d}"
            person = int(stays.person[index])
            assert row["bydel2"] == codes.BYDELER[EVENTS.people.bydel[person]]
            assert row["kjonn"] == (2 if EVENTS.people.is_female[person] else 1)
            assert row["fodselsar"] == EVENTS.people.born[person].astype(object).year


def _clock(second: int) -> str:
    second %= DAY
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def test_ready_for_discharge_is_told_three_ways_that_agree(registers: Registers) -> None:
    rows = registers.npr(EVENTS.stays, 1, "ous").to_pylist()
    ready = [row for row in rows if row["utskrKlarDato"] is not None]
    assert 0 < len(ready) < len(rows)
    for row in rows:
        if row["utskrKlarDato"] is None:
            assert row["utskrKlarDager"] is None
            assert row["typeTidspunkt_2"] is None and row["typeTidspunkt_3"] is None
            continue
        assert row["utskrKlarDager"] == (row["utDato"] - row["utskrKlarDato"]).days
        moments = {row[f"typeTidspunkt_{n}"]: row[f"tidspunkt_{n}"] for n in (1, 2, 3)}
        assert set(moments) == {1, 2, 3}
        assert moments[2].date() == row["utskrKlarDato"]


def test_stays_that_follow_within_eight_hours_share_the_first_one_s_number() -> None:
    hour = 3_600
    base = EVENTS.stays.take(np.zeros(5, dtype=int))
    stays = Stays(
        **_same(
            base,
            hospital=np.zeros(5, np.int8),
            person=np.array([4, 4, 4, 4, 5], np.int32),
            care_level=np.array([1, 1, 1, 1, 1], np.int8),
            start=np.array([0, 18, 40, 100, 100]) * hour,
            end=np.array([10, 32, 60, 120, 120]) * hour,
        )
    )
    table = Registers(EVENTS.people, WINDOW, 0).npr(stays, 0, "ous").to_pydict()
    first = table["episodeID"][0]
    assert table["aggrshoppID_LNr"] == [first, first, first, 1, 1]  # gaps: 8 h, 8 h, 40 h


def _contact_type(items: set[str]) -> int:
    """SKDE's rule, from the table in DOMAIN: the highest code of a claim's items."""
    kinds = {
        **dict.fromkeys(("11ad", "11ak"), 4),
        **dict.fromkeys(("2ad", "2ae", "2ak", "2aek", "2ed", "2fk", "2af", "2as", "2at"), 3),
        **dict.fromkeys(("1ad", "1ak", "1bd", "1be", "1bk", "1e", "1g", "1h", "1i", "701a"), 2),
        **dict.fromkeys(("1f", "14", "1j"), 5),
        **dict.fromkeys(("5", "616", "h1", "2kd"), 1),
    }
    return max(1 if item.startswith("L") else kinds[item.replace("H", "h")] for item in items)


def test_the_contact_type_can_be_told_from_the_tariffs(registers: Registers) -> None:
    rng = np.random.default_rng(3)
    claims = registers.claims(EVENTS.claims).to_pylist()
    items = defaultdict(set)
    for row in registers.tariffs(rng, EVENTS.claims).to_pylist():
        items[row["enkeltregning_lnr"]].add(row["takstKode"])
    told = [_contact_type(items[row["enkeltregning_lnr"]]) for row in claims]
    assert told == EVENTS.claims.contact_type.tolist()
    assert {len(some) for some in items.values()} == {1, 2}


def test_every_claim_has_one_main_diagnosis_and_at_most_one_other(registers: Registers) -> None:
    rows = registers.diagnoses(np.random.default_rng(3), EVENTS.claims).to_pylist()
    of_claim = defaultdict(list)
    for row in rows:
        of_claim[row["enkeltregning_lnr"]].append(row)
    claims = registers.claims(EVENTS.claims)["enkeltregning_lnr"].to_pylist()
    assert list(of_claim) == claims
    for index, claim in enumerate(claims):
        main, *others = of_claim[claim]
        assert (main["erHoveddiagnose"], main["kodeNr"]) == (1, 1)
        assert main["diagnoseKode"] == codes.ICPC2[EVENTS.claims.diagnosis[index]]
        assert len(others) <= 1
        assert all(other["diagnoseKode"] != main["diagnoseKode"] for other in others)
        assert all(other["erHoveddiagnose"] == 0 for other in others)
    assert len(rows) > len(claims)


def test_a_care_service_has_a_row_a_year_as_that_year_knew_it(registers: Registers) -> None:
    care = EVENTS.care
    rows = registers.care(care).to_pylist()
    of_service = defaultdict(dict)
    for row in rows:
        assert row["aar"] not in of_service[row["tjeneste_lnr"]]
        of_service[row["tjeneste_lnr"]][row["aar"]] = row
    first, last = WINDOW.first_day, WINDOW.first_day + (WINDOW.days - 1)
    for index in range(len(care)):
        starts = WINDOW.first_day + int(care.first_day[index])
        lasts = care.last_day[index] == NO_DAY
        stops = None if lasts else WINDOW.first_day + int(care.last_day[index])
        years = {
            year
            for year in (2023, 2024, 2025)
            if starts <= min(np.datetime64(f"{year}-12-31"), last)
            and (stops is None or stops >= max(np.datetime64(f"{year}-01-01"), first))
            and EVENTS.people.dies_at[care.person[index]] >= _second(f"{year}-01-01")
        }
        told = of_service.get(int(registers.ids(np.array([index]))[0]), {})
        assert set(told) == years
        for year, row in told.items():
            known = min(np.datetime64(f"{year}-12-31"), last)
            told_stop = None if stops is None or stops > known else stops.astype(object)
            assert row["stoppdato"] == told_stop
            assert row["startdato"] == starts.astype(object)


def test_an_empty_register_keeps_its_columns(registers: Registers) -> None:
    none = np.array([], dtype=int)
    empty = CareServices(**_same(EVENTS.care.take(none)))
    assert registers.care(empty).num_rows == 0
    for table in (
        registers.npr(EVENTS.stays.take(none), 0, "ous"),
        registers.claims(EVENTS.claims.take(none)),
        registers.diagnoses(np.random.default_rng(1), EVENTS.claims.take(none)),
        registers.tariffs(np.random.default_rng(1), EVENTS.claims.take(none)),
        registers.functions(EVENTS.functions.take(none)),
        registers.referrals(EVENTS.referrals.take(none), 0),
    ):
        assert table.num_rows == 0 and table.num_columns >= 3


def test_what_the_window_s_end_did_not_know_is_empty(registers: Registers) -> None:
    last = (WINDOW.first_day + (WINDOW.days - 1)).astype(object)
    first = WINDOW.first_day.astype(object)
    rows = [row for h in range(4) for row in registers.referrals(EVENTS.referrals, h).to_pylist()]
    known = (EVENTS.referrals.received >= 0) & (EVENTS.referrals.received < WINDOW.days)
    assert len(rows) == known.sum() > 0
    for row in rows:
        assert first <= row["mottattDato"] <= last
        assert (row["vurdertDato"] is None) == (row["utfall"] is None)
        assert row["vurdertDato"] is None or row["vurdertDato"] <= last
        assert row["ventetidSluttDato"] is None or row["ventetidSluttDato"] <= last
    assert any(row["utfall"] is None for row in rows)
    died = [row["dodDato"] for row in registers.npr(EVENTS.stays, 0, "ous").to_pylist()]
    assert all(day is None or day <= last for day in died) and any(died)


def test_person_numbers_are_one_to_one_and_the_registers_own() -> None:
    number = np.arange(200_000)
    npr, kpr = npr_numbers(number), kpr_numbers(number)
    for numbers in (npr, kpr):
        assert len(numbers.unique()) == len(number)
        assert {len(text) for text in numbers.to_pylist()} == {9}
    assert sum(a == b for a, b in zip(npr.to_pylist(), kpr.to_pylist(), strict=True)) < 3


def test_no_number_has_the_length_of_a_national_id(registers: Registers) -> None:
    tables = [registers.npr(EVENTS.stays, 0, "ous"), registers.claims(EVENTS.claims)]
    for table in [*tables, registers.care(EVENTS.care), registers.person_key()]:
        for name in table.column_names:
            texts = {str(value) for value in table[name].to_pylist()}
            assert not any(len(text) == 11 and text.isdigit() for text in texts), name
