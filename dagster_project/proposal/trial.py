"""Trying an indicator on synthetic data: does it build, what does it count, what do bounds cost."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dagster_project.parsed import executable, parse_project, write_profile
from dagster_project.project import compose
from dagster_project.proposal.bundle import Bundle, write_bundle
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import Indicator, catalogue_document, load_versions
from federated.site.config import CoordinatorAddress, Keys, SiteConfig
from federated.site.landing import create_landing, ingest
from portal.proposal_page import render_proposal
from privacy.policy import Policy
from privacy.problem import Problem
from synthetic.generate import generate

_HOSPITAL, _MUNICIPALITY = "ous", "oslo"
_YEARS = range(2022, 2025)
_SEED = 1


@dataclass(frozen=True)
class Trial:
    """What one kind of site had to say, on synthetic data.

    rows, counted: units in all and within the bounds. silent: per key, values without any unit.
    """

    level: str
    persons: int
    periods: list[str]
    rows: int
    counted: int
    cells: int
    filled_cells: int
    silent: dict[str, list[str]]


def propose(
    model: Path,
    definition: Path,
    out: Path,
    *,
    persons: int,
    progress: Callable[[str], object] = lambda _: None,
) -> tuple[Bundle, list[Trial]]:
    """Try one model and its YAML, and write the bundle. Raises Problem for what must be mended."""
    files = {path.name: _read(path) for path in (model, definition)}
    _refuse_names(model, definition)
    with TemporaryDirectory(prefix="sloyfe-indicator-") as folder:
        work = Path(folder)
        progress("parsing the dbt project with the new model")
        project = compose([model, definition], work)
        (work / "dbt").mkdir()
        manifest = parse_project(work / "dbt", project=project)
        indicator = _the_new_one(load_versions(manifest, project), model.stem)
        progress(f"synthetic registers of {persons} persons")
        deliveries = work / "deliveries"
        generate(
            deliveries,
            persons=persons,
            years=_YEARS,
            hospitals=[_HOSPITAL],
            municipality=_MUNICIPALITY,
            seed=_SEED,
            signing_key=Ed25519PrivateKey.generate(),
        )
        trials: list[Trial] = []
        for level in _levels(indicator):
            progress(f"building it at a {level}")
            warehouse = _build(work, project, deliveries, level, indicator)
            if not indicator.definition.tokens:
                trials.append(_look(warehouse, indicator, level, persons))
    content = {
        "indicator": catalogue_document([indicator])["indicators"][0],
        "software": version("sloyfe"),
        "trials": [asdict(trial) for trial in trials],
    }
    page = render_proposal(indicator, content["trials"], content["software"])
    bundle = write_bundle(out, {**files, "proposal.html": page.encode()}, content)
    return bundle, trials


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(
            f"the file cannot be read: {(error.strerror or '').lower()}",
            str(path),
            "Name the model (.sql) and the definition (.yml).",
        ) from None


def _refuse_names(model: Path, definition: Path) -> None:
    installed = {path.name for path in (PROJECT_DIR / "models").rglob("*.sql")}
    if model.suffix != ".sql" or definition.suffix not in (".yml", ".yaml"):
        raise Problem(
            "a proposal is one model and one definition",
            f"{model}, {definition}",
            "Give the .sql file with --model and the .yml file with --definition.",
        )
    if model.name in installed:
        raise Problem(
            f"the software has a model `{model.stem}` already",
            str(model),
            "Give a changed definition the next version, and the model its name (`…_v2`).",
        )


def _the_new_one(versions: Sequence[Indicator], model: str) -> Indicator:
    for indicator in versions:
        if indicator.model == model:
            return indicator
    raise Problem(
        f"no definition stands beside the model `{model}`",
        "meta.indicator",
        "Name the model in the YAML and give it `config: {meta: {indicator: …}}`.",
    )


def _levels(indicator: Indicator) -> list[str]:
    """Kinds of site to try: a register holder's data are the municipality's here."""
    levels = indicator.definition.levels
    return ["hospital"] * ("hospital" in levels) + ["municipality"] * (
        bool({"municipality", "register"} & set(levels))
    )


def _build(work: Path, project: Path, deliveries: Path, level: str, indicator: Indicator) -> Path:
    site = _site(work / level, level)
    site.warehouse_path.parent.mkdir(parents=True)
    with duckdb.connect(str(site.warehouse_path)) as connection:
        create_landing(connection)
    source = deliveries / (_HOSPITAL if level == "hospital" else _MUNICIPALITY)
    for folder in sorted(path for path in source.iterdir() if path.is_dir()):
        ingest(site, folder.name, folder)
    target = work / "dbt"
    select = [f"+{model}" for model in indicator.definition.tokens or [indicator.model]]
    done = subprocess.run(
        [
            executable("sloyfe-dbt"),
            *("--no-use-colors", "--log-level-file", "none", "build"),
            *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
            *("--select", *select, "+source_status"),
            *("--vars", json.dumps({"site_id": level})),
            *("--project-dir", str(project), "--target-path", str(target)),
            *("--profiles-dir", str(write_profile(work / level, site.warehouse_path))),
        ],
        env={
            **os.environ,
            "DBT_TARGET_PATH": str(target),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Problem(
            f"the model does not build, or breaks one of its tests: {_complaint(done.stdout)}",
            f"at a {level}, on synthetic data",
            "Mend the model or its definition and try again.",
        )
    return site.warehouse_path


def _complaint(output: str) -> str:
    """dbt's own lines about what failed, without its times."""
    lines = [line.split("  ", 1)[-1].strip() for line in output.splitlines()]
    told = [line for line in lines if "Error" in line or "Failure" in line or "FAIL" in line]
    return "; ".join(dict.fromkeys(told)) or "dbt gave no reason"


def _site(folder: Path, level: str) -> SiteConfig:
    return SiteConfig.model_validate(
        {
            "id": "trial",
            "name": "Trial",
            "kind": level,
            "operator": "Trial",
            "holders": {},
            "policy": Policy(
                epsilon_per_person_year=1,
                max_epsilon_per_release=1,
                delta=1e-6,
                federation_sites=1,
                answers={},
            ),
            "coordinator": CoordinatorAddress(address="127.0.0.1:9", ca_certificate=Path("none")),
            "keys": Keys(transport=Path("none")),
            "declared_synthetic": True,
            "folder": folder,
        }
    )


def _look(warehouse: Path, indicator: Indicator, level: str, persons: int) -> Trial:
    schema, table = indicator.relation
    keys = indicator.key_names
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        relation = f'"{schema}"."{table}"'
        rows, counted = connection.execute(
            f"select count(*), count(*) filter (where is_counted) from {relation}"  # noqa: S608 -- ours
        ).fetchall()[0]
        names = ", ".join(f'"{key}"' for key in keys)
        filled = connection.execute(
            f"select distinct period, {names} from {relation} where is_counted"  # noqa: S608 -- ours
        ).fetchall()
    periods = sorted({row[0] for row in filled})
    domain = {period: set(indicator.domain(period)) for period in periods}
    silent = {
        key.name: [
            value
            for value in indicator.seed_values.get(key.name, ())
            if value not in {row[1 + place] for row in filled}
        ]
        for place, key in enumerate(indicator.definition.keys)
    }
    return Trial(
        level=level,
        persons=persons,
        periods=periods,
        rows=rows,
        counted=counted,
        cells=sum(len(cells) for cells in domain.values()),
        filled_cells=len(filled),
        silent={name: values for name, values in silent.items() if values},
    )
