"""`sloyfe indicator`: a new indicator without a release of the software."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Propose, read and approve new indicators.")

BundleFolder = Annotated[Path, typer.Option("--bundle", help="Folder of a proposal.")]


@app.command("try")
def try_(
    model: Annotated[Path, typer.Option(help="The dbt model (.sql).")],
    definition: Annotated[Path, typer.Option(help="The YAML with its definition.")],
    out: Annotated[Path, typer.Option(help="Folder for the proposal.")],
    persons: Annotated[int, typer.Option(min=1, help="Synthetic persons to try it on.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print the proposal as JSON.")] = False,
) -> None:
    """Build a new indicator on synthetic data and write a proposal that other sites can read."""
    from dagster_project.proposal import propose
    from sloyfe.console import Steps

    with Steps() as steps:
        bundle, trials = propose(model, definition, out, persons=persons, progress=steps.next)
    if as_json:
        print(json.dumps(bundle.document, indent=2, ensure_ascii=False))
        return
    for trial in trials:
        print(
            f"{trial.level}: {trial.counted} of {trial.rows} units within the bounds, "
            f"{trial.filled_cells} of {trial.cells} cells filled"
        )
    print(f"proposal: {bundle.folder / 'proposal.html'}")


@app.command()
def show(
    bundle: BundleFolder,
    as_json: Annotated[bool, typer.Option("--json", help="Print the proposal as JSON.")] = False,
) -> None:
    """Check that a proposal is as it was made, and say what it is."""
    from dagster_project.proposal import read_bundle

    document = read_bundle(bundle).document
    if as_json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return
    indicator = document["indicator"]
    print(f"{indicator['id']}, version {indicator['version']}: {indicator['name_en']}")
    print(f"owner: {indicator['owner']}")
    print(f"every file is as it was made; read {bundle / 'proposal.html'}")


@app.command()
def approve(
    site: Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")],
    bundle: BundleFolder,
) -> None:
    """Let a site compute a proposed indicator. What it may release stays a matter of its policy."""
    from dagster_project.proposal import add_bundle, read_bundle
    from federated.site.config import load_site

    place = add_bundle(load_site(site), read_bundle(bundle))
    print(f"approved: {place}; `sloyfe site build` computes it")
