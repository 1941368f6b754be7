"""`sloyfe coordinator`: the helsefellesskap's side."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="The coordinator's side.")


@app.callback()
def coordinator() -> None:
    """The coordinator's side."""


Folder = Annotated[Path, typer.Option("--coordinator", help="Its folder or coordinator.yaml.")]


@app.command()
def up(folder: Folder) -> None:
    """Run the SuperLink with every member's key enrolled until Ctrl-C."""
    from federated.coordinator.config import load_coordinator
    from federated.transport.foreground import run_coordinator

    run_coordinator(load_coordinator(folder))


@app.command()
def ledger(
    folder: Folder,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """The global ledger: every attempt, who has countersigned it, and whether its chain is whole.

    Exit code 1 if an entry was changed, removed or reordered.
    """
    from federated.coordinator.config import load_coordinator
    from federated.coordinator.global_ledger import GlobalLedger

    shared = GlobalLedger.read(load_coordinator(folder))
    verification, known = shared.verify(), shared.known()
    entries = [
        {
            "seq": entry.seq,
            "at": entry.at,
            "indicator": entry.body.indicator,
            "period": entry.body.period,
            "roster": entry.body.roster,
            "rho": entry.body.rho,
            "data_years": entry.body.years,
            "countersigned_by": sorted(shared.signatures_of(entry)),
        }
        for entry in (shared.entries() if verification.ok else [])
    ]
    document = {
        "verification": asdict(verification),
        "entries": entries,
        "known": known,
        "forgetful": shared.forgetful(),
    }
    shared.close()
    if as_json:
        print(json.dumps(document, indent=2))
    else:
        for entry in entries:
            print(
                f"{entry['at']}  {entry['indicator']} {entry['period']}  ρ {entry['rho']:.4f}  "
                f"asked of {', '.join(entry['roster'])}; "
                f"countersigned by {', '.join(entry['countersigned_by']) or 'nobody'}"
            )
        for site, count in known.items():
            print(f"{site}: knows {count} of {verification.entries} entries")
        for site in document["forgetful"]:
            print(f"{site}: once knew more. Its ledger was lost or put back; ask its people.")
        print(
            f"verified: {verification.reason}"
            if verification.ok
            else f"NOT verified: entry {verification.first_bad}: {verification.reason}"
        )
    if not verification.ok:
        raise typer.Exit(1)
