"""The models that are measured as a whole, built by dbt and by one script of the same SQL."""

# ruff: noqa: S608 -- what is spliced in is named in the project's own manifest

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.parsed import parse_project, write_profile
from dbt_models import PROJECT_DIR
from privacy.problem import Problem


@dataclass(frozen=True)
class Selection:
    """Models that are built in one go.

    models: the last of them; all that they are made of is built too, but for those in `given`.
    read: the columns that they read, by file, which is what the scan reads. A file is a landing
    table, or a model that is given.
    """

    models: tuple[str, ...]
    given: tuple[str, ...]
    read: dict[str, tuple[str, ...]]


_STAY = (
    "episode_id", "person_id", "data_year", "sector", "institution_id", "care_level",
    "admission_date", "admission_time", "discharge_date", "discharge_time", "urgency",
    "state_at_discharge", "admitted_from", "discharged_to", "discharge_ready_date",
    "main_diagnosis", "drg_weight", "municipality_no", "bydel", "sex", "birth_year", "death_date",
    "link_quality",
)  # fmt: skip
FULL = Selection(
    models=(
        "fct_stay", "fct_episode", "fct_index_stay", "fct_hospital_contact",
        "fct_claim", "fct_claim_month", "fct_care_service", "fct_service", "fct_service_day",
        "fct_population", "source_status",
        "int_admission_service",
        "tok_acute_admission_day", "tok_service_lag_class", "tok_service_day_band",
        "atom_readmission_30d_same_site", "atom_readmission_30d_fhi", "atom_readmission_30d_hdir",
        "atom_readmission_30d_skde", "atom_readmission_30d_skde_diagnosis",
    ),
    given=(),
    read={
        "npr_stay": (*_STAY, "contact_specialty", "contact_type"),
        "kuhr_claim": (
            "claim_id", "person_id", "claim_date", "service_type", "patient_share", "refund",
            "municipality_no", "resident_municipality_no", "bydel", "sex", "birth_year",
        ),
        "kuhr_diagnosis": ("claim_id", "diagnosis", "is_main", "code_number"),
        "kuhr_tariff": ("claim_id", "tariff"),
        "kpr_care": (
            "service_id", "person_id", "data_year", "service_code", "started_on", "ended_on",
            "hours_per_week", "municipality_no", "bydel", "sex", "birth_year", "death_date",
        ),
        "population": ("data_year", "municipality_no", "bydel", "age", "sex", "persons"),
    },
)  # fmt: skip
"""Every mart, use before admission (exact, and the tokens of both sides) and readmission."""
FOUR_WORKS = Selection(
    models=("fct_episode", "fct_index_stay", "int_admission_service", "fct_claim_month"),
    given=("fct_claim", "fct_care_service"),
    read={
        "npr_stay": _STAY,
        "fct_claim": (
            "person_id", "contact_on", "service", "area", "age", "patient_share", "refund",
        ),
        "fct_care_service": ("person_id", "service", "started_on", "ended_on", "death_date"),
    },
)  # fmt: skip
"""Episodes, readmission, use before admission and the monthly table: the works that the target of
the pipeline was set for. Stays come from the landing; claims and care services are made already, as
they were in the tables that the target was measured on."""

SELECTIONS = {"full": FULL, "works": FOUR_WORKS}

WAREHOUSE = "warehouse.duckdb"
"""DuckDB's database has its name from the file, and it stands in every compiled query."""


@dataclass(frozen=True)
class Step:
    """One node as a statement. name: of the model or data test; kind: table, view or test."""

    name: str
    kind: str
    relation: str
    sql: str

    @property
    def statement(self) -> str:
        if self.kind == "test":
            return f"select count(*) from ({self.sql} limit 1)"
        return f"create {self.kind} {self.relation} as {self.sql}"


