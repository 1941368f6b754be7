"""A default year as a page: what is released, how wrong it is expected to be, what is left out."""

# ruff: noqa: E501 -- the lines of a page are as long as the page wants them

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from privacy.bounds import ContributionBound
from privacy.plan.capping import Contributions
from privacy.plan.choice import Chosen, Grade, Option, Variant, Verdict, options
from privacy.plan.familiar import FamiliarTable, familiar_tables
from privacy.plan.figures import Place, StartingPlan
from privacy.plan.planning import Line, Plan, budget_rho
from privacy.plan.split import Aim
from privacy.plan.starting import Comparison, compare
from privacy.plan.table import Table
from privacy.plan.workload import Step, steps

_WORDS = {Verdict.USEFUL: "useful", Verdict.COARSER: "coarser", Verdict.DROPPED: "dropped"}
_NORSK = {
    "Frail elderly by bydel": "Skrøpelige eldre per bydel",
    "Services of the frail, Oslo": "Tjenester til skrøpelige, hele Oslo",
    "Referrals to BUP rejected, by bydel": "Avviste henvisninger til BUP per bydel",
    "BUP patients by diagnosis group, 2018-2022": "BUP-pasienter etter diagnosegruppe, 2018–2022",
    "ADHD by bydel and age, 2018-2022": "ADHD per bydel og alder, 2018–2022",
}
_NOTES = {"by sector": "per sektor", "ages together": "aldersgruppene samlet"}
_LINKED_PART = 0.20


@dataclass(frozen=True)
class Year:
    """of: every indicator that was considered, released or not."""

    epsilon: float
    chosen: Chosen
    plan: Plan
    of: tuple[str, ...]

    def count(self, verdict: Verdict) -> int:
        return sum(self.chosen.verdict(name) is verdict for name in self.of)


@dataclass(frozen=True)
class Material:
    """What the page is made from."""

    variants: Mapping[str, Sequence[Variant]]
    place: Place
    grade: Grade
    rhythms: Mapping[str, str]
    contributions: Mapping[str, Contributions]
    starting: StartingPlan
    not_delivered: Sequence[str]


def render(years: Sequence[Year], of: Material) -> str:
    """The page, in bokmål first and English after, as Markdown."""
    familiar = {
        year.epsilon: familiar_tables(year.plan, of.place.familiar, of.place.smallest_bydel.share)
        for year in years
    }
    aim = Aim(of.grade.useful / 4)
    compared = {epsilon: compare(of.starting, rho, aim) for epsilon, rho in of.starting.rho.items()}
    parts = [
        _summary(years, familiar, of),
        _reading(years, of),
        *(_year(year, of) for year in years),
        _five(years, familiar, of),
        _too_much(of),
        _beaten(compared, of),
        _assumptions(of),
    ]
    return "\n\n".join(parts) + "\n"


def _summary(
    years: Sequence[Year], familiar: Mapping[float, Sequence[FamiliarTable]], of: Material
) -> str:
    counts = "\n".join(
        f"| {year.epsilon:g} | {year.count(Verdict.USEFUL)} | {year.count(Verdict.COARSER)} "
        f"| {year.count(Verdict.DROPPED)} | {year.plan.total.federation_epsilon:.2f} "
        f"| {year.plan.total.ten_year_epsilon:.1f} |"
        for year in years
    )
    tables = "\n".join(
        f"| {_NORSK[name]} | "
        + " | ".join(_short(familiar[year.epsilon][at], of.grade) for year in years)
        + " |"
        for at, name in enumerate(_NORSK)
    )
    return f"""# Et år med tall, planlagt

**Kort sagt.** Personvernbudsjettet er det knappe. Denne siden viser, før noe er brukt, hva et helt år med tall
fra alle indikatorer i katalogen kan koste og hvor store feil støyen gir i {of.place.place}. Et tall er
*nyttig* når støyen i 95 av 100 tilfeller er høyst {100 * of.grade.useful:.0f} % av en vanlig celle. Nås ikke det slik katalogen
definerer tabellen, foreslår planleggeren en *grovere* inndeling som når det; koster også den for mye, er
tabellen *utelatt*. Færre, grovere og bedre tall: en sum måles én gang i stedet for å legge sammen støy.

| ε per personår | som definert | grovere | utelatt | ε for en person ved alle sykehus | ε over ti år |
|---|---|---|---|---|---|
{counts}

De fem tabellene som partene leser nøyaktig i dag:

| Tabell | {" | ".join(f"ε = {year.epsilon:g}" for year in years)} |
|---|{"---|" * len(years)}
{tables}

Bruk `sloyfe plan` for å prøve andre budsjetter, og `sloyfe plan bounds` for å veie hva grensen per person tar
bort, mot støyen den sparer. ε er ingen juridisk terskel. Tellingene siden bygger på, er publiserte eller
syntetiske (`privacy/plan/oslo.yaml`); feilene er støyens alene.

![Forventet feil i hver tabell](pictures/year.png)"""


