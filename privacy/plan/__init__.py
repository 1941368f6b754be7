"""What a year of releases would cost and how wrong each would be, before anything is spent.

table      what is counted, how far one person moves it, a typical count
hierarchy  the variance of every sum when totals are measured beside cells
linked     the dummies of tables that are counted by comparing tokens
split      which table gets how much of rho, by a stated loss
choice     which tables to release, and how fine
capping    what the bounds cut away
planning   noise, errors and cost of a split, composed by `privacy.accounting`
figures    typical counts with source and standing, from YAML; build: tables from definitions
starting   the plan the project began with, at the same rho
"""

from privacy.plan.build import Definition, Key, Sites, linked_variants, local_table, local_variants
from privacy.plan.capping import (
    Choice,
    ClipChoice,
    Contributions,
    Lost,
    bound_choices,
    clip_choices,
    contributions,
)
from privacy.plan.choice import (
    Chosen,
    Grade,
    Option,
    Variant,
    Verdict,
    at_grain,
    choose,
    finest_useful,
    options,
)
from privacy.plan.figures import (
    Place,
    load_amounts,
    load_contributions,
    load_place,
    load_starting_plan,
)
from privacy.plan.hierarchy import Dimension, Level
from privacy.plan.planning import Line, Plan, budget_rho, make_plan, releases_charging
from privacy.plan.split import Aim, Share, best_split, equal_split, given_split, loss
from privacy.plan.starting import Comparison, compare
from privacy.plan.table import Figure, Linkage, Table

__all__ = [
    "Aim",
    "Choice",
    "Chosen",
    "ClipChoice",
    "Comparison",
    "Contributions",
    "Definition",
    "Dimension",
    "Figure",
    "Grade",
    "Key",
    "Level",
    "Line",
    "Linkage",
    "Lost",
    "Option",
    "Place",
    "Plan",
    "Share",
    "Sites",
    "Table",
    "Variant",
    "Verdict",
    "at_grain",
    "best_split",
    "bound_choices",
    "budget_rho",
    "choose",
    "clip_choices",
    "compare",
    "contributions",
    "equal_split",
    "finest_useful",
    "given_split",
    "linked_variants",
    "load_amounts",
    "load_contributions",
    "load_place",
    "load_starting_plan",
    "local_table",
    "local_variants",
    "loss",
    "make_plan",
    "options",
    "releases_charging",
]
