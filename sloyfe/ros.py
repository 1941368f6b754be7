"""`sloyfe ros`: a site's risk and vulnerability analysis."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="A site's risk and vulnerability analysis (ROS).")

Site = Annotated[Path, typer.Option(help="The site's folder or its site.yaml.")]


@app.callback()
def ros() -> None:
    """A site's risk and vulnerability analysis (ROS)."""


@app.command()
def build(
    site: Site,
    out: Annotated[Path, typer.Option(help="Folder for the report; made if it is not there.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look at this installation, run the attacks, and write the report: HTML, PDF and JSON."""
    from dbt_models import PROJECT_DIR
    from federated.site.config import load_site
    from federated.site.ros import build_document
    from portal.ros_report import write_report
    from sloyfe.console import Steps

    with Steps() as steps:
        steps.next("looking at the installation, and attacking it")
        document = build_document(load_site(site), PROJECT_DIR)
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
