"""Only what happens to somebody while they live in Oslo stands in its registers.

Lives are simulated whole, wherever they are led; so whoever moves in brings a past that no register
here has.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synthetic.events import NO_DAY, Bools, CareServices, Ints, People, Referrals, Stays
from synthetic.population import Residents


def is_resident(people: People | Residents, person: Ints, day: Ints) -> Bools:
    """Whether each person lives here on its day."""
    return (day >= people.moves_in[person]) & (day < people.moves_out[person])


def referred(stays: Stays, referrals: Referrals, kept: Bools) -> tuple[Stays, Referrals]:
    """The referrals that are `kept`, by person and day, and the stays' pointers moved along.

    A stay whose referral is not kept (it came elsewhere) points to none.
    """
    order = np.flatnonzero(kept)
    order = order[np.lexsort((referrals.received[order], referrals.person[order]))]
    place: NDArray[np.int32] = np.full(len(kept) + 1, -1, dtype=np.int32)  # the last: of none
    place[order] = np.arange(len(order), dtype=np.int32)
    return replace(stays, referral=place[stays.referral]), referrals.take(order)


def cut(care: CareServices, people: People) -> CareServices:
    """Care services at the days of moving."""
    moves_in, moves_out = people.moves_in[care.person], people.moves_out[care.person]
    first = np.maximum(care.first_day, moves_in)
    last = np.where(moves_out != NO_DAY, np.minimum(care.last_day, moves_out - 1), care.last_day)
    inside = replace(care, first_day=first, last_day=last.astype(np.int32))
    return inside.take(first <= last)
