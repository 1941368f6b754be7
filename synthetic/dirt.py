"""Dirt as registers really have it: rows that no reader may land, and flaws that land unseen.

*Faults* are added: copies of clean rows with one thing broken and, where the row has an id, an id
of their own (a duplicate keeps its id). Every clean row still stands beside them, so a reader that
quarantines all faults and nothing else is right. *Flaws* change a value in a clean row; the row
keeps its contract and lands. Faults are copied from rows without flaws, so that each has exactly
one reason to be refused (duplicates are copied with theirs).

That these kinds of dirt exist is sourced: SKDE's macros set missing times to 0, read municipality
-1, bydel 030199 and birth year 9999, leave out stays that were ready for discharge before they
began; Hdir's validity rules for KPR name wrong order of dates, years, codes and the dead; the key
files have npr_lnr with several kpr_lnr. `source` says whose a kind is. How often it occurs was not
found in any public source (standing U): the rates below are our own guess, of rows, and `rate`
multiplies them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synthetic.registers import BIRTH_YEAR_UNKNOWN, BYDELER, MUNICIPALITIES, ROWS_A_SHARD
from synthetic.writing import OPEN_QUOTE, FileFormat

SKDE = "SKDE, macros and variable documentation for NPR and KPR extracts"
HDIR = "Hdir, Kommunale helse- og omsorgstjenester 2021: validity rules"
OWN = "own: what breaks in extraction and transfer"
STANDING_OF_RATES = "U"

RowMask = NDArray[np.bool_]


@dataclass(frozen=True)
class Fault:
    """A kind of row that must not land.

    part: the file it is put in. reason: why it is refused. values: column -> text put in; `aar-`
    begins a date in the row's own data year. keeps_id: the first column stays as it is.
    """

    kind: str
    part: str
    rate: float
    reason: str
    values: Mapping[str, str]
    keeps_id: bool = False
    source: str = OWN


@dataclass(frozen=True)
class Flaw:
    """A kind of flaw that lands. rule: the finding of the quality report that counts it.

    put: changes the table and says how many (in `unit`) it flawed.
    """

    kind: str
    part: str
    rate: float
    rule: str
    put: Callable[[np.random.Generator, pa.Table, float], tuple[pa.Table, int]]
    unit: Literal["rows", "persons"] = "rows"
    source: str = SKDE


@dataclass(frozen=True)
class Injected:
    """What was put into one file. expected: a quarantine reason or a rule of the quality report."""

    kind: str
    count: int
    becomes: Literal["quarantined", "landed"]
    expected: str
    unit: Literal["rows", "persons"] = "rows"


_AGO = {"innDato": "1999-03-01", "utDato": "1999-03-04", "aar": "1999"}
_UNREADABLE = {"": OPEN_QUOTE}  # before the first column

FAULTS = (
    Fault("missing_person", "npr", 2e-4, "missing:lopenr", {"lopenr": ""}),
    Fault("broken_date", "npr", 2e-4, "broken_date:innDato", {"innDato": "2023-02-30"}),
    Fault("broken_time", "npr", 2e-4, "broken_time:innTid", {"innTid": "24:61:00"}),
    Fault("broken_number", "npr", 1e-4, "broken_number:korrvekt", {"korrvekt": "1.0.5"}),
    Fault("weight_out_of_range", "npr", 1e-4, "out_of_range:korrvekt", {"korrvekt": "-1"}),
    Fault("unknown_care_level", "npr", 2e-4, "not_in_domain:omsorgsniva", {"omsorgsniva": "7"}),
    Fault("unknown_urgency", "npr", 2e-4, "not_in_domain:innmateHast", {"innmateHast": "9"}),
    Fault(
        "discharge_before_admission", "npr", 3e-4, "discharge_before_admission",
        {"innDato": "aar-02-20", "utDato": "aar-02-10"},
    ),
    Fault("duplicate", "npr", 5e-4, "duplicate:episodeID", {}, keeps_id=True),
    Fault("outside_period", "npr", 2e-4, "outside_period", _AGO),
    Fault("unreadable_line", "npr", 1e-4, "unreadable_line", _UNREADABLE),
    Fault("missing_person", "ide", 2e-4, "missing:lopenr", {"lopenr": ""}),
    Fault("missing_national_id", "ide", 2e-4, "missing:fodselsnummer", {"fodselsnummer": ""},
          keeps_id=True),
    Fault("duplicate", "ide", 3e-4, "duplicate:lopenr", {}, keeps_id=True),
    Fault("missing_person", "henvisning", 2e-4, "missing:lopenr", {"lopenr": ""}),
    Fault("broken_date", "henvisning", 2e-4, "broken_date:mottattDato",
          {"mottattDato": "2023-02-30"}),
    Fault("assessed_before_received", "henvisning", 2e-4, "assessed_before_received",
          {"vurdertDato": "1999-03-01"}),
    Fault("duplicate", "henvisning", 3e-4, "duplicate:henvisning_lnr", {}, keeps_id=True),
    Fault("outside_period", "henvisning", 2e-4, "outside_period",
          {"mottattDato": "1999-03-01", "vurdertDato": "1999-03-08", "ventetidSluttDato": ""}),
    Fault("missing_person", "regning", 1e-4, "missing:kpr_lnr", {"kpr_lnr": ""}),
    Fault("broken_date", "regning", 1e-4, "broken_date:dato", {"dato": "2023-02-30"}),
    Fault("unknown_service_type", "regning", 1e-4, "not_in_domain:tjenestetype",
          {"tjenestetype": "99"}),
    Fault("duplicate", "regning", 2e-4, "duplicate:enkeltregning_lnr", {}, keeps_id=True),
    Fault("outside_period", "regning", 1e-4, "outside_period",
          {"dato": "1999-03-01", "aar": "1999"}),
    Fault("unreadable_line", "regning", 5e-5, "unreadable_line", _UNREADABLE),
    Fault("unknown_code_system", "diagnose", 1e-4, "not_in_domain:diagnoseTabell",
          {"diagnoseTabell": "8"}, keeps_id=True),
    Fault("no_such_claim", "diagnose", 1e-4, "no_such_claim", {}),
    Fault("unreadable_line", "diagnose", 5e-5, "unreadable_line", _UNREADABLE, keeps_id=True),
    Fault("negative_quantity", "takst", 1e-4, "out_of_range:antall", {"antall": "-1"},
          keeps_id=True),
    Fault("no_such_claim", "takst", 1e-4, "no_such_claim", {}),
    Fault("missing_person", "tjeneste", 2e-4, "missing:kpr_lnr", {"kpr_lnr": ""}),
    Fault("missing_service_code", "tjeneste", 2e-4, "missing:tjenestekode", {"tjenestekode": ""}),
    Fault("unknown_service_code", "tjeneste", 2e-4, "not_in_domain:tjenestekode",
          {"tjenestekode": "99"}, source=HDIR),
    Fault("too_many_hours", "tjeneste", 3e-4, "out_of_range:timer_uke", {"timer_uke": "400"},
          source=HDIR),
    Fault("stop_before_start", "tjeneste", 3e-4, "stop_before_start",
          {"startdato": "aar-02-20", "stoppdato": "aar-02-10"}, source=HDIR),
    Fault("start_after_year", "tjeneste", 2e-4, "start_after_year",
          {"startdato": "aar-02-10", "stoppdato": "", "aar": "1999"}, source=HDIR),
    Fault("stop_before_year", "tjeneste", 2e-4, "stop_before_year",
          {"startdato": "aar-01-10", "stoppdato": "aar-01-20", "aar": "2099", "doddato": ""},
          source=HDIR),
    Fault("dead_before_year", "tjeneste", 2e-4, "dead_before_year", {"doddato": "1999-03-01"},
          source=HDIR),
    Fault("duplicate", "tjeneste", 4e-4, "duplicate:tjeneste_lnr", {}, keeps_id=True),
    Fault("outside_period", "tjeneste", 2e-4, "outside_period",
          {"startdato": "1999-03-01", "stoppdato": "1999-03-04", "aar": "1999"}),
    Fault("unreadable_line", "tjeneste", 1e-4, "unreadable_line", _UNREADABLE),
    Fault("unknown_score", "funksjon", 2e-4, "not_in_domain:funksjon_01", {"funksjon_01": "7"}),
    Fault("broken_date", "funksjon", 2e-4, "broken_date:vurdertDato",
          {"vurdertDato": "2023-02-30"}),
    Fault("missing_person", "person_key", 1e-4, "missing:kpr_lnr", {"kpr_lnr": ""}, keeps_id=True),
    Fault("duplicate", "person_key", 2e-4, "duplicate:npr_lnr", {}, keeps_id=True),
)  # fmt: skip


def _pc(name: str, *arguments: object) -> Any:
    """A kernel of Arrow's; most are attributes of `pyarrow.compute` only at run time."""
    return pc.call_function(name, arguments)


