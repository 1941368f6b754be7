"""One run of the whole loop, and the document that says what came of it."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_project.demo.lanes import Lanes, lanes_for
from dagster_project.demo.layout import (
    HOST,
    approve_everything,
    make_deliveries,
    make_organisations,
)
from dagster_project.demo.plan import INDICATOR, DemoPlan, remember_plan
from dagster_project.helsefellesskap import (
    Helsefellesskap,
    definitions,
    load_helsefellesskap,
    question_job,
)
from dagster_project.parsed import parse_project, share_parsed
from dagster_project.running import open_instance, run_job
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_catalogue
from federated.coordinator.release import Release, find_release
from federated.site.config import SiteConfig, SiteKind
from federated.site.landing.synthetic_mark import origin_of
from federated.site.ros.document import with_decision
from federated.transport.commands import require_free_port
from federated.transport.federation import Federation
from federated.transport.recording import Recorder
from portal.room.build import build_site
from portal.room.editions import read_shelves
from portal.ros_report import write_report
from privacy.gate import budget_rho
from privacy.ledger import Ledger
from privacy.problem import Problem

Progress = Callable[[str], None]


def run_demo(
    plan: DemoPlan,
    out: Path,
    progress: Progress,
    *,
    port: int | None = None,
    record_wire: Path | None = None,
) -> dict[str, Any]:
    """Make, build, ask, release; return the document `sloyfe demo --json` prints.

    Whatever happens, every process that was started has ended when this returns. Run again after
    an interruption it goes on where it was: what was landed, charged, answered or published stays.
    """
    if record_wire is not None and not plan.all_synthetic:
        raise Problem(
            "the wire is recorded for synthetic data only",
            "--record-wire",
            "Add --declare-synthetic if no row of the source is about a person.",
        )
    if port is not None:
        require_free_port(HOST, port)
    out = out.resolve()
    remember_plan(plan, out)
    progress("keys and configuration of every organisation")
    make_organisations(plan, out, port)
    if plan.source is None:
        progress(f"register files for {plan.persons:,} synthetic persons".replace(",", " "))
        make_deliveries(plan, out)
    helsefellesskap = load_helsefellesskap(out)
    recorder = Recorder(record_wire) if record_wire else None
    sites = helsefellesskap.sites
    with (
        Federation(helsefellesskap.coordinator, sites, recorder=recorder) as federation,
        Lanes(helsefellesskap.root, lanes_for(len(sites))) as lanes,
    ):
        # The processes come up while dbt works; they are waited for when the question goes out.
        federation.start()
        progress("dbt project")
        _parse(helsefellesskap)
        _run_jobs(helsefellesskap, federation, lanes, plan, progress)
        progress("ending every process")
    progress("each hospital's ROS, with the decision in it")
    _write_ros(helsefellesskap)
    progress("the reading room")
    _build_room(helsefellesskap)
    return document(helsefellesskap, plan)


def document(helsefellesskap: Helsefellesskap, plan: DemoPlan) -> dict[str, Any]:
    """What was landed, released and charged, for people and scripts."""
    releases = _releases(helsefellesskap, plan)
    return {
        "out": str(helsefellesskap.root),
        "reading_room": str(reading_room(helsefellesskap) / "index.html"),
        "ros": {site.id: str(page) for site, page in _ros_pages(helsefellesskap)},
        "sites": [_site(site) for site in helsefellesskap.sites],
        "releases": [_release(release) for release in releases],
        "ledgers": [_ledger(site) for site in helsefellesskap.sites if site.ledger_path.is_file()],
    }


def _build_room(helsefellesskap: Helsefellesskap) -> None:
    shelves = read_shelves(helsefellesskap.coordinator.releases_path)
    build_site(shelves, reading_room(helsefellesskap), name=helsefellesskap.coordinator.name)


def _write_ros(helsefellesskap: Helsefellesskap) -> None:
    """The reports that the decisions were made on, once more, with the decisions in them."""
    for site, page in _ros_pages(helsefellesskap):
        document = json.loads((site.ros_report_path / "ros.json").read_text(encoding="utf-8"))
        write_report(with_decision(document, site, PROJECT_DIR), page.parent)


def _ros_pages(helsefellesskap: Helsefellesskap) -> list[tuple[SiteConfig, Path]]:
    return [
        (site, helsefellesskap.root / "ros" / site.id / "index.html")
        for site in helsefellesskap.sites
        if site.kind is SiteKind.HOSPITAL
    ]


def reading_room(helsefellesskap: Helsefellesskap) -> Path:
    """Folder of the site of all releases."""
    return helsefellesskap.root / "reading-room"


def _parse(helsefellesskap: Helsefellesskap) -> None:
    target = helsefellesskap.manifest.parent
    target.mkdir(parents=True, exist_ok=True)
    parse_project(target)
    for site in helsefellesskap.sites:
        share_parsed(target, site.dbt_path, site.warehouse_path.name)


def _run_jobs(
    helsefellesskap: Helsefellesskap,
    federation: Federation,
    lanes: Lanes,
    plan: DemoPlan,
    progress: Progress,
) -> None:
    with open_instance(helsefellesskap.root / "dagster") as instance:
        names = {site.id: site.name for site in _largest_first(helsefellesskap.sites)}
        lanes.build(list(names), names, progress)
        progress("a demo's decision on each ROS, which nobody has read")
        approve_everything(helsefellesskap.sites, helsefellesskap.root)
        running = dg.ResourceDefinition.hardcoded_resource(federation)
        everything = definitions(helsefellesskap, running)
        log = helsefellesskap.root / "dagster" / "printed.log"
        for period in plan.periods:
            progress(f"asking every hospital for {INDICATOR}, {period}")
            run_job(everything, question_job(INDICATOR), instance, log, period)


def _largest_first(sites: Iterable[SiteConfig]) -> list[SiteConfig]:
    """By the size of what they deliver, so that no lane is left with the longest build at last."""

    def size(site: SiteConfig) -> int:
        places = [site.path(register.path) for register in site.registers]
        files = [file for place in places for file in (place, *place.rglob("*"))]
        return sum(file.stat().st_size for file in files if file.is_file())

    return sorted(sites, key=size, reverse=True)


def _releases(helsefellesskap: Helsefellesskap, plan: DemoPlan) -> list[Release]:
    catalogue = load_catalogue(helsefellesskap.manifest, PROJECT_DIR)
    folder = helsefellesskap.coordinator.releases_path
    found = [
        find_release(folder, catalogue[INDICATOR].question_id(period, 1)) for period in plan.periods
    ]
    return [release for release in found if release is not None]


def _site(site: SiteConfig) -> dict[str, Any]:
    with duckdb.connect(str(site.warehouse_path), read_only=True) as connection:
        rows = connection.execute(
            """
            select
                coalesce(sum(rows_in), 0)::bigint,
                coalesce(sum(rows_landed), 0)::bigint,
                coalesce(sum(rows_quarantined), 0)::bigint
            from landing.delivery where state = 'current'
            """
        ).fetchall()
    ((rows_in, rows_landed, rows_quarantined),) = rows
    return {
        "id": site.id,
        "name": site.name,
        "kind": site.kind.value,
        "warehouse": str(site.warehouse_path),
        "rows_in": rows_in,
        "rows_landed": rows_landed,
        "rows_quarantined": rows_quarantined,
    }


def _release(release: Release) -> dict[str, Any]:
    privacy = release.record["privacy"]
    return {
        "release_id": release.release_id,
        "indicator": release.record["indicator"]["id"],
        "period": release.record["period"],
        "path": str(release.folder),
        "page": str(release.folder / "index.html"),
        "epsilon": privacy["epsilon"],
        "delta": privacy["delta"],
        "rho": privacy["rho"],
        "private": privacy["private"],
        "cells": release.cells,
        "linked": False,
    }


def _ledger(site: SiteConfig) -> dict[str, Any]:
    with duckdb.connect(str(site.warehouse_path), read_only=True) as connection:
        origin = origin_of(site, connection)
    ledger = Ledger.read(site.ledger_path)
    try:
        verification = ledger.verify()
        spent = ledger.spent()
        return {
            "site": site.id,
            "rho_spent": max((year.rho for year in spent.values()), default=0.0),
            "rho_budget": budget_rho(site.policy, origin),
            "rho_spent_by_data_year": {str(year): of.rho for year, of in spent.items()},
            "entries": verification.entries,
            "verified": verification.ok,
            "unreleased": sum(a.state != "released" for a in ledger.attempts()),
        }
    finally:
        ledger.close()
