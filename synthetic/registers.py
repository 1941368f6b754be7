"""The drawn contacts as register tables, with the columns of the input-layer contracts."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synthetic import calibration as cal
from synthetic.population import Population
from synthetic.services import GP, LEGEVAKT, NO_DAY, CareServices, Claims
from synthetic.stays import ACUTE, DAY, INPATIENT, Stays
from synthetic.writing import Defect

MUNICIPALITY_NO = "0301"
_NO_TIME = 0.004  # of admissions: registered without a time of day
_READY = 0.18  # of acute stays at 67+: reported ready for discharge before it
_NO_DATE = np.datetime64("NaT", "D")

NPR_DEFECTS = (
    Defect("discharge_before_admission", {"utDato": "1999-12-31"}),
    Defect("discharge_before_admission", {"utDato": "1999-12-31"}),
    Defect("broken_date", {"innDato": "2023-02-30"}),
    Defect("unknown_care_level", {"omsorgsniva": "7"}),
    Defect("unknown_care_level", {"omsorgsniva": "7"}),
    Defect("missing_person", {"lopenr": ""}),
    Defect("duplicate", {}, keeps_id=True),
)
CLAIM_DEFECTS = (
    Defect("broken_date", {"dato": "31.12.2023"}),
    Defect("unknown_service_type", {"tjenestetype": "99"}),
    Defect("missing_person", {"kpr_lnr": ""}),
    Defect("duplicate", {}, keeps_id=True),
)
DIAGNOSIS_DEFECTS = (Defect("unknown_code_system", {"diagnoseTabell": "8"}, keeps_id=True),)
TARIFF_DEFECTS = (Defect("negative_quantity", {"antall": "-1"}, keeps_id=True),)
CARE_DEFECTS = (
    Defect("stop_before_start", {"stoppdato": "1999-12-31"}),
    Defect("missing_service_code", {"tjenestekode": ""}),
    Defect("too_many_hours", {"timer_uke": "400"}),
)


def npr_table(
    rng: np.random.Generator,
    people: Population,
    stays: Stays,
    *,
    hospital: int,
    start: np.datetime64,
    days: int,
) -> pa.Table:
    """The stays of one hospital as `npr.csv`."""
    stays = stays.take(stays.hospital == hospital)
    count = len(stays)
    is_acute = stays.urgency == ACUTE
    is_inpatient = stays.care_level == INPATIENT
    diagnosis, drg, weight = _diagnoses(rng, is_acute)
    is_timed = rng.random(count) >= _NO_TIME
    ready_day = np.maximum(stays.end // DAY - rng.integers(0, 4, count), stays.start // DAY)
    is_ready = (people.age_group[stays.person] >= 2) & is_acute & (rng.random(count) < _READY)
    discharge = start + stays.end // DAY
    return pa.table(
        {
            "episodeID": pa.array((hospital + 1) * 10**9 + np.arange(count)),
            "lopenr": people.id.take(pa.array(stays.person)),
            "aar": _year(discharge),
            "institusjonID": pa.array([f"{hospital + 1:09d}"]).take(pa.array(np.zeros(count, int))),
            "omsorgsniva": stays.care_level,
            "innDato": start + stays.start // DAY,
            "innTid": _time_of_day(stays.start, is_timed),
            "utDato": discharge,
            "utTid": _time_of_day(stays.end, np.full(count, True)),
            "innmateHast": stays.urgency,
            "utTilstand": stays.state,
            "fraSted": stays.came_from,
            "tilSted": stays.went_to,
            "tilstand_1_1": diagnosis,
            "drg": drg,
            "korrvekt": pa.array(np.where(is_inpatient, weight, 0.04)),
            "komNrHjem2": _constant(MUNICIPALITY_NO, count),
            "bydel2": _bydel(people, stays.person),
            "kjonn": _sex(people, stays.person),
            "fodselsar": _year(people.born[stays.person]),
            "dodDato": _death_date(people, stays.person, start, days),
            "utskrKlarDato": np.where(is_ready & is_inpatient, start + ready_day, _NO_DATE),
            "NPRId_reg": np.ones(count, dtype=int),
        }
    )


def claim_table(people: Population, claims: Claims, start: np.datetime64, days: int) -> pa.Table:
    """`regning.csv`: one row a claim."""
    on = start + claims.day
    return pa.table(
        {
            "enkeltregning_lnr": _claim_ids(len(on)),
            "kpr_lnr": people.id.take(pa.array(claims.person)),
            "aar": _year(on),
            "dato": on,
            "kjonn": _sex(people, claims.person),
            "fodselsaar": _year(people.born[claims.person]),
            "kommuneNr": _constant(MUNICIPALITY_NO, len(on)),
            "bydel": _bydel(people, claims.person),
            "tjenestetype": claims.service_type,
            "doddato": _death_date(people, claims.person, start, days),
        }
    )


def diagnosis_table(rng: np.random.Generator, claims: Claims) -> pa.Table:
    """`diagnose.csv`: one main diagnosis (ICPC-2) a claim."""
    count = len(claims.day)
    codes = pa.array(["A04", "K86", "R05", "L03", "T90", "K77", "P76", "U71", "R95", "A97"])
    return pa.table(
        {
            "enkeltregning_lnr": _claim_ids(count),
            "diagnoseKode": codes.take(pa.array(rng.integers(0, len(codes), count))),
            "diagnoseTabell": np.ones(count, dtype=int),
            "erHoveddiagnose": np.ones(count, dtype=int),
        }
    )


def tariff_table(rng: np.random.Generator, claims: Claims) -> pa.Table:
    """`takst.csv`: the contact's own tariff item."""
    count = len(claims.day)
    codes = pa.array(["1ad", "2ad", "11ad", "1bd", "2ak", "11ak"])
    of_gp = rng.choice(3, count, p=[0.35, 0.62, 0.03])
    of_legevakt = 3 + rng.choice(3, count, p=[0.25, 0.70, 0.05])
    item = np.select([claims.service_type == GP, claims.service_type == LEGEVAKT],
                     [of_gp, of_legevakt])  # fmt: skip
    return pa.table(
        {
            "enkeltregning_lnr": _claim_ids(count),
            "takstKode": codes.take(pa.array(item)),
            "antall": np.ones(count, dtype=int),
        }
    )


