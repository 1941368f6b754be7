"""`sloyfe coordinator`: the helsefellesskap's side."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The coordinator's side.")


@app.callback()
def coordinator() -> None:
    """The coordinator's side."""


@app.command()
def up(
    folder: Annotated[Path, typer.Option("--coordinator", help="Its folder or coordinator.yaml.")],
) -> None:
    """Run the SuperLink with every member's key enrolled until Ctrl-C."""
    from federated.coordinator.config import load_coordinator
    from federated.transport.foreground import run_coordinator

    run_coordinator(load_coordinator(folder))
