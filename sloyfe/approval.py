"""`sloyfe approval`: the officer's word on what a site may answer."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="What a site's privacy officer has approved.")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]
Key = Annotated[Path, typer.Option(help="The officer's private key (Ed25519, PEM).")]
By = Annotated[str, typer.Option(help="Who decides, as the organisation names the role.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def key(out: Annotated[Path, typer.Argument(help="File for the private key.")]) -> None:
    """Make an officer's key pair: OUT, which the officer keeps, and OUT.pub for the site."""
    from federated.transport.certificates import make_signing_key

    out.parent.mkdir(parents=True, exist_ok=True)
    made = make_signing_key(out)
    print(f"private: {made.private_key}\npublic:  {made.public_key}")


@app.command()
def sign(
    site: Site,
    key: Key,
    by: By,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day without it.")],
    sites: Annotated[list[str], typer.Option(help="A site that a question may name; repeat.")],
    indicator: Annotated[
        list[str] | None, typer.Option(help="Indicator approved; repeat. Else: the policy's.")
    ] = None,
    epsilon: Annotated[
        float | None,
        typer.Option(min=1e-6, help="Most that one release may cost. Else: the policy's."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Approve what the site's policy names, or less, until a date; sign it and write it down."""
    from dbt_models import PROJECT_DIR
    from federated.site.approving import approve
    from federated.site.config import load_site
    from privacy.signatures import load_signing_key

    approval = approve(
        load_site(site),
        PROJECT_DIR,
        load_signing_key(key),
        by=by,
        until=until.replace(tzinfo=UTC),
        sites=sites,
        indicators=indicator,
        epsilon=epsilon,
    )
    _print(approval.model_dump(mode="json"), as_json)


@app.command()
def withdraw(site: Site, key: Key, by: By, as_json: AsJson = False) -> None:
    """End the approval at once: from the next question on, the site refuses."""
    from federated.site import approving
    from federated.site.config import load_site
    from privacy.signatures import load_signing_key

    withdrawal = approving.withdraw(load_site(site), load_signing_key(key), by)
    _print(withdrawal.model_dump(mode="json"), as_json)


@app.command()
def show(site: Site, as_json: AsJson = False) -> None:
    """What is approved now, until when, and whether it holds. Exit code 1 if nothing may leave."""
    from federated.site.approving import standing
    from federated.site.config import load_site
    from privacy.approval import State

    state, decision = standing(load_site(site))
    content = decision.model_dump(mode="json") if decision is not None else None
    if as_json:
        print(json.dumps({"state": state.value, "decision": content}, indent=2))
    else:
        print(f"state: {state.value.replace('_', ' ')}")
        if content is not None:
            _print(content, False)
    if state is not State.VALID:
        raise typer.Exit(1)


def _print(decision: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(decision, indent=2, ensure_ascii=False))
        return
    print(f"{decision['record']} {decision['serial']}, by {decision['by']}")
    print(f"  since {decision['since']}")
    if "scope" in decision:
        scope = decision["scope"]
        print(f"  until {decision['until']}")
        print(f"  indicators: {', '.join(scope['indicators']) or 'none'}")
        print(f"  may leave: {', '.join(scope['kinds'])}; sites: {', '.join(scope['sites'])}")
        print(
            f"  at most ε {scope['epsilon_per_release']:g} a release, "
            f"{scope['epsilon_per_person_year']:g} a person and year"
        )
