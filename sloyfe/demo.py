"""`sloyfe demo`: the whole loop on this machine."""

import json
from pathlib import Path
from typing import Annotated

import typer

from sloyfe.console import Steps


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo; made if it is not there.")] = Path(
        "demo"
    ),
    source: Annotated[
        str | None,
        typer.Option(help="`synthea:FOLDER`, third-party CSVs. Default: our own generator."),
    ] = None,
    sites: Annotated[int, typer.Option(help="Number of hospital sites.")] = 4,
    period: Annotated[
        list[str] | None,
        typer.Option(help="Year to release; repeat for more. Default: the last followed one."),
    ] = None,
    epsilon: Annotated[
        float, typer.Option(help="What one release may cost a person, all sites together.")
    ] = 2.0,
    declare_synthetic: Annotated[
        bool, typer.Option("--declare-synthetic", help="No row of the source is about a person.")
    ] = False,
    persons: Annotated[int, typer.Option(help="Population of the generator.")] = 60_000,
    claims_at: Annotated[
        str,
        typer.Option(help="Who holds the claims of GPs and legevakt: municipality or register."),
    ] = "municipality",
    seed: Annotated[int, typer.Option(help="Seed of the generator (never of the noise).")] = 1,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Port of the SuperLink on this machine. Default: a free one."
        ),
    ] = None,
    record_wire: Annotated[
        Path | None,
        typer.Option(help="Keep what leaves each site, plain and encrypted (synthetic data only)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Registers in, dbt at every site, one question across them, a private answer out."""
    from dagster_project.demo.plan import make_plan
    from dagster_project.demo.run import run_demo

    with Steps() as steps:
        plan = make_plan(
            source,
            hospitals=sites,
            epsilon=epsilon,
            periods=tuple(period or ()),
            declared_synthetic=declare_synthetic,
            persons=persons,
            seed=seed,
            claims_at=claims_at,
        )
        document = run_demo(plan, out, steps.next, port=port, record_wire=record_wire)
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        from sloyfe.summary import print_summary

        print_summary(document)