def _joined(first: object, second: object) -> Any:
    """Two texts, or columns of text, one after the other."""
    return _pc("binary_join_element_wise", first, second, "")


# -- flaws -----------------------------------------------------------------------------------------


def _replaced(column: pa.ChunkedArray, rows: RowMask, value: object) -> pa.Array:
    """`column` with `value` (None: null) in `rows`."""
    array = column.combine_chunks()
    if isinstance(array.type, pa.DictionaryType):
        place = array.dictionary.index(value).as_py()
        index = _pc(
            "replace_with_mask",
            array.indices,
            pa.array(rows),
            pa.scalar(place, array.type.index_type),
        )
        return pa.DictionaryArray.from_arrays(index, array.dictionary)
    return _pc("replace_with_mask", array, pa.array(rows), pa.scalar(value, array.type))


def _put(table: pa.Table, column: str, new: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, new)


def _drawn(rng: np.random.Generator, table: pa.Table, rate: float) -> RowMask:
    return rng.random(table.num_rows, dtype=np.float32) < rate


def _set(column: str, value: object) -> Callable:
    """A flaw: `value` in some rows of `column`."""

    def put(rng: np.random.Generator, table: pa.Table, rate: float) -> tuple[pa.Table, int]:
        rows = _drawn(rng, table, rate)
        return _put(table, column, _replaced(table[column], rows, value)), int(rows.sum())

    return put


