"""One population, drawn once and delivered by every organisation in its own register's shape."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from synthetic import registers
from synthetic.population import draw_population
from synthetic.services import draw_care, draw_claims
from synthetic.stays import DAY, draw_stays
from synthetic.writing import Delivery, GeneratedFile

FOLLOW_UP_MONTHS = 2
"""January completes the 30 days after the last discharge of the last year. NPR reports a stay when
it ends, so February is there for the readmissions of January that last into it."""


def generate(
    out: Path,
    *,
    persons: int,
    years: range,
    hospitals: Sequence[str],
    municipality: str,
    seed: int,
    signing_key: Ed25519PrivateKey,
) -> list[GeneratedFile]:
    """Write the deliveries of `hospitals` and `municipality` (site ids) below `out`.

    years: whole calendar years, consecutive; the deliveries go on for `FOLLOW_UP_MONTHS` more.
    Files: `<hospital>/npr/npr.csv`, `<municipality>/kuhr/{regning,diagnose,takst}.csv`,
    `<municipality>/kpr-omsorg/kpr_omsorg.csv`, each folder with `delivery.yaml` and a signed
    `synthetic-mark.json`. The same arguments give the same bytes. Each data file ends with a few
    defective rows, counted by kind in the returned list. Raises ValueError.
    """
    _check(persons, years, hospitals, municipality)
    first_day = date(years.start, 1, 1)
    last_day = date(years.stop, FOLLOW_UP_MONTHS + 1, 1) - timedelta(days=1)
    start = np.datetime64(first_day)
    days = (last_day - first_day).days + 1
    of_people, of_stays, of_services, of_codes = (
        np.random.Generator(np.random.SFC64(stream))
        for stream in np.random.SeedSequence(seed).spawn(4)
    )

    people = draw_population(of_people, persons, len(hospitals), start)
    stays, people = draw_stays(of_stays, people, len(hospitals), days * DAY)
    claims = draw_claims(of_services, people, stays, days)
    care = draw_care(of_services, people, stays, days)

    files: list[GeneratedFile] = []
    for number, hospital in enumerate(hospitals):
        npr = registers.npr_table(of_codes, people, stays, hospital=number, start=start, days=days)
        delivery = Delivery(hospital, "npr", out / hospital / "npr", first_day, last_day)
        files += delivery.write({"npr": (npr, registers.NPR_DEFECTS)}, seed, signing_key)

    kuhr = {
        "regning": (
            registers.claim_table(people, claims, start, days),
            registers.CLAIM_DEFECTS,
        ),
        "diagnose": (registers.diagnosis_table(of_codes, claims), registers.DIAGNOSIS_DEFECTS),
        "takst": (registers.tariff_table(of_codes, claims), registers.TARIFF_DEFECTS),
    }
    folder = out / municipality
    files += Delivery(municipality, "kuhr", folder / "kuhr", first_day, last_day).write(
        kuhr, seed, signing_key
    )
    care_services = registers.care_table(people, care, start, days)
    files += Delivery(municipality, "kpr-omsorg", folder / "kpr-omsorg", first_day, last_day).write(
        {"kpr_omsorg": (care_services, registers.CARE_DEFECTS)}, seed, signing_key
    )
    return files


def _check(persons: int, years: range, hospitals: Sequence[str], municipality: str) -> None:
    if persons < 1:
        raise ValueError("persons must be at least 1")
    if not len(years) or years.step != 1 or years.start < 2000 or years.stop > 2039:
        raise ValueError("years must be consecutive years from 2000 to 2038")
    sites = [*hospitals, municipality]
    if not hospitals or len(set(sites)) < len(sites):
        raise ValueError("one hospital at least, and every site once")
