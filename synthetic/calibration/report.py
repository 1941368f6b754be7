"""A calibration as a page to read: bokmål first, English second."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from synthetic.calibration import charts, words
from synthetic.calibration.compare import PATTERNS, Calibration, Result

PAGE, FIGURES = "calibration.html", "calibration.json"
_TEMPLATES: Final = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Section:
    """A group of targets: its titles, its picture and its rows."""

    group: str
    nb: str
    en: str
    chart: Markup
    results: list[Result]

    @property
    def missed(self) -> int:
        return sum(not result.within for result in self.results)


def write_report(calibration: Calibration, folder: Path) -> Path:
    """Write `calibration.html` and `calibration.json` into `folder`; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FIGURES).write_text(
        json.dumps(calibration.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    page = folder / PAGE
    page.write_text(render(calibration), encoding="utf-8")
    return page


def render(calibration: Calibration) -> str:
    """The page as HTML, pictures and style inside it."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"per_cent": words.per_cent, "number": words.number}
    return environment.get_template("calibration.html.j2").render(
        calibration=calibration,
        sections=_sections(calibration),
        label=words.label,
        groups=words.GROUPS,
        units=words.UNITS,
        standings=words.STANDINGS,
    )


def _sections(calibration: Calibration) -> list[Section]:
    of_group: dict[str, list[Result]] = defaultdict(list)
    for result in calibration.targets:
        of_group[result.group].append(result)
    return [
        Section(group, nb, en, _chart(group, of_group[group]), of_group[group])
        for group, (nb, en) in words.GROUPS.items()
        if of_group[group]
    ]


def _chart(group: str, results: list[Result]) -> Markup:
    if group == "population":
        return charts.population_chart(results)
    if group in PATTERNS:
        return charts.bydel_chart(results)
    return charts.deviation_chart(results)
