"""The patient groups of a helsefellesskap (Hdir), and which indicators are about each.

An indicator that is about several stands under each of them; one that is about none, under all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.room.editions import Shelf


@dataclass(frozen=True)
class Group:
    """id: as in the catalogue's key of patient groups. indicators: ids, in the order of reading."""

    id: str
    name_nb: str
    name_en: str
    indicators: tuple[str, ...]


_ALL_FOUR = ("target_group_readmission", "target_group_acsc")
CHILDREN = Group(
    "children_young",
    "Barn og unge",
    "Children and young people",
    ("bup_patients", "bup_referrals", "bup_waiting", "adhd_patients", *_ALL_FOUR),
)
MENTAL = Group(
    "severe_mental_substance",
    "Alvorlige psykiske lidelser og rus",
    "Severe mental illness and substance use",
    (
        "severe_mental_illness",
        "severe_mental_illness_readmission",
        "contacts_across_levels_by_group",
        *_ALL_FOUR,
    ),
)
CHRONIC = Group(
    "multiple_chronic",
    "Flere kroniske lidelser",
    "Multiple chronic conditions",
    (
        "multiple_chronic_conditions",
        "multiple_chronic_conditions_primary",
        "multiple_chronic_contacts",
        "contacts_across_levels_by_group",
        *_ALL_FOUR,
    ),
)
FRAIL = Group(
    "frail_elderly",
    "Skrøpelige eldre",
    "Frail elderly",
    (
        "frailty_risk",
        "function_level",
        "frail_specialist_care",
        "services_of_frail",
        "before_long_term_stay",
        "admissions_before_long_term_stay",
        *_ALL_FOUR,
    ),
)
GROUPS = (CHILDREN, MENTAL, CHRONIC, FRAIL)
EVERYBODY = Group("all", "Alle", "Everyone", ())


def by_group(shelves: Sequence[Shelf]) -> list[tuple[Group, list[Shelf]]]:
    """The four groups in their order, those without a release too; then what is about everybody."""
    known = {shelf.id: shelf for shelf in shelves}
    found = [(group, [known[i] for i in group.indicators if i in known]) for group in GROUPS]
    placed = {name for group in GROUPS for name in group.indicators}
    return [*found, (EVERYBODY, [shelf for shelf in shelves if shelf.id not in placed])]