def _lose_time(column: str) -> Callable:
    """Half of them empty, half midnight, as SKDE reads it; a day's last time is never midnight."""

    def put(rng: np.random.Generator, table: pa.Table, rate: float) -> tuple[pa.Table, int]:
        rows = _drawn(rng, table, rate) & _seconds(table[column]).astype(bool)
        is_midnight = rows & (rng.random(table.num_rows) < 0.5)
        is_midnight &= _days(table["innDato"]) < _days(table["utDato"])
        emptied = _replaced(table[column], rows & ~is_midnight, None)
        changed = _replaced(pa.chunked_array([emptied]), is_midnight, 0)
        return _put(table, column, changed), int(rows.sum())

    return put


def _other_sex(person: str) -> Callable:
    """One of several rows of a person says the other sex."""

    def put(rng: np.random.Generator, table: pa.Table, rate: float) -> tuple[pa.Table, int]:
        rows = _one_row_of_several(table[person], _drawn(rng, table, rate))
        sex = table["kjonn"].to_numpy()
        flipped = np.where(rows, 3 - sex, sex).astype(sex.dtype)
        table = _put(table, "kjonn", pa.array(flipped))
        if "NPRId_reg" in table.column_names:
            table = _put(table, "NPRId_reg", _replaced(table["NPRId_reg"], rows, 2))
        return table, int(rows.sum())

    return put


def _one_row_of_several(person: pa.ChunkedArray, drawn: RowMask) -> RowMask:
    """Of `drawn`, the first row of each person who has another row; persons lie together."""
    index = person.combine_chunks().indices.to_numpy()
    run = np.concatenate(([0], np.cumsum(index[1:] != index[:-1])))[: len(index)]
    rows = np.flatnonzero(drawn & (np.bincount(run)[run] > 1)) if len(index) else np.array([], int)
    chosen = np.zeros(len(index), dtype=np.bool_)
    chosen[rows[np.unique(run[rows], return_index=True)[1]]] = True
    return chosen


