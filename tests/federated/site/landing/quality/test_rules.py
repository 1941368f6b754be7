"""Each rule on rows made by hand: what it finds, and what it leaves alone."""

from typing import Any

import pytest

from federated.site.landing.quality import RULES
from tests.federated.site.landing.quality.made_landing import (
    CARE,
    STAY,
    found,
    in_month,
    stays,
    the_one,
)

ROW_RULES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # rule, variable, cells that break it, cells at the border that do not
    ("missing_time", "innTid", {"innTid": None}, {"innTid": "00:00:01"}),
    ("missing_time", "innTid", {"innTid": "00:00:00"}, {"innTid": "23:59:59"}),
    ("missing_time", "utTid", {"utTid": None}, {"utTid": "00:01:00"}),
    ("komnr_unknown", "komNrHjem2", {"komNrHjem2": "-1"}, {"komNrHjem2": "4601"}),
    ("bydel_invalid", "bydel2", {"bydel2": "030199"}, {"bydel2": "030115"}),
    ("bydel_invalid", "bydel2", {"bydel2": "30199"}, {"bydel2": "030101"}),
    ("birth_year_unknown", "fodselsar", {"fodselsar": 9999}, {"fodselsar": 1920}),
    ("implausible_age", "fodselsar", {"fodselsar": 1913}, {"fodselsar": 1914}),
    ("implausible_age", "fodselsar", {"fodselsar": 2025}, {"fodselsar": 2024}),
    (
        "ready_before_admission",
        "utskrKlarDato",
        {"utskrKlarDato": "2024-02-29"},
        {"utskrKlarDato": "2024-03-01"},
    ),
    ("death_before_contact", "dodDato", {"dodDato": "2024-02-29"}, {"dodDato": "2024-03-01"}),
    (
        "implausible_length_of_stay",
        "utDato",
        {"innDato": "2023-03-04"},  # 366 days: 2024 is a leap year
        {"innDato": "2023-03-05"},
    ),
    ("link_quality_poor", "NPRId_reg", {"NPRId_reg": 4}, {"NPRId_reg": None}),
    ("field_missing", "tilstand_1_1", {"tilstand_1_1": None}, {"tilstand_1_1": "Z000"}),
    (
        "field_missing",
        "innmateHast",
        {"innmateHast": None},
        {"innmateHast": None, "omsorgsniva": 3},  # only a stay has an urgency
    ),
]


def test_sound_rows_give_no_finding(made):
    report = made.deliver(npr_stay=stays(30))
    assert report.findings == ()
    assert report.profile.tables[0].rows == {"2024-03": 30}


@pytest.mark.parametrize(("rule", "variable", "breaks", "keeps"), ROW_RULES)
def test_a_rule_counts_the_rows_that_break_it(made, rule, variable, breaks, keeps):
    rows = [*stays(7), *stays(3, **breaks)]
    for number, row in enumerate(rows):
        row["lopenr"] = f"P{number}"
    finding = the_one(made.deliver(npr_stay=rows), rule)

    assert (finding.table, finding.variable, finding.month) == ("npr_stay", variable, "2024-03")
    assert finding.count == 3
    assert finding.of is not None and finding.share == 3 / finding.of
    assert finding.previous_share is None
    assert variable in finding.sentence_nb and variable in finding.sentence_en


@pytest.mark.parametrize(("rule", "variable", "breaks", "keeps"), ROW_RULES)
def test_a_rule_leaves_what_lies_at_its_border(made, rule, variable, breaks, keeps):
    assert found(made.deliver(npr_stay=stays(5, **keeps)), rule) == []


def test_an_unknown_birth_year_is_not_an_implausible_age(made):
    report = made.deliver(npr_stay=stays(5, fodselsar=9999))
    assert found(report, "implausible_age") == []


def test_hours_of_a_service(made):
    rows = [
        CARE | {"tjeneste_lnr": f"T{i}", "timer_uke": hours}
        for i, hours in enumerate((None, 112.0, 112.5, 168.0))
    ]
    report = made.deliver(register="kpr-omsorg", kpr_care=rows)
    finding = the_one(report, "implausible_hours")
    assert (finding.variable, finding.count, finding.of) == ("timer_uke", 2, 3)


