"""`sloyfe bench`: figures that hold on any machine, as ratios inside one run."""

import json
from dataclasses import asdict
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
