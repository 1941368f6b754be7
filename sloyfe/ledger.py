"""`sloyfe ledger`: what a site has answered and what it cost."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="A site's privacy ledger.")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

YEARS = 10
"""How long a person's losses are shown for: long enough to see what yearly budgets add up to."""


@app.command()
def show(site: Site, as_json: AsJson = False) -> None:
    """Every attempt with its cost and whether a release came of it; spending by data-year."""
    from federated.site.config import load_site
    from privacy.ledger import Ledger

    config = load_site(site)
    ledger = Ledger.read(config.ledger_path)
    attempts = [
        {
            "reserved_at": attempt.reserved_at,
            "indicator": attempt.charge.indicator,
            "period": attempt.charge.period,
            "purpose": attempt.charge.purpose,
            "mechanism": attempt.charge.mechanism,
            "roster": list(attempt.charge.roster),
            "rho": attempt.charge.rho,
            "rho_site": attempt.charge.rho_site,
            "delta": attempt.charge.delta,
            "data_years": list(attempt.charge.years),
            "state": attempt.state.value,
            "release_id": attempt.release_id,
        }
        for attempt in ledger.attempts()
    ]
    refusals = [{"at": at, "reason": reason} for at, reason in ledger.refusals()]
    document: dict[str, Any] = {
        "attempts": attempts,
        "spent": {str(year): spent.rho for year, spent in ledger.spent().items()},
        "data_years": {
            str(year): _spending(config.policy, spent) for year, spent in ledger.spent().items()
        },
        "lifetime": _lifetime(config.policy, ledger),
        "global_ledger": _shared(ledger),
        "refusals": refusals,
    }
    if as_json:
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
    for year, spent in document["data_years"].items():
        purposes = ", ".join(f"{name} ρ {rho:.4f}" for name, rho in spent["purposes"].items())
        print(
            f"data-year {year}: ρ {spent['rho']:.4f}, ε {spent['epsilon']:.2f} of "
            f"{spent['epsilon_budget']:g} at δ {spent['delta_reported']:g} ({purposes})"
        )
    for other in document["global_ledger"]["elsewhere"]:
        print(
            f"asked elsewhere: {other['indicator']} {other['period']}, "
            f"{', '.join(other['roster'])}: ρ {other['rho']:.4f}, "
            f"{'charged here too' if other['agreed'] else 'declined, over budget'}"
        )
    life = document["lifetime"]
    print(
        f"all answers so far, for a person who was here throughout: ε {life['epsilon']:.2f}; "
        f"{YEARS} years at the whole budget: ε {life['ten_years_at_budget']:.2f} "
        f"(δ {life['ten_years_delta']:g})"
    )


@app.command()
def verify(site: Site, as_json: AsJson = False) -> None:
    """Recompute the chain; exit code 1 and the first bad entry if anything was changed."""
    from federated.site.config import load_site
    from privacy.ledger import Ledger

    verification = Ledger.read(load_site(site).ledger_path).verify()
    if as_json:
        print(json.dumps(asdict(verification)))
    elif verification.ok:
        print(f"verified: {verification.entries} entries, {verification.reason}")
    else:
        print(f"NOT verified: entry {verification.first_bad}: {verification.reason}")
    if not verification.ok:
        raise typer.Exit(1)


@app.command()
def export(
    site: Site,
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output if left out.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document instead of a line for each entry.")
    ] = False,
) -> None:
    """The whole chain, for an auditor who recomputes it: each entry with the hash before it."""
    from federated.site.config import load_site
    from privacy.ledger import Ledger

    entries = [asdict(entry) for entry in Ledger.read(load_site(site).ledger_path).entries()]
    if as_json:
        text = json.dumps({"entries": entries}, indent=2, ensure_ascii=False) + "\n"
    else:
        text = "".join(f"{json.dumps(entry, ensure_ascii=False)}\n" for entry in entries)
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


def _shared(ledger: Any) -> dict[str, Any]:
    """How much of the global ledger this site has, and what of it others alone were asked."""
    own = {attempt.charge.attempt_id for attempt in ledger.attempts()}
    noted = ledger.shared()
    return {
        "entries": len(noted),
        "head": noted[-1].entry.hash if noted else None,
        "elsewhere": [
            {
                "indicator": of.entry.body.indicator,
                "period": of.entry.body.period,
                "roster": of.entry.body.roster,
                "rho": of.entry.body.rho,
                "data_years": of.entry.body.years,
                "agreed": of.agreed,
            }
            for of in noted
            if of.entry.body.attempt_id not in own
        ],
    }


def _spending(policy: Any, spent: Any) -> dict[str, Any]:
    from privacy.accounting import conversion_delta
    from privacy.mechanisms import epsilon_from_rho

    delta = conversion_delta(policy)
    return {
        "rho": spent.rho,
        "delta": spent.delta,
        "purposes": dict(spent.purposes),
        "epsilon": epsilon_from_rho(spent.rho, delta),
        "delta_reported": delta + spent.delta,
        "epsilon_budget": policy.epsilon_per_person_year,
    }


def _lifetime(policy: Any, ledger: Any) -> dict[str, float]:
    """Each attempt once, here or announced, however many data-years it touches; and what ten whole
    budgets come to.
    """
    from privacy.accounting import composed, conversion_delta, rho_of
    from privacy.mechanisms import epsilon_from_rho

    total = composed(ledger.losses())
    delta = conversion_delta(policy)
    whole = YEARS * rho_of(policy.epsilon_per_person_year, delta)
    return {
        "rho": total.rho,
        "delta": delta + total.delta,
        "epsilon": epsilon_from_rho(total.rho, delta),
        "ten_years_at_budget": epsilon_from_rho(whole, YEARS * delta),
        "ten_years_delta": YEARS * policy.delta,
    }
