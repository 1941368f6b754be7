"""`sloyfe release`: published releases."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Published releases.")


@app.callback()
def release() -> None:
    """Published releases."""


@app.command()
def verify(
    folder: Annotated[Path, typer.Option("--release", help="The release's folder.")],
    key: Annotated[Path, typer.Option(help="The coordinator's public release key (PEM).")],
) -> None:
    """Check that every file of a release is as the coordinator signed it."""
    from federated.coordinator.release import verify_release
    from privacy.signatures import load_public_key

    verify_release(folder, load_public_key(key))
    print("verified: every file is as it was signed")
