"""Sums of amounts, from two sites' atom tables through gate and ledger to the page."""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, load_catalogue
from federated.contract.messages import Answer
from federated.coordinator.config import Member
from federated.coordinator.release import Release, cells_table, publish, release_record
from federated.coordinator.rounds import QuestionBook, ask
from federated.site.config import SiteConfig
from portal.release_cells import read_cells
from portal.release_page import render_release
from portal.release_record import read_record
from privacy.accounting import Combination, federation_rho
from privacy.estimates.intervals import gaussian_half_width
from privacy.estimates.status import Status
from privacy.mechanisms import gaussian_rho
from tests.federated.contract.parsed_project import manifest
from tests.federated.site.homes import (
    DELTA,
    EXACT,
    ROSTER,
    Home,
    approve,
    open_policy,
    question,
    site_yaml,
    write_site,
    write_warehouse,
)

__all__ = ["manifest"]

COST = "acute_stay_cost"
FROGNER = ("sector_diakonhjemmet", "75-84")
CROWD = [(f"crowd-{n}", *FROGNER, 52_248) for n in range(400)]
"""400 persons with a stay of one point each: 20.8 million kroner in whole thousands."""

AmountRow = tuple[str, str, str, object]
"""person_id, sector, age_group, amount"""


@pytest.fixture(scope="module")
def cost(manifest: Path) -> Indicator:
    return load_catalogue(manifest, PROJECT_DIR)[COST]


def add_stays(site: SiteConfig, rows: list[AmountRow], kind: str = "bigint") -> None:
    """The atom table of the cost of acute stays, all within 2024. kind: type of its amounts."""
    with duckdb.connect(str(site.warehouse_path)) as connection:
        connection.execute(
            "create table indicators.atom_acute_stay_cost (person_id varchar, period varchar, "
            f"sector varchar, age_group varchar, atom varchar, amount {kind}, is_counted boolean)"
        )
        connection.executemany(
            "insert into indicators.atom_acute_stay_cost "
            "values (?, '2024', ?, ?, 'acute', ?, true)",
            rows,
        )


Sites = Callable[..., Home]


@pytest.fixture
def make_site(
    tmp_path: Path, manifest: Path, cost: Indicator, caplog: pytest.LogCaptureFixture
) -> Iterator[Sites]:
    homes: list[Home] = []

    def make(
        name: str, rows: list[AmountRow], kind: str = "bigint", *, exact: bool = False
    ) -> Home:
        policy = open_policy() if exact else site_yaml()["policy"]
        policy = policy | {"answers": {COST: "auto"}}
        site = write_site(tmp_path / name, manifest, id=name, policy=policy)
        write_warehouse(site, [])
        add_stays(site, rows, kind)
        approve(site, cost)
        homes.append(Home(site, cost, caplog))
        return homes[-1]

    yield make
    for home in homes:
        home.close()


def in_cell(answer: Answer, indicator: Indicator, key: tuple[str, str]) -> tuple[int, int]:
    """(count, sum in steps) of one cell."""
    cells = indicator.domain("2024")
    place = cells.index(key)
    return answer.values[place], answer.values[len(cells) + place]


# With practically no noise: what is summed. The noise of a sum, 150 times that of the counts, is
# still half a step: figures are held to a few steps.


def exactly(home: Home, key: tuple[str, str] = FROGNER) -> tuple[int, int]:
    return in_cell(home.answer(question(home.indicator, epsilon=EXACT)), home.indicator, key)


def test_an_answer_has_counts_and_sums_of_the_public_domain(make_site, cost):
    home = make_site("ous", CROWD, exact=True)
    answer = home.answer(question(cost, epsilon=EXACT))
    assert len(answer.values) == cost.answer_length("2024") == 2 * len(cost.domain("2024"))
    count, steps = in_cell(answer, cost, FROGNER)
    assert count == 400 and abs(steps - 400 * 52) <= 5
    others = set(cost.domain("2024")) - {FROGNER}
    assert all(abs(steps) <= 5 for key in others for _, steps in [in_cell(answer, cost, key)])
    assert answer.persons_cut == [0]


def test_the_gate_clips_again_whatever_stands_in_the_table(make_site):
    """Negative, missing, above the clip, at the ends of 64 bits: all count, none raises."""
    odd = (-5, None, 150_000, 151_000, 5_000_000, 2**63 - 1, -(2**63))
    rows = [(f"p{n}", *FROGNER, amount) for n, amount in enumerate(odd)]
    home = make_site("ous", [*CROWD, *rows], exact=True)
    answer = home.answer(question(home.indicator, epsilon=EXACT))
    count, steps = in_cell(answer, home.indicator, FROGNER)
    assert count == 400 + len(odd)
    assert abs(steps - (400 * 52 + 4 * 150)) <= 5
    assert answer.persons_cut == [len(odd) - 1]


@pytest.mark.parametrize("kind", ["hugeint", "double", "varchar"])
def test_amounts_of_another_type_are_read_or_count_as_missing(make_site, kind, caplog):
    rows = [("a", *FROGNER, 100_000), ("b", *FROGNER, 10**30)]
    home = make_site("ous", rows, kind, exact=True)
    with caplog.at_level(logging.DEBUG):
        count, steps = exactly(home)
    assert count == 2 and abs(steps - 100) <= 5
    assert "100000" not in caplog.text and "1000000000" not in caplog.text