def care_table(people: Population, care: CareServices, start: np.datetime64, days: int) -> pa.Table:
    """`kpr_omsorg.csv`: one row a service granted."""
    count = len(care.person)
    first = start + care.first_day
    last = np.where(care.last_day == NO_DAY, _NO_DATE, start + care.last_day)
    return pa.table(
        {
            "tjeneste_lnr": pa.array(7 * 10**9 + np.arange(count)),
            "kpr_lnr": people.id.take(pa.array(care.person)),
            "aar": _year(np.maximum(first, start)),
            "tjenestekode": care.code,
            "startdato": first,
            "stoppdato": last,
            "timer_uke": pa.array(care.hours_per_week, from_pandas=True),
            "kjonn": _sex(people, care.person),
            "fodselsaar": _year(people.born[care.person]),
            "kommuneNr": _constant(MUNICIPALITY_NO, count),
            "bydel": _bydel(people, care.person),
            "doddato": _death_date(people, care.person, start, days),
        }
    )


def _diagnoses(
    rng: np.random.Generator, is_acute: NDArray[np.bool_]
) -> tuple[pa.Array, pa.Array, NDArray[np.float64]]:
    rows = cal.ACUTE_DIAGNOSES + cal.PLANNED_DIAGNOSES
    acute = rng.integers(0, len(cal.ACUTE_DIAGNOSES), len(is_acute))
    planned = rng.integers(len(cal.ACUTE_DIAGNOSES), len(rows), len(is_acute))
    pick = np.where(is_acute, acute, planned)
    index = pa.array(pick)
    codes, drgs = (pa.array([row[field] for row in rows]).take(index) for field in (0, 1))
    return codes, drgs, np.array([row[2] for row in rows])[pick]


def _claim_ids(count: int) -> pa.Array:
    return pa.array(5 * 10**9 + np.arange(count))


def _constant(value: str, count: int) -> pa.Array:
    return pa.array([value]).take(pa.array(np.zeros(count, dtype=int)))


def _bydel(people: Population, person: NDArray[np.int64]) -> pa.Array:
    return pa.array(cal.BYDELER).take(pa.array(people.bydel[person]))


def _sex(people: Population, person: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(people.is_female[person], 2, 1)


def _year(day: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return day.astype("datetime64[Y]").astype(int) + 1970


def _death_date(
    people: Population, person: NDArray[np.int64], start: np.datetime64, days: int
) -> NDArray[np.datetime64]:
    """The date of a death that the register knows of when the delivery ends."""
    day = people.dies_at[person] // DAY
    return np.where(day < days, start + np.minimum(day, days), _NO_DATE)


def _time_of_day(seconds: NDArray[np.int64], is_known: NDArray[np.bool_]) -> pa.Array:
    return pa.array((seconds % DAY).astype(np.int32), pa.time32("s"), mask=~is_known)
