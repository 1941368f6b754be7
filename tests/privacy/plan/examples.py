"""Tables that several tests plan with."""

from privacy.accounting import Combination
from privacy.bounds import ContributionBound
from privacy.plan import Dimension, Figure, Level, Linkage, Table

AREA = Dimension("area", (Level("oslo", 1), Level("sector", 4), Level("bydel", 15)))
QUARTER = Dimension("quarter", (Level("year", 1), Level("quarter", 4)))


def counted(name="counted", *, total=6000.0, **changes):
    given = {
        "dimensions": (AREA, QUARTER),
        "bound": ContributionBound(2, 4),
        "bounded_at": (0, 1),
        "figures": (Figure("bydel", (2, 0), total / 15), Figure("quarter", (1, 1), total / 16)),
        "measured": ((2, 0), (1, 1)),
        "combination": Combination.HOME_SITE,
        "sites": 4,
    }
    return Table(name, **(given | changes))


def linked(name="linked", *, total=8000.0, kept=2, services=3, **changes):
    given = {
        "dimensions": (AREA,),
        "bound": ContributionBound(kept, kept),
        "figures": (Figure("bydel", (2,), total / 15), Figure("sector", (1,), total / 4)),
        "measured": ((2,), (1,)),
        "linkage": Linkage(kept, services, 3),
    }
    return Table(name, **(given | changes))
