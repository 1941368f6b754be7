"""One person moves what gets noise by no more than is charged, by the whole path.

Landing rows, the models' SQL with its bound, the gate's own cut, the vector: of every indicator
that may be released. The parts are tested beside them; here they are held together, on persons made
to break them, and ways in which such a path has been built wrong are found out.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path as Folder

import pytest
from hypothesis import HealthCheck, example, given, settings

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_versions
from federated.site.warehouse import atom_rows
from privacy.audit.variants import counts_unbounded, counts_with_keys_from_data
from privacy.bounds import CUT_SCALE, ContributionBound, Rows, bounded_counts
from privacy.gate import Counts, Gate, ShareOfSum
from privacy.ledger import Charge, Ledger
from privacy.mechanisms import gaussian_rho, share_rho
from tests.dbt_models import released
from tests.dbt_models.conftest import BuiltSites
from tests.dbt_models.neighbours import NUMBERINGS, Life, Neighbours, any_neighbours, neighbours
from tests.dbt_models.released import Path, Table, built, faults, squared_change, tables_of
from tests.dbt_models.workbench import Landing, Workbench
from tests.examples import examples
from tests.privacy.gates import SITES, Site, policy, request, scope

IN_AND_OUT = Life(seed=1, lives=40, every=5)
"""Hundreds of stays and services one by one, in as many cells as there are."""
A_CHILD = Life(seed=3, lives=12, every=31)
A_LONG_TERM_STAY = Life(seed=20, lives=1)
ALL_LIVES = (IN_AND_OUT, A_CHILD, A_LONG_TERM_STAY)
READS_ALIKE = next(n for n in NUMBERINGS if n.others)
"""Numbers under which the person's stays would be somebody else's, were they only put together."""

on_the_workbench = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def indicators(built_sites: BuiltSites) -> list[Indicator]:
    manifest = built_sites.built.artefacts / "target" / "manifest.json"
    return released.may_be_released(load_versions(manifest, PROJECT_DIR))


def test_hospitals_and_municipalities_are_both_among_them(indicators: list[Indicator]) -> None:
    levels = {level for i in indicators for level in i.definition.levels}
    assert {"hospital", "municipality"} <= levels


@settings(on_the_workbench, max_examples=examples(4))
@example(found=neighbours(2, 1, (IN_AND_OUT, A_CHILD), READS_ALIKE))
@given(found=any_neighbours(most_others=3, most_lives=8))
def test_one_person_stays_within_what_is_charged(
    workbench: Workbench, indicators: list[Indicator], found: Neighbours
) -> None:
    assert faults(workbench, found, indicators) == {}


@pytest.mark.slow
@settings(on_the_workbench, max_examples=examples(160))
@given(found=any_neighbours(most_others=12, most_lives=60))
def test_any_person_stays_within_what_is_charged(
    workbench: Workbench, indicators: list[Indicator], found: Neighbours
) -> None:
    assert faults(workbench, found, indicators) == {}


def test_every_indicator_is_moved_by_somebody(
    workbench: Workbench, indicators: list[Indicator]
) -> None:
    """Else the tests above would prove less than they say."""
    still = {i.id for i in indicators}
    for life in ALL_LIVES:
        left = [i for i in indicators if i.id in still]
        found = tables_of(workbench, alone(life).with_person, left, Path())
        still -= {indicator for (indicator, _), table in found.items() if any(table.values)}
    assert still == set()


def alone(life: Life) -> Neighbours:
    return neighbours(0, 0, (life, life))


# The gate itself


@dataclass(frozen=True)
class WatchedCounts(Counts):
    """seen: how much wider, and the exact values, of every call for noise."""

    seen: list[tuple[int, list[int]]] = field(default_factory=list[tuple[int, list[int]]])

    def noisy(self, exact: list[int], wider: int = 1) -> list[int]:
        self.seen.append((wider, exact))
        return super().noisy(exact, wider)


@dataclass(frozen=True)
class WatchedShare(ShareOfSum):
    seen: list[tuple[int, list[int]]] = field(default_factory=list[tuple[int, list[int]]])

    def noisy(self, exact: list[int], wider: int = 1) -> list[int]:
        self.seen.append((wider, exact))
        return super().noisy(exact, wider)


SCALE, MISSING, PERIOD = 2e3, 1, "2023"


def test_the_gate_charges_all_that_one_person_moves(
    workbench: Workbench, indicators: list[Indicator], tmp_path: Folder
) -> None:
    """Of a site's own release, and of the sum over sites that all have the person's same rows."""
    answers = {i.id: "auto" for i in indicators}
    site = Site(tmp_path, policy(epsilon_per_person_year=10, answers=answers))
    site.approve(scope=scope(indicators={i.id: i.fingerprint for i in indicators}))
    gate = site.gate()

    def tables(database: Landing) -> dict[tuple[str, str], tuple[Table, Charge]]:
        with built(workbench, database, indicators):
            return {
                (i.id, mechanism.name): noised(gate, mechanism, i, workbench, site.ledger)
                for i in indicators
                for mechanism in mechanisms(i)
            }

    pair = neighbours(2, 1, (IN_AND_OUT, A_CHILD))
    before, after = tables(pair.without), tables(pair.with_person)
    site.ledger.close()
    for key, (table, charge) in after.items():
        moved = squared_change(before[key][0], table)
        assert charge.rho_site >= gaussian_rho(SCALE, moved), key
        if charge.mechanism == ShareOfSum.name:
            assert charge.rho >= cost_of_sum(before[key][0], table), key


def mechanisms(indicator: Indicator) -> tuple[WatchedCounts, WatchedShare]:
    cells, atoms = len(indicator.domain(PERIOD)), len(indicator.definition.atoms)
    return (
        WatchedCounts(SCALE, indicator.bound, cells, atoms),
        WatchedShare(SCALE, MISSING, indicator.bound, cells, atoms),
    )


def noised(
    gate: Gate,
    mechanism: WatchedCounts | WatchedShare,
    indicator: Indicator,
    workbench: Workbench,
    ledger: Ledger,
) -> tuple[Table, Charge]:
    """What the gate puts noise on, and what it charges."""
    attempt = f"a{len(ledger.attempts())}"
    asked = request(
        attempt,
        attempt,
        mechanism,
        indicator=indicator.id,
        definition=indicator.fingerprint,
        period=PERIOD,
        years=(int(PERIOD),),
    )
    connection = workbench.connection
    gate.counts(asked, "real", lambda: atom_rows(connection, indicator, PERIOD), lambda _: b"{}")
    (for_cut, (cut,)), (for_values, values), *for_sums = mechanism.seen
    assert (for_cut, for_values) == (CUT_SCALE, 1)
    answered = ledger.attempt(attempt)
    assert answered is not None
    if indicator.bound.clip is None:
        assert for_sums == []
        return Table(tuple(values), cut, {}), answered.charge
    ((steps, sums),) = for_sums
    assert steps == indicator.bound.clip.steps
    return Table(tuple(values), cut, {}, tuple(sums), steps), answered.charge


def cost_of_sum(before: Table, after: Table) -> float:
    moved = math.ceil(len(SITES) ** 2 * squared_change(before, after))
    rows = sum(abs(a - b) for a, b in zip(after.values, before.values, strict=True))
    amounts = sum(abs(a - b) for a, b in zip(after.sums, before.sums, strict=True))
    cut = after.persons_cut - before.persons_cut
    return share_rho(
        SCALE,
        len(SITES),
        MISSING,
        l2_squared=moved,
        l1=len(SITES) * math.ceil(rows + amounts / after.steps + cut),
        cells=len(after.values) + len(after.sums) + 1,
    )


# Ways in which it has been built wrong


@dataclass(frozen=True)
class Broken:
    """sql: (models, what their SQL has, what it has instead). rule: what must be found broken."""

    name: str
    rule: str
    path: Path
    sql: tuple[tuple[str, str, str], ...] = ()
    found: Neighbours = field(default_factory=lambda: neighbours(2, 1, (IN_AND_OUT, A_CHILD)))


A_CROWD = neighbours(30, 1, (IN_AND_OUT, A_CHILD))
NO_BOUND = ("atom_.*", r"<= \d+ as (is_in_cell|is_counted)", r"<= 1000000000 as \1")
KEYS_PUT_TOGETHER = (
    "stg_npr__stay",
    r"replace\(replace\(person_id, '~', '~0'\), '/', '~1'\)",
    "person_id",
)


def rows_cut(rows: Rows, bound: ContributionBound, cells: int, atoms: int) -> int:
    """Rows, where it should be persons."""
    inside = int(rows.in_domain(cells, atoms).sum())
    return inside - sum(bounded_counts(rows, bound, cells, atoms))


def truncated_together(
    rows: Rows, bound: ContributionBound, cells: int, atoms: int
) -> Sequence[int]:
    """As if all rows were one person's: whose come first keep out the others'."""
    return bounded_counts(replace(rows, person=rows.person * 0), bound, cells, atoms)


BROKEN = (
    Broken("no bound", released.CHARGED, Path(counted=counts_unbounded), (NO_BOUND,)),
    Broken("no bound, over all cells", released.TOTAL, Path(counted=counts_unbounded), (NO_BOUND,)),
    Broken(
        "the models' bound over everybody",
        released.OTHERS,
        Path(),
        (
            (
                "atom_.*",
                "partition by person_id, period, is_in_cell",
                "partition by period, is_in_cell",
            ),
        ),
        A_CROWD,
    ),
    Broken(
        "the gate's cut over everybody",
        released.ONLY_ADDS,
        Path(counted=truncated_together),
        found=A_CROWD,
    ),
    Broken("keys from the data", released.KEYS, Path(counted=counts_with_keys_from_data)),
    Broken("rows cut instead of persons", released.PERSONS_CUT, Path(cut=rows_cut)),
    Broken(
        "the next stay of anybody",
        released.OTHERS,
        Path(),
        (("fct_index_stay", "partition by person_id, case", "partition by case"),),
    ),
    Broken(
        "the first user of a service for all",
        released.OTHERS,
        Path(),
        (
            (
                "atom_use_by_level_.*",
                r"partition by used\.person_id, used\.year",
                "partition by used.year",
            ),
        ),
    ),
    Broken(
        "numbers only put together",
        released.CHARGED,
        Path(),
        (KEYS_PUT_TOGETHER,),
        neighbours(2, 1, (IN_AND_OUT, A_CHILD), READS_ALIKE),
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_a_path_built_wrong_is_found_out(
    workbench: Workbench, indicators: list[Indicator], broken: Broken
) -> None:
    sql = changed(workbench, broken.sql)
    touched = [i for i in indicators if not sql or sql.keys() & workbench.chain(i.model)]
    assert broken.rule in faults(
        workbench, broken.found, touched[:8], replace(broken.path, sql=sql)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "half", [Path(counted=counts_unbounded), (NO_BOUND,)], ids=["the models'", "the gate's"]
)
def test_each_of_the_two_bounds_is_enough_by_itself(
    workbench: Workbench, indicators: list[Indicator], half: Path | tuple[tuple[str, str, str], ...]
) -> None:
    path = half if isinstance(half, Path) else Path(changed(workbench, half))
    found = neighbours(2, 1, (IN_AND_OUT, A_CHILD))
    assert faults(workbench, found, indicators, path) == {}


def changed(workbench: Workbench, changes: Sequence[tuple[str, str, str]]) -> dict[str, str]:
    """The changed SQL by model. A change that changes nothing would be a test of nothing."""
    found = {
        name: re.sub(pattern, instead, model.sql)
        for models, pattern, instead in changes
        for name, model in workbench.models.items()
        if re.fullmatch(models, name) and re.search(pattern, model.sql)
    }
    assert bool(found) == bool(changes)
    return found
