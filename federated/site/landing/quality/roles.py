"""Which columns of a landing table play which part: person, contact, death, residence.

The contract says what a column is; this says what the rules ask of it. Names are the register's.
A name that a contract does not have is skipped (and a test finds it).
"""

from dataclasses import dataclass

UNKNOWN_BIRTH_YEAR = 9999
UNKNOWN_MUNICIPALITY = "-1"
INVALID_BYDEL = ("030199", "30199")
"""The second is how a table program writes it."""


@dataclass(frozen=True)
class Needed:
    """A field that the indicators need, though a row lands without it. only_where: (name, code)."""

    variable: str
    only_where: tuple[str, int] | None = None


@dataclass(frozen=True)
class Roles:
    """contact: the first day of what the row tells of. times: times of day that may be missing."""

    needed: tuple[Needed, ...] = ()
    person: str | None = None
    sex: str | None = None
    birth_year: str | None = None
    contact: str | None = None
    stay_ends: str | None = None
    death: str | None = None
    ready: str | None = None
    times: tuple[str, ...] = ()
    municipality: str | None = None
    bydel: str | None = None
    hours: str | None = None
    link_quality: str | None = None
    other_pseudonym: str | None = None


_RESIDENT = (Needed("kommuneNr"), Needed("bydel"), Needed("kjonn"), Needed("fodselsaar"))

ROLES: dict[str, Roles] = {
    "npr_stay": Roles(
        needed=(
            Needed("institusjonID"),
            Needed("innmateHast", only_where=("omsorgsniva", 1)),
            Needed("utTilstand", only_where=("omsorgsniva", 1)),
            Needed("tilstand_1_1"),
            Needed("komNrHjem2"),
            Needed("bydel2"),
            Needed("kjonn"),
            Needed("fodselsar"),
        ),
        person="lopenr",
        sex="kjonn",
        birth_year="fodselsar",
        contact="innDato",
        stay_ends="utDato",
        death="dodDato",
        ready="utskrKlarDato",
        times=("innTid", "utTid"),
        municipality="komNrHjem2",
        bydel="bydel2",
        link_quality="NPRId_reg",
    ),
    "npr_referral": Roles(
        needed=(Needed("utfall"), Needed("bydel2"), Needed("kjonn"), Needed("fodselsar")),
        person="lopenr",
        sex="kjonn",
        birth_year="fodselsar",
        contact="mottattDato",
        municipality="komNrHjem2",
        bydel="bydel2",
    ),
    "kuhr_claim": Roles(
        needed=_RESIDENT,
        person="kpr_lnr",
        sex="kjonn",
        birth_year="fodselsaar",
        contact="dato",
        death="doddato",
        municipality="kommuneNr",
        bydel="bydel",
    ),
    "kuhr_diagnosis": Roles(needed=(Needed("diagnoseTabell"),)),
    "kpr_care": Roles(
        needed=_RESIDENT,
        person="kpr_lnr",
        sex="kjonn",
        birth_year="fodselsaar",
        contact="startdato",
        death="doddato",
        municipality="kommuneNr",
        bydel="bydel",
        hours="timer_uke",
    ),
    "kpr_function": Roles(person="kpr_lnr", contact="vurdertDato"),
    "person_key": Roles(person="npr_lnr", other_pseudonym="kpr_lnr"),
}


def roles_of(table: str) -> Roles:
    """The parts played in a landing table; none where nothing is known of it."""
    return ROLES.get(table, Roles())
