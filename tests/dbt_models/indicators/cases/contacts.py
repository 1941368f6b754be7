"""How patient and hospital or GP meet, who uses what, and how organisations work together."""

from tests.dbt_models.indicators.cases.case import (
    Case,
    Landing,
    Row,
    activity,
    claim,
    letter,
    stay,
    tariff,
    visit,
)

NOON = "2024-03-31 12:00"


def _remote(name: str, contacts: list[Row], *expected: str) -> Case:
    return Case("remote_contacts_hospital", name, {"npr_stay": contacts}, expected)


def _gp(name: str, form: str | None, *tariffs: str, kind: int = 1) -> Case:
    landing = {
        "kuhr_claim": [claim("k", "2024-03-31", kind)],
        "kuhr_tariff": [tariff("k", each) for each in tariffs],
    }
    expected = (f"k 2024 030105 75-84 2024Q1 {form}",) if form else ()
    return Case("remote_contacts_gp", name, landing, expected)


def _letter(name: str, stays: list[Row], letters: list[Row], *expected: str) -> Case:
    # Somebody else's letter: letters are delivered in every case.
    landing: Landing = {
        "npr_stay": stays,
        "discharge_letter": [letter("x", "2024-01-01", "z"), *letters],
    }
    return Case("discharge_letter_within_1_day", name, landing, expected)


REMOTE = (
    _remote(
        "kontaktType 6 is video",
        [visit("a", NOON, contact_type=6)],
        "p/a 2024 030105 75-84 2024Q1 video",
    ),
    _remote(
        "kontaktType 7 is the telephone",
        [visit("a", NOON, contact_type=7)],
        "p/a 2024 030105 75-84 2024Q1 telephone",
    ),
    _remote(
        "assessment, treatment and control are in person",
        [visit(f"{kind}", NOON, contact_type=kind) for kind in (1, 2, 3)],
        "p/1 2024 030105 75-84 2024Q1 in_person",
        "p/2 2024 030105 75-84 2024Q1 in_person",
        "p/3 2024 030105 75-84 2024Q1 in_person",
    ),
    _remote(
        "an indirect contact, and one of which nothing is said, are of another form",
        [visit("5", NOON, contact_type=5), visit("0", NOON, contact_type=None)],
        "p/0 2024 030105 75-84 2024Q1 other_form",
        "p/5 2024 030105 75-84 2024Q1 other_form",
    ),
    _remote(
        "a video on a stay, on a day of treatment, or of an inpatient is no outpatient contact",
        [visit(f"{level}", NOON, contact_type=6, care_level=level) for level in (1, 2, 8)],
    ),
    _remote(
        "begun on New Year's Eve and ended on New Year's Day: of the quarter it began in",
        [stay("a", "2023-12-31 23:30", "2024-01-01 00:15", care_level=3, contact_type=6)],
        "p/a 2023 030105 75-84 2023Q4 video",
    ),
)

GP = (
    _gp("a consultation is in person", "in_person", "2ad"),
    _gp("2ae is an e-consultation, in capitals too", "e_consultation", "2AE"),
    _gp("1bd is the telephone", "telephone", "1bd"),
    _gp("1be is a message and no contact at a distance", "e_contact", "1be"),
    _gp("who came and had an e-consultation came", "in_person", "2ae", "2ad"),
    _gp("an e-consultation goes before the telephone", "e_consultation", "1bd", "2ae"),
    _gp("1h does not say the form", "other_form", "1h"),
    _gp("work across professions is no contact of the kind", None, "2ae", "14"),
    _gp("legevakt is not the GP", None, "2ae", kind=2),
    _gp("a claim without a tariff", None),
)

