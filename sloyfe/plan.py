"""`sloyfe plan`: what a year of releases would cost and how wrong each would be, beforehand."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sloyfe.console import make_folder

if TYPE_CHECKING:
    from federated.contract.indicator import IndicatorDefinition
    from privacy.plan import Chosen, Grade, Plan, Share, Sites, Variant
    from privacy.plan.page import Year

_YEAR_EPSILONS, _YEAR_DELTA = (2.0, 4.0), 1e-6
_CLIPS = (1 / 3, 1 / 2, 2 / 3, 5 / 6, 1, 4 / 3, 2, 10 / 3)
"""Clips that are compared, as parts of the definition's own."""
_ROUNDING = 1 + 1e-3  # a table that was given just enough is useful

app = typer.Typer(
    invoke_without_command=True,
    help="Expected error and cost of releases, before anything is spent.",
)

Figures = Annotated[
    Path | None, typer.Option(help="YAML of typical counts. Default: Oslo's, as installed.")
]
Hospitals = Annotated[int, typer.Option("--sites", min=1, help="Hospitals that answer.")]
Useful = Annotated[
    float, typer.Option(min=0.001, help="Relative 95 % error up to which a cell is useful.")
]
Delta = Annotated[float, typer.Option(min=1e-15, max=1e-3, help="delta of a person-year.")]


