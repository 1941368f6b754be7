"""Writes a site's own exact figures into its state folder, for its staff alone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from federated.contract.catalogue import Indicator, load_versions
from federated.site.config import SiteConfig
from federated.site.report.comparison import standardised
from federated.site.report.familiar import familiar_tables
from federated.site.report.figures import figures_of
from federated.site.report.numbers import number_kinds
from federated.site.report.page import Report, absent, render, section
from federated.site.report.words import names_of
from federated.site.report.workbook import workbook
from privacy.problem import Problem


class ReportPaths(NamedTuple):
    html: Path
    xlsx: Path


def write_site_report(
    site: SiteConfig,
    project: Path,
    folder: Path | None = None,
    progress: Callable[[str], object] = lambda _: None,
) -> ReportPaths:
    """Every indicator that this kind of site can compute, exactly, as HTML and XLSX.

    project: folder of the dbt project. folder: where to, else `report` in the site's state; the
    files can be read by their owner alone. Raises Problem where nothing is built or the folder
    cannot be written.
    """
    place = folder or site.report_path
    indicators = [
        i
        for i in load_versions(site.manifest_path, project)
        if site.kind.value in i.definition.levels
    ]
    progress("counting")
    report = _report(site, project, indicators)
    progress("writing")
    paths = ReportPaths(place / "report.html", place / "report.xlsx")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(paths.html, render(report).encode())
        _write(paths.xlsx, workbook(report))
    except OSError as error:
        raise Problem(
            f"the report cannot be written: {(error.strerror or '').lower()}",
            str(place),
            "Make room or give leave, or name another folder.",
        ) from None
    return paths


def _report(site: SiteConfig, project: Path, indicators: list[Indicator]) -> Report:
    try:
        connection = duckdb.connect(str(site.warehouse_path), read_only=True)
    except duckdb.Error:
        raise Problem(
            "there is no warehouse to report from, or a build is using it",
            str(site.warehouse_path),
            "Run `sloyfe site build` first, or wait until it is over.",
        ) from None
    names = names_of(indicators, project)
    with connection:
        try:
            figures = [figures_of(connection, indicator) for indicator in indicators]
            numbers = number_kinds(connection)
        except duckdb.CatalogException:
            raise Problem(
                "the warehouse has no marts", str(site.warehouse_path), "Run `sloyfe site build`."
            ) from None
    shown = [f for f in figures if f.standing == "delivered" and not f.values.empty]
    found = map(standardised, shown)
    standards = {s.figures.indicator.id: s for s in found if s is not None}
    return Report(
        site_name=site.name,
        made_on=date.today(),
        familiar=familiar_tables({f.indicator.id: f for f in shown}, names),
        sections=[section(f, names, standards) for f in shown],
        numbers=numbers,
        absent=absent(figures),
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(content)
