"""`sloyfe bench`: figures that hold on any machine, as ratios inside one run."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from sloyfe.console import Steps

app = typer.Typer(no_args_is_help=True, help="Measure on this machine; ratios inside one run.")


@app.callback()
def bench() -> None:
    """Measure on this machine; ratios inside one run."""


@app.command()
def synth(
    persons: Annotated[int, typer.Option(help="Inhabitants to generate.")] = 65_536,
    format: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
    years: Annotated[int, typer.Option(min=1, max=20, help="Years to generate.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """The synthetic generator beside pure pyarrow writing of the same tables, on one core."""
    from privacy.problem import Problem
    from synthetic.benchmark import compare
    from synthetic.writing import file_format

    if persons < 1:
        raise Problem("there must be at least one person", "--persons", "Give another value.")
    try:
        form = file_format(format)
    except ValueError as error:
        raise Problem(str(error), "--format", "Give another value.") from None
    with Steps() as steps:
        steps.next(f"generating and writing {persons} persons")
        found = compare(persons, form, years=years)
    if as_json:
        print(json.dumps(asdict(found), indent=2))
        return
    print(f"{found.rows} rows, {found.bytes / 2**20:.1f} MiB, median of {found.repeats} runs")
    print(f"generator     {found.generator_rows_per_cpu_second:>12.0f} rows a CPU-second")
    print(f"pyarrow alone {found.pyarrow_rows_per_cpu_second:>12.0f} rows a CPU-second")
    print(f"ratio         {found.ratio_to_pyarrow_write:>12.2f} (wall {found.wall_ratio:.2f})")


@app.command()
def privacy(
    cells: Annotated[int, typer.Option(min=1, help="Cells of the table that is noised.")] = 100_000,
    entries: Annotated[int, typer.Option(min=1, help="Entries of the ledger.")] = 100_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each; the median counts.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Noise, a year's plan and a long ledger, each beside the plainest thing there is."""
    import tempfile

    from privacy.benchmark import NOISE_TARGET, compare, ratio
    from sloyfe.plan import year_choices

    with Steps() as steps, tempfile.TemporaryDirectory() as folder:
        steps.next(f"noise on {cells} cells, a ledger of {entries} entries")
        found = asdict(compare(Path(folder), cells, entries, repeats))
        steps.next("a year planned")
        best, equal = year_choices()
        found["plan_vs_equal_split"] = ratio(best, equal, repeats)
    found["targets"] = {
        "noise_vs_bare_opendp": {
            "at_most": NOISE_TARGET,
            "met": found["noise_vs_bare_opendp"] <= NOISE_TARGET,
        }
    }
    if as_json:
        print(json.dumps(found, indent=2))
        return
    print(f"median of {repeats} runs, CPU over CPU")
    for name, what in _PRIVACY.items():
        print(f"{what:<68} {found[name]:>6.2f}")


_PRIVACY = {
    "noise_vs_bare_opendp": "Gaussian noise on a table, over OpenDP's bare call (asked: 1.2)",
    "laplace_vs_bare_opendp": "Laplace noise on a table, over OpenDP's bare call",
    "verify_vs_plain_sha256": "verifying a ledger, over reading and hashing its text",
    "reserve_full_vs_empty": "one charge to the long ledger, over one to an empty one",
    "plan_vs_equal_split": "choosing and splitting a year, over dividing it equally",
}


@app.command()
def indicators(
    size: Annotated[str, typer.Option(help="oslo1, oslo5 or national1.")] = "oslo1",
    data: Annotated[
        Path, typer.Option(help="Folder that keeps the generated data between runs.")
    ] = Path("bench-data"),
    persons: Annotated[
        int | None, typer.Option(min=1, help="Fewer or more inhabitants than the size has.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each; the median counts.")] = 3,
    against: Annotated[
        list[str] | None,
        typer.Option(help="duckdb, polars, pandas; repeat. Default: all; national1 no pandas."),
    ] = None,
    memory_limit: Annotated[
        str | None, typer.Option(help="DuckDB's memory_limit of every run of ours, as in 1GB.")
    ] = None,
    with_tests: Annotated[
        bool, typer.Option("--with-tests", help="Besides, the full pipeline with its data tests.")
    ] = False,
    without_full: Annotated[
        bool,
        typer.Option(
            "--without-full", help="Leave out the full pipeline by dbt, the longest part."
        ),
    ] = False,
    linear: Annotated[
        bool,
        typer.Option("--linear", help="Instead: CPU a row at 1, 5 and 10 times --persons."),
    ] = False,
    incremental: Annotated[
        bool,
        typer.Option("--incremental", help="Instead: one more delivery over a full refresh."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """The dbt pipeline beside one script of its SQL, DuckDB, Polars, pandas and the pure scan."""
    from dagster_project.benchmark import report
    from dagster_project.benchmark.run import (
        measure,
        measure_incremental,
        measure_linear,
        plan,
    )
    from privacy.problem import Problem

    if with_tests and without_full:
        raise Problem(
            "the data tests are measured with the full pipeline",
            "--with-tests --without-full",
            "Leave one of them out.",
        )
    chosen = plan(size, persons, against, memory_limit)
    with Steps() as steps:
        if linear:
            found = report.linear_document(measure_linear(chosen, data, repeats, steps.next))
            shown = report.linear_text(found)
        elif incremental:
            delivered = measure_incremental(chosen, data, repeats, steps.next)
            found = report.incremental_document(delivered)
            shown = report.incremental_text(found)
        else:
            measured = measure(
                chosen,
                data,
                repeats,
                steps.next,
                with_tests=with_tests,
                with_full=not without_full,
            )
            found = report.document(measured)
            shown = report.text(found)
    print(json.dumps(found, indent=2) if as_json else shown)