@app.callback()
def plan(
    context: typer.Context,
    indicators: Annotated[
        str, typer.Option(help="Ids with commas. Default: all that are released or linked.")
    ] = "",
    budget: Annotated[float, typer.Option(min=0.001, help="epsilon of a person-year.")] = 2.0,
    delta: Delta = 1e-6,
    split: Annotated[
        str, typer.Option(help="equal, design, best, or a YAML file: indicator -> part.")
    ] = "best",
    sites: Hospitals = 4,
    combine: Annotated[
        str, typer.Option(help="home_site, keyed_by_site or secure_sum.")
    ] = "home_site",
    releases: Annotated[int, typer.Option(min=1, help="Editions of each table a year.")] = 1,
    coarsen: Annotated[
        bool, typer.Option("--coarsen", help="Choose grains too, and leave out what is too dear.")
    ] = False,
    useful: Useful = 0.20,
    figures: Figures = None,
    out: Annotated[Path | None, typer.Option(help="Folder for plots.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the expected error of every table for a split of the budget; choose the best split."""
    if context.invoked_subcommand is not None:
        return
    from dbt_models import PROJECT_DIR
    from federated.contract.planning import tables_to_plan
    from privacy.plan import Aim, Grade, budget_rho, load_place, make_plan
    from privacy.problem import Problem

    place, grade = load_place(figures), Grade(useful)
    of = tables_to_plan(PROJECT_DIR, place, _sites(sites, combine, releases), _ids(indicators))
    rho = budget_rho(budget, delta)
    try:
        shares = (
            _chosen(of, rho, grade).shares if coarsen else _shares(split, of, rho, Aim(useful / 4))
        )
        planned = make_plan(shares, delta)
    except ValueError as error:
        raise Problem(str(error), "the plan", "Ask for fewer indicators or more budget.") from None
    if out is not None:
        _draw(planned, grade, make_folder(out, "plan"))
    if as_json:
        print(json.dumps(planned.document(), indent=2, ensure_ascii=False))
    else:
        _print(planned, of, grade)


@app.command()
def year(
    out: Annotated[
        Path, typer.Option(help="The page, Markdown; its picture goes beside it.")
    ] = Path("docs/privacy/year.md"),
    figures: Figures = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit code 1 if the page is another.")
    ] = False,
) -> None:
    """Plan a default year of every indicator at epsilon 2 and 4, as a page."""
    from privacy.plan import Grade
    from privacy.plan.pictures import year_picture
    from style import theme

    page, years, of = year_page(figures)
    if check:
        same = out.is_file() and out.read_text(encoding="utf-8") == page
        print("the page is what the planner makes" if same else "the page is another")
        raise typer.Exit(0 if same else 1)
    folder = make_folder(out.parent, "plan")
    out.write_text(page, encoding="utf-8")
    _save(
        year_picture(years, of, Grade(), theme.chart_config()),
        make_folder(folder / "pictures", "plan") / "year",
    )
    print(out)


@app.command()
def bounds(
    indicator: Annotated[str, typer.Option(help="One indicator.")] = "readmission_30d_skde",
    rho: Annotated[float, typer.Option(min=1e-9, help="What one release may cost.")] = 0.01,
    most: Annotated[int, typer.Option(min=1, max=12, help="Largest number of rows a year.")] = 6,
    sites: Hospitals = 4,
    figures: Figures = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the plot.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Set what a bound cuts away against the noise it saves: choose u a cell and k a year.

    Where amounts are summed, the clip of a row as well.
    """
    from dbt_models import PROJECT_DIR
    from federated.contract.planning import tables_to_plan
    from privacy.bounds import ContributionBound
    from privacy.plan import (
        Share,
        at_grain,
        bound_choices,
        clip_choices,
        load_amounts,
        load_contributions,
        load_place,
    )
    from privacy.problem import Problem

    place = load_place(figures)
    (variants,) = tables_to_plan(
        PROJECT_DIR, place, _sites(sites, "home_site", 1), [indicator]
    ).values()
    known = load_contributions()
    if indicator not in known:
        raise Problem(
            f"the bounds of `{indicator}` cut nothing in synthetic Oslo, or it is linked",
            "privacy/plan/contributions.yaml",
            f"Name one of: {', '.join(sorted(known))}.",
        )
    table = variants[0].table
    judged = at_grain(table, table.figures[0].grain)
    own = judged.bound.l2_squared
    one = Share(judged, (rho, *(0.0 for _ in judged.measured[1:]))).relative_errors()[0]
    wanted = [ContributionBound(u, k) for k in range(1, most + 1) for u in range(1, k + 1)]
    choices = bound_choices(known[indicator], float(one) / math.sqrt(own), wanted)
    best = min(choices, key=lambda choice: choice.together)
    amounts, at = load_amounts().get(indicator), round(judged.figures[0].unit)
    clips = (
        clip_choices(amounts, float(one), at, [round(at * part) for part in _CLIPS])
        if amounts
        else []
    )
    best_clip = min(clips, key=lambda choice: choice.together, default=None)
    if out is not None:
        from privacy.plan.pictures import bounds_picture
        from style import theme

        _save(bounds_picture(choices, theme.chart_config()), make_folder(out, "plan") / "bounds")
    if as_json:
        rows = [
            {"per_cell": c.bound.per_cell, "total": c.bound.total, "bias": c.bias,
             "noise": c.noise, "together": c.together, "best": c is best}
            for c in choices
        ]  # fmt: skip
        of_clips = [
            {"at": c.at, "bias": c.bias, "noise": c.noise, "together": c.together,
             "best": c is best_clip}
            for c in clips
        ]  # fmt: skip
        document = {"indicator": indicator, "rho": rho, "choices": rows, "clips": of_clips}
        print(json.dumps(document, indent=2))
        return
    print(f"{indicator}, {table.grain_name(table.figures[0].grain)}, ρ {rho:g} a release")
    print("  u a cell  k a year  lost to the bound  ± noise (95 %)  together")
    for c in choices:
        mark = "  ← least" if c is best else ""
        print(f"  {c.bound.per_cell:>8}  {c.bound.total:>8}  {c.bias:>17.1%}  {c.noise:>14.1%}"
              f"  {c.together:>8.1%}{mark}")  # fmt: skip
    if clips:
        print(f"  at u = {judged.bound.per_cell}, k = {judged.bound.total}:")
        print("  most a row counts  lost to the clip  ± noise (95 %)  together")
    for c in clips:
        mark = "  ← least" if c is best_clip else ""
        print(f"  {c.at:>17,}  {c.bias:>16.1%}  {c.noise:>14.1%}  {c.together:>8.1%}{mark}")


def year_page(
    figures: Path | None = None,
) -> "tuple[str, list[Year], dict[str, list[Variant]]]":
    """The page of a default year, and what its picture shows."""
    from dbt_models import PROJECT_DIR
    from federated.contract.planning import released_definitions, tables_to_plan
    from privacy.plan import (
        Grade,
        budget_rho,
        load_contributions,
        load_place,
        load_starting_plan,
        make_plan,
    )
    from privacy.plan.page import Material, Year, render

    place, grade = load_place(figures), Grade()
    definitions = released_definitions(PROJECT_DIR)
    of = tables_to_plan(PROJECT_DIR, place, _sites(4, "home_site", 1))
    years: list[Year] = []
    for epsilon in _YEAR_EPSILONS:
        chosen = _chosen(of, budget_rho(epsilon, _YEAR_DELTA), grade)
        years.append(Year(epsilon, chosen, make_plan(chosen.shares, _YEAR_DELTA), tuple(of)))
    material = Material(
        variants=of,
        place=place,
        grade=grade,
        rhythms={name: found.rhythm for name, found in definitions.items()},
        contributions=load_contributions(),
        starting=load_starting_plan(),
        not_delivered=_not_delivered(definitions),
    )
    return render(years, material), years, of


def year_choices() -> "tuple[Callable[[], Any], Callable[[], Any]]":
    """Planning a default year, and the same tables with equal parts: for the benchmark."""
    from dbt_models import PROJECT_DIR
    from federated.contract.planning import tables_to_plan
    from privacy.plan import Grade, budget_rho, equal_split, load_place, make_plan

    of = tables_to_plan(PROJECT_DIR, load_place(None), _sites(4, "home_site", 1))
    rho = budget_rho(_YEAR_EPSILONS[0], _YEAR_DELTA)
    tables = [variants[0].table for variants in of.values()]
    return (
        lambda: make_plan(_chosen(of, rho, Grade()).shares, _YEAR_DELTA),
        lambda: make_plan(equal_split(tables, rho), _YEAR_DELTA),
    )


def _not_delivered(definitions: "Mapping[str, IndicatorDefinition]") -> list[str]:
    return sorted(n for n, found in definitions.items() if found.status == "not_delivered")


def _chosen(of: "Mapping[str, list[Variant]]", rho: float, grade: "Grade") -> "Chosen":
    from privacy.plan import Aim, choose

    return choose(of, rho, grade, Aim(grade.useful / 4))


def _shares(split: str, of: "Mapping[str, list[Variant]]", rho: float, aim: Any) -> "list[Share]":
    from privacy.plan import best_split, equal_split, given_split, load_starting_plan
    from privacy.problem import Problem

    tables = [variants[0].table for variants in of.values()]
    if split == "best":
        return best_split(tables, rho, aim)
    if split == "equal":
        return equal_split(tables, rho)
    parts = load_starting_plan().indicators if split == "design" else _parts(Path(split))
    missing = sorted(set(of) - set(parts))
    if missing:
        raise Problem(
            f"the split has no part for {', '.join(missing)}",
            split,
            "Add it, or name with --indicators only those it has.",
        )
    return given_split(tables, rho, parts, {})


def _parts(file: Path) -> dict[str, float]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from privacy.problem import Problem

    try:
        content: Any = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        parts = {str(name): float(part) for name, part in content.items()}
        if min(parts.values()) <= 0 or sum(parts.values()) > 1 + 1e-9:
            raise ValueError
    except (OSError, ValueError, TypeError, AttributeError, YAMLError):
        raise Problem(
            "the split cannot be used",
            str(file),
            "Write `indicator: part` lines, each above 0 and together at most 1; or name equal, "
            "design or best.",
        ) from None
    return parts


def _sites(hospitals: int, combine: str, releases: int) -> "Sites":
    from privacy.accounting import Combination
    from privacy.plan import Sites
    from privacy.problem import Problem

    if combine not in [c.value for c in Combination]:
        raise Problem(
            f"sites cannot be put together by `{combine}`",
            "--combine",
            f"Name one of: {', '.join(c.value for c in Combination)}.",
        )
    if combine == Combination.SECURE_SUM and hospitals < 2:
        raise Problem("one site has nobody to sum with", "--sites", "Name two sites or more.")
    return Sites(hospitals, Combination(combine), releases)


def _ids(indicators: str) -> list[str]:
    return [name.strip() for name in indicators.split(",") if name.strip()]


def _print(planned: "Plan", of: "Mapping[str, list[Variant]]", grade: "Grade") -> None:
    from rich.console import Console
    from rich.table import Table

    from privacy.plan import finest_useful

    shown = Table(
        "indicator", "grain", *("cells", "σ", "± 95 %", "of a cell", "ρ a year"), "verdict"
    )
    for line in planned.lines:
        first = line.expected[0]
        cost = line.federation_rho / line.table.charged
        option = finest_useful(of[line.table.name], cost, grade)
        verdict = "useful"
        if first.relative > grade.useful * _ROUNDING:
            verdict = "drop" if option is None else f"coarser: {_named(option)}"
        sigma = max(line.measured, key=lambda m: m.cells).sigma
        shown.add_row(
            line.table.name, first.grain, f"{line.table.cells:,}", f"{sigma:.1f}",
            f"{first.half_width:,.0f}", f"{first.relative:.0%}", f"{line.federation_rho:.4f}",
            verdict,
        )  # fmt: skip
    Console(width=160, highlight=False).print(shown)
    left_out = sorted(set(of) - {line.table.name for line in planned.lines})
    if left_out:
        print(f"not within the budget at any grain: {', '.join(left_out)}")
    total = planned.total
    print(
        f"a person at every site: ρ {total.federation_rho:.4f}, ε {total.federation_epsilon:.3f} "
        f"at δ {total.delta:g}; at one site: ε {total.epsilon:.3f}; "
        f"ten years: ε {total.ten_year_epsilon:.2f} at δ {total.ten_year_delta:g}"
    )


def _named(option: Any) -> str:
    grain = option.table.grain_name(option.table.figures[0].grain)
    return f"{grain} ({option.label})" if option.label else grain


def _draw(planned: "Plan", grade: "Grade", folder: Path) -> None:
    from privacy.plan.pictures import errors_picture, split_picture
    from style import theme

    config = theme.chart_config()
    _save(errors_picture(planned, grade, config), folder / "errors")
    _save(split_picture(planned, config), folder / "split")


def _save(chart: dict[str, Any], path: Path) -> None:
    import vl_convert

    path.with_suffix(".svg").write_text(vl_convert.vegalite_to_svg(chart), encoding="utf-8")
    path.with_suffix(".png").write_bytes(vl_convert.vegalite_to_png(chart, scale=2))
