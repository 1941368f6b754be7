"""`sloyfe catalogue`: what every indicator is, as a page and as JSON."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sloyfe.console import Steps, make_folder


def catalogue(
    out: Annotated[Path, typer.Option(help="Folder for catalogue.html and catalogue.json.")] = Path(
        "catalogue"
    ),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the JSON document and write nothing.")
    ] = False,
) -> None:
    """Write the catalogue of indicators: each definition as it stands beside its model."""
    from dagster_project.parsed import parse_project
    from dbt_models import PROJECT_DIR
    from federated.contract.catalogue import catalogue_document, load_versions
    from portal.catalogue_page import render_catalogue

    if not as_json:
        make_folder(out, "catalogue")
    with Steps() as steps, tempfile.TemporaryDirectory(prefix="sloyfe-catalogue-") as folder:
        steps.next("parsing the dbt project")
        indicators = load_versions(parse_project(Path(folder)), PROJECT_DIR)
    document = json.dumps(catalogue_document(indicators), indent=2, ensure_ascii=False)
    if as_json:
        print(document)
        return
    (out / "catalogue.json").write_text(document + "\n", encoding="utf-8")
    (out / "catalogue.html").write_text(render_catalogue(indicators), encoding="utf-8")
    print(f"{len(indicators)} indicators: {out / 'catalogue.html'}")
