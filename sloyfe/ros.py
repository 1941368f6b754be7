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
    from federated.site.ros.document import build_document, red_if_approved
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
        "inherited_share": document["inherited_share"],
        "open_questions": document["open_questions"],
        "red": red_if_approved(document),
    }
    if as_json:
        print(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    for name, path in outputs.items():
        print(f"{name}: {path}")
    print(
        f"{document['open_questions']} questions wait for an answer by people (ros.yaml); "
        f"{document['inherited_share']:.0%} of all judgements are inherited."
    )
    for risk in summary["red"]:
        print(f"red, to be accepted by name if it is to be approved: {risk}")


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
    fingerprint: Annotated[
        str | None,
        typer.Option(help="Scope of the report that was read (at least 12 digits); not another."),
    ] = None,
    sites: Annotated[
        list[str] | None,
        typer.Option(help="A site that a question may name; repeat. All peers where left out."),
    ] = None,
    accept_red: Annotated[
        list[str] | None, typer.Option(help="Id of a red risk that the leader accepts; repeat.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Approve what the newest report says, until a date: the gate holds the site to it from now."""
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
        sites=sites,
        accept_red=accept_red or (),
        read=fingerprint,
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
def share(
    site: Site,
    key: Key,
    by: By,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day without it.")],
    out: Annotated[Path, typer.Option(help="File for the common ROS.")],
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Sign that nothing is inherited any more.")
    ] = False,
) -> None:
    """Sign what was approved here as a common ROS that other organisations can build on."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros.common_files import write_common
    from federated.site.ros.sharing import common_from
    from privacy.signatures import load_signing_key
    from sloyfe.console import Steps

    with Steps() as steps:
        steps.next("looking at the installation")
        signer = load_signing_key(key)
        common = common_from(
            load_site(site),
            PROJECT_DIR,
            signer,
            by=by,
            until=until.replace(tzinfo=UTC),
            withdrawn=withdraw,
        )
    write_common(common, signer, out)
    print(f"common ROS: {out}")


@app.command(name="import")
def import_(
    site: Site,
    file: Annotated[Path, typer.Argument(help="The common ROS, as `sloyfe ros share` wrote it.")],
    as_json: AsJson = False,
) -> None:
    """Build on another organisation's ROS: what is the same is inherited, what differs is open."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros import judging
    from federated.site.ros.answers import load_answers
    from federated.site.ros.common_files import take_over
    from federated.site.ros.scope import case_of, common_of

    config = load_site(site)
    said = load_answers(config)
    taken = take_over(config, said, file)
    found = judging.items(case_of(config, PROJECT_DIR, said), said, common_of(config, said)[1])
    left = judging.open_items(found)
    if as_json:
        summary = {
            "issuer": taken.issuer,
            "issued": taken.issued.isoformat(),
            "inherited_share": judging.inherited_share(found),
            "open_questions": judging.open_judgements(found),
            "open": [asdict(item) for item in left],
        }
        print(json.dumps(summary, indent=2, ensure_ascii=False))
        return
    print(f"common ROS of {taken.name}, {taken.issued:%Y-%m-%d}, until {taken.until:%Y-%m-%d}")
    print(f"inherited: {judging.inherited_share(found):.0%} of all judgements")
    print(f"left to decide here: {judging.open_judgements(found)}")
    for item in left:
        print(f"  {item.key}" + (" (differs from the common ROS)" if item.differs else ""))


@app.command()
def status(site: Site, as_json: AsJson = False) -> None:
    """Where the decision stands, what has changed since and what stops answers all the same.

    Exit code 1 unless it is approved and nothing stops it.
    """
    if not _tell(site, as_json):
        raise typer.Exit(1)


def _tell(site: Path, as_json: bool) -> bool:
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
        if found.demo:
            print("  DEMO: nobody has read what was decided on")
        for risk in found.accepted_red:
            print(f"  accepted though red: {risk}")
        for change in found.changed:
            which = ", ".join(change["which"])
            told = f"{change['part']} ({which})" if which else change["part"]
            print(f"  changed since ({change['weight']}): {told}")
        for name in found.stopped_by:
            print(f"  STOPPED by {name}: nothing in its scope is answered")
    return found.state == "approved" and not found.stopped_by