FROM, TO = "2024-05-01 08:00", "2024-05-03 23:59"
LETTER = (
    _letter(
        "sent on the day of discharge",
        [stay("a", FROM, TO)],
        [letter("a", "2024-05-03")],
        "p/a 2024 75-84 2024Q2 within_1_day",
    ),
    _letter(
        "sent the day after",
        [stay("a", FROM, TO)],
        [letter("a", "2024-05-04")],
        "p/a 2024 75-84 2024Q2 within_1_day",
    ),
    _letter(
        "sent two days after",
        [stay("a", FROM, TO)],
        [letter("a", "2024-05-05")],
        "p/a 2024 75-84 2024Q2 not_within_1_day",
    ),
    _letter(
        "sent the day before discharge, and never again",
        [stay("a", FROM, TO)],
        [letter("a", "2024-05-02")],
        "p/a 2024 75-84 2024Q2 not_within_1_day",
    ),
    _letter(
        "discharged on the last day of the letters: the day after is not known",
        [stay("a", "2024-12-30 08:00", "2024-12-31 08:00")],
        [letter("a", "2024-12-31")],
    ),
    _letter(
        "two stays of one day apart have a letter each, or not",
        [stay("a", FROM, TO), stay("b", "2024-05-04 08:00", "2024-05-05 08:00")],
        [letter("b", "2024-05-06")],
        "p/a 2024 75-84 2024Q2 not_within_1_day",
        "p/b 2024 75-84 2024Q2 within_1_day",
    ),
    _letter("a visit needs none", [visit("a", NOON)], [letter("a", "2024-03-31")]),
)


def _activity(indicator: str, name: str, rows: list[Row], *expected: str) -> Case:
    return Case(indicator, name, {"collaboration_activity": rows}, expected)


def _days(indicator: str, code: str, atom: str) -> tuple[Case, ...]:
    return (
        _activity(
            indicator,
            "two on one day about one person are one",
            [activity(code, "2024-05-02"), activity(code, "2024-05-02", organisation="q")],
            f"p/2024-05-02 2024 2024Q2 {atom}",
        ),
        _activity(
            indicator,
            "two days are two",
            [activity(code, "2024-05-02"), activity(code, "2024-05-03")],
            f"p/2024-05-02 2024 2024Q2 {atom}",
            f"p/2024-05-03 2024 2024Q2 {atom}",
        ),
        _activity(
            indicator,
            "31 March and 1 April are of two quarters",
            [activity(code, "2024-03-31"), activity(code, "2024-04-01")],
            f"p/2024-03-31 2024 2024Q1 {atom}",
            f"p/2024-04-01 2024 2024Q2 {atom}",
        ),
        _activity(
            indicator,
            "two persons on one day are two",
            [activity(code, "2024-02-29"), activity(code, "2024-02-29", "q")],
            f"p/2024-02-29 2024 2024Q1 {atom}",
            f"q/2024-02-29 2024 2024Q1 {atom}",
        ),
        _activity(
            indicator, "another activity is none", [activity("annet", "2024-05-02")]
        ),
    )  # fmt: skip


def _persons(indicator: str, code: str) -> tuple[Case, ...]:
    return (
        _activity(
            indicator,
            "twice in a quarter is one person",
            [activity(code, "2024-04-01"), activity(code, "2024-06-30")],
            "p 2024 2024Q2 person",
        ),
        _activity(
            indicator,
            "in two quarters is once in each",
            [activity(code, "2024-03-31"), activity(code, "2024-04-01")],
            "p 2024 2024Q1 person",
            "p 2024 2024Q2 person",
        ),
        _activity(
            indicator,
            "New Year's Eve and New Year's Day are of two years",
            [activity(code, "2023-12-31"), activity(code, "2024-01-01")],
            "p 2023 2023Q4 person",
            "p 2024 2024Q1 person",
        ),
        _activity(
            indicator,
            "recorded by two organisations is one person",
            [activity(code, "2024-02-29"), activity(code, "2024-02-29", organisation="q")],
            "p 2024 2024Q1 person",
        ),
        _activity(
            indicator, "another activity is none", [activity("annet", "2024-05-02")]
        ),
    )  # fmt: skip


