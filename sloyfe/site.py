"""`sloyfe site`: one organisation's side."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="One organisation's side.")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]


@app.command()
def up(site: Site) -> None:
    """Run the site's agent, SuperNode and relay until Ctrl-C. Opens no port to the outside."""
    from federated.site.config import load_site
    from federated.transport.foreground import run_site

    run_site(load_site(site))


@app.command()
def build(site: Site) -> None:
    """Land the deliveries that site.yaml names and build the dbt models, by Dagster."""
    from dagster_project.build import build_site
    from federated.site.config import load_site
    from sloyfe.console import Steps

    with Steps() as steps:
        build_site(load_site(site), steps.next)


@app.command()
def report(
    site: Site,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the report; else in the site's state.")
    ] = None,
) -> None:
    """Write the site's own exact figures (HTML and XLSX), marked internal. They never leave it."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.report import write_site_report
    from sloyfe.console import Steps

    with Steps() as steps:
        paths = write_site_report(load_site(site), PROJECT_DIR, out, steps.next)
    print(f"internal, for this organisation's own staff: {paths.html}, {paths.xlsx}")
