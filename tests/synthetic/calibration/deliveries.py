"""A delivery written by hand, a row at a time, in the shape the generator writes."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HOSPITALS = ("ous", "ahus")
_COLUMNS = {
    "npr": (
        "episodeID", "lopenr", "institusjonID", "sektor", "omsorgsniva", "innmateHast",
        "utTilstand", "innDato", "innTid", "utDato", "utTid", "utskrKlarDato", "tilstand_1_1",
        "korrvekt", "bydel2", "fodselsar", "dodDato",
    ),
    "henvisning": ("lopenr", "fagomrade", "mottattDato", "vurdertDato", "utfall", "bydel2"),
    "regning": ("enkeltregning_lnr", "kpr_lnr", "dato", "tjenestetype"),
    "takst": ("enkeltregning_lnr", "takstKode"),
    "tjeneste": ("kpr_lnr", "aar", "tjenestekode", "startdato", "fodselsaar"),
    "funksjon": ("kpr_lnr", "vurdertDato", *(f"funksjon_{n:02d}" for n in range(1, 21))),
}  # fmt: skip


@dataclass
class Town:
    """People, stays and services of one year, added one by one, then written with `write`."""

    year: int = 2024
    years: tuple[int, int] = (2024, 2024)
    people: list[dict] = field(default_factory=list)
    rows: dict[str, list[dict]] = field(default_factory=lambda: {name: [] for name in _COLUMNS})

    def person(
        self,
        name: str,
        *,
        age: int,
        bydel: str = "030103",
        dies_on: date | None = None,
        moves_in: date | None = None,
        moves_out: date | None = None,
    ) -> str:
        """A person who turns `age` in the middle of `year`."""
        born = date(self.year - age, 6, 30)
        days = {"dies_on": dies_on, "moves_in": moves_in, "moves_out": moves_out}
        self.people.append({"name": name, "born": born, "bydel": bydel} | days)
        return name

    def stay(
        self, name: str, start: str, end: str, *, hospital: str = "ous", **columns: object
    ) -> None:
        """A somatic inpatient contact, acute, discharged alive, unless `columns` say otherwise."""
        who = next(p for p in self.people if p["name"] == name)
        starts, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
        number = len(self.rows["npr"])
        self.rows["npr"].append(
            {
                "site": hospital,
                "episodeID": number,
                "lopenr": f"n{name}",
                "institusjonID": hospital,
                "sektor": 4,
                "omsorgsniva": 1,
                "innmateHast": 1,
                "utTilstand": 1,
                "innDato": starts.date(),
                "innTid": starts.time(),
                "utDato": ends.date(),
                "utTid": ends.time(),
                "tilstand_1_1": "R509",
                "korrvekt": 1.0,
                "bydel2": who["bydel"],
                "fodselsar": who["born"].year,
                "dodDato": who["dies_on"],
                **columns,
            }
        )

    def contact(self, name: str, day: str, *, sector: int, diagnosis: str) -> None:
        self.stay(name, f"{day}T10:00:00", f"{day}T11:00:00", sektor=sector, omsorgsniva=3,
                  innmateHast=4, tilstand_1_1=diagnosis)  # fmt: skip

    def referral(self, name: str, day: str, *, outcome: int | None) -> None:
        who = next(p for p in self.people if p["name"] == name)
        self.rows["henvisning"].append(
            {"site": "ous", "lopenr": f"n{name}", "fagomrade": "310", "mottattDato": day,
             "vurdertDato": day if outcome else None, "utfall": outcome, "bydel2": who["bydel"]}
        )  # fmt: skip

    def claim(self, name: str, day: str, *, service: int, items: Sequence[str]) -> None:
        number = len(self.rows["regning"])
        self.rows["regning"].append(
            {"enkeltregning_lnr": number, "kpr_lnr": f"k{name}", "dato": day,
             "tjenestetype": service}
        )  # fmt: skip
        self.rows["takst"] += [{"enkeltregning_lnr": number, "takstKode": i} for i in items]

    def service(self, name: str, code: int, *, year: int | None = None) -> None:
        who = next(p for p in self.people if p["name"] == name)
        year = year or self.year
        self.rows["tjeneste"].append(
            {"kpr_lnr": f"k{name}", "aar": year, "tjenestekode": code,
             "startdato": date(year, 2, 1), "fodselsaar": who["born"].year}
        )  # fmt: skip

    def function(self, name: str, day: str, scores: Sequence[int]) -> None:
        """The first scores; the rest are 9, irrelevant."""
        filled = [*scores, *[9] * (20 - len(scores))]
        columns = {f"funksjon_{n + 1:02d}": score for n, score in enumerate(filled)}
        self.rows["funksjon"].append({"kpr_lnr": f"k{name}", "vurdertDato": day, **columns})

    def write(self, out: Path, *, file_format: str = "csv") -> Path:
        for hospital in HOSPITALS:
            own = [row for row in self.rows["npr"] if row["site"] == hospital]
            _write(out / hospital / "npr", "npr", own, file_format)
        _write(out / "ous" / "npr-henvisning", "henvisning", self.rows["henvisning"], file_format)
        for part in ("regning", "takst"):
            _write(out / "oslo" / "kuhr", part, self.rows[part], file_format)
        for part in ("tjeneste", "funksjon"):
            _write(out / "oslo" / "kpr-omsorg", part, self.rows[part], file_format)
        truth = out / "truth"
        truth.mkdir(parents=True)
        pq.write_table(
            pa.table(
                {
                    "lopenr": [f"n{p['name']}" for p in self.people],
                    "kpr_lnr": [f"k{p['name']}" for p in self.people],
                    "born": pa.array([p["born"] for p in self.people], pa.date32()),
                    "bydel": pa.array([int(p["bydel"][-2:]) - 1 for p in self.people], pa.int8()),
                    **{
                        day: pa.array([p[day] for p in self.people], pa.date32())
                        for day in ("dies_on", "moves_in", "moves_out")
                    },
                }
            ),
            truth / "population.parquet",
        )
        content = {"scenario": "baseline", "years": list(self.years), "persons": len(self.people)}
        (truth / "truth.json").write_text(json.dumps(content))
        return out


def _write(folder: Path, part: str, rows: Sequence[Mapping], file_format: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    columns = _COLUMNS[part]
    if file_format == "parquet":
        table = {name: [_text(row.get(name)) for row in rows] for name in columns}
        schema = pa.schema([(name, pa.string()) for name in columns])
        pq.write_table(pa.table(table, schema), folder / f"{part}.parquet")
        return
    with (folder / f"{part}.csv").open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        writer.writerows([_text(row.get(name)) for name in columns] for row in rows)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
