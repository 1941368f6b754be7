"""The folders of a small helsefellesskap, as the demo makes them; no process, no data."""

import shutil
from pathlib import Path
from typing import Any

from dagster_project.demo.layout import make_organisations
from dagster_project.demo.plan import DemoPlan, make_plan
from dagster_project.helsefellesskap import Helsefellesskap, load_helsefellesskap


def plan(source: str | None = None, **changes: Any) -> DemoPlan:
    options = {
        "hospitals": 2,
        "epsilon": 2.0,
        "periods": ("2023", "2024"),
        "declared_synthetic": False,
        "persons": 100,
        "seed": 1,
    }
    return make_plan(source, **(options | changes))


def make_helsefellesskap(out: Path, manifest: Path, made_from: DemoPlan) -> Helsefellesskap:
    make_organisations(made_from, out)
    helsefellesskap = load_helsefellesskap(out)
    helsefellesskap.manifest.parent.mkdir(parents=True)
    shutil.copyfile(manifest, helsefellesskap.manifest)
    return helsefellesskap
