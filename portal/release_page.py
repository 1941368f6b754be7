"""The page of one release: a single HTML file that needs no network and no script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from markupsafe import Markup

from portal import charts, words
from portal.adjusted import Adjusted, adjusted
from portal.figures import CountFigure, ShareFigure
from portal.release_cells import Cell, Cells, read_cells
from portal.release_record import Mean, Measure, ReleaseRecord, Share, Site, read_record
from portal.totals import mean, share, total
from portal.words import BOKMAL, ENGLISH
from style import drawing
from style.pages import environment

_MOST_DRAWN = 120
"""Cells of a measure and site: more are too many for one chart, and are left to the table."""


@dataclass(frozen=True)
class SiteFigures:
    """What the page shows of one site.

    means: of sums of amounts. adjusted: standardised shares, one for each share. charts, totals:
    by measure. rows: for each group, for each time, one cell per measure.
    """

    site: Site
    totals: dict[str, CountFigure]
    shares: list[tuple[Share, ShareFigure]]
    means: list[tuple[Mean, CountFigure]]
    adjusted: list[Adjusted]
    charts: dict[str, Markup]
    rows: dict[str, dict[str, list[CountFigure]]]


def render_release(folder: Path) -> str:
    """HTML of the release in `folder`, from its `release.json` and `cells.parquet`.

    Raises Problem where they are missing, malformed or do not belong together.
    """
    record = read_record(folder)
    cells = read_cells(folder, record)
    template = environment("portal").get_template("release.html.j2")
    return template.render(
        record=record,
        measures=_measures(record),
        figures=[_site_figures(record, cells, site) for site in record.sites],
        nb=BOKMAL,
        en=ENGLISH,
        group=partial(words.group, names=record.table_keys[0].value_names),
        named_time=_time_of(record),
        below=words.BELOW_THRESHOLD,
    )


def _measures(record: ReleaseRecord) -> dict[str, Measure]:
    """The indicator's measures, those that are a part of another (its point) first."""
    measures = record.indicator.measures
    parts = {share.part for share in record.indicator.shares}
    return {name: measures[name] for name in sorted(measures, key=lambda name: name not in parts)}


def _site_figures(record: ReleaseRecord, cells: Cells, site: Site) -> SiteFigures:
    groups, times = (key.values for key in record.table_keys)
    measures = _measures(record)

    of = {measure: _of_measure(record, cells, site.id, measure) for measure in measures}
    noise = record.privacy.scale, record.confidence
    return SiteFigures(
        site=site,
        totals={
            measure: total(of[measure], names.atoms, *noise, names.amount)
            for measure, names in measures.items()
        },
        shares=[
            (
                named,
                share(
                    of[named.part],
                    of[named.of],
                    (measures[named.part].atoms, measures[named.of].atoms),
                    *noise,
                ),
            )
            for named in record.indicator.shares
        ],
        means=[
            (named, mean(of[named.amount], amount, measures[named.amount].atoms, *noise))
            for named in record.indicator.means
            if (amount := measures[named.amount].amount) is not None
        ],
        adjusted=adjusted(record, cells, site.id),
        charts={measure: _chart(record, cells, site, measure) for measure in measures}
        if len(groups) * len(times) <= _MOST_DRAWN
        else {},
        rows={
            group: {
                time: [cells[site.id, group, time, measure].figure for measure in measures]
                for time in times
            }
            for group in groups
        },
    )


def _of_measure(record: ReleaseRecord, cells: Cells, site: str, measure: str) -> Sequence[Cell]:
    groups, times = (key.values for key in record.table_keys)
    return [cells[site, group, time, measure] for group in groups for time in times]


def _time_of(record: ReleaseRecord) -> Callable[[str], str]:
    names = record.table_keys[1].value_names
    return lambda value: words.group(value, names) if value in names else BOKMAL.time(value)


def _chart(record: ReleaseRecord, cells: Cells, site: Site, measure: str) -> Markup:
    groups, times = (key.values for key in record.table_keys)
    highest = max(cell.ci_high or 0 for cell in cells.values() if cell.measure == measure)
    chart = charts.interval_chart(
        _of_measure(record, cells, site.id, measure),
        groups,
        times,
        top=max(highest, 1),
        names=record.table_keys[0].value_names,
    )
    name = record.indicator.measures[measure].name_nb
    group_key, time_key = record.table_keys
    group, time = partial(words.group, names=group_key.value_names), _time_of(record)
    return drawing.inline(
        chart,
        identifier=f"chart-{list(record.indicator.measures).index(measure)}-{record.sites.index(site)}",
        title=f"{name}, {site.name}, {record.period}",
        description=(
            f"{group_key.name_nb} fra {group(groups[0])} til {group(groups[-1])},"
            f" og i hver av dem {time_key.name_nb.lower()} fra {time(times[0])} til"
            f" {time(times[-1])}. Punkt: tallet med støy. Stolpe: intervallet,"
            " uten punkt der tallet er under visningsgrensen."
            " Alle tallene står i tabellen lenger ned."
        ),
    )
