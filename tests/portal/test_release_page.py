"""The release page: what it says, what it may never say, and that it stands on its own."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from portal.charts import chart_rows, interval_chart
from portal.release_cells import read_cells
from portal.release_page import render_release
from portal.release_record import read_record
from portal.words import BOKMAL, ENGLISH
from privacy.estimates.status import Status
from privacy.problem import Problem
from tests.portal.html_page import Page
from tests.portal.releases import ERRORS, GROUPS, QUARTERS, write_release

FORBIDDEN = ("anonym", "no record moved", "never sees an exact count")
ODD = "Sykehus <script>alert(1)</script> & \"sønner\" {{ 7*7 }} 'æøå'"
SITES = 3
THRESHOLD = 5


def _counts(index: int, readmitted: int) -> Callable[..., tuple[int, int]]:
    return lambda *_: (index, readmitted)


def _privacy(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda record: record["privacy"].update(changes)


def _without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        for part in path[:-1]:
            record = record[part]
        del record[path[-1]]

    return change


RELEASES: dict[str, dict[str, Any]] = {
    "three sites": {},
    "one site": {"sites": ["Lille sykehus"]},
    "all zero": {"sites": ["Nordby"], "counts": _counts(0, 0)},
    "negative": {"sites": ["Nordby"], "counts": _counts(-31, -6)},
    "too noisy": {"sites": ["Nordby"], "counts": _counts(10, 6), "change": _privacy(scale=1e6)},
    "no shares": {"sites": ["Nordby"], "change": _without("indicator", "shares")},
    "many": {
        "sites": [f"Sykehus {number}" for number in range(4)],
        "groups": [f"{age}-{age + 9}" for age in range(0, 90, 10)],
        "quarters": [f"2024-{month:02d}" for month in range(1, 13)],
        "counts": _counts(123_456, 7_890),
    },
    "odd names": {"sites": [ODD], "groups": ['<5 år & "x"', "ellers'"]},
    "not private": {
        "sites": ["Nordby"],
        "change": _privacy(private=False, epsilon=212.7, data_origin="declared", end_stated=False),
    },
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Page]]:
    pages = {}
    for name, arguments in RELEASES.items():
        folder = write_release(tmp_path_factory.mktemp("release"), **arguments)
        pages[name] = folder, Page(render_release(folder))
    return pages


@pytest.fixture(params=RELEASES)
def release(
    request: pytest.FixtureRequest, rendered: dict[str, tuple[Path, Page]]
) -> tuple[Path, Page]:
    return rendered[request.param]


def test_page_stands_on_its_own(release: tuple[Path, Page]) -> None:
    _, page = release
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == 0
    for _, attributes in page.attributes:
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "url(" not in page.html
    assert "@import" not in page.html


def test_page_can_be_found_ones_way_in(release: tuple[Path, Page]) -> None:
    _, page = release
    assert page.tags["h1"] == page.tags["main"] == 1
    assert page.tags["caption"] == page.tags["table"] > 0
    ids = Counter(attributes["id"] for _, attributes in page.attributes if attributes.get("id"))
    assert max(ids.values()) == 1
    languages = {attributes["lang"] for _, attributes in page.attributes if "lang" in attributes}
    assert languages == {"nb", "en"}
    assert all("scope" in attributes for tag, attributes in page.attributes if tag == "th")
    for tag, attributes in page.attributes:
        if tag == "svg" and "aria-hidden" not in attributes:
            assert attributes["role"] == "img"
            assert all(label in ids for label in (attributes["aria-labelledby"] or "").split())
    for target in re.findall(r'href="#([^"]+)"', page.html):
        assert target in ids


def test_page_claims_nothing_it_may_not(release: tuple[Path, Page]) -> None:
    _, page = release
    assert not [words for words in FORBIDDEN if words in page.html.lower()]


def test_every_cell_is_in_the_table_with_interval_and_status(release: tuple[Path, Page]) -> None:
    folder, page = release
    record = read_record(folder)
    cells = list(read_cells(folder, record).values())
    rows = re.findall(
        r'<td class="number edge">(.*?)</td><td class="error">(.*?)</td>'
        r'<td><span class="(\w+)">',
        page.html,
    )
    unit = record.indicator.unit_nb
    assert Counter(
        (value.replace("&lt;", "<"), error, status) for value, error, status in rows
    ) == (
        Counter(
            (
                BOKMAL.count(cell.figure),
                BOKMAL.interval(cell.figure, unit),
                cell.figure.status,
            )
            for cell in cells
        )
    )


def test_no_negative_count_is_shown(rendered: dict[str, tuple[Path, Page]]) -> None:
    _, page = rendered["negative"]
    assert not re.search(r"[-−]\d", re.sub(r"10⁻|20\d\d-\d\d|\d–\d", "", _table_text(page)))
    assert "Under null." in page.text


def _table_text(page: Page) -> str:
    return " ".join(re.findall(r"<td[^>]*>(.*?)</td>", page.html))


def test_chart_draws_the_parquet_s_numbers(release: tuple[Path, Page]) -> None:
    folder, _ = release
    record = read_record(folder)
    cells = [
        cell
        for cell in read_cells(folder, record).values()
        if cell.site == record.sites[0].id and cell.measure == "index_stays"
    ]
    groups, times = (key.values for key in record.keys)
    drawn = interval_chart(cells, groups, times, top=100).to_dict()["data"]["values"]
    parquet = pq.read_table(folder / "cells.parquet").to_pylist()
    expected = [
        (row["quarter"], row["value"], row["ci_low"], row["ci_high"], row["status"])
        if row["value"] >= THRESHOLD
        else (row["quarter"], None, 0, row["ci_high"], "suppressed")
        for row in parquet
        if row["site"] == record.sites[0].id and row["measure"] == "index_stays"
    ]
    fields = ("time", "value", "ci_low", "ci_high", "status")
    assert drawn == chart_rows(cells)
    assert [tuple(row[name] for name in fields) for row in drawn] == expected


def test_chart_has_a_point_and_an_interval_for_every_cell(
    rendered: dict[str, tuple[Path, Page]],
) -> None:
    """Of what is shown: below the threshold there is an interval alone."""
    folder, page = rendered["three sites"]
    cells = read_cells(folder, read_record(folder)).values()
    shown = sum(cell.value is not None and cell.value >= THRESHOLD for cell in cells)
    assert 0 < shown < len(cells)
    drawings = re.findall(r'<svg class="chart" xmlns.*?</svg>', page.html, flags=re.DOTALL)
    assert len(drawings) == SITES * len(ERRORS)
    points = 0
    for drawing in drawings:
        intervals = re.findall(r'<line [^>]*stroke-width="9"', drawing)
        points += len(re.findall(r'<path [^>]*stroke-width="1.4"', drawing))
        assert len(intervals) == len(GROUPS) * len(QUARTERS)
    assert points == shown


def test_odd_names_are_shown_as_they_are(rendered: dict[str, tuple[Path, Page]]) -> None:
    _, page = rendered["odd names"]
    assert page.tags["script"] == 0
    assert page.text.count(ODD) > 3
    assert "&lt;script&gt;" in page.html


def test_marks(rendered: dict[str, tuple[Path, Page]]) -> None:
    _, usual = rendered["three sites"]
    assert "Ikke privat" not in usual.text
    assert "Syntetiske data" in usual.text
    assert "Perioden er ikke oppgitt" not in usual.text
    assert "Sløyfes egen generator" in usual.text
    _, marked = rendered["not private"]
    assert "Ikke privat" in marked.text
    assert "Not private" in marked.text
    assert "Perioden er ikke oppgitt" in marked.text
    assert "Period not stated" in marked.text
    assert "har oppgitt at de er syntetiske" in marked.text
    assert "vanskelig å se om en bestemt person er med" not in marked.text


def test_real_data_carry_no_synthetic_mark(tmp_path: Path) -> None:
    folder = write_release(
        tmp_path / "release", sites=["Nordby"], change=_privacy(data_origin="real")
    )
    text = Page(render_release(folder)).text.lower()
    assert "syntetisk" not in text
    assert "synthetic" not in text


def test_everything_that_can_be_checked_is_stated(rendered: dict[str, tuple[Path, Page]]) -> None:
    folder, page = rendered["three sites"]
    record = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    for stated in (
        record["release_id"], record["question_id"], record["attempt_id"],
        record["indicator"]["definition"], "ε = 2,48", "δ = 1 · 10⁻⁶", "ρ = 0,160", "σ = 8,66",
        "±17 sykehusforløp", "npr 2025-02", "2023, 2024, 2025", "foreløpig", "Sløyfe 0.1.0",
    ):  # fmt: skip
        assert stated in page.text


def test_no_share_is_shown_without_its_definition(rendered: dict[str, tuple[Path, Page]]) -> None:
    assert "Andel akutt reinnlagt" in rendered["three sites"][1].text
    assert "Andel akutt reinnlagt" not in rendered["no shares"][1].text
    assert "kan ikke regnes ut: støyen er for stor" in rendered["too noisy"][1].text
    assert "kan ikke regnes ut" not in rendered["three sites"][1].text
    shares = re.findall(
        r"Andel akutt reinnlagt</dt>\s*<dd>(.*?)</dd>", rendered["all zero"][1].html
    )
    assert shares == ['<span class="suppressed">under visningsgrensen</span>']


def _with_statuses(table: pa.Table) -> pa.Table:
    """Each status there can be in a file, in the first cells of it."""
    rows = table.to_pylist()
    for row, status in zip(rows, ("suppressed", "not_applicable", "not_delivered"), strict=False):
        nothing = None if status != "suppressed" else row["ci_high"]
        row |= {"value": None, "ci_low": nothing and 0, "ci_high": nothing, "status": status}
    return pa.Table.from_pylist(rows, table.schema)


def test_each_status_is_said_in_its_own_words(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "release", sites=["Nordby"], counts=_counts(400, 9))
    plain = Page(render_release(folder))
    _rewrite(folder, _with_statuses)
    page = Page(render_release(folder))
    for language in (BOKMAL, ENGLISH):
        for status in ("suppressed", "not_applicable", "not_delivered"):
            said = f'<span class="{status}">{language.statuses[Status(status)]}</span>'
            # Once more for its cell; in English only sums and shares have a status.
            more = page.html.count(said) - plain.html.count(said)
            assert more > 0 or (language is ENGLISH and status != "not_delivered")
    assert "None" not in page.text
    rows = re.findall(r'<td class="number edge">(.*?)</td><td class="error">(.*?)</td>', page.html)
    assert rows.count(("–", "")) == 2


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda folder: (folder / "release.json").unlink(), "cannot be read"),
        (lambda folder: (folder / "cells.parquet").unlink(), "cannot be read"),
        (lambda folder: (folder / "cells.parquet").write_bytes(b"PAR1"), "cannot be read"),
        (lambda folder: (folder / "release.json").write_text("{"), "not a release record"),
        (lambda folder: _rewrite(folder, lambda cells: cells.slice(1)), "key domain"),
        (
            lambda folder: _rewrite(folder, lambda cells: pa.concat_tables([cells, cells])),
            "key dom",
        ),
        (lambda folder: _rewrite(folder, lambda cells: cells.drop_columns("ci_low")), "cannot be"),
        (lambda folder: _rewrite(folder, lambda cells: _all(cells, "status", "fine")), "status"),
        (lambda folder: _rewrite(folder, lambda cells: _all(cells, "value", None)), "no value"),
    ],
)
def test_a_broken_release_is_one_clear_problem(
    tmp_path: Path, spoil: Callable[[Path], object], what: str
) -> None:
    folder = write_release(tmp_path / "release")
    spoil(folder)
    with pytest.raises(Problem) as problem:
        render_release(folder)
    assert what in problem.value.what
    assert str(folder) in problem.value.where


def _all(cells: pa.Table, column: str, content: str | None) -> pa.Table:
    place = cells.schema.get_field_index(column)
    of_all = pa.array([content] * cells.num_rows, cells.schema.field(column).type)
    return cells.set_column(place, column, of_all)


def _rewrite(folder: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    file = folder / "cells.parquet"
    pq.write_table(change(pq.read_table(file)), file)


# Sums of amounts.

AMOUNT = {"unit_nb": "kroner", "unit_en": "NOK", "step": 1000, "steps": 150, "count": "stays"}
WIDTH = {"cost": 3_000_000, "stays": 20}


def _sums(record: dict[str, Any]) -> None:
    """The release of an indicator whose first measure is a sum over the rows of its second."""
    record["indicator"] |= {
        "measures": {
            "cost": {"name_nb": "Kostnad", "name_en": "Cost", "atoms": 1, "amount": AMOUNT},
            "stays": {"name_nb": "Opphold", "name_en": "Stays", "atoms": 1},
        },
        "shares": [],
        "means": [{"amount": "cost", "per": "stays", "name_nb": "Snitt", "name_en": "Mean"}],
    }
    record["keys"][0]["value_names"] = {"0-17": {"nb": "Barn og unge", "en": "Children"}}
    record["privacy"] |= {
        "bounds": {"per_cell": 3, "total": 3, "clip": {"at": 150_000, "step": 1000}},
        "persons_cut": {"site-0": 1234},
        "persons_cut_half_width": 34,
    }
    record["expected_error"] = WIDTH


def _release_of_sums(folder: Path, cost: int, stays: int) -> Path:
    """Every cell has this sum and this count."""
    write_release(folder, sites=["Nordby"], groups=GROUPS[:2], counts=_counts(0, 0), change=_sums)
    of = {"index_stays": ("cost", cost), "acute_readmissions": ("stays", stays)}

    def rewritten(table: pa.Table) -> pa.Table:
        rows = table.to_pylist()
        for row in rows:
            measure, value = of[row["measure"]]
            low, high = (max(0, value + sign * WIDTH[measure]) for sign in (-1, 1))
            row |= {"measure": measure, "value": value, "ci_low": low, "ci_high": high}
        return pa.Table.from_pylist(rows, table.schema)

    _rewrite(folder, rewritten)
    return folder


def test_sums_are_said_in_their_own_unit_with_their_own_intervals(tmp_path: Path) -> None:
    page = Page(render_release(_release_of_sums(tmp_path / "release", 20_800_000, 400)))
    said = page.text.replace("\u202f", " ")
    assert "20 800 000" in said and "±3 000 000 kroner" in said
    assert "Sum i kroner" in said
    assert "kuttet noe for: Nordby 1 234 (±34)" in said
    assert "Barn og unge" in said and "0–17" not in _table_text(page)
    # Eight cells: 166.4 million over 3 200 stays is 52 000 a stay.
    mean = re.search(r"Snitt</dt>\s*<dd>(.*?)</dd>", page.html, re.DOTALL)
    assert mean is not None and "52\u202f000" in mean[1] and "kroner" in mean[1]


@pytest.mark.parametrize(
    ("cost", "stays", "status"),
    [(20_800_000, 4, "suppressed"), (-700_000, 400, "uncertain"), (700_000, 400, "uncertain")],
)
def test_a_sum_of_few_or_below_zero_is_not_shown(
    tmp_path: Path, cost: int, stays: int, status: str
) -> None:
    folder = _release_of_sums(tmp_path / "release", cost, stays)
    record = read_record(folder)
    cells = [c for c in read_cells(folder, record).values() if c.measure == "cost"]
    for cell in cells:
        figure = cell.figure
        assert figure.status == status
        assert figure.value == (cost if cost > 0 and stays >= THRESHOLD else None)
        assert figure.low == 0 and figure.high == max(0, cost + WIDTH["cost"])
    page = Page(render_release(folder))
    assert not re.search(r"[-−]\d", re.sub(r"10⁻|20\d\d-\d\d|\d–\d", "", _table_text(page)))
    in_kroner = re.findall(r'<td class="number edge">([^<]*)</td><td class="error">[^<]*kroner',
                           page.html)  # fmt: skip
    assert set(in_kroner) == {BOKMAL.count(cells[0].figure)} and "&lt;5" not in in_kroner


def test_a_sum_without_its_count_is_no_release_record(tmp_path: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        _sums(record)
        record["indicator"]["measures"]["cost"]["amount"] = AMOUNT | {"count": "cost"}

    folder = write_release(tmp_path / "release", sites=["Nordby"], change=change)
    with pytest.raises(Problem, match="counts its rows"):
        read_record(folder)
