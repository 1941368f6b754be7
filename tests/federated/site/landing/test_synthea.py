"""The Synthea mapping: on the real folder against a plain count, and on rows made to break it."""

import csv
import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from federated.site.config import SyntheaShare
from federated.site.landing import ingest
from privacy.problem import Problem
from tests.shared_data import SYNTHEA

_ROOT = Path(__file__).resolve().parents[4]

K = 3
CLAIMS = {"ambulatory": 1, "wellness": 1, "outpatient": 1, "virtual": 1} | {
    "urgentcare": 2,
    "emergency": 2,
}
CARE = {"home": 15, "snf": 18, "hospice": 19}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def hospital_of(stay: str) -> int:
    return int(hashlib.md5(stay.encode()).hexdigest()[:8], 16) % K


@pytest.fixture
def land_all(make_site, query):
    """Land a source at K hospitals and the municipality: each site with its report."""

    def land(source):
        sites = [make_site(f"h{h}", SyntheaShare(hospital=h, of=K)) for h in range(K)]
        sites.append(make_site("m", SyntheaShare(of=K)))
        return [(site, ingest(site, "synthea", source)) for site in sites]

    return land


@pytest.mark.skipif(not SYNTHEA.is_dir(), reason=f"third-party data not here: {SYNTHEA}")
def test_the_unmc_folder_against_a_plain_count(land_all, query):
    with (SYNTHEA / "encounters.csv").open(newline="") as stream:
        encounters = list(csv.DictReader(stream))
    with (SYNTHEA / "patients.csv").open(newline="") as stream:
        patients = {p["Id"]: p for p in csv.DictReader(stream)}
    stays = [e for e in encounters if e["ENCOUNTERCLASS"] == "inpatient"]
    emergencies = [e for e in encounters if e["ENCOUNTERCLASS"] == "emergency"]

    def urgency(stay: dict[str, str]) -> int:
        acute = any(
            e["PATIENT"] == stay["PATIENT"]
            and moment(e["START"]) <= moment(stay["START"])
            and moment(e["STOP"]) >= moment(stay["START"]) - timedelta(hours=24)
            for e in emergencies
        )
        return 1 if acute else 4

    landed = land_all(SYNTHEA)
    assert len(encounters) == 7584
    assert sum(report.rows_in for _, report in landed) == 7584
    assert all(report.rows_quarantined == 0 for _, report in landed)
    for h, (site, report) in enumerate(landed[:K]):
        expected = sorted(
            (
                s["Id"], s["PATIENT"], moment(s["START"]), moment(s["STOP"]), urgency(s),
                int(patients[s["PATIENT"]]["BIRTHDATE"][:4]), s["ORGANIZATION"], None,
            )
            for s in stays
            if hospital_of(s["Id"]) == h
        )  # fmt: skip
        assert report.rows_landed == len(expected) > 0
        assert (
            query(
                site,
                "select episode_id, person_id, admission_date + admission_time, "
                "discharge_date + discharge_time, urgency, birth_year, institution_id, "
                "main_diagnosis from landing.npr_stay order by 1",
            )
            == expected
        )
        assert query(site, "select count(*) from landing.kuhr_claim") == [(0,)]
    municipality, report = landed[K]
    assert report.rows_landed == 7584 - 49
    assert query(municipality, "select count(*) from landing.npr_stay") == [(0,)]
    assert query(
        municipality,
        "select claim_id, person_id, claim_date, service_type from landing.kuhr_claim order by 1",
    ) == sorted(
        (e["Id"], e["PATIENT"], moment(e["START"]).date(), CLAIMS[e["ENCOUNTERCLASS"]])
        for e in encounters
        if e["ENCOUNTERCLASS"] in CLAIMS
    )
    assert query(
        municipality,
        "select service_id, started_on, ended_on, service_code from landing.kpr_care "
        "order by 1",
    ) == sorted(
        (
            e["Id"], moment(e["START"]).date(), moment(e["STOP"]).date(),
            CARE[e["ENCOUNTERCLASS"]],
        )
        for e in encounters
        if e["ENCOUNTERCLASS"] in CARE
    )  # fmt: skip
    last = max(moment(e["STOP"]) for e in encounters)
    first = min(moment(e["START"]) for e in encounters)
    for site, _ in landed:
        assert query(site, "select period_from, period_to, data_end from landing.delivery") == [
            (date(first.year, 1, 1), last.date(), last)
        ]


def encounter(identifier: str, **cells: str) -> dict[str, str]:
    return {
        "START": "2020-01-02T10:00:00Z",
        "STOP": "2020-01-04T10:00:00Z",
        "PATIENT": "p1",
        "ENCOUNTERCLASS": "inpatient",
        "Id": identifier,
        "EXTRA": "x",
    } | cells


def patient(identifier: str, **cells: str) -> dict[str, str]:
    return {"DEATHDATE": "", "BIRTHDATE": "1950-05-05", "GENDER": "M", "Id": identifier} | cells


@pytest.fixture
def source(write_csv):
    def make(encounters, patients=()):
        write_csv("synthea/patients.csv", [patient("p1"), *patients])
        return write_csv("synthea/encounters.csv", encounters).parent

    return make


def everywhere(landed, query, sql: str):
    return sorted(row for site, _ in landed for row in query(site, sql))