@dataclass(frozen=True)
class Pipeline:
    """The dbt project parsed and compiled in `folder`, for warehouses called `WAREHOUSE`."""

    folder: Path

    @cached_property
    def _nodes(self) -> dict[str, dict[str, Any]]:
        content = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        return content["nodes"]

    def models(self, *names: str, given: Collection[str] = ()) -> list[Step]:
        """The models named and all they are made of, in an order in which they can be built.

        given: models that are there already; neither they nor what they are made of is listed.
        """
        nodes = self._nodes
        above = {
            id_: [p for p in node["depends_on"]["nodes"] if p in nodes]
            for id_, node in nodes.items()
            if node["resource_type"] == "model"
        }
        wanted = dict[str, list[str]]()
        left = [f"model.sloyfe.{name}" for name in names]
        while left:
            id_ = left.pop()
            if id_ not in wanted:
                wanted[id_] = [
                    p for p in above[id_] if p in above and nodes[p]["name"] not in given
                ]
                left += wanted[id_]
        return [self._step(nodes[id_]) for id_ in TopologicalSorter(wanted).static_order()]

    def build_steps(self, selection: Selection = FULL) -> list[Step]:
        """Every model of a selection, each followed by the data tests that dbt runs on it."""
        models = self.models(*selection.models, given=selection.given)
        built = {f"model.sloyfe.{step.name}" for step in models}
        tests = [
            node
            for node in self._nodes.values()
            if node["resource_type"] == "test"
            and (on := node["depends_on"]["nodes"])
            and built & set(on)
            and all(parent in built or parent.startswith("seed.") for parent in on)
        ]
        order = {f"model.sloyfe.{step.name}": place for place, step in enumerate(models)}
        steps = list[Step]()
        for place, model in enumerate(models):
            steps.append(model)
            steps += [
                self._step(test)
                for test in tests
                if max(order.get(parent, -1) for parent in test["depends_on"]["nodes"]) == place
            ]
        return steps

    def _step(self, node: Mapping[str, Any]) -> Step:
        compiled = self.folder / "compiled" / "sloyfe"
        is_test = node["resource_type"] == "test"
        path = Path(node["original_file_path"], node["path"]) if is_test else node["path"]
        file = compiled / path if is_test else compiled / "models" / path
        kind = "test" if is_test else node["config"]["materialized"]
        return Step(
            name=node["name"],
            kind="view" if kind == "view" else "test" if kind == "test" else "table",
            relation="" if is_test else f"{node['schema']}.{node['alias']}",
            sql=file.read_text(encoding="utf-8").strip(),
        )


def compile_pipeline(folder: Path, landed: Path) -> Pipeline:
    """Parse the installed project and compile it against a warehouse where nothing is built."""
    folder.mkdir(parents=True, exist_ok=True)
    parse_project(folder, WAREHOUSE)
    names = [f"+{name}" for name in FULL.models]
    _run([*_dbt(), "compile", "--select", *names, *_project(folder, landed)], folder)
    return Pipeline(folder)


def seed(folder: Path, warehouse: Path) -> None:
    """Load every seed of the project into a warehouse."""
    _run([*_dbt(), "seed", *_project(folder, warehouse)], folder)


def _dbt() -> list[str]:
    """The command of a site's dbt, without its arguments; the parsed project by `environment`."""
    return [sys.executable, "-m", "dagster_project.parsed", "--no-use-colors", "--quiet"]


def build_command(
    folder: Path,
    warehouse: Path,
    selection: Selection,
    *,
    tests: bool,
    memory_limit: str | None = None,
) -> list[str]:
    """`dbt build` of a selection as a site runs it, with or without its data tests."""
    kinds = ["seed", "unit_test", *([] if tests else ["test"])]
    steps = Pipeline(folder).models(*selection.models, given=selection.given)
    return [
        *_dbt(),
        "build",
        *("--select", *(step.name for step in steps)),
        *("--indirect-selection", "buildable"),
        *(part for kind in kinds for part in ("--exclude-resource-type", kind)),
        *_project(folder, warehouse, memory_limit),
    ]


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DBT_TARGET_PATH": str(folder),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "PYTHONPATH": os.pathsep.join(
            [str(PROJECT_DIR.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
    }


def _project(folder: Path, warehouse: Path, memory_limit: str | None = None) -> list[str]:
    profile = write_profile(
        folder, warehouse, {"memory_limit": memory_limit} if memory_limit else {}
    )
    return [
        *("--vars", json.dumps({"site_id": "bench"})),
        *("--project-dir", str(PROJECT_DIR)),
        *("--profiles-dir", str(profile)),
        *("--target-path", str(folder)),
        *("--log-path", str(folder)),
    ]


def _run(command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(
        command, env=environment(folder), capture_output=True, text=True, check=False, cwd=folder
    )
    if done.returncode != 0:
        raise Problem(
            f"dbt failed: {(done.stdout + done.stderr).strip()[-300:]}",
            str(folder / "dbt.log"),
            "See dbt's log.",
        )


def clear(warehouse: Path, steps: Sequence[Step]) -> None:
    """Take out what a build made of `steps`; all else stays."""
    with duckdb.connect(str(warehouse)) as connection:
        there = connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables "
            "where table_catalog = ?",
            [warehouse.stem],
        ).fetchall()
        kinds = {name: "view" if kind == "VIEW" else "table" for name, kind in there}
        for step in steps:
            if step.relation in kinds:
                connection.execute(f"drop {kinds[step.relation]} {step.relation}")
        connection.execute("checkpoint")
