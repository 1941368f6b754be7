"""What a demo is asked to be, checked before anything is made."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from federated.site.landing.national_id import refuse_real_national_ids
from privacy.problem import Problem

INDICATOR = "readmission_30d_same_site"
PLAN_FILE = "demo.json"

EPSILON_PER_RELEASE = 2.0
EPSILON_PER_PERSON_YEAR = 4.0
MAX_EPSILON = 1e9
"""Of a demo on synthetic data: the noise is gone long before."""
DELTA = 1e-6

FIRST_YEAR, LAST_YEAR = 2023, 2024
FOLLOW_UP = timedelta(days=30)

HOSPITALS = {
    "ous": "Oslo universitetssykehus",
    "diakonhjemmet": "Diakonhjemmet sykehus",
    "lovisenberg": "Lovisenberg Diakonale sykehus",
    "ahus": "Akershus universitetssykehus",
}
MUNICIPALITY = ("oslo", "Oslo kommune")
REGISTER = ("fhi", "Folkehelseinstituttet (KPR)")
CLAIMS_AT = ("municipality", "register")
_OPTIONS = {
    "source": "--source",
    "hospitals": "--sites",
    "epsilon": "--epsilon",
    "periods": "--period",
    "declared_synthetic": "--declare-synthetic",
    "persons": "--persons",
    "seed": "--seed",
    "claims_at": "--claims-at",
}
"""Field of a plan -> the option of `sloyfe demo` that sets it."""


@dataclass(frozen=True)
class DemoPlan:
    """One demo. Run again with the same plan it goes on; with another it wants another folder.

    source: folder of Synthea CSVs, or None for the project's own generator.
    epsilon: what one release may cost a person over all sites together. periods: years released.
    claims_at: who holds the claims of GPs and legevakt, one of `CLAIMS_AT`.
    """

    source: Path | None
    hospitals: int
    epsilon: float
    periods: tuple[str, ...]
    declared_synthetic: bool
    persons: int
    seed: int
    claims_at: str = CLAIMS_AT[0]

    @property
    def needs_demo_switch(self) -> bool:
        return self.epsilon > EPSILON_PER_RELEASE

    @property
    def all_synthetic(self) -> bool:
        return self.source is None or self.declared_synthetic

    @property
    def hospital_ids(self) -> list[str]:
        return list(self.hospital_names)

    @property
    def hospital_names(self) -> dict[str, str]:
        """Names of Oslo's hospitals where the data are made for them, else plain numbers."""
        if self.source is None and self.hospitals <= len(HOSPITALS):
            return dict(list(HOSPITALS.items())[: self.hospitals])
        return {f"hospital-{n}": f"Sykehus {n}" for n in range(1, self.hospitals + 1)}

    @property
    def names(self) -> dict[str, str]:
        """Site id -> name of every organisation."""
        return self.hospital_names | dict([MUNICIPALITY, *self._registers])

    @property
    def kinds(self) -> dict[str, str]:
        """Site id -> `hospital`, `municipality` or `register`."""
        return {
            **dict.fromkeys(self.hospital_ids, "hospital"),
            MUNICIPALITY[0]: "municipality",
            **{site: "register" for site, _ in self._registers},
        }

    @property
    def _registers(self) -> list[tuple[str, str]]:
        return [REGISTER] if self.claims_at == "register" else []