def _reading(years: Sequence[Year], of: Material) -> str:
    totals = "\n".join(
        f"| {year.epsilon:g} | {t.federation_rho:.4f} | {t.federation_epsilon:.3f} | {t.delta:g} "
        f"| {t.ten_year_epsilon:.2f} at {t.ten_year_delta:g} |"
        for year in years
        for t in (year.plan.total,)
    )
    return f"""---

# A year of figures, planned

Made by `sloyfe plan year`; a test holds it to what the planner finds. Do not edit.

Every indicator of the catalogue that may leave a site is planned for one year: released once, after the
year's last delivery. The planner chooses for each table whether to release it and how fine, then splits
what a person's data-year may cost so that the stated loss is least ([how](#how-it-is-computed)).

| ε a person-year | ρ of a data-year | ε reached | δ | ten years, ε at δ |
|---|---|---|---|---|
{totals}

In the tables below

* *released at* is the finest grain within the budget whose typical cell is right within
  {of.grade.useful:.0%}; *as defined* is the catalogue's own.
* *±* is half the width of a 95 % interval from noise alone, in the unit of the indicator and relative to a
  typical cell of that grain, for the measure named in `privacy/plan/oslo.yaml`.
* *charges* is how many yearly releases charge one data-year: look-back and follow-up windows make a
  release depend on more years than its own, and the ledger charges each of them.
* *cap bias* is the share that the bounds on one person (u a cell, k a year) cut away, in synthetic Oslo, of
  the rows with the outcome where there is one (readmitted, died): a shift down, not noise. Tighter bounds
  than the catalogue's are considered where they cut at most {of.grade.bias:.0%}, and named. Of linked tables:
  of admissions, for the days kept of one person; u = 1 names another estimand (*one admission a person*).
* *of the year* is the part of ρ that it takes. For a dropped table it is what the cheapest useful grain
  would have taken ("> 100 %": not even alone)."""


def _year(year: Year, of: Material) -> str:
    lines = {line.table.name: line for line in year.plan.lines}
    whole = budget_rho(year.epsilon, year.plan.delta)
    order = sorted(year.of, key=lambda name: (list(Verdict).index(year.chosen.verdict(name)), name))
    rows = "\n".join(
        _row(name, year.chosen.verdict(name), lines.get(name), whole, of) for name in order
    )
    return f"""## ε = {year.epsilon:g} a person-year

{year.count(Verdict.USEFUL)} tables as defined, {year.count(Verdict.COARSER)} coarser,
{year.count(Verdict.DROPPED)} dropped.

| Indicator | As defined | Released at | Rhythm | Charges | ± | ± % | Cap bias | Of the year | Verdict |
|---|---|---|---|---|---|---|---|---|---|
{rows}"""


def _row(name: str, verdict: Verdict, line: Line | None, whole: float, of: Material) -> str:
    defined = of.variants[name][0].table
    table = line.table if line else defined
    charged = f"{of.rhythms[name]} | {defined.charged}"
    head = f"| `{name}` | {_grain(defined)}"
    bias = _bias(name, table, of)
    if line is None:
        cheapest = min(options(of.variants[name], of.grade), key=lambda option: option.cost)
        part = cheapest.cost / whole
        needed = "> 100 %" if part > 1 else f"{part:.0%} for {_option(cheapest)}"
        return f"{head} | – | {charged} | – | – | {bias} | {needed} | {_WORDS[verdict]} |"
    first = line.expected[0]
    label = _label(defined, table)
    at = (
        "as defined"
        if verdict is Verdict.USEFUL
        else first.grain + (f" ({label})" if label else "")
    )
    return (
        f"{head} | {at} | {charged} | {_number(first.half_width)} | {first.relative:.0%} | {bias} "
        f"| {line.federation_rho / whole:.1%} | {_WORDS[verdict]} |"
    )


