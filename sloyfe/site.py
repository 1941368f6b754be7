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