def _ready_too_early(
    rng: np.random.Generator, table: pa.Table, rate: float
) -> tuple[pa.Table, int]:
    """utskrKlarDato some days before innDato, where there is one. rate: of all rows."""
    ready = table["utskrKlarDato"].combine_chunks()
    is_ready = ready.is_valid().to_numpy(zero_copy_only=False)
    rows = is_ready & _drawn(rng, table, rate * table.num_rows / max(is_ready.sum(), 1))
    early = _days(table["innDato"]) - rng.integers(1, 15, table.num_rows)
    days = np.where(rows, early, _days(table["utskrKlarDato"])).astype(np.int32)
    return _put(table, "utskrKlarDato", _as_dates(days, ~is_ready)), int(rows.sum())


def _dead_too_early(rng: np.random.Generator, table: pa.Table, rate: float) -> tuple[pa.Table, int]:
    """dodDato some days before innDato."""
    rows = _drawn(rng, table, rate)
    died = table["dodDato"].combine_chunks()
    lives = died.is_null().to_numpy(zero_copy_only=False) & ~rows
    days = np.where(rows, _days(table["innDato"]) - rng.integers(1, 400, table.num_rows),
                    _days(table["dodDato"])).astype(np.int32)  # fmt: skip
    table = _put(table, "dodDato", _as_dates(days, lives))
    table = _put(table, "NPRId_reg", _replaced(table["NPRId_reg"], rows, 5))
    return table, int(rows.sum())


def _no_national_id(rng: np.random.Generator, table: pa.Table, rate: float) -> tuple[pa.Table, int]:
    """NPRId_reg 4; counts the rows that are not 1, those of the flaws before it too."""
    is_fine = table["NPRId_reg"].to_numpy() == 1
    rows = is_fine & _drawn(rng, table, rate)
    table = _put(table, "NPRId_reg", _replaced(table["NPRId_reg"], rows, 4))
    return table, int((rows | ~is_fine).sum())


def _second_pseudonym(
    rng: np.random.Generator, table: pa.Table, rate: float
) -> tuple[pa.Table, int]:
    """A second kpr_lnr for some npr_lnr: a number that no person has."""
    rows = np.flatnonzero(_drawn(rng, table, rate))
    again = table.take(pa.array(rows))
    # Twelve digits: neither a person's nine nor an identity number's eleven.
    other = _joined("999", again["kpr_lnr"])
    return pa.concat_tables([table, _put(again, "kpr_lnr", other)]), len(rows)


