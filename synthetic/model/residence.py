"""Only what happens to somebody while they live in Oslo stands in its registers."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synthetic.events import DAY, NO_DAY, CareServices, Events, Ints, People, Referrals, Stays


def while_resident(events: Events) -> Events:
    """Contacts, assessments and referrals of persons who live here on that day.

    Lives are simulated whole, wherever they are led; so whoever moves in brings a past that no
    register here has. A care service is cut at the days of moving.
    """
    people = events.people
    stays, referrals = _referred(events, people)
    claims, functions = events.claims, events.functions
    return replace(
        events,
        stays=stays,
        claims=claims.take(_is_resident(people, claims.person, claims.day)),
        care=_care(events.care, people),
        functions=functions.take(_is_resident(people, functions.person, functions.day)),
        referrals=referrals,
    )


def _is_resident(people: People, person: Ints, day: Ints) -> NDArray[np.bool_]:
    return (day >= people.moves_in[person]) & (day < people.moves_out[person])


def _referred(events: Events, people: People) -> tuple[Stays, Referrals]:
    """Stays and referrals of residents; a stay whose referral came elsewhere points to none."""
    stays, referrals = events.stays, events.referrals
    kept = _is_resident(people, referrals.person, referrals.received)
    place = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    stays = stays.take(_is_resident(people, stays.person, stays.start // DAY))
    if len(place):
        is_referred = stays.referral >= 0
        pointer = np.where(is_referred, place[np.maximum(stays.referral, 0)], np.int32(-1))
        stays = replace(stays, referral=pointer.astype(np.int32))
    return stays, referrals.take(kept)


def _care(care: CareServices, people: People) -> CareServices:
    moves_in, moves_out = people.moves_in[care.person], people.moves_out[care.person]
    first = np.maximum(care.first_day, moves_in)
    last = np.where(moves_out != NO_DAY, np.minimum(care.last_day, moves_out - 1), care.last_day)
    cut = replace(care, first_day=first, last_day=last.astype(np.int32))
    return cut.take(first <= last)