def test_a_person_of_two_sexes_is_one_person(made):
    rows = [
        *stays(4),
        STAY | {"lopenr": "P1", "kjonn": 1},
        STAY | {"lopenr": "P1", "kjonn": 2},
        STAY | {"lopenr": "P2", "kjonn": 9},  # unspecified: says nothing
        STAY | {"lopenr": "P3", "kjonn": 0},
    ]
    finding = the_one(made.deliver(npr_stay=rows), "sex_differs")
    assert (finding.variable, finding.month) == ("kjonn", None)
    assert (finding.count, finding.of) == (1, 4)


def test_a_person_of_two_birth_years(made):
    rows = [
        *stays(4),
        STAY | {"lopenr": "P1", "fodselsar": 1941},
        STAY | {"lopenr": "P2", "fodselsar": 9999},
    ]
    finding = the_one(made.deliver(npr_stay=rows), "birth_year_differs")
    assert (finding.count, finding.of) == (1, 4)


def test_a_person_with_two_pseudonyms(made):
    pairs = [("N1", "K1"), ("N2", "K2"), ("N2", "K3"), ("N3", "K2")]
    rows = [{"npr_lnr": npr, "kpr_lnr": kpr} for npr, kpr in pairs]
    report = made.deliver(register="person-key", person_key=rows)
    finding = the_one(report, "two_pseudonyms")
    assert (finding.table, finding.count, finding.of) == ("person_key", 1, 3)


def test_codes_outside_an_open_list_are_counted_not_kept(made):
    rows = [*stays(3, sektor="4"), *stays(2, sektor="no such sector")]
    report = made.deliver(npr_stay=rows)
    finding = the_one(report, "code_not_in_list")
    assert (finding.variable, finding.count, finding.of) == ("sektor", 2, 5)
    assert report.profile.tables[0].codes["sektor"] == {"4": 3, "": 2}
    assert "no such sector" not in repr(report)


@pytest.mark.parametrize(("day", "count"), [("2015-12-31", 2), ("2016-01-01", 0)])
def test_a_code_before_its_first_day(made, day: str, count: int):
    """innmateHast 5 is valid from 2016."""
    rows = [
        *stays(3, innDato=day, utDato=day, aar=2015),
        *stays(2, innDato=day, utDato=day, aar=2015, innmateHast=5),
    ]
    report = made.deliver(npr_stay=rows, period=("2015-12-01", "2016-01-31"))
    findings = found(report, "code_outside_validity")
    assert [(f.variable, f.month, f.count, f.of) for f in findings] == (
        [("innmateHast", day[:7], count, 5)] if count else []
    )


@pytest.mark.parametrize(("year", "count"), [(2018, 1), (2019, 0)])
def test_what_lasts_has_the_codes_of_its_data_year(made, year: int, count: int):
    """tjenestekode 29 is valid from 2019; the service began before, and is coded anew."""
    row = CARE | {"startdato": "2017-05-01", "aar": year, "tjenestekode": 29}
    report = made.deliver(register="kpr-omsorg", kpr_care=[row])
    assert [f.count for f in found(report, "code_outside_validity")] == [1] * count


def test_quarantine_by_reason_and_month(made):
    report = made.deliver(
        npr_stay=stays(6),
        rejected=[
            ("npr_stay", ["missing:lopenr"], {"utDato": "2024-03-04"}),
            ("npr_stay", ["missing:lopenr", "out_of_range:korrvekt"], {"utDato": "04.03.2024"}),
            ("npr_stay", ["broken_date:utDato"], {"utDato": "2024-02-30"}),
            ("npr_stay", ["unreadable_line"], {"line": "x"}),
        ],
    )
    told = {(f.reason, f.variable, f.month, f.count, f.of) for f in found(report, "quarantined")}
    assert told == {
        ("missing:lopenr", "lopenr", "2024-03", 2, 8),
        ("out_of_range:korrvekt", "korrvekt", "2024-03", 1, 8),
        ("broken_date:utDato", "utDato", None, 1, 10),
        ("unreadable_line", None, None, 1, 10),
    }
    assert report.profile.tables[0].received == 10


def test_a_month_without_rows(made):
    rows = [row for m in ("01", "02", "04", "05") for row in in_month(f"2024-{m}", 40)]
    report = made.deliver(npr_stay=rows, period=("2024-01-01", "2024-05-31"))
    finding = the_one(report, "empty_month")
    assert (finding.month, finding.count, finding.severity) == ("2024-03", 0, "warning")


def test_a_month_without_rows_among_few_is_no_warning(made):
    rows = [row for m in ("01", "02", "04", "05") for row in in_month(f"2024-{m}", 5)]
    report = made.deliver(npr_stay=rows, period=("2024-01-01", "2024-05-31"))
    assert the_one(report, "empty_month").severity == "info"


