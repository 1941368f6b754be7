"""Counting dirt without the generator's own code: SQL over the text of the rows."""

import duckdb
import pyarrow as pa

KEYS = {
    "npr": "episodeID, lopenr",
    "ide": "lopenr, fodselsnummer",
    "henvisning": "henvisning_lnr, lopenr",
    "regning": "enkeltregning_lnr",
    "tjeneste": "tjeneste_lnr, kpr_lnr, aar",
    "funksjon": "vurdering_lnr, kpr_lnr",
    "person_key": "npr_lnr, kpr_lnr",
}

_WITHIN = "between '2023-01-01' and '2025-02-28'"
_BROKEN_DATE = "{0} is not null and try_cast({0} as date) is null"
# What only the faulty rows of a kind can be: a condition each, on rows that can be read.
FAULTS = {
    ("npr", "missing_person"): "lopenr is null",
    ("npr", "broken_date"): _BROKEN_DATE.format("innDato"),
    ("npr", "broken_time"): "innTid is not null and try_cast(innTid as time) is null",
    ("npr", "broken_number"): "korrvekt is not null and try_cast(korrvekt as double) is null",
    ("npr", "weight_out_of_range"): "try_cast(korrvekt as double) not between 0 and 200",
    ("npr", "unknown_care_level"): "omsorgsniva not in ('1', '2', '3', '8')",
    ("npr", "unknown_urgency"): "innmateHast not in ('1', '2', '3', '4', '5')",
    ("npr", "discharge_before_admission"): "utDato < innDato "
    "and try_cast(innDato as date) is not null",
    ("npr", "outside_period"): f"utDato not {_WITHIN}",
    ("ide", "missing_person"): "lopenr is null",
    ("ide", "missing_national_id"): "fodselsnummer is null",
    ("henvisning", "missing_person"): "lopenr is null",
    ("henvisning", "broken_date"): _BROKEN_DATE.format("mottattDato"),
    ("henvisning", "assessed_before_received"): "vurdertDato < mottattDato "
    "and try_cast(mottattDato as date) is not null",
    ("henvisning", "outside_period"): f"mottattDato not {_WITHIN}",
    ("regning", "missing_person"): "kpr_lnr is null",
    ("regning", "broken_date"): _BROKEN_DATE.format("dato"),
    ("regning", "unknown_service_type"): "tjenestetype::int not between 1 and 14",
    ("regning", "outside_period"): f"dato not {_WITHIN}",
    ("diagnose", "unknown_code_system"): "diagnoseTabell::int not between 1 and 5",
    ("takst", "negative_quantity"): "antall::int < 0",
    ("tjeneste", "missing_person"): "kpr_lnr is null",
    ("tjeneste", "missing_service_code"): "tjenestekode is null",
    ("tjeneste", "unknown_service_code"): "tjenestekode::int > 29",
    ("tjeneste", "too_many_hours"): "timer_uke::double > 168",
    ("tjeneste", "stop_before_start"): "stoppdato < startdato",
    ("tjeneste", "start_after_year"): "left(startdato, 4) > aar",
    ("tjeneste", "stop_before_year"): "left(stoppdato, 4) < aar",
    ("tjeneste", "dead_before_year"): "left(doddato, 4) < aar",
    ("tjeneste", "outside_period"): "aar < '2023' and coalesce(stoppdato, '9') < '2023-01-01'",
    ("funksjon", "unknown_score"): "funksjon_01 not in ('1', '2', '3', '4', '5', '9')",
    ("funksjon", "broken_date"): _BROKEN_DATE.format("vurdertDato"),
    ("person_key", "missing_person"): "kpr_lnr is null",
}  # fmt: skip
# What a flaw changed: a condition each on a clean row `c` and what became of it, `d`.
FLAWS = {
    ("npr", "no_admission_time"): "c.innTid is distinct from d.innTid",
    ("npr", "no_discharge_time"): "c.utTid is distinct from d.utTid",
    ("npr", "no_municipality"): "d.komNrHjem2 = '-1'",
    ("npr", "no_bydel"): "d.bydel2 = '030199'",
    ("npr", "no_birth_year"): "d.fodselsar = '9999'",
    ("npr", "ready_too_early"): "d.utskrKlarDato < d.innDato",
    ("npr", "dead_too_early"): "c.dodDato is distinct from d.dodDato and d.dodDato < d.innDato",
    ("npr", "poor_link"): "d.NPRId_reg <> '1'",
    ("npr", "unknown_specialty"): "d.episodeFag = '997'",
    ("henvisning", "no_bydel"): "d.bydel2 = '030199'",
    ("regning", "no_municipality"): "d.kommuneNr = '-1'",
    ("regning", "no_bydel"): "d.bydel = '030199'",
    ("regning", "no_birth_year"): "d.fodselsaar = '9999'",
    ("tjeneste", "no_bydel"): "d.bydel = '030199'",
}
FLAWED_COLUMNS = {
    "innTid", "utTid", "komNrHjem2", "bydel2", "fodselsar", "utskrKlarDato", "dodDato", "NPRId_reg",
    "episodeFag", "kjonn", "kommuneNr", "bydel", "fodselsaar",
}  # fmt: skip


