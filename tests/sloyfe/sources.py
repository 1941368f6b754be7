"""Small third-party sources, written by the tests."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENT = {
    "Id": "p-1",
    "BIRTHDATE": "1950-01-01",
    "DEATHDATE": "",
    "SSN": "999-11-1111",
    "GENDER": "F",
}
STAY = {
    "Id": "e-1",
    "START": "2020-03-01T10:00:00Z",
    "STOP": "2020-03-04T10:00:00Z",
    "PATIENT": "p-1",
    "ENCOUNTERCLASS": "inpatient",
}


def write_csv(file: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_synthea(
    folder: Path,
    stays: Sequence[Mapping[str, str]] = (STAY,),
    patients: Sequence[Mapping[str, str]] = (PATIENT,),
) -> Path:
    write_csv(folder / "patients.csv", patients)
    write_csv(folder / "encounters.csv", stays)
    return folder
