"""docs/privacy/estimates.md says what the functions give.

`SLOYFE_WRITE_PAGES=1` with `-m ""` writes its tables and its figure anew.
"""

import os
import re
from pathlib import Path

import altair as alt
import numpy as np
import pytest
import vl_convert

from privacy.estimates.consistency import Public, alone, nonnegative, reconcile
from privacy.estimates.intervals import NoisyCount
from privacy.estimates.noise import discrete_gaussian
from privacy.estimates.rates import change
from style import theme
from tests.privacy.estimates.chance import draws
from tests.privacy.estimates.oslo import LEVELS, OSLO, measured

PAGE = Path(__file__).parents[3] / "docs" / "privacy" / "estimates.md"
FIGURE = PAGE.with_name("estimates-consistency.svg")
SPLITS = [
    {"bydel": 1.0},
    {"bydel": 0.75, "sector": 0.25},
    {"bydel": 0.5, "sector": 0.5},
    {"bydel": 0.25, "sector": 0.75},
    {"bydel": 0.8, "Oslo": 0.2},
    {"bydel": 0.5, "sector": 0.3, "Oslo": 0.2},
]
COLOURS = [theme.CAUTION.light, theme.ACCENT.light]
RUNS = 2000
TRUTH = np.array([40, 3, 0, 12, 7, 1, 0, 25, 90, 4, 4, 0, 18, 2, 60.0])


def name(split):
    return ", ".join(f"{level} {part:.0%}" for level, part in split.items()).replace("%", " %")


def variances():
    """By split and level: mean variance from the best single table, and reconciled."""
    found = {}
    for split in SPLITS:
        tables = measured(split)
        estimate = reconcile(tables)
        for level, rows in LEVELS.items():
            best = np.min([alone(table, rows) for table in tables], axis=0)
            found[name(split), level] = best.mean(), estimate.variances(rows).mean()
    return found


def variance_table():
    found = variances()
    lines = ["| tables | bydel | sector | Oslo |", "|---|---|---|---|"]
    for split in SPLITS:
        each = [found[name(split), level] for level in LEVELS]
        cells = [f"{after:.2f} ({after / before:.2f})" for before, after in each]
        lines.append(f"| {name(split)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def figure_rows():
    return [
        {"level": level, "tables": split, "estimate": estimate, "variance": round(value, 3)}
        for (split, level), both in variances().items()
        for estimate, value in zip(("best single table", "reconciled"), both, strict=True)
    ]


def figure():
    """The figure as SVG, with its numbers as its description."""
    rows = figure_rows()
    x = alt.X("variance:Q").scale(type="log", domain=[0.9, 20], nice=False)
    x = x.axis(values=[1, 2, 4, 8, 16]).title("variance (bydeler alone: 1)")
    y = alt.Y("tables:N").sort([name(split) for split in SPLITS]).title(None)
    base = alt.Chart(alt.Data(values=rows)).encode(x=x, y=y)
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        color=alt.Color("estimate:N").scale(range=COLOURS).title(None).legend(orient="top")
    )
    lines = base.mark_line(stroke=theme.INTERVAL.light, strokeWidth=4).encode(detail="tables:N")
    chart = alt.layer(lines, points).properties(width=190, height=130)
    drawn = vl_convert.vegalite_to_svg(
        chart.facet(column=alt.Column("level:N").sort(list(LEVELS)).title(None))
        .configure(**theme.chart_config())
        .to_dict()
    )
    start = drawn.index(">") + 1
    return f"{drawn[:start]}<desc>{description(rows)}</desc>{drawn[start:]}\n"


def description(rows):
    return "; ".join(
        f"{row['level']}, {row['tables']}, {row['estimate']}: {row['variance']}" for row in rows
    )


