"""Whose budget a cost or a gain falls in: said beside every released figure of money."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purse:
    """measures: those of the catalogue that are about this budget."""

    name_nb: str
    name_en: str
    note_nb: str
    note_en: str
    measures: tuple[str, ...]


PURSES = (
    Purse(
        "Staten",
        "The state",
        "En innleggelse mindre sparer statens ISF-refusjon. Den er samtidig en inntekt sykehuset "
        "ikke får.",
        "An admission less saves the state's activity-based payment, which is also income that the "
        "hospital does not get.",
        ("paid_by_state", "spared_isf", "income", "income_acute", "income_planned"),
    ),
    Purse(
        "Helseforetaket",
        "The hospital trust",
        "Foretaket bærer resten av full pris. Senger, vakt og bygg står der selv om en innleggelse "
        "faller bort, så gevinsten på kort sikt er mindre enn gjennomsnittskostnaden.",
        "The trust bears the rest of the full price. Beds, duty and buildings remain when an "
        "admission falls away, so the gain in the short run is below the mean cost.",
        ("paid_by_trust", "spared_trust"),
    ),
    Purse(
        "Staten og helseforetaket sammen",
        "The state and the trust together",
        "Full pris deles av de to: staten betaler ISF-delen, foretaket resten. En gevinst i full "
        "pris tilhører derfor ingen av dem alene.",
        "The full price is shared by the two: the state pays the activity-based part, the trust "
        "the rest. So a gain at full price belongs to neither of them alone.",
        ("cost", "cost_acute", "cost_planned", "full_price", "spared_full_price"),
    ),
    Purse(
        "Kommunen",
        "The municipality",
        "Kommunen betaler for døgn etter at pasienten er meldt utskrivningsklar; betalingen er en "
        "inntekt for foretaket og kan ikke legges til dets gevinst. Tjenestene som trengs i "
        "stedet, er kommunens kostnad.",
        "The municipality pays for days after a patient is reported ready; the payment is income "
        "of the trust and cannot be added to its gain. The services needed instead are the "
        "municipality's cost.",
        ("paid_by_municipality", "spared_municipality", "municipal_cost", "days_over_cost"),
    ),
)  # fmt: skip


def purse_of(measure: str) -> Purse | None:
    return next((purse for purse in PURSES if measure in purse.measures), None)
