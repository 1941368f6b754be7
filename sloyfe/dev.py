"""`sloyfe dev`: the same definitions in Dagster's web UI."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def dev(
    out: Annotated[Path, typer.Option(help="Folder of a demo.")] = Path("demo"),
    port: Annotated[int, typer.Option(help="Port of the web UI on this machine.")] = 3000,
) -> None:
    """Open a demo's assets, runs and checks in Dagster. Ctrl-C ends it."""
    from dagster_project.helsefellesskap import load_helsefellesskap

    home = load_helsefellesskap(out.resolve()).root
    environment = {
        **os.environ,
        "SLOYFE_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
    }
    arguments = [sys.executable, "-m", "dagster", "dev", "-m", "dagster_project.definitions"]
    os.execve(sys.executable, [*arguments, "-p", str(port)], environment)
