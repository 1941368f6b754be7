"""The catalogue as one HTML page for people: what each indicator is, in bokmål and in English."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from federated.contract.catalogue import Indicator
from federated.contract.indicator import IndicatorDefinition
from style.pages import environment


@dataclass(frozen=True)
class Chapter:
    """Indicators that are read together, by where they come from."""

    id: str
    title_nb: str
    title_en: str
    lead_nb: str
    lead_en: str
    indicators: list[Indicator]


_CHAPTERS: tuple[tuple[str, str, str, str, str, Callable[[IndicatorDefinition], bool]], ...] = (
    (
        "hospital",
        "Regnes ut ved hvert sykehus",
        "Computed at each hospital",
        "Sykehusets egne data er nok. Tall som forlater sykehuset, får støy først.",
        "The hospital's own data suffice. What leaves the hospital is given noise first.",
        lambda d: d.status == "local" and d.levels == ["hospital"],
    ),
    (
        "municipality",
        "Regnes ut i kommunen eller hos registereieren",
        "Computed in the municipality or with the register holder",
        "Kommunens egne tjenester og takstene fra fastlege og legevakt.",
        "The municipality's own services, and the claims of GPs and legevakt.",
        lambda d: d.status == "local" and "hospital" not in d.levels,
    ),
    (
        "both",
        "Regnes ut på begge nivåer, hver for seg",
        "Computed at both levels, each by itself",
        "Samme definisjon hos sykehus og kommune. Tallene kobles ikke.",
        "One definition at hospital and municipality. The figures are not linked.",
        lambda d: d.status == "local",
    ),
    (
        "linked",
        "Krever kobling mellom virksomheter",
        "Needs linkage between organisations",
        "Ingen virksomhet kan svare alene. Hver av dem gjør klar merker for person og dag; de "
        "sammenlignes blindet, og bare når en navngitt godkjenning tillater det.",
        "No organisation can answer alone. Each prepares tokens of person and day; they are "
        "compared blinded, and only where a named approval allows it.",
        lambda d: d.status == "linked",
    ),
    (
        "not-delivered",
        "Ikke levert",
        "Not delivered",
        "Ingen av registrene her bærer opplysningen. Kontrakten finnes, slik at den som har "
        "dataene, kan levere dem. Tallene gjettes ikke.",
        "None of the registers here carries it. The contract is there for whoever has the data. "
        "No figure is guessed.",
        lambda d: d.status == "not_delivered",
    ),
)

WORDS = {
    "levels_nb": {"hospital": "sykehus", "municipality": "kommune", "register": "registereier"},
    "rhythms_nb": {"monthly": "månedlig", "tertial": "hvert tertial", "yearly": "årlig"},
    "releases_nb": {
        "noisy_counts": "tall med støy, under budsjett",
        "linkage": "blindet kobling med støy, etter godkjenning",
        "internal": "forlater ikke virksomheten",
    },
    "releases_en": {
        "noisy_counts": "noisy counts, under a budget",
        "linkage": "blinded linkage with noise, once approved",
        "internal": "does not leave the organisation",
    },
}
"""Codes of a definition in words, as the templates use them."""


def chapters(indicators: Sequence[Indicator]) -> list[Chapter]:
    """The indicators in the order of the page, each in the first chapter that it fits."""
    waiting = sorted(indicators, key=lambda i: (i.definition.name_nb.lower(), i.definition.version))
    found: list[Chapter] = []
    for id_, title_nb, title_en, lead_nb, lead_en, fits in _CHAPTERS:
        mine = [indicator for indicator in waiting if fits(indicator.definition)]
        waiting = [indicator for indicator in waiting if indicator not in mine]
        if mine:
            found.append(Chapter(id_, title_nb, title_en, lead_nb, lead_en, mine))
    return found


def render_catalogue(indicators: Sequence[Indicator]) -> str:
    """One page that needs no network and no script."""
    return (
        environment("portal")
        .get_template("catalogue.html.j2")
        .render(
            chapters=chapters(indicators),
            number=len(indicators),
            **WORDS,
        )
    )
