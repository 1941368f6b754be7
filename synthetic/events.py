"""What the model hands to the register writers: one shard of persons and everything they met.

Struct of arrays: every field of a class has the same first dimension. `person` is an index into the
shard's `People`. Seconds and days count from midnight at the start of the window. Code columns are
indices into the tuples of `synthetic.codes`, -1 where there is none.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

DAY = 86_400
NEVER = np.int64(2**62)
"""A second that does not come: of a person who lives on."""
NO_DAY = np.int32(2**31 - 1)
"""A day that does not come: of a service that lasts on."""

Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """The days written: `first_day` (datetime64[D]) and how many from it, follow-up included."""

    first_day: np.datetime64
    days: int

    @property
    def seconds(self) -> int:
        return self.days * DAY


@dataclass(frozen=True)
class Columns:
    """Arrays of one length."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def take(self, index: Ints | Bools) -> Self:
        return type(self)(**{f.name: getattr(self, f.name)[index] for f in fields(self)})

    @classmethod
    def join(cls, parts: "list[Self]") -> Self:
        names = [f.name for f in fields(cls)]
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})


@dataclass(frozen=True)
class People(Columns):
    """number: the person's place in the whole population, unique over all shards.

    born: datetime64[D], may lie inside the window. bydel: 0..14, of Oslo's fifteen. dies_at:
    seconds, NEVER if alive. moves_in, moves_out: first day in Oslo and first day no longer there;
    long past, and NO_DAY, of those who do not move. The last ones are the causal state at the
    start of the window; no register holds them, `truth` and the tests do.
    """

    number: NDArray[np.int64]
    born: NDArray[np.datetime64]
    is_female: Bools
    bydel: NDArray[np.int8]
    dies_at: NDArray[np.int64]
    moves_in: NDArray[np.int32]
    moves_out: NDArray[np.int32]
    lives_alone: Bools
    frailty: NDArray[np.float32]
    conditions: NDArray[np.uint32]  # bit set of `synthetic.codes.CONDITIONS`


@dataclass(frozen=True)
class Stays(Columns):
    """Contacts with a hospital, all sectors. Plain codes are NPR's own (DOMAIN: NPR variables).

    hospital: index into the hospitals asked for. ready_at: second reported utskrivningsklar, -1 if
    not. referral: index into Referrals, -1 if none.
    """

    person: NDArray[np.int32]
    hospital: NDArray[np.int8]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    sector: NDArray[np.int8]  # 1 TSB, 2 VOP, 3 BUP, 4 somatic, 5 rehabilitation
    care_level: NDArray[np.int8]  # omsorgsniva
    urgency: NDArray[np.int8]  # innmateHast
    state_in: NDArray[np.int8]  # inntilstand
    state: NDArray[np.int8]  # utTilstand
    came_from: NDArray[np.int8]  # fraSted
    went_to: NDArray[np.int8]  # tilSted
    specialty: NDArray[np.int16]  # episodeFag, written with three digits
    main_diagnosis: NDArray[np.int16]  # codes.ICD10
    other_diagnoses: NDArray[np.int16]  # shape (n, 4), codes.ICD10
    procedures: NDArray[np.int16]  # shape (n, 2), codes.NCSP
    drg: NDArray[np.int16]  # codes.DRG, weight in codes.DRG_WEIGHT
    ready_at: NDArray[np.int64]
    referral: NDArray[np.int32]


@dataclass(frozen=True)
class Claims(Columns):
    """Contacts claimed from KUHR. service_type: tjenestetype. contact_type: 1-5, SKDE's."""

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    service_type: NDArray[np.int8]
    contact_type: NDArray[np.int8]
    diagnosis: NDArray[np.int16]  # codes.ICPC2


@dataclass(frozen=True)
class CareServices(Columns):
    """Municipal services granted. first_day may be negative; last_day is NO_DAY while it lasts.

    code: tjenestekode. hours_per_week: NaN where the service has none.
    """

    person: NDArray[np.int32]
    code: NDArray[np.int16]
    first_day: NDArray[np.int32]
    last_day: NDArray[np.int32]
    hours_per_week: NDArray[np.float32]


@dataclass(frozen=True)
class Functions(Columns):
    """Assessments of function (IPLOS): 20 scores, 1-5, or 9 where irrelevant; shape (n, 20)."""

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    scores: NDArray[np.int8]


@dataclass(frozen=True)
class Referrals(Columns):
    """Referrals to specialist care; received, assessed, first_contact: days, NO_DAY if none."""

    person: NDArray[np.int32]
    hospital: NDArray[np.int8]
    specialty: NDArray[np.int16]  # 310 BUP
    received: NDArray[np.int32]
    assessed: NDArray[np.int32]
    is_accepted: Bools
    first_contact: NDArray[np.int32]


@dataclass(frozen=True)
class Events:
    """Everything of one shard. Rows of each table are ordered by person, then time."""

    people: People
    stays: Stays
    claims: Claims
    care: CareServices
    functions: Functions
    referrals: Referrals
