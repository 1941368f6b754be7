"""The worked hierarchy: 15 bydeler, the hospitals' four sectors among them (2025), and Oslo."""

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from privacy.estimates.consistency import Table

SECTORS = {
    "Lovisenberg": ["Gamle Oslo", "Grünerløkka", "St. Hanshaugen"],
    "Diakonhjemmet": ["Frogner", "Ullern", "Vestre Aker"],
    "Ahus": ["Grorud", "Stovner", "Alna"],
    "OUS": ["Sagene", "Nordre Aker", "Bjerke", "Østensjø", "Nordstrand", "Søndre Nordstrand"],
}
BYDELER = [bydel for of_sector in SECTORS.values() for bydel in of_sector]
BYDEL = csr_array(np.eye(len(BYDELER)))
SECTOR = csr_array([[float(bydel in inside) for bydel in BYDELER] for inside in SECTORS.values()])
OSLO = csr_array(np.ones((1, len(BYDELER))))
LEVELS: dict[str, Any] = {"bydel": BYDEL, "sector": SECTOR, "Oslo": OSLO}


def table(aggregation, variance, values=None):
    rows = aggregation.shape[0]
    return Table(
        aggregation, np.zeros(rows) if values is None else values, np.full(rows, float(variance))
    )


def measured(split, unit=1.0, noisy=None):
    """A table of each level that is given a part of the budget, rho.

    split: level -> part of rho. unit: variance of a table that is given all of it; a table given a
    part has unit / part, as a person adds one to one total of each. noisy: level -> values.
    """
    return [
        table(LEVELS[level], unit / part, None if noisy is None else noisy[level])
        for level, part in split.items()
    ]
