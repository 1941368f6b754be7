"""A coordinator's folder of many releases, made by the coordinator's own code of invented counts:
real indicators, several years and editions, every status, and a withdrawn one.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.catalogue import Indicator
from federated.contract.messages import Answer
from federated.coordinator.config import Member
from federated.coordinator.release import cells_table, publish, release_record
from federated.coordinator.rounds import QuestionBook
from federated.coordinator.withdrawing import withdraw_release
from privacy.mechanisms import gaussian_rho

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
HOSPITALS = {
    "ahus": "Akershus universitetssykehus",
    "diakonhjemmet": "Diakonhjemmet sykehus",
    "lovisenberg": "Lovisenberg Diakonale sykehus",
    "ous": "Oslo universitetssykehus",
}
MUNICIPALITY = {"oslo": "Oslo kommune"}
DELTA = 5e-7


@dataclass(frozen=True)
class Wanted:
    """One release. mean: units a cell and site before its key is weighed. epsilon: its cost."""

    indicator: str
    period: str
    mean: float
    epsilon: float = 2.0
    edition: int = 1
    seed: int = 1

    @property
    def is_municipal(self) -> bool:
        return self.indicator in ("kad_use", "function_level", "services_of_frail")


WANTED = (
    *(Wanted("readmission_30d_same_site", year, 420) for year in ("2022", "2023")),
    Wanted("readmission_30d_same_site", "2024", 150, seed=9),
    Wanted("readmission_30d_same_site", "2024", 430, edition=2),
    *(Wanted("acute_admissions", year, 12, 3.0) for year in ("2023", "2024")),
    *(Wanted("acsc_admissions", year, 14) for year in ("2023", "2024")),
    Wanted("discharge_ready", "2024", 11),
    *(Wanted("kad_use", year, 16) for year in ("2023", "2024")),
    *(Wanted("bup_referrals", year, 30) for year in ("2023", "2024")),
    Wanted("frailty_risk", "2024", 160),
    Wanted("severe_mental_illness", "2024", 26),
    Wanted("multiple_chronic_conditions", "2024", 90),
    Wanted("target_group_readmission", "2024", 300),
    Wanted("readmission_30d_fhi", "2024", 60),
    Wanted("acute_stay_cost", "2024", 140),
)
WRONG = {
    "reason_nb": "Lovisenberg leverte bare årets åtte første måneder, så tallene er for lave.",
    "reason_en": "Lovisenberg delivered the first eight months only, so the figures are too low.",
    "by": "Fagansvarlig for indikatorer",
}


def write_releases(
    folder: Path,
    catalogue: Mapping[str, Indicator],
    wanted: tuple[Wanted, ...] = WANTED,
    *,
    withdrawn: bool = True,
) -> Path:
    """The releases folder; with `withdrawn`, the first edition of a year that has two."""
    releases = folder / "releases"
    made = {one: _release(folder, releases, catalogue[one.indicator], one) for one in wanted}
    for one, release_id in made.items():
        later = replace(one, edition=2, mean=430, seed=1)
        if withdrawn and one.edition == 1 and later in made:
            withdraw_release(releases, release_id, KEY, successor=made[later], **WRONG)
    return releases


def _release(folder: Path, releases: Path, indicator: Indicator, one: Wanted) -> str:
    sites = MUNICIPALITY if one.is_municipal else HOSPITALS
    asked = QuestionBook(folder / "questions").open_attempt(
        indicator, one.period, sorted(sites), epsilon=one.epsilon, delta=DELTA, edition=one.edition
    )
    answers = {
        site: Answer(
            site=site,
            question_id=asked.question_id,
            attempt_id=asked.attempt_id,
            values=_noisy(indicator, one, site, asked.scale),
            scale=asked.scale,
            rho_site=gaussian_rho(asked.scale, indicator.bound.charged_l2_squared),
            rho_federation=0.1,
            persons_cut=[4],
            data_through={"npr": f"{int(one.period) + 1}-02"},
            end_stated=True,
            not_private=False,
            data_origin="generated",
        )
        for site in sorted(sites)
    }
    members = [
        Member(id=s, name=n, kind="hospital", operator=n, transport_public_key=Path("x"))
        for s, n in sites.items()
    ]
    record = release_record(indicator, asked, answers, members)
    published = datetime(int(one.period) + 1, 2 + 2 * one.edition, 17, 9, 12, tzinfo=UTC)
    record["published_at"] = published.isoformat()
    cells = cells_table(indicator, asked, answers)
    if (one.indicator, one.period) == ("bup_referrals", "2023"):
        cells = _with_gaps(cells)
    return publish(releases, record, cells, lambda _: "<p>", KEY).release_id


def _noisy(indicator: Indicator, one: Wanted, site: str, scale: float) -> list[int]:
    rng = np.random.default_rng(zlib.crc32(f"{one.indicator} {one.period} {site}".encode()))
    share_of_site = {"ous": 1.4, "ahus": 0.9, "lovisenberg": 0.6, "diakonhjemmet": 0.7}
    values: list[int] = []
    for place, key in enumerate(indicator.domain(one.period)):
        weight = share_of_site.get(site, 1.0)
        for name in key:
            weight *= 0.35 + (zlib.crc32(name.encode()) % 100) / 75
        for number in range(len(indicator.definition.atoms)):
            part = 1.0 if number == 0 else 0.12 + 0.02 * (place % 5)
            count = rng.poisson(one.mean * weight * part)
            values.append(int(count + rng.normal(0, scale).__round__()))
    clip = indicator.bound.clip
    if clip is not None:  # what is counted costs some 40 per cent of the clip
        sums = [0.4 * clip.steps * value + rng.normal(0, scale * clip.steps) for value in values]
        values += [round(summed) for summed in sums]
    return values


def _with_gaps(cells: pa.Table) -> pa.Table:
    """One area that nobody delivered, and one group that nobody can be in."""
    rows = cells.to_pylist()
    for row in rows:
        status = {"030111": "not_delivered", "030117": "not_applicable"}.get(row["area"])
        if status is not None:
            row |= {"value": None, "ci_low": None, "ci_high": None, "status": status}
    return pa.Table.from_pylist(rows, cells.schema)


def ids(releases: Path) -> list[str]:
    return [
        json.loads(file.read_text(encoding="utf-8"))["release_id"]
        for file in sorted(releases.glob("*/release.json"))
    ]