def test_what_breaks_a_row_is_told_and_the_sites_rows_add_up(land_all, query, source):
    folder = source(
        [
            encounter("good"),
            encounter("no-stop", STOP=""),
            encounter("bad-start", START="yesterday"),
            encounter("reversed", STOP="2020-01-01T10:00:00Z"),
            encounter("stranger", PATIENT="p9"),
            encounter("nobody", PATIENT=""),
            encounter("odd", ENCOUNTERCLASS="teleport"),
            encounter("unclassed", ENCOUNTERCLASS=""),
            encounter("", ENCOUNTERCLASS="wellness"),
            encounter("good", ENCOUNTERCLASS="wellness"),
            encounter("far", STOP="2999-01-01T00:00:00Z"),
            encounter("ghost", PATIENT="p2"),
            encounter("fine", ENCOUNTERCLASS="Hospice"),
        ],
        [patient("p2", DEATHDATE="soon")],
    )
    landed = land_all(folder)
    assert sum(report.rows_in for _, report in landed) == 13
    assert everywhere(
        landed, query, "select raw->>'Id', table_name, reasons from quarantine.rejected_row"
    ) == sorted(
        [
            ("no-stop", "npr_stay", ["missing:STOP"]),
            ("bad-start", "npr_stay", ["broken_date:START"]),
            ("reversed", "npr_stay", ["stop_before_start"]),
            ("stranger", "npr_stay", ["unknown_patient:PATIENT"]),
            ("nobody", "npr_stay", ["missing:PATIENT"]),
            ("odd", "encounters", ["unknown_class:ENCOUNTERCLASS"]),
            ("unclassed", "encounters", ["missing:ENCOUNTERCLASS"]),
            ("", "kuhr_claim", ["missing:Id"]),
            ("good", "kuhr_claim", ["duplicate:Id"]),
            ("far", "npr_stay", ["out_of_range:STOP"]),
            ("ghost", "npr_stay", ["broken_date:DEATHDATE"]),
        ]
    )
    assert everywhere(landed, query, "select episode_id from landing.npr_stay") == [("good",)]
    assert everywhere(landed, query, "select service_id from landing.kpr_care") == [("fine",)]
    _, municipality = landed[K]
    assert municipality.reasons["unknown_class:ENCOUNTERCLASS"] == 1
    assert {r.period.last for _, r in landed if r.period} == {date(2020, 1, 4)}


@pytest.mark.parametrize(
    ("start", "stop", "person", "urgency"),
    [
        (
            "2020-01-01T09:00:00Z",
            "2020-01-01T10:00:00Z",
            "p1",
            1,
        ),  # ends 24 h before
        ("2020-01-01T09:00:00Z", "2020-01-01T09:59:59Z", "p1", 4),
        ("2020-01-02T10:00:00Z", "2020-01-02T11:00:00Z", "p1", 1),  # begins with the stay
        ("2020-01-02T10:00:01Z", "2020-01-02T11:00:00Z", "p1", 4),
        ("2019-12-01T00:00:00Z", "2020-02-01T00:00:00Z", "p1", 1),
        ("2020-01-02T09:00:00Z", "2020-01-02T10:00:00Z", "p2", 4),
        ("2020-01-02T09:00:00Z", "2020-01-02T08:00:00Z", "p1", 4),  # itself quarantined
    ],
)
def test_a_stay_is_acute_by_the_emergency_before_it(
    land_all, query, source, start, stop, person, urgency
):
    emergency = encounter("e", START=start, STOP=stop, PATIENT=person, ENCOUNTERCLASS="emergency")
    landed = land_all(
        source([encounter("s"), emergency, emergency | {"Id": "e2"}], [patient("p2")])
    )
    assert everywhere(landed, query, "select episode_id, urgency from landing.npr_stay") == [
        ("s", urgency)
    ]


def test_the_dead_are_known_by_their_death_date(land_all, query, source):
    folder = source(
        [encounter("a"), encounter("b", PATIENT="dies")],
        [patient("dies", DEATHDATE="2020-01-04T10:00:00Z", GENDER="F")],
    )
    assert everywhere(
        land_all(folder),
        query,
        "select episode_id, state_at_discharge, sex, death_date::varchar from landing.npr_stay",
    ) == [("a", 1, 1, None), ("b", 2, 2, "2020-01-04")]


def test_dealing_to_another_number_of_hospitals_replaces_the_older_deal(make_site, source):
    folder = source([encounter("a")])
    first = make_site("s", SyntheaShare(of=3))
    assert ingest(first, "synthea", folder).outcome == "landed"
    assert ingest(first, "synthea", folder).outcome == "unchanged"
    assert ingest(make_site("s", SyntheaShare(of=4)), "synthea", folder).outcome == "replaced"


@pytest.mark.parametrize("missing", ["patients", "encounters"])
def test_both_files_are_needed(make_site, source, missing):
    folder = source([encounter("a")])
    (folder / f"{missing}.csv").unlink()
    with pytest.raises(Problem, match=f"`{missing}` is missing"):
        ingest(make_site("s", SyntheaShare(of=1)), "synthea", folder)


def test_a_share_is_needed(site, source):
    with pytest.raises(Problem, match="share of a Synthea source"):
        ingest(site, "synthea", source([encounter("a")]))