def _seconds(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """Times of day as seconds, 0 where there is none."""
    return column.combine_chunks().view(pa.int32()).fill_null(0).to_numpy()


def _days(column: pa.ChunkedArray) -> NDArray[np.int32]:
    """Dates as days, 0 where there is none."""
    return column.combine_chunks().view(pa.int32()).fill_null(0).to_numpy()


def _as_dates(days: NDArray[np.int32], is_missing: RowMask) -> pa.Array:
    return pa.array(days, pa.int32(), mask=is_missing).view(pa.date32())


_NOWHERE, _NO_BYDEL = MUNICIPALITIES[-1], BYDELER[-1]

FLAWS = (
    Flaw("no_admission_time", "npr", 4e-3, "missing_time", _lose_time("innTid")),
    Flaw("no_discharge_time", "npr", 4e-3, "missing_time", _lose_time("utTid")),
    Flaw("no_municipality", "npr", 2e-3, "komnr_unknown", _set("komNrHjem2", _NOWHERE)),
    Flaw("no_bydel", "npr", 5e-3, "bydel_invalid", _set("bydel2", _NO_BYDEL)),
    Flaw("no_birth_year", "npr", 1e-3, "birth_year_unknown", _set("fodselsar", BIRTH_YEAR_UNKNOWN)),
    Flaw("other_sex", "npr", 5e-4, "sex_differs", _other_sex("lopenr"), "persons"),
    Flaw("ready_too_early", "npr", 5e-4, "ready_before_admission", _ready_too_early),
    Flaw("dead_too_early", "npr", 2e-4, "death_before_contact", _dead_too_early),
    Flaw("poor_link", "npr", 2e-3, "link_quality_poor", _no_national_id),
    Flaw("unknown_specialty", "npr", 5e-4, "code_not_in_list", _set("episodeFag", "997"),
         source=OWN),
    Flaw("no_bydel", "henvisning", 5e-3, "bydel_invalid", _set("bydel2", _NO_BYDEL)),
    Flaw("no_municipality", "regning", 2e-3, "komnr_unknown", _set("kommuneNr", _NOWHERE)),
    Flaw("no_bydel", "regning", 5e-3, "bydel_invalid", _set("bydel", _NO_BYDEL)),
    Flaw("no_birth_year", "regning", 1e-3, "birth_year_unknown",
         _set("fodselsaar", BIRTH_YEAR_UNKNOWN)),
    Flaw("other_sex", "regning", 2e-4, "sex_differs", _other_sex("kpr_lnr"), "persons"),
    Flaw("no_bydel", "tjeneste", 5e-3, "bydel_invalid", _set("bydel", _NO_BYDEL)),
    Flaw("other_sex", "tjeneste", 5e-4, "sex_differs", _other_sex("kpr_lnr"), "persons"),
    Flaw("second_pseudonym", "person_key", 1e-3, "two_pseudonyms", _second_pseudonym, "persons"),
)  # fmt: skip


def flawed(
    rng: np.random.Generator, part: str, table: pa.Table, rate: float
) -> tuple[pa.Table, list[Injected]]:
    """`table` with the flaws of its part; the same rows, save that a key file gets more."""
    injected = []
    for flaw in FLAWS:
        if flaw.part == part and table.num_rows:
            table, count = flaw.put(rng, table, min(flaw.rate * rate, 1.0))
            injected.append(Injected(flaw.kind, count, "landed", flaw.rule, flaw.unit))
    return table, [one for one in injected if one.count]


# -- faults ----------------------------------------------------------------------------------------


def faulty_rows(
    rng: np.random.Generator,
    part: str,
    clean: pa.Table,
    soiled: pa.Table,
    *,
    shard: int,
    rate: float,
    file_format: FileFormat,
) -> tuple[pa.Table | None, list[Injected]]:
    """The rows to add to one file, all columns as text, in random order; and what they are.

    clean, soiled: the file's rows before and after `flawed`. Raises ValueError where the ids of the
    shard do not suffice.
    """
    texts: list[pa.Table] = []
    injected: list[Injected] = []
    next_id = (shard + 1) * ROWS_A_SHARD - 1
    for fault in (f for f in FAULTS if f.part == part):
        source = soiled if fault.kind == "duplicate" else clean
        # Parquet has no lines that could be broken.
        is_possible = source.num_rows and (file_format == "csv" or fault.values != _UNREADABLE)
        count = (
            int(rng.binomial(source.num_rows, min(fault.rate * rate, 1.0))) if is_possible else 0
        )
        if not count:
            continue
        rows = as_text(source.take(pa.array(rng.integers(0, source.num_rows, count))))
        if not fault.keeps_id:
            ids = pa.array(next_id - np.arange(count)).cast(pa.string())
            next_id -= count
            rows = rows.set_column(0, rows.column_names[0], ids)
        texts.append(_broken(rows, fault.values))
        injected.append(Injected(fault.kind, count, "quarantined", fault.reason))
    if next_id - shard * ROWS_A_SHARD < clean.num_rows:
        raise ValueError("too many rows in a shard for ids of their own; lower the rate of dirt")
    if not texts:
        return None, []
    together = pa.concat_tables(texts)
    return together.take(pa.array(rng.permutation(together.num_rows))), injected


def _broken(rows: pa.Table, values: Mapping[str, str]) -> pa.Table:
    year = rows["aar"] if "aar" in rows.column_names else None
    for name, value in values.items():
        column = name or rows.column_names[0]
        if value == OPEN_QUOTE:
            new = _joined(value, rows[column])
        elif value.startswith("aar-"):
            new = _joined(year, value.removeprefix("aar"))
        else:
            new = pa.repeat(value, rows.num_rows)
        rows = rows.set_column(rows.schema.get_field_index(column), column, new)
    return rows


def as_text(table: pa.Table) -> pa.Table:
    """Every column as CSV writes it; null stays null."""
    texts = [
        table.column(i).cast(f.type.value_type if isinstance(f.type, pa.DictionaryType) else f.type)
        for i, f in enumerate(table.schema)
    ]
    return pa.table([text.cast(pa.string()) for text in texts], names=table.column_names)