def bias_table():
    """Mean errors of bydeler by size, and of Oslo."""
    split, rng = SPLITS[-1], np.random.default_rng(2)
    noise = {level: discrete_gaussian(12.0 / np.sqrt(part)) for level, part in split.items()}
    public = Public(OSLO, OSLO @ TRUTH)
    methods = {
        "reconciled": lambda tables: reconcile(tables).counts,
        "not below zero": nonnegative,
        "not below zero, Oslo public": lambda tables: nonnegative(tables, public),
    }
    errors = {method: np.empty((len(TRUTH), RUNS)) for method in methods}
    for run in range(RUNS):
        noisy = {
            level: LEVELS[level] @ TRUTH + draws(noise[level], LEVELS[level].shape[0], rng)
            for level in split
        }
        tables = measured(split, 144.0, noisy)
        for method, of in methods.items():
            errors[method][:, run] = of(tables) - TRUTH
    sizes = {
        "bydeler of 0": TRUTH == 0,
        "of 1–9": (TRUTH > 0) & (TRUTH < 10),
        "of 10–90": TRUTH >= 10,
    }
    lines = [
        f"| estimate | {' | '.join(sizes)} | Oslo | root mean square error of a bydel |",
        "|---" * (len(sizes) + 3) + "|",
    ]
    for method, found in errors.items():
        means = [found[which].mean() for which in sizes.values()] + [found.sum(axis=0).mean()]
        cells = [f"{mean + 0.0:+.1f}" for mean in means] + [f"{np.sqrt((found**2).mean()):.1f}"]
        lines.append(f"| {method} | {' | '.join(cells)} |".replace("-", "−"))
    return "\n".join(lines)


def coverage_table():
    noise, z = discrete_gaussian(12.0), 1.959964

    def here(now, before):
        found = change(NoisyCount(now, noise), NoisyCount(before, noise), 0.95)
        return found.low, found.high

    def by_the_delta_method(now, before):
        before = before or 1
        half = z * 12 * np.sqrt(1 + (now / before) ** 2) / abs(before)
        return now / before - 1 - half, now / before - 1 + half

    def last_year_taken_for_exact(now, before):
        before = before or 1
        half = z * 12 / abs(before)
        return now / before - 1 - half, now / before - 1 + half

    methods = (here, by_the_delta_method, last_year_taken_for_exact)
    lines = [
        "| this year / last year | here | normal (delta method) | last year's noise ignored |",
        "|---|---|---|---|",
    ]
    for now, before in ((900, 600), (100, 90), (60, 20), (60, 6)):
        rng = np.random.default_rng(4)
        noisy = np.array([[now], [before]]) + draws(noise, (2, RUNS), rng)
        ends = [[method(int(a), int(b)) for a, b in noisy.T] for method in methods]
        truth = now / before - 1
        held = [np.mean([low <= truth <= high for low, high in each]) for each in ends]
        lines.append(f"| {now} / {before} | {' | '.join(f'{part:.1%}' for part in held)} |")
    return "\n".join(lines).replace("%", " %")


TABLES = {"variance": variance_table, "bias": bias_table, "coverage": coverage_table}


@pytest.mark.parametrize("table", [
    "variance",
    pytest.param("bias", marks=pytest.mark.slow),
    pytest.param("coverage", marks=pytest.mark.slow),
])  # fmt: skip
def test_the_page_has_this_table(table):
    made = TABLES[table]()
    place = re.compile(rf"(<!-- {table} -->\n).*?(<!-- end -->)", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("SLOYFE_WRITE_PAGES"):
        page = place.sub(lambda found: f"{found[1]}\n{made}\n\n{found[2]}", page)
        PAGE.write_text(page, encoding="utf-8")
    assert made in page


def test_the_figure_draws_what_the_table_says():
    if os.environ.get("SLOYFE_WRITE_PAGES"):
        FIGURE.write_text(figure(), encoding="utf-8")
    drawn = FIGURE.read_text(encoding="utf-8")
    rows = figure_rows()
    assert f"<desc>{description(rows)}</desc>" in drawn
    for colour in COLOURS:
        points = re.findall(rf'<path [^>]*fill="{colour}"[^>]*>', drawn)
        assert len(points) == len(rows) / 2 + 1  # and one in the legend
