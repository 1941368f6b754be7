"""`sloyfe ledger`: what a site has answered and what it cost."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="A site's privacy ledger.")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def show(site: Site, as_json: AsJson = False) -> None:
    """Every attempt with its cost and whether a release came of it; spending by data-year."""
    from federated.site.config import load_site
    from privacy.ledger import Ledger

    ledger = Ledger.read(load_site(site).ledger_path)
    attempts = [
        {
            "reserved_at": attempt.reserved_at,
            "indicator": attempt.charge.indicator,
            "period": attempt.charge.period,
            "rho": attempt.charge.rho,
            "data_years": list(attempt.charge.years),
            "state": attempt.state.value,
            "release_id": attempt.release_id,
        }
        for attempt in ledger.attempts()
    ]
    spent = {str(year): rho for year, rho in sorted(ledger.spent().items())}
    refusals = [{"at": at, "reason": reason} for at, reason in ledger.refusals()]
    if as_json:
        document: dict[str, Any] = {"attempts": attempts, "spent": spent, "refusals": refusals}
        print(json.dumps(document, indent=2))
        return
    for attempt in attempts:
        came_of_it = attempt["release_id"] or "no release; stays spent"
        print(
            f"{attempt['reserved_at']}  {attempt['indicator']} {attempt['period']}  "
            f"ρ {attempt['rho']:.4f}  {attempt['state']}: {came_of_it}"
        )
    for refusal in refusals:
        print(f"{refusal['at']}  refused: {refusal['reason']}")
    for year, rho in spent.items():
        print(f"spent on data-year {year}: ρ {rho:.4f}")


@app.command()
def verify(site: Site, as_json: AsJson = False) -> None:
    """Recompute the chain; exit code 1 and the first bad entry if anything was changed."""
    from federated.site.config import load_site
    from privacy.ledger import Ledger

    verification = Ledger.read(load_site(site).ledger_path).verify()
    if as_json:
        print(
            json.dumps(
                {
                    "ok": verification.ok,
                    "entries": verification.entries,
                    "first_bad": verification.first_bad,
                    "reason": verification.reason,
                }
            )
        )
    elif verification.ok:
        print(f"verified: {verification.entries} entries, {verification.reason}")
    else:
        print(f"NOT verified: entry {verification.first_bad}: {verification.reason}")
    if not verification.ok:
        raise typer.Exit(1)
