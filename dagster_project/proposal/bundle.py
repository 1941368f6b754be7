"""A proposal as a folder that can be read, checked and sent: model, definition, what a trial gave.

`proposal.json` names every other file with its SHA-256. A bundle says what it is, not that somebody
has approved it: that is the site's own act (`add_bundle`), and what the gate may answer stays a
matter of the site's policy.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.project import APPROVED
from federated.site.config import SiteConfig
from privacy.problem import Problem

DOCUMENT = "proposal.json"
SCHEMA = "sloyfe-proposal/1"


@dataclass(frozen=True)
class Bundle:
    """A bundle whose files are as `proposal.json` says. document: its content."""

    folder: Path
    document: dict[str, Any]

    @property
    def name(self) -> str:
        """Id and version: `acute_admissions-v1`."""
        indicator = self.document["indicator"]
        return f"{indicator['id']}-v{indicator['version']}"


def write_bundle(folder: Path, files: dict[str, bytes], content: dict[str, Any]) -> Bundle:
    """files: name -> bytes. content: the document but for schema and hashes. Raises Problem."""
    document = {
        "schema": SCHEMA,
        **content,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
        text = json.dumps(document, indent=2, ensure_ascii=False)
        (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise Problem(
            f"the bundle cannot be written: {(error.strerror or '').lower()}",
            str(folder),
            "Name another folder with --out.",
        ) from None
    return Bundle(folder, document)


def read_bundle(folder: Path) -> Bundle:
    """Raises Problem where it is none, or a file was changed, added or taken away since."""
    try:
        document = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
        named: dict[str, str] = dict(document["files"])
        if document["schema"] != SCHEMA:
            raise KeyError("schema")
    except (OSError, ValueError, KeyError, TypeError):
        raise Problem(
            "this is no proposal of an indicator", str(folder), "Make one: `sloyfe indicator try`."
        ) from None
    there = {path.name for path in folder.iterdir()} - {DOCUMENT}
    changed = there ^ named.keys()
    changed |= {
        name
        for name in there & named.keys()
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != named[name]
    }
    if changed:
        raise Problem(
            f"the bundle is not as it was made: {', '.join(sorted(changed))}",
            str(folder),
            "Ask for it again from those who made it.",
        )
    return Bundle(folder, document)


def add_bundle(site: SiteConfig, bundle: Bundle) -> Path:
    """Approve: keep a copy beside the site file, for the next build. Raises Problem.

    Another bundle of the same indicator and version is refused: a changed definition is a new
    version.
    """
    place = site.folder / APPROVED / bundle.name
    if place.exists():
        if read_bundle(place).document == bundle.document:
            return place
        raise Problem(
            f"another definition of {bundle.name} has been approved here",
            str(place),
            "Give the changed definition the next version.",
        )
    aside = place.with_name(f".{place.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(bundle.folder, aside)
    aside.rename(place)
    return place
