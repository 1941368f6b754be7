"""`sloyfe ros`: a site's risk and vulnerability analysis."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="A site's risk and vulnerability analysis (ROS).")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]
Key = Annotated[Path, typer.Option(help="The officer's private key (Ed25519, PEM).")]
By = Annotated[str, typer.Option(help="Who decides, as the organisation names the role.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.callback()
def ros() -> None:
    """A site's risk and vulnerability analysis (ROS)."""


@app.command()
def build(
    site: Site,
    out: Annotated[Path, typer.Option(help="Folder for the report; made if it is not there.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at this installation, run the attacks, and write the report: HTML, PDF, XLSX, JSON."""
    from dagster_project.build import runs_of
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros.document import build_document
    from portal.ros_report import write_report
    from sloyfe.console import Steps

    with Steps() as steps:
        steps.next("looking at the installation, and attacking it")
        config = load_site(site)
        document = build_document(config, PROJECT_DIR, runs=runs_of(config, config.manifest_path))
        steps.next("writing the report")
        outputs = write_report(document, out)
    summary = {
        "fingerprint": document["fingerprint"],
        "risks": [
            {
                "id": risk["id"],
                "title": risk["title_nb"],
                "initial": risk["initial"],
                "residual": risk["residual"],
                "evidence": [
                    {"id": e["id"], "status": e["status"]}
                    for e in document["evidence"]
                    if e["id"] in {m["evidence"] for m in risk["measures"]}
                ],
            }
            for risk in document["risks"]
        ],
        "outputs": {name: str(path) for name, path in outputs.items()},
        "open_questions": document["open_questions"],
    }
    if as_json:
        print(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    for name, path in outputs.items():
        print(f"{name}: {path}")
    print(f"{document['open_questions']} questions wait for an answer by people (ros.yaml).")


@app.command()
def schema() -> None:
    """Print the JSON Schema of `ros.json`, as docs/ros/ros.schema.json has it."""
    from privacy.ros.shape import json_schema

    print(json_schema(), end="")


@app.command()
def approve(
    site: Site,
    key: Key,
    by: By,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day without it.")],
    as_json: AsJson = False,
) -> None:
    """Approve what the report says, until a date: from now on the gate holds the site to it."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros import deciding
    from privacy.signatures import load_signing_key

    config = load_site(site)
    deciding.approve(
        config,
        PROJECT_DIR,
        load_signing_key(key),
        by=by,
        until=until.replace(tzinfo=UTC),
        synthetic=deciding.is_synthetic(config),
    )
    _tell(site, as_json)


@app.command()
def refuse(
    site: Site,
    key: Key,
    by: By,
    reason: Annotated[str, typer.Option(help="Why, for the organisation's own people.")],
    as_json: AsJson = False,
) -> None:
    """Say no: from the next question on, the site refuses."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros import deciding
    from privacy.signatures import load_signing_key

    deciding.refuse(load_site(site), PROJECT_DIR, load_signing_key(key), by=by, reason=reason)
    _tell(site, as_json)


@app.command()
def withdraw(site: Site, key: Key, by: By, as_json: AsJson = False) -> None:
    """End the approval at once."""
    from federated.site import approving
    from federated.site.config import load_site
    from privacy.signatures import load_signing_key

    approving.withdraw(load_site(site), load_signing_key(key), by)
    _tell(site, as_json)


@app.command()
def status(site: Site, as_json: AsJson = False) -> None:
    """Where the decision stands, and what has changed since. Exit code 1 unless approved."""
    if _tell(site, as_json) != "approved":
        raise typer.Exit(1)


def _tell(site: Path, as_json: bool) -> str:
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros import deciding

    found = deciding.status(load_site(site), PROJECT_DIR)
    if as_json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        print(f"{found.state}" + (f", by {found.by}" if found.by else ""))
        if found.until:
            print(f"  until {found.until}")
        for change in found.changed:
            print(f"  changed since ({change['weight']}): {change['part']}")
    return found.state
