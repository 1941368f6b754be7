"""The site's own figures as one HTML page that needs no network and no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from federated.site.report.charts import Picture, comparison_picture, picture
from federated.site.report.comparison import Standardised, comparison_tables
from federated.site.report.figures import Figures
from federated.site.report.tables import Names, by_key, rates_by_key, shares_by_key
from style.pages import environment
from style.tables import Table
from style.written import written


@dataclass(frozen=True)
class Section:
    """One indicator on the page: its figures, a picture, and tables by each of its keys."""

    figures: Figures
    picture: Picture | None
    tables: list[Table]


@dataclass(frozen=True)
class Report:
    """Everything on the page and in the workbook, in order. numbers: of persons, in linkage."""

    site_name: str
    made_on: date
    familiar: list[Table]
    sections: list[Section]
    numbers: Table | None
    absent: list[Figures]


def section(figures: Figures, names: Names, standards: Mapping[str, Standardised]) -> Section:
    """Tables of every measure, share and rate by each key; adjusted shares before them.

    standards: of the indicators that have one, by id.
    """
    tables: list[Table] = []
    own = standards.get(figures.indicator.id)
    drawn = picture(figures, names, figures.indicator.model)
    if own is not None:
        tables += comparison_tables(own, standards.get(own.definition.beside or ""), names)
        drawn = comparison_picture(own, names, figures.indicator.model) or drawn
    for key in figures.indicator.definition.keys:
        tables += by_key(figures, key, names)
        tables += shares_by_key(figures, key, names)
        tables += rates_by_key(figures, key, names)
    return Section(figures, drawn, tables)


def render(report: Report) -> str:
    template = environment("federated.site.report").get_template("report.html.j2")
    return template.render(report=report, written=written, reasons=reasons)


def reasons(figures: Figures) -> tuple[str, str]:
    """Why an indicator has no figures here, in bokmål and English."""
    if figures.standing == "linked":
        return (
            "Krever kobling med en annen virksomhet.",
            "Needs linkage with another organisation.",
        )
    if figures.standing == "not_built":
        return (
            "Modellen er ikke bygget. Kjør `sloyfe site build`.",
            "The model has not been built. Run `sloyfe site build`.",
        )
    if figures.standing == "not_delivered":
        tables = ", ".join(figures.missing)
        return f"Ikke levert hit: {tables}.", f"Not delivered here: {tables}."
    return "Ingen rader i dataene.", "No rows in the data."


def absent(all_figures: Sequence[Figures]) -> list[Figures]:
    """Those that have nothing to show, so that nobody takes silence for zero."""
    return [f for f in all_figures if f.standing != "delivered" or f.values.empty]