@pytest.mark.parametrize(("thin", "rule"), [("03", "thin_month"), ("05", "thin_last_month")])
def test_a_thin_month(made, thin: str, rule: str):
    rows = [
        row
        for month in ("01", "02", "03", "04", "05")
        for row in in_month(f"2024-{month}", 15 if month == thin else 60)
    ]
    report = made.deliver(
        npr_stay=rows, period=("2024-01-01", "2024-05-31"), extracted_on="2024-06-10"
    )
    finding = the_one(report, rule)
    assert (finding.month, finding.count) == (f"2024-{thin}", 15)
    assert finding.of is not None and 55 <= finding.of <= 65
    assert {f.rule for f in report.findings} == {rule}


def test_half_a_month_of_period_is_not_thin(made):
    rows = [
        *[row for m in ("01", "02", "03") for row in in_month(f"2024-{m}", 60)],
        *[row for row in in_month("2024-04", 60) if row["utDato"] <= "2024-04-08"],
    ]
    report = made.deliver(npr_stay=rows, period=("2024-01-01", "2024-04-08"))
    assert report.findings == ()


def test_a_service_that_began_before_the_period_belongs_to_no_month(made):
    rows = [
        CARE | {"tjeneste_lnr": f"T{i}", "startdato": day}
        for i, day in enumerate(("2019-05-01", "2024-03-01", "2024-03-31"))
    ]
    report = made.deliver(register="kpr-omsorg", kpr_care=rows)
    assert report.profile.tables[0].rows == {"": 1, "2024-03": 2}


@pytest.mark.parametrize(
    ("register", "extracted_on", "days"),
    [
        ("npr", "2024-05-15", None),
        ("npr", "2024-05-16", 46),
        ("kuhr", "2024-05-16", None),
        ("kuhr", "2024-08-01", 123),
    ],
)
def test_a_late_delivery(made, register: str, extracted_on: str, days: int | None):
    report = made.deliver(register=register, extracted_on=extracted_on)
    assert [f.count for f in found(report, "late_delivery")] == ([days] if days else [])


def test_what_a_delivery_does_not_say_of_itself(made):
    report = made.deliver(npr_stay=stays(3), stated=False, extracted_on=None)
    assert {f.rule: f.severity for f in report.findings} == {
        "period_not_stated": "warning",
        "extraction_day_unknown": "info",
    }


def test_extracted_before_the_period_was_over(made):
    report = made.deliver(npr_stay=stays(3), extracted_on="2024-03-30")
    assert the_one(report, "extracted_before_end").count == 1


def test_a_delivery_whose_every_row_was_rejected(made):
    report = made.deliver(rejected=[("npr_stay", ["missing:lopenr"], {})] * 30, period=None)
    finding = the_one(report, "quarantined")
    assert (finding.count, finding.share, finding.severity) == (30, 1.0, "error")


@pytest.mark.parametrize(
    ("broken", "severity"), [(1, "info"), (2, "warning"), (19, "warning"), (20, "error")]
)
def test_severity_follows_the_share(made, broken: int, severity: str):
    """two_pseudonyms: 0.5 % warns, 10 % is an error; here of 200 persons less the border."""
    persons = 200 if broken > 1 else 201
    rows = [{"npr_lnr": f"N{i}", "kpr_lnr": f"K{i}"} for i in range(persons)]
    rows += [{"npr_lnr": f"N{i}", "kpr_lnr": f"X{i}"} for i in range(broken)]
    report = made.deliver(register="person-key", person_key=rows)
    assert the_one(report, "two_pseudonyms").severity == severity


def test_a_large_share_of_a_handful_is_information(made):
    assert the_one(made.deliver(npr_stay=stays(19, komNrHjem2="-1")), "komnr_unknown").severity == (
        "info"
    )


def test_a_report_reads_the_same_the_second_time(made):
    first = made.deliver(npr_stay=[*stays(5, bydel2="030199"), *stays(3, sektor="x")])
    from federated.site.landing.quality import profile_delivery

    assert profile_delivery(made.connection, "d1", "npr") == first
    kept = made.connection.execute("select count(*) from landing.delivery_profile").fetchone()
    assert kept == (1,)


def test_every_rule_speaks_of_its_family_and_unit(made):
    report = made.deliver(npr_stay=stays(3, bydel2="030199", innTid=None), extracted_on=None)
    families = {rule.id: rule.family for rule in RULES}
    assert report.findings
    assert all(finding.family == families[finding.rule] for finding in report.findings)
