"""What the privacy core costs beside the plainest thing that does part of the same.

Every figure is a ratio of CPU-seconds inside one run: the median over repeats that take turns, so
that a busy machine slows both sides. Targets: noise at most 1.2 times OpenDP's bare vector call.
"""

import hashlib
import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from privacy.ledger import Budget, Chain, Charge, Ledger
from privacy.mechanisms import add_discrete_gaussian, add_discrete_laplace
from privacy.mechanisms.gaussian import gaussian_measurement
from privacy.mechanisms.laplace import laplace_measurement

Work = Callable[[], object]
NOISE_TARGET = 1.2
_SCALE = 14.0
_ROOM = Budget(rho=1e12, delta=0.0, purposes={"all": 1e12})


@dataclass(frozen=True)
class Comparison:
    """noise_vs_bare_opendp, laplace_vs_bare_opendp: a table of `cells`, one call each.

    verify_vs_plain_sha256: reading and recomputing a ledger of `entries`, over reading and hashing
    the same texts. reserve_full_vs_empty: one charge to a ledger of that length that is open, over
    one to an empty ledger.
    """

    cells: int
    entries: int
    repeats: int
    noise_vs_bare_opendp: float
    laplace_vs_bare_opendp: float
    verify_vs_plain_sha256: float
    reserve_full_vs_empty: float


def compare(folder: Path, cells: int, entries: int, repeats: int) -> Comparison:
    """Measure; `folder` is empty and holds the ledgers meanwhile."""
    values = list(range(cells))
    gaussian, laplace = gaussian_measurement(_SCALE), laplace_measurement(_SCALE)
    full = folder / "full.sqlite"
    fill(full, entries)
    chain = Chain.open(full, "ledger")
    long, short = Ledger(chain), Ledger.open(folder / "empty.sqlite")
    long.attempts()  # an agent has read its ledger once, when it started
    number = iter(range(entries, entries + 10**6))

    def reserve(ledger: Ledger) -> None:
        ledger.reserve(_charge(next(number)), _ROOM)

    try:
        return Comparison(
            cells,
            entries,
            repeats,
            ratio(lambda: add_discrete_gaussian(values, _SCALE), lambda: gaussian(values), repeats),
            ratio(lambda: add_discrete_laplace(values, _SCALE), lambda: laplace(values), repeats),
            ratio(chain.verify, lambda: plainly_hashed(full), repeats),
            ratio(lambda: reserve(long), lambda: reserve(short), 10 * repeats),
        )
    finally:
        long.close()
        short.close()


def ratio(ours: Work, plain: Work, repeats: int) -> float:
    """CPU-seconds of `ours` over those of `plain`, each the median of `repeats` runs in turns."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for work, found in zip((ours, plain), seconds, strict=True):
            begun = time.process_time()
            work()
            found.append(time.process_time() - begun)
    return statistics.median(seconds[0]) / statistics.median(seconds[1])


def fill(path: Path, entries: int) -> None:
    """A ledger of so many charges, each to a question of its own."""
    chain = Chain.open(path, "ledger")
    with chain.writing() as append:
        for number in range(entries):
            append("reserve", asdict(_charge(number)))
    chain.close()


def plainly_hashed(path: Path) -> str:
    """sha256 over every entry's text, in one go."""
    connection = sqlite3.connect(path)
    digest = hashlib.sha256()
    for row in connection.execute(
        "select seq, at, kind, body, previous, hash from entry order by seq"
    ):
        digest.update(json.dumps(row).encode())
    connection.close()
    return digest.hexdigest()


def _charge(number: int) -> Charge:
    return Charge(
        question_id=f"{number:064x}",
        attempt_id=f"{number:064x}",
        indicator="readmission_30d_same_site",
        period="2024",
        purpose="all",
        mechanism="discrete Gaussian",
        rho=0.01,
        rho_site=0.0025,
        years=(2023, 2024, 2025),
        roster=("ahus", "diakonhjemmet", "lovisenberg", "ous"),
    )