def make_plan(
    source: str | None,
    *,
    hospitals: int,
    epsilon: float,
    periods: tuple[str, ...],
    declared_synthetic: bool,
    persons: int,
    seed: int,
    claims_at: str = CLAIMS_AT[0],
) -> DemoPlan:
    """Check what was asked for; raise Problem for the first thing that cannot be done."""
    folder = _source_folder(source)
    if not 1 <= hospitals <= 50:
        raise Problem(f"{hospitals} hospital sites", "--sites", "Ask for 1 to 50.")
    if not 0 < epsilon <= MAX_EPSILON:
        raise Problem(
            f"epsilon is {epsilon}",
            "--epsilon",
            f"It must be above zero and at most {MAX_EPSILON:g}.",
        )
    for period in periods:
        if not re.fullmatch("[0-9]{4}", period):
            raise Problem(f"`{period}` is not a year", "--period", "Write it as YYYY.")
    if persons < 1:
        raise Problem(f"{persons} persons", "--persons", "Ask for at least one.")
    if claims_at not in CLAIMS_AT:
        raise Problem(f"`{claims_at}` holds no claims", "--claims-at", f"Say {_or(CLAIMS_AT)}.")
    if claims_at == "register" and folder is not None:
        raise Problem(
            "a third-party source has no claims that a register could hold",
            "--claims-at",
            "Leave the option out, or leave out --source.",
        )
    if folder is not None:
        refuse_real_national_ids(sorted(folder.glob("*.csv")))
    plan = DemoPlan(
        source=folder,
        hospitals=hospitals,
        epsilon=epsilon,
        periods=tuple(dict.fromkeys(periods)) or (_last_followed_year(folder),),
        declared_synthetic=declared_synthetic,
        persons=persons,
        seed=seed,
        claims_at=claims_at,
    )
    if plan.needs_demo_switch and not plan.all_synthetic:
        raise Problem(
            f"epsilon {epsilon:g} is above the policy's maximum of {EPSILON_PER_RELEASE:g}",
            "--epsilon",
            "Ask for less, or add --declare-synthetic if no row of the source is about a person.",
        )
    return plan


def remember_plan(plan: DemoPlan, out: Path) -> None:
    """Tie the folder to the plan. Raises Problem if it holds something else."""
    file = out / PLAN_FILE
    wanted = _as_json(plan)
    try:
        if not file.is_file():
            if out.exists() and any(out.iterdir()):
                raise _not_a_demo(out)
            out.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")
            return
        kept = dict(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Problem(
            f"the folder cannot be used: {(error.strerror or '').lower()}",
            str(out),
            "Choose another --out.",
        ) from None
    except (ValueError, TypeError):
        raise _not_a_demo(file) from None
    other = sorted(_OPTIONS[name] for name in wanted if kept.get(name) != wanted[name])
    if other:
        raise Problem(
            f"the folder holds a demo made with another {', '.join(other)}",
            str(out),
            "Choose another --out, or repeat the options it was made with.",
        )


def _not_a_demo(place: Path) -> Problem:
    return Problem("here lies something that is not a demo", str(place), "Choose another --out.")


def _or(words: Sequence[str]) -> str:
    return " or ".join(f"`{word}`" for word in words)


def _as_json(plan: DemoPlan) -> dict[str, Any]:
    content = asdict(plan)
    content["source"] = str(plan.source) if plan.source else None
    content["periods"] = list(plan.periods)
    return content


def _source_folder(source: str | None) -> Path | None:
    if source is None:
        return None
    kind, _, place = source.partition(":")
    if kind != "synthea" or not place:
        raise Problem(f"`{source}` is not a source", "--source", "Write `synthea:FOLDER`.")
    folder = Path(place).resolve()
    for name in ("patients.csv", "encounters.csv"):
        if not (folder / name).is_file():
            raise Problem(f"there is no {name}", str(folder), "Name a folder of Synthea CSV files.")
    return folder


def _last_followed_year(source: Path | None) -> str:
    """The last year whose last discharge has been followed for 30 days."""
    if source is None:
        return str(LAST_YEAR)
    end = _latest_stop(source / "encounters.csv")
    # A discharge just before midnight on New Year's Eve is followed when `end` minus 30 days has
    # reached the next year.
    return str((end - FOLLOW_UP).year - 1 if end else LAST_YEAR)


def _latest_stop(file: Path) -> date | None:
    latest = None
    with file.open(newline="", encoding="utf-8-sig", errors="replace") as lines:
        try:
            for row in csv.DictReader(lines):
                try:
                    stop = date.fromisoformat((row.get("STOP") or "")[:10])
                except ValueError:
                    continue
                latest = stop if latest is None else max(latest, stop)
        except csv.Error:
            raise Problem("this is not a CSV file", str(file), "Fetch the source anew.") from None
    return latest
