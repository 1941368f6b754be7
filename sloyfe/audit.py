"""`sloyfe audit`: attacks on what is installed here."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Attack what is installed here; reads no data.")


@app.callback()
def audit() -> None:
    """Attack what is installed here; reads no data."""


@app.command()
def privacy(
    canaries: Annotated[int, typer.Option(min=100, help="Planted persons of the attack.")] = 20_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Each mechanism: the epsilon it claims, the least an attack finds, broken variants caught.

    Exit code 1 if an attack finds more than is claimed, or a broken variant passes.
    """
    from privacy.audit import audit as run

    found = run(canaries)
    good = True
    for of in found:
        claimed, least = of.epsilon_claimed, of.epsilon_lower_bound
        good &= of.sound and not of.not_caught
        good &= claimed is None or least is None or least <= claimed
    if as_json:
        print(json.dumps({"mechanisms": [asdict(of) for of in found]}, indent=2))
    else:
        for of in found:
            claimed, least = of.epsilon_claimed, of.epsilon_lower_bound
            epsilon = (
                ""
                if claimed is None or least is None
                else f"ε proven {claimed:5.2f}, found at least {least:5.2f}"
            )
            print(
                f"{of.name:<20} {'sound' if of.sound else 'NOT SOUND':<10} "
                f"{of.broken_variants_caught} of {of.broken_variants_total} broken variants caught"
                f"  {epsilon}"
            )
    if not good:
        raise typer.Exit(1)
