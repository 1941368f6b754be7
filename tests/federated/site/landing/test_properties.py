"""Whatever is wrong with whichever rows: every fault is counted and no sound row is lost."""

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federated.site.landing import StatedPeriod, ingest

STATED = StatedPeriod(date(2024, 1, 1), date(2024, 12, 31))

FAULTS: dict[str, tuple[dict[str, str], str]] = {
    "no person": ({"lopenr": ""}, "missing:lopenr"),
    "bad date": ({"utDato": "2023-02-29"}, "broken_date:utDato"),
    "bad code": ({"omsorgsniva": "5"}, "not_in_domain:omsorgsniva"),
    "no number": ({"korrvekt": "mye"}, "broken_number:korrvekt"),
    "too heavy": ({"korrvekt": "200,1"}, "out_of_range:korrvekt"),
    "bad time": ({"innTid": "8"}, "broken_time:innTid"),
}
"""What is done to a row, and the reason it must get. No two of one choice touch the same column."""

LINE_FAULTS = {
    "cut": lambda line: line[: line.rindex(";")],
    "long": lambda line: line + ";x",
    "quote": lambda line: line[: line.rindex(";") + 1] + '"open',
    "sound": lambda line: line,
    "blank before": lambda line: "\n" + line,
    "multi-line": lambda line: line[: line.rindex(";") + 1] + '"a;\n""b"',
}
UNREADABLE = {"cut", "long", "quote"}

row_faults = st.sets(st.sampled_from(sorted(FAULTS)), max_size=3).filter(
    lambda chosen: not {"no number", "too heavy"} <= chosen
)
deliveries = st.lists(
    st.tuples(row_faults, st.sampled_from(sorted(LINE_FAULTS)), st.booleans()), max_size=25
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(deliveries, st.sampled_from(["\n", "\r\n"]))
def test_every_fault_is_counted_and_no_sound_row_is_lost(make_site, npr_row, deliveries, line_end):
    columns = [*npr_row(), "merknad"]
    lines, sound, reasons, rejected = [";".join(columns)], [], Counter[str](), 0
    taken = False
    for number, (faults, line_fault, repeats) in enumerate(deliveries):
        identifier = "E-again" if repeats else f"E{number}"
        person = "P-again" if repeats else f"P{number}"
        cells = npr_row(number, episodeID=identifier, lopenr=person, korrvekt="1,5")
        for fault in faults:
            cells |= FAULTS[fault][0]
        lines.append(LINE_FAULTS[line_fault](";".join([*cells.values(), ""])))
        if line_fault in UNREADABLE:
            reasons["unreadable_line"] += 1
            rejected += 1
            continue
        found = {FAULTS[fault][1] for fault in faults}
        if repeats and taken and "missing:lopenr" not in found:
            found.add("duplicate:episodeID")
        taken = taken or (repeats and not found)
        reasons.update(found)
        if found:
            rejected += 1
        else:
            sound.append((person, number + 1))

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "npr.csv"
        source.write_bytes("\n".join(lines).replace("\n", line_end).encode())
        site = make_site().model_copy(update={"folder": Path(folder)})
        report = ingest(site, "npr", source, stated=STATED)
        again = ingest(site, "npr", source, stated=STATED)
        with duckdb.connect(site.warehouse_path) as connection:
            landed = connection.execute(
                "select person_id, row_number from landing.npr_stay order by row_number"
            ).fetchall()

    assert landed == sound
    assert report.rows_in == len(deliveries)
    assert (report.rows_landed, report.rows_quarantined) == (len(sound), rejected)
    assert report.reasons == dict(reasons)
    assert again.outcome == "unchanged"
    assert again.reasons == report.reasons
