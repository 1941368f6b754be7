"""Counts in findings beside independent recounts in plain Python, on random rows."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from federated.site.landing.contract import code_list
from federated.site.landing.quality import QualityReport

FIRST, LAST = date(2015, 11, 1), date(2016, 2, 29)
"""Across the day from which innmateHast 5 is valid."""

Count = Counter[tuple[str, str | None, str | None]]
"""(rule, variable, month)"""


def days(start: int, end: int) -> st.SearchStrategy[date]:
    return st.integers(start, end).map(lambda n: FIRST + timedelta(days=n))


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


STAYS = st.lists(
    st.fixed_dictionaries(
        {
            "lopenr": st.sampled_from(["P1", "P2", "P3", "P4", "P5"]),
            "omsorgsniva": st.sampled_from([1, 2, 3]),
            "innDato": days(-400, 140),
            "innTid": st.sampled_from([None, "00:00:00", "00:00:01", "12:00:00"]),
            "utDato": days(-20, 140),
            "utTid": st.sampled_from([None, "00:00:00", "23:59:59"]),
            "innmateHast": some(st.sampled_from([1, 4, 5])),
            "sektor": some(st.sampled_from(["1", "4", "04", "x"])),
            "bydel2": some(st.sampled_from(["030101", "030199", "30199"])),
            "komNrHjem2": some(st.sampled_from(["0301", "-1"])),
            "kjonn": some(st.sampled_from([0, 1, 2, 9])),
            "fodselsar": some(st.sampled_from([1890, 1904, 1905, 1906, 1990, 2016, 2020, 9999])),
            "dodDato": some(days(-30, 140)),
            "utskrKlarDato": some(days(-30, 140)),
            "NPRId_reg": some(st.integers(1, 5)),
            "tilstand_1_1": some(st.just("I500")),
        }
    ),
    max_size=25,
)


def recount(rows: list[dict[str, Any]]) -> Count:
    """Row by row, as the guide words the rules."""
    count: Count = Counter()
    for row in rows:
        day = row["utDato"]
        month = f"{day:%Y-%m}" if FIRST <= day <= LAST else None

        def say(rule: str, variable: str, broken: bool, month=month) -> None:
            count[rule, variable, month] += broken

        for name in ("innTid", "utTid"):
            say("missing_time", name, row[name] in (None, "00:00:00"))
        for name in ("tilstand_1_1", "bydel2", "komNrHjem2", "kjonn", "fodselsar"):
            say("field_missing", name, row[name] is None)
        say("field_missing", "institusjonID", True)
        say("field_missing", "innmateHast", row["omsorgsniva"] == 1 and row["innmateHast"] is None)
        say("field_missing", "utTilstand", row["omsorgsniva"] == 1)
        say("komnr_unknown", "komNrHjem2", row["komNrHjem2"] == "-1")
        say("bydel_invalid", "bydel2", row["bydel2"] in ("030199", "30199"))
        born, admitted = row["fodselsar"], row["innDato"]
        say("birth_year_unknown", "fodselsar", born == 9999)
        old = born not in (None, 9999) and not 0 <= admitted.year - born <= 110
        say("implausible_age", "fodselsar", old)
        for rule, name in (
            ("death_before_contact", "dodDato"),
            ("ready_before_admission", "utskrKlarDato"),
        ):
            say(rule, name, row[name] is not None and row[name] < admitted)
        say("implausible_length_of_stay", "utDato", (day - admitted).days > 365)
        say("link_quality_poor", "NPRId_reg", row["NPRId_reg"] not in (None, 1))
        sectors = {code.code for code in code_list("sektor")}
        say(
            "code_not_in_list", "sektor", row["sektor"] is not None and row["sektor"] not in sectors
        )
        early = row["innmateHast"] == 5 and day < date(2016, 1, 1)
        say("code_outside_validity", "innmateHast", early)
    for rule, name, known in (
        ("sex_differs", "kjonn", lambda v: v in (1, 2)),
        ("birth_year_differs", "fodselsar", lambda v: v not in (None, 9999)),
    ):
        for person in {row["lopenr"] for row in rows}:
            values = {row[name] for row in rows if row["lopenr"] == person and known(row[name])}
            count[rule, name, None] += len(values) > 1
    return +count


def counted(report: QualityReport) -> Count:
    return Counter(
        {
            (f.rule, f.variable, f.month): f.count
            for f in report.findings
            if f.rule not in ("empty_month", "thin_month", "thin_last_month")
        }
    )


def test_counts_are_those_of_a_plain_recount(made):
    @settings(max_examples=40, deadline=None)
    @given(STAYS)
    def recounted(rows) -> None:
        made.clear()
        report = made.deliver(
            npr_stay=rows,
            period=(FIRST.isoformat(), LAST.isoformat()),
            extracted_on=(LAST + timedelta(days=10)).isoformat(),
        )
        assert counted(report) == recount(rows)
        for finding in report.findings:
            if finding.of and finding.rule != "empty_month":
                assert finding.share == finding.count / finding.of <= 1

    recounted()


KEYS = st.lists(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("VWXYZ")), max_size=20, unique=True
)


def test_pseudonyms_are_counted_person_by_person(made):
    @settings(max_examples=20, deadline=None)
    @given(KEYS)
    def recounted(pairs) -> None:
        made.clear()
        report = made.deliver(
            register="person-key", person_key=[{"npr_lnr": n, "kpr_lnr": k} for n, k in pairs]
        )
        of_each = Counter(npr for npr, _ in pairs)
        assert counted(report)["two_pseudonyms", "kpr_lnr", None] == sum(
            number > 1 for number in of_each.values()
        )

    recounted()


REJECTED = st.lists(
    st.tuples(
        st.lists(
            st.sampled_from(["missing:lopenr", "broken_date:utDato", "unreadable_line"]),
            min_size=1,
            max_size=3,
        ),
        st.sampled_from(["2015-11-30", "2016-02-29", "2016-03-01", "30.11.2015", "x", ""]),
    ),
    max_size=15,
)


def test_quarantine_is_counted_row_by_row_and_reason_by_reason(made):
    @settings(max_examples=20, deadline=None)
    @given(REJECTED)
    def recounted(rejected) -> None:
        made.clear()
        report = made.deliver(
            rejected=[("npr_stay", reasons, {"utDato": day}) for reasons, day in rejected],
            period=(FIRST.isoformat(), LAST.isoformat()),
        )
        months = {"2015-11-30": "2015-11", "30.11.2015": "2015-11", "2016-02-29": "2016-02"}
        expected = Counter(
            (reason, months.get(day)) for reasons, day in rejected for reason in set(reasons)
        )
        found = {(f.reason, f.month): f.count for f in report.findings if f.rule == "quarantined"}
        assert found == expected
        assert sum(facts.received for facts in report.profile.tables) == len(rejected)

    recounted()
