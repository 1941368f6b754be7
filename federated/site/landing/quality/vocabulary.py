"""The closed list of rules: what each finds, what its count counts, what it means, what to do.

A rule id is what others build on (asset checks, `quality.json`, the generator's dirt manifest): it
is never given another meaning. How bad a finding is stands in `thresholds`.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["completeness", "validity", "timeliness", "plausibility"]
Severity = Literal["info", "warning", "error"]
Unit = Literal["rows", "persons", "days", "deliveries"]

FAMILIES: tuple[Family, ...] = ("completeness", "validity", "timeliness", "plausibility")
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Rule:
    """One rule. unit: what `Finding.count` counts.

    title, meaning, action: bokmål and English; `meaning` says what the rule looks for, `action`
    what the one who receives the delivery can do.
    """

    id: str
    family: Family
    unit: Unit
    title_nb: str
    title_en: str
    meaning_nb: str
    meaning_en: str
    action_nb: str
    action_en: str


_ASK_NB = "Spør avsenderen; be om nytt uttrekk hvis det er en feil i uttrekket."
_ASK_EN = "Ask the sender; ask for a new extract if the extract is at fault."

RULES: tuple[Rule, ...] = (
    Rule(
        "field_missing",
        "completeness",
        "rows",
        "Felt uten verdi",
        "Field without a value",
        "Rader der et felt som beregningene trenger, er tomt. Raden er lest inn likevel.",
        "Rows where a field that the indicators need is empty. The row landed all the same.",
        "Se om feltet mangler i hele uttrekket eller bare noen måneder. " + _ASK_NB,
        "See whether the field lacks in the whole extract or in some months. " + _ASK_EN,
    ),
    Rule(
        "missing_time",
        "completeness",
        "rows",
        "Klokkeslett mangler",
        "Time of day missing",
        "Klokkeslettet er tomt eller 00:00:00, som registrene skriver når de ikke har noe. Et ekte "
        "midnattsslag telles med.",
        "The time of day is empty or 00:00:00, which is what the registers write where they have "
        "none. A real midnight is counted too.",
        "Opphold kan da ikke ordnes innen døgnet; regler på timer (8 timer) blir usikre.",
        "Stays cannot then be put in order within a day; rules in hours (8 hours) become unsure.",
    ),
    Rule(
        "share_filled_changed",
        "completeness",
        "rows",
        "Andel utfylt er endret",
        "Share filled has changed",
        "Et felt er utfylt i en annen andel av radene enn i forrige leveranse. Antallet er radene "
        "som skiller.",
        "A field is filled in another share of the rows than in the previous delivery. The count "
        "is the rows that make the difference.",
        "Ofte en kolonne som er falt ut eller fått nytt navn. " + _ASK_NB,
        "Often a column that was dropped or renamed. " + _ASK_EN,
    ),
    Rule(
        "quarantined",
        "validity",
        "rows",
        "Rader i karantene",
        "Rows in quarantine",
        "Rader som bryter kontrakten og ikke er lest inn. Årsaken sier hvorfor. En rad med to "
        "årsaker telles under begge.",
        "Rows that break the contract and did not land. The reason says why. A row with two "
        "reasons is counted under both.",
        "Rett i kilden og lever på nytt; radene ligger i quarantine.rejected_row.",
        "Mend at the source and deliver anew; the rows lie in quarantine.rejected_row.",
    ),
    Rule(
        "reasons_changed",
        "validity",
        "rows",
        "Mer i karantene enn sist",
        "More in quarantine than before",
        "En årsak til karantene rammer en større andel av radene enn i forrige leveranse.",
        "A reason for quarantine strikes a larger share of the rows than in the previous delivery.",
        _ASK_NB,
        _ASK_EN,
    ),
    Rule(
        "code_not_in_list",
        "validity",
        "rows",
        "Kode utenfor kodelisten",
        "Code not in the list",
        "En kode som ikke står i kodelisten. Bare for åpne lister, som ikke er bekreftet; ellers "
        "settes raden i karantene.",
        "A code that does not stand in the code list. Only for open lists, which are unconfirmed; "
        "with others the row is quarantined.",
        "Finn kodens betydning hos registeret og legg den i seeds/code_list.csv med kilde.",
        "Find out from the register what it means; add it to seeds/code_list.csv with its source.",
    ),
    Rule(
        "code_outside_validity",
        "validity",
        "rows",
        "Kode brukt utenfor gyldighetstiden",
        "Code used outside its validity",
        "Koden finnes, men var ikke gyldig den dagen raden gjelder.",
        "The code exists, but was not valid on the day of the row.",
        "Se om koden er omkodet, eller om gyldighetstiden i seeds/code_list.csv er feil.",
        "See whether the code was recoded, or its dates in seeds/code_list.csv are wrong.",
    ),
    Rule(
        "komnr_unknown",
        "validity",
        "rows",
        "Kommunenummer ukjent (-1)",
        "Municipality unknown (-1)",
        "Registeret kjenner ikke bostedskommunen og skriver -1.",
        "The register does not know the municipality of residence and writes -1.",
        "Radene faller ut av tall etter bosted. Få er vanlig; mange bør avklares.",
        "The rows drop out of figures by residence. Few are usual; many should be cleared up.",
    ),
    Rule(
        "bydel_invalid",
        "validity",
        "rows",
        "Bydel ugyldig (030199)",
        "Bydel invalid (030199)",
        "Bydelen er uoppgitt eller ugyldig og er satt til 030199.",
        "The bydel is not stated or not valid and was set to 030199.",
        "Radene faller ut av tall etter bydel og sektor. Få er vanlig; mange bør avklares.",
        "The rows drop out of figures by bydel and sector. Few are usual; many should be cleared "
        "up.",
    ),
    Rule(
        "birth_year_unknown",
        "validity",
        "rows",
        "Fødselsår ukjent (9999)",
        "Birth year unknown (9999)",
        "Registeret kjenner ikke fødselsåret og skriver 9999.",
        "The register does not know the year of birth and writes 9999.",
        "Radene faller ut av tall etter alder.",
        "The rows drop out of figures by age.",
    ),
    Rule(
        "late_delivery",
        "timeliness",
        "days",
        "Sen leveranse",
        "Late delivery",
        "Dager fra periodens siste dag til uttrekket. Varsles når det er flere enn avtalt rytme.",
        "Days from the period's last day to the extract. Warned of beyond the usual rhythm.",
        "Avklar rytmen med avsenderen.",
        "Settle the rhythm with the sender.",
    ),
    Rule(
        "extracted_before_end",
        "timeliness",
        "days",
        "Uttrekk før perioden var over",
        "Extracted before the period's end",
        "Uttrekket er tatt før periodens siste dag: resten av perioden kan ikke være med.",
        "The extract was taken before the period's last day: the rest of it cannot be there.",
        "Be avsenderen oppgi riktig periode, eller levere på nytt.",
        "Ask the sender to state the right period, or to deliver anew.",
    ),
    Rule(
        "period_not_stated",
        "timeliness",
        "deliveries",
        "Periode ikke oppgitt",
        "Period not stated",
        "Leveransen sier ikke hvilken periode den gjelder; den er lest av radene. Tomme måneder "
        "først og sist kan da ikke ses.",
        "The delivery does not state its period; it was read from the rows. Empty months at either "
        "end cannot then be seen.",
        "Legg ved delivery.yaml.",
        "Add a delivery.yaml.",
    ),
    Rule(
        "extraction_day_unknown",
        "timeliness",
        "deliveries",
        "Uttrekksdag ikke oppgitt",
        "Day of extraction not stated",
        "Leveransen sier ikke når uttrekket er tatt.",
        "The delivery does not state when it was extracted.",
        "Oppgi extracted_on i delivery.yaml.",
        "State extracted_on in delivery.yaml.",
    ),
    Rule(
        "empty_month",
        "timeliness",
        "rows",
        "Måned uten rader",
        "Month without rows",
        "En måned i perioden har ingen rader, mens andre har.",
        "A month of the period has no rows, while others have.",
        _ASK_NB,
        _ASK_EN,
    ),
    Rule(
        "thin_last_month",
        "timeliness",
        "rows",
        "Tynn siste måned",
        "Thin last month",
        "Periodens siste måned har langt færre rader enn de foregående: ofte er ikke alt meldt inn "
        "ennå. Antallet er månedens rader.",
        "The period's last month has far fewer rows than those before: often not all has been "
        "reported yet. The count is the month's rows.",
        "Vent med tall for måneden til neste leveranse.",
        "Hold back figures of the month until the next delivery.",
    ),
    Rule(
        "thin_month",
        "plausibility",
        "rows",
        "Tynn måned",
        "Thin month",
        "En måned (ikke periodens siste) har langt færre rader enn nabomånedene. Antallet er "
        "månedens rader.",
        "A month (not the period's last) has far fewer rows than its neighbours. The count is the "
        "month's rows.",
        _ASK_NB,
        _ASK_EN,
    ),
    Rule(
        "fewer_rows_than_before",
        "plausibility",
        "rows",
        "Færre rader enn sist",
        "Fewer rows than before",
        "En måned har færre rader enn i forrige leveranse, eller, når leveransene ikke har felles "
        "måneder, færre rader i snitt. Antallet er radene som er borte.",
        "A month has fewer rows than in the previous delivery or, where the deliveries share no "
        "month, fewer rows on average. The count is the rows that are gone.",
        _ASK_NB,
        _ASK_EN,
    ),
    Rule(
        "more_rows_than_before",
        "plausibility",
        "rows",
        "Flere rader enn sist",
        "More rows than before",
        "En måned har langt flere rader enn i forrige leveranse. Antallet er radene som er kommet "
        "til.",
        "A month has far more rows than in the previous delivery. The count is the rows added.",
        "Vanlig for siste måned i forrige leveranse. Ellers: se etter dobbelt uttrekk.",
        "Usual for the previous delivery's last month. Otherwise look for a doubled extract.",
    ),
    Rule(
        "codes_changed",
        "plausibility",
        "rows",
        "Kodefordeling er endret",
        "Use of codes has changed",
        "Kodene brukes i andre andeler enn i forrige leveranse (total variasjonsavstand). Antallet "
        "er radene som måtte byttet kode.",
        "The codes are used in other shares than in the previous delivery (total variation "
        "distance). The count is the rows that would have to change code.",
        "Se etter ny koding, ny kilde eller en enhet som mangler.",
        "Look for recoding, a new source or a unit that lacks.",
    ),
    Rule(
        "ready_before_admission",
        "plausibility",
        "rows",
        "Utskrivningsklar før innleggelse",
        "Ready for discharge before admission",
        "utskrKlarDato ligger før innDato.",
        "utskrKlarDato lies before innDato.",
        "Oppholdet holdes utenfor tall for utskrivningsklare.",
        "The stay is left out of figures on patients ready for discharge.",
    ),
    Rule(
        "sex_differs",
        "plausibility",
        "persons",
        "Ulikt kjønn for samme person",
        "Sex differs for one person",
        "Personer som har både 1 og 2 som kjønn i leveransen.",
        "Persons who have both 1 and 2 as sex in the delivery.",
        "Kan være to personer under ett pseudonym. Mange: stans kobling, spør avsenderen.",
        "May be two persons under one pseudonym. If many: stop linkage, ask the sender.",
    ),
    Rule(
        "birth_year_differs",
        "plausibility",
        "persons",
        "Ulikt fødselsår for samme person",
        "Birth year differs for one person",
        "Personer som har flere fødselsår i leveransen (9999 holdes utenfor).",
        "Persons who have more than one birth year in the delivery (9999 left out).",
        "Kan være to personer under ett pseudonym. Mange: stans kobling, spør avsenderen.",
        "May be two persons under one pseudonym. If many: stop linkage, ask the sender.",
    ),
    Rule(
        "two_pseudonyms",
        "plausibility",
        "persons",
        "To KPR-pseudonymer for én person",
        "Two KPR pseudonyms for one person",
        "npr_lnr som står med flere kpr_lnr i nøkkelfilen.",
        "npr_lnr that stand with more than one kpr_lnr in the key file.",
        "Personene kan ikke kobles entydig; be registeret om rettet nøkkelfil.",
        "These persons cannot be linked one to one; ask the register for a mended key file.",
    ),
    Rule(
        "death_before_contact",
        "plausibility",
        "rows",
        "Død før kontakten",
        "Death before the contact",
        "Dødsdatoen ligger før kontaktens første dag.",
        "The date of death lies before the contact's first day.",
        "Kan være feil person eller administrative kontakter.",
        "May be the wrong person, or administrative contacts.",
    ),
    Rule(
        "implausible_age",
        "plausibility",
        "rows",
        "Usannsynlig alder",
        "Implausible age",
        "Kontaktens år minus fødselsåret er under 0 eller over grensen (9999 holdes utenfor).",
        "Year of the contact less year of birth is below 0 or above the limit (9999 left out).",
        _ASK_NB,
        _ASK_EN,
    ),
    Rule(
        "implausible_length_of_stay",
        "plausibility",
        "rows",
        "Usannsynlig liggetid",
        "Implausible length of stay",
        "Sykehusopphold over grensen i dager.",
        "Hospital stays of more days than the limit.",
        "Ofte et opphold som ikke er avsluttet i journalsystemet.",
        "Often a stay that was never closed in the record system.",
    ),
    Rule(
        "implausible_hours",
        "plausibility",
        "rows",
        "Usannsynlig timetall",
        "Implausible hours",
        "Timer i uken over grensen.",
        "Hours a week above the limit.",
        "Ofte månedstimer skrevet som uketimer (del på fire).",
        "Often hours a month written as hours a week (divide by four).",
    ),
    Rule(
        "link_quality_poor",
        "plausibility",
        "rows",
        "Usikker personkobling",
        "Unsure person link",
        "NPRId_reg er ikke 1: kjønn eller år avviker, fødselsnummer mangler, eller død før "
        "inndato.",
        "NPRId_reg is not 1: sex or year differs, no national id, or dead before admission.",
        "Radene kan ikke regnes som samme person over tid.",
        "The rows cannot be taken as one person over time.",
    ),
)
RULE: dict[str, Rule] = {rule.id: rule for rule in RULES}