def _five(
    years: Sequence[Year], familiar: Mapping[float, Sequence[FamiliarTable]], of: Material
) -> str:
    rows: list[str] = []
    for at, name in enumerate(_NORSK):
        for year in years:
            table = familiar[year.epsilon][at]
            rows.append(f"| {name} | {year.epsilon:g} | {_long(table, of.grade)} |")
    body = "\n".join(rows)
    return f"""## The five tables that partners read exactly today

Counts as published ({of.place.sources[of.place.familiar.source].text}), errors as this year's plan has them.
A row is *within* when its count is right within {of.grade.useful:.0%}; a change is *seen* when it is larger than the 95 %
half-width of the change, both years having noise of their own. Change is by the year it starts from.

| Table | ε | Rows within | ± a row | Changes | Verdict |
|---|---|---|---|---|---|
{body}

By bydel, only what is common is worth reading each year: a bydel with 25 patients has a noise of its own
size at any sane ε. Sums over a sector, over both age groups or over two years are read from the same
table and cost nothing more."""


def _long(table: FamiliarTable, grade: Grade) -> str:
    if not table.rows:
        return "– | – | – | dropped"
    rows = table.rows
    middle = sorted(rows, key=lambda row: row.relative)[len(rows) // 2]
    size = f"±{_number(middle.half_width)} of {_number(middle.count)} ({middle.relative:.0%})"
    if table.share_half_width is not None:
        size += f"; share ±{100 * table.share_half_width:.0f} points"
    changes = "none shown"
    if rows[0].change is not None:
        typical = sorted(row.change_half_width or 0.0 for row in rows)[len(rows) // 2]
        changes = f"{table.changes_seen} of {len(rows)} seen, ±{100 * typical:.0f} points"
    within = table.within(grade)
    return f"{within} of {len(rows)} | {size} | {changes} | {_judged(table, grade)}"


def _judged(table: FamiliarTable, grade: Grade) -> str:
    rows = table.rows or ()
    within = table.within(grade)
    if table.note:
        verdict = f"coarser: {table.note}"
    elif 2 * within >= len(rows):
        verdict = "useful"
    else:
        return f"{within} rows useful; coarser for the rest" if within else "coarser: no row here"
    return verdict if within == len(rows) else f"{verdict}, larger rows"


def _short(table: FamiliarTable, grade: Grade) -> str:
    if not table.rows:
        return "utelatt"
    text = f"{table.within(grade)} av {len(table.rows)} rader innenfor"
    if table.rows[0].change is not None:
        text += f"; {table.changes_seen} av {len(table.rows)} endringer synlige"
    return text + (f" ({_NOTES[table.note]})" if table.note else "")


def _too_much(of: Material) -> str:
    rho = budget_rho(2.0, 1e-6) * _LINKED_PART
    linked = of.place.linked["service_use_before_acute_admission"]
    admissions = of.contributions["acute_admissions"].merged()
    rows = "\n".join(_step(step, of.grade) for step in steps(linked, admissions, rho, 1e-9))
    return f"""## Why 8 services × 90 buckets is too much, and what to drop

Service use before an acute admission, by three lag classes, linked once a year, at {_LINKED_PART:.0%} of ρ at ε = 2.
Ninety buckets are for instance fifteen bydeler by six groups of age and sex.

| Services | Buckets | u | Cells | Typical cell | ± | ± % | Dummies, both parties | |
|---|---|---|---|---|---|---|---|---|
{rows}

The noise of a cell does not grow with the buckets; the count in it shrinks. It grows with the tokens kept
of one person (u) and with the root of the number of services. So drop, in this order: buckets (sectors
instead of bydeler by age, a quarter of the cells for four times the count), tokens (u = 1 names another
estimand: *per person, one admission*), and the services that few use. A larger budget comes last: half
the error costs four times the ρ."""


def _step(step: Step, grade: Grade) -> str:
    verdict = "useful" if step.relative <= grade.useful else "too much"
    return (
        f"| {step.services} | {step.buckets} | {step.kept} | {step.cells:,} "
        f"| {_number(step.typical)} | {_number(step.half_width)} | {step.relative:.0%} "
        f"| {step.dummies:,} | {verdict} |"
    )


def _beaten(compared: Mapping[int, Comparison], of: Material) -> str:
    first = next(iter(compared.values()))
    rows = "\n".join(
        f"| {row.line.label} | "
        + " | ".join(
            f"{row.line.printed[at]:.0f} % | {c.lines[place].starting:.1%} | {c.lines[place].ours:.1%}"
            for at, c in enumerate(compared.values())
        )
        + " |"
        for place, row in enumerate(first.lines)
    )
    heads = " | ".join(f"printed, ε = {e} | starting plan | here" for e in compared)
    losses = "\n".join(
        f"| {e} | {c.rho} | {c.equal_loss:.4f} | {c.starting_loss:.4f} | {c.our_loss:.4f} "
        f"| {1 - c.our_loss / c.starting_loss:.0%} |"
        for e, c in compared.items()
    )
    return f"""## Against the starting plan

{of.starting.source}. Like with like: its counts, its bounds, its ρ, a release charged to one year. What differs
is what is measured and how ρ is split. The two readmission tables are one fact and are read together;
what that saves goes where the loss falls most, under the promise that no line gets worse.

| Line | {heads} |
|---|{"---|" * (3 * len(compared))}
{rows}

| ε | ρ | loss, equal split | loss, starting plan | loss, here | less than the starting plan |
|---|---|---|---|---|---|
{losses}"""


def _assumptions(of: Material) -> str:
    sources = "\n".join(f"* {s.text} ({s.standing})." for s in of.place.sources.values())
    listed = ", ".join(f"`{name}`" for name in of.not_delivered)
    return f"""## How it is computed

* **Loss.** The weighted sum over tables of the mean squared relative 95 % error of their figures; below
  {of.grade.useful / 4:.0%} an error counts as {of.grade.useful / 4:.0%}. The grain itself weighs 1, each roll-up a quarter.
* **What is released.** An option's worth is weight × log(1 + cells) over the same as defined; the budget is
  filled by falling worth per ρ. Weights are in the YAML: 3 for the five tables, 2 for the starting plan's.
* **Totals measured once.** A table and its roll-ups are measured together, and read by weighted least
  squares; the variance of each figure is exact for hierarchies of equal groups (`privacy/plan/hierarchy.py`).
* **One home hospital.** A person is counted by the hospital of the own sector alone, so that the whole
  federation costs what one site does. It leaves out the stays elsewhere (the counts are reduced by `home`).
  The gate as it is charges every site: `--combine keyed_by_site` shows what that costs.
* **Bounds.** The catalogue's, per cell of time and event and per year; a coarser table is bounded anew at
  the same number. An area or an age group does not multiply them.
* **Linked tables.** Both parties' dummies; u the tokens kept; one run a service; δ of all touched cells and
  runs together half of 1e-6.
* **Charged years.** As the ledger charges them: look-back as the definition has it, the year itself, and the
  year after, also where a table follows nobody up. A definition that could say "no follow-up" would halve
  what the yearly counts of persons cost.
* **Variants.** {_variants(of.place)}. Each is charged as a table of its own here. One definition with the atoms
  of all of them, measured once, would cost once; that is a change of the catalogue, not of the plan.
* **Typical cells.** A mean over the values that are used; small bydeler have about half of it
  ({of.place.smallest_bydel.source}), so that twice the relative error there.

Counts are from:

{sources}

Not planned, because no site delivers the register: {listed}."""


def _variants(place: Place) -> str:
    alike: dict[str, list[str]] = {}
    for name, table in place.tables.items():
        if table.variant_of is not None:
            alike.setdefault(table.variant_of, []).append(f"`{name}`")
    return "; ".join(
        f"{', '.join(names)} count{'s' if len(names) == 1 else ''} nearly the facts of `{of}`"
        for of, names in alike.items()
    )


def _bias(name: str, table: Table, of: Material) -> str:
    defined = of.variants[name][0].table
    if table.linkage is not None:
        if defined.bound.total == 1:  # one day of a person and year by definition
            return f"{0:.1%}"
        admissions = of.contributions["acute_admissions"].merged()
        kept = table.linkage.kept
        return f"{admissions.lost(ContributionBound(kept, kept)).rows:.1%}"
    if name in of.contributions:
        return f"{of.contributions[name].lost(table.bound).judged:.1%}"
    rows = of.place.tables[name].rows
    return f"{1 - rows.counted / rows.delivered:.1%}"


def _grain(table: Table) -> str:
    grain = table.grain_name(table.figures[0].grain)
    if table.linkage is None:
        return grain
    return f"{grain}; {table.linkage.services} services, u = {table.linkage.kept}"


def _label(defined: Table, table: Table) -> str:
    if defined.linkage is None or table.linkage is None:
        same = defined.bound == table.bound
        return "" if same else f"u = {table.bound.per_cell}, k = {table.bound.total}"
    if defined.linkage == table.linkage:
        return ""
    return f"{table.linkage.services} services, u = {table.linkage.kept}"


def _option(option: Option) -> str:
    return option.table.grain_name(option.table.figures[0].grain)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