TOGETHER = (
    *_days("collaboration_meetings", "mote", "meeting"),
    *_days("digital_form_followup", "skjema", "form"),
    *_persons("team_based_followup", "team"),
    *_persons("individual_plan", "plan"),
)


def _hospital(name: str, contacts: list[Row], *expected: str) -> Case:
    return Case("use_by_level_hospital", name, {"npr_stay": contacts}, expected)


def _primary(name: str, claims: list[Row], *expected: str) -> Case:
    return Case("use_by_level_primary", name, {"kuhr_claim": claims}, expected)


HOSPITAL_USERS = (
    _hospital(
        "two stays of a year are one user",
        [stay("a", FROM, TO), stay("b", "2024-08-01 08:00", "2024-08-02 08:00")],
        "p/somatic_inpatient 2024 somatic_inpatient 030105 75-84 user",
    ),
    _hospital(
        "a day of treatment and a visit are one kind",
        [visit("a", NOON), visit("b", "2024-06-01 08:00", care_level=2)],
        "p/somatic_outpatient 2024 somatic_outpatient 030105 75-84 user",
    ),
    _hospital(
        "a child of 12 in BUP",
        [visit("a", NOON, sector="3", birth_year=2012)],
        "p/child_mental_health 2024 child_mental_health 030105 6-12 user",
    ),
    _hospital(
        "the first contact does not know the age: the next one of the year that does says it",
        [
            visit("a", NOON, birth_year=9999, bydel="030101"),
            visit("b", "2024-06-01 08:00", bydel="030112"),
        ],
        "p/somatic_outpatient 2024 somatic_outpatient 030112 75-84 user",
    ),
    _hospital(
        "without national identity nobody knows who it is",
        [visit("a", NOON, link_quality=4)],
    ),
    _hospital(
        "stays, addiction care and a contact of no known sector are three kinds",
        [
            stay("a", FROM, TO),
            visit("b", NOON, sector="1"),
            visit("c", NOON, sector=None),
        ],
        "p/addiction 2024 addiction 030105 75-84 user",
        "p/somatic_inpatient 2024 somatic_inpatient 030105 75-84 user",
        "p/unknown_sector 2024 unknown_sector 030105 75-84 user",
    ),
)

PRIMARY_USERS = (
    _primary(
        "two claims of the GP are one user",
        [claim("k", "2024-02-29"), claim("l", "2024-12-31")],
        "p/gp 2024 gp 030105 75-84 user",
    ),
    _primary(
        "private and municipal physiotherapy are one kind",
        [claim("k", "2024-02-29", 3), claim("l", "2024-02-29", 4)],
        "p/physiotherapy 2024 physiotherapy 030105 75-84 user",
    ),
    _primary("a dentist is none of the kinds", [claim("k", "2024-02-29", 6)]),
    _primary(
        "moves in summer: lives where the year's first claim says",
        [claim("k", "2024-07-01"), claim("l", "2024-01-02", bydel="030117")],
        "p/gp 2024 gp 030117 75-84 user",
    ),
    _primary(
        "New Year's Eve and New Year's Day are of two years",
        [claim("k", "2023-12-31", 2), claim("l", "2024-01-01", 2)],
        "p/legevakt 2023 legevakt 030105 75-84 user",
        "p/legevakt 2024 legevakt 030105 75-84 user",
    ),
    _primary(
        "the year of the fifth and of the sixth birthday at the health station",
        [
            claim("k", "2024-02-29", 9, birth_year=2019),
            claim("l", "2024-02-29", 9, birth_year=2018, person_id="q"),
        ],
        "p/health_station 2024 health_station 030105 0-5 user",
        "q/health_station 2024 health_station 030105 6-12 user",
    ),
)

CASES = (*REMOTE, *GP, *LETTER, *TOGETHER, *HOSPITAL_USERS, *PRIMARY_USERS)