def counted(part: str, clean: pa.Table, dirty: pa.Table, claims: pa.Table) -> dict[str, int]:
    """Kind of dirt -> how much of it `dirty` has that `clean` has not. All tables hold text.

    claims: the `regning` rows beside a `diagnose` or `takst` table.
    """
    with duckdb.connect() as db:
        db.register("clean", clean)
        db.register("claims", claims)
        first = dirty.column_names[0]
        db.register("everything", dirty)
        db.execute(
            f"create table dirty as select * from everything where {first} is null "
            f"or not starts_with({first}, chr(34))"
        )
        found = {"unreadable_line": dirty.num_rows - _one(db, "select count(*) from dirty")}
        for (of, kind), condition in FAULTS.items():
            if of == part:
                found[kind] = _one(db, f"select count(*) from dirty where {condition}")
        key = KEYS.get(part)
        if key is not None:
            present = " and ".join(f"{name} is not null" for name in key.split(", "))
            found["duplicate"] = _one(
                db,
                f"select coalesce(sum(n - 1), 0) from (select count(*) as n from dirty "
                f"where {present} group by {key})",
            )
        if part in ("diagnose", "takst"):
            found["no_such_claim"] = _one(
                db,
                "select count(*) from dirty where enkeltregning_lnr not in "
                "(select enkeltregning_lnr from claims)",
            )
        if key is not None:
            db.execute(
                f"create table landed as select distinct * from dirty semi join clean using ({key})"
            )
        for (of, kind), condition in FLAWS.items():
            if of == part:
                found[kind] = _one(
                    db,
                    f"select count(*) from clean c join landed d using ({key}) where {condition}",
                )
        person = {"npr": "lopenr", "regning": "kpr_lnr", "tjeneste": "kpr_lnr"}.get(part)
        if person is not None:
            found["other_sex"] = _one(
                db,
                f"select count(*) from (select {person} from landed group by {person} "
                "having count(distinct kjonn) > 1)",
            )
        if part == "person_key":
            found["second_pseudonym"] = _one(
                db,
                "select count(*) from (select npr_lnr from dirty where kpr_lnr is not null "
                "group by npr_lnr having count(distinct kpr_lnr) > 1)",
            )
    return {kind: count for kind, count in found.items() if count}


def lost(clean: pa.Table, dirty: pa.Table) -> int:
    """Rows of `clean` that `dirty` does not hold, but for the columns that flaws change."""
    columns = ", ".join(c for c in clean.column_names if c not in FLAWED_COLUMNS)
    with duckdb.connect() as db:
        db.register("clean", clean)
        db.register("dirty", dirty)
        return _one(
            db,
            f"select count(*) from (select {columns} from clean "
            f"except all select {columns} from dirty)",
        )


def _one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    row = db.execute(query).fetchone()
    assert row is not None
    return int(row[0])