def test_a_table_without_amounts_is_not_ready_and_costs_nothing(make_site, cost):
    home = make_site("ous", CROWD)
    with duckdb.connect(str(home.site.warehouse_path)) as connection:
        connection.execute("alter table indicators.atom_acute_stay_cost drop amount")
    assert home.refusal(question(cost)) == "not_ready"
    assert home.ledger.attempts() == []


def test_the_ledger_is_charged_for_counts_and_sums(make_site, cost):
    home = make_site("ous", CROWD)
    asked = question(cost)
    answer = home.answer(asked)
    (attempt,) = home.ledger.attempts()
    assert cost.bound.charged_l2_squared == 18.25  # 3 rows: 9 of the counts, 9 of the sums, 1/4
    assert answer.rho_site == gaussian_rho(asked.scale, cost.bound.charged_l2_squared)
    charged = federation_rho(answer.rho_site, len(ROSTER), Combination.KEYED_BY_SITE)
    assert attempt.charge.rho == answer.rho_federation == charged
    assert attempt.charge.mechanism == "discrete Gaussian"


def test_refusals_are_as_long_as_answers(make_site, cost):
    home = make_site("ous", CROWD)
    answered = home.reply(question(cost))
    assert len(home.reply(question(cost, edition=2))) == len(answered)  # the budget is spent


# Released, with noise.


@pytest.fixture
def release(make_site, cost, tmp_path: Path) -> Release:
    sites = {
        "ous": make_site("ous", CROWD),
        "diakonhjemmet": make_site("diakonhjemmet", CROWD[:3]),
    }
    book = QuestionBook(tmp_path / "questions")
    asked = book.open_attempt(cost, "2024", ROSTER, epsilon=2.0, delta=DELTA)
    asked, answers = ask(
        book,
        asked,
        cost,
        "2024",
        lambda questions: {site: sites[site].reply(of) for site, of in questions.items()},
        announce=lambda _: {},
    )
    members = [
        Member(
            id=site,
            name=site.title(),
            kind="hospital",
            operator="Drift",
            transport_public_key=Path("x"),
        )
        for site in ROSTER
    ]
    record = release_record(cost, asked, answers, members)
    cells = cells_table(cost, asked, answers)
    key = Ed25519PrivateKey.generate()
    return publish(tmp_path / "releases", record, cells, render_release, key)


def test_cells_are_in_kroner_with_an_interval_as_wide_as_the_noise(release, cost):
    record = read_record(release.folder)
    scale = record.privacy.scale
    width = 1000 * gaussian_half_width(150 * scale, 1, 0.95)
    assert record.expected_error == {"cost": width, "stays": gaussian_half_width(scale, 1, 0.95)}
    cells = read_cells(release.folder, record)
    assert len(cells) == 2 * 2 * len(cost.domain("2024"))
    for cell in cells.values():
        assert cell.value is not None and cell.ci_high is not None and cell.ci_low is not None
        if cell.measure == "cost":
            assert cell.value % 1000 == 0
            assert cell.ci_high == max(0, cell.value + width)
            assert cell.counted == cells[cell.site, cell.group, cell.time, "stays"].value
    true = {"cost": 400 * 52_000, "stays": 400}
    # Six half widths: twelve standard deviations.
    for measure, value in true.items():
        found = cells["ous", *FROGNER, measure].value
        assert found is not None
        assert abs(found - value) <= 6 * record.expected_error[measure]


def test_a_sum_of_few_rows_is_not_shown_and_its_interval_begins_at_zero(release):
    record = read_record(release.folder)
    for cell in read_cells(release.folder, record).values():
        if cell.measure == "cost" and cell.counted is not None and cell.counted < 5:
            assert cell.figure.status is Status.SUPPRESSED
            assert cell.figure.value is None and cell.figure.low == 0


def test_the_record_says_what_the_amounts_are(release):
    of = release.record["indicator"]
    assert of["measures"]["cost"]["amount"] == {
        "unit_nb": "kroner", "unit_en": "NOK", "step": 1000, "steps": 150, "count": "stays",
    }  # fmt: skip
    assert "amount" not in of["measures"]["stays"]
    assert release.record["privacy"]["bounds"] == {
        "per_cell": 3, "total": 3, "clip": {"at": 150_000, "step": 1000},
    }  # fmt: skip


def test_the_page_shows_kroner_with_intervals_and_the_mean_per_stay(release):
    page = (release.folder / "index.html").read_text(encoding="utf-8")
    assert "Kostnad per akutt døgnopphold" in page
    assert re.search(r"±[\d\u202f]+ kroner", page)
    assert "rundet av til hele 1\u202f000 kroner og teller med høyst 150\u202f000 kroner" in page
    assert "Sum i kroner etter sektor og aldersgruppe" in page
    assert "counts as at most 150,000 NOK" in page
    assert "Personer som grensene kuttet noe for: Diakonhjemmet" in page
    mean = re.search(r"Kostnad per akutt døgnopphold</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    assert mean is not None
    # Of a sum that is not shown there is no "<5": that is said of counts.
    assert not re.search(r"&lt;5</td><td class=\"error\">[^<]*kroner", page)
