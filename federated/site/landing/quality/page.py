"""The quality report as one HTML page that needs no network and no script."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from federated.site.landing.quality import charts, sentences, words
from federated.site.landing.quality.facts import NO_MONTH, TableFacts
from federated.site.landing.quality.finding import Finding
from federated.site.landing.quality.findings import months_of
from federated.site.landing.quality.report import QualityReport
from federated.site.landing.quality.thresholds import AS_OF, STANDING_EN, STANDING_NB
from federated.site.landing.quality.vocabulary import FAMILIES, RULE, RULES, SEVERITIES, Rule


@dataclass(frozen=True)
class Line:
    """Findings of one rule in one variable, over all months. worst: the month that is worst."""

    rule: Rule
    severity: str
    place: str
    months: int
    count: int
    share: float | None
    worst: Finding


@dataclass(frozen=True)
class Reason:
    """A reason for quarantine. before: its share in the previous delivery."""

    reason: str
    rows: int
    share: float
    before: float | None


@dataclass(frozen=True)
class TablePart:
    """What the page shows of one landing table."""

    facts: TableFacts
    previous: TableFacts | None
    bars: Markup
    heat_map: Markup | None
    left_out: bool
    reasons: tuple[Reason, ...]


def render(report: QualityReport) -> str:
    """HTML in bokmål with English beside it, marked internal."""
    profile = report.profile
    lag = None
    if profile.extracted_on and profile.period_to:
        lag = (profile.extracted_on - profile.period_to).days
    spoke = {finding.rule for finding in report.findings}
    return (
        _environment()
        .get_template("quality.html.j2")
        .render(
            profile=profile,
            previous=report.previous,
            lag=lag,
            summary=report.summary,
            families=FAMILIES,
            severities=SEVERITIES,
            lines=lines(report.findings),
            tables=_tables(report),
            rules=[rule for rule in RULES if rule.id in spoke],
            as_of=AS_OF,
            standing_nb=STANDING_NB,
            standing_en=STANDING_EN,
            whole=words.whole,
            percent=words.percent_nb,
            counted=words.counted_nb,
            said_nb=sentences.said_nb,
            said_en=sentences.said_en,
        )
    )


def lines(findings: Iterable[Finding]) -> list[Line]:
    """One line per rule, table, variable and reason; sorted by severity, then by share."""
    ordered = sorted(findings, key=_place_of)
    gathered = [_line(list(group)) for _, group in groupby(ordered, key=_place_of)]
    return sorted(
        gathered,
        key=lambda line: (
            SEVERITIES.index(line.worst.severity),
            FAMILIES.index(line.rule.family),
            -(line.share or 0.0),
            line.place,
        ),
    )


def _place_of(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.rule, finding.table or "", finding.variable or "", finding.reason or "")


def _line(findings: Sequence[Finding]) -> Line:
    worst = min(findings, key=lambda f: (SEVERITIES.index(f.severity), -(f.share or 0.0)))
    of, count = _looked_at(findings), sum(finding.count for finding in findings)
    share = worst.share if len(findings) == 1 else count / of if of else None
    return Line(
        rule=RULE[worst.rule],
        severity=worst.severity,
        place=" · ".join(p for p in (worst.table, worst.reason or worst.variable) if p),
        months=sum(finding.month is not None for finding in findings),
        count=count,
        share=share,
        worst=worst,
    )


def _looked_at(findings: Sequence[Finding]) -> int:
    """What the findings of one line are a share of, together."""
    whole = [f.of or 0 for f in findings if f.rule == "quarantined" and f.month is None]
    return whole[0] if whole else sum(finding.of or 0 for finding in findings)


def _tables(report: QualityReport) -> list[TablePart]:
    previous = {facts.table: facts for facts in report.previous.tables} if report.previous else {}
    months = months_of(report.profile)
    return [_table(facts, previous.get(facts.table), months) for facts in report.profile.tables]


def _table(facts: TableFacts, previous: TableFacts | None, period: Sequence[str]) -> TablePart:
    months = charts.months_drawn(facts, period)
    named = months != [NO_MONTH]
    when = f"{months[0]} til {months[-1]}" if named else "uten dato"
    bars = charts.svg(
        charts.rows_by_month(facts, previous, months),
        f"rows-{facts.table}",
        f"Rader per måned i {facts.table}",
        _rows_text(facts, previous, when),
    )
    heat_map = None
    if facts.filled:
        heat_map = charts.svg(
            charts.completeness(facts, months),
            f"filled-{facts.table}",
            f"Andel utfylt per variabel og måned i {facts.table}",
            _filled_text(facts, when),
        )
    left_out = len(charts.drawn_variables(facts)) < len(facts.filled)
    return TablePart(facts, previous, bars, heat_map, left_out, _reasons(facts, previous))


def _rows_text(facts: TableFacts, previous: TableFacts | None, when: str) -> str:
    said = f"{words.counted_nb(facts.landed, 'rows')}, {when}"
    return said + (f"; {words.whole(previous.landed)} i forrige leveranse." if previous else ".")


def _filled_text(facts: TableFacts, when: str) -> str:
    """The five emptiest, since a picture of hundreds of cells has no short description."""
    shares = sorted(
        (sum(facts.filled[name].values()) / facts.landed, name)
        for name in charts.drawn_variables(facts)
    )
    least = ", ".join(f"{name} {words.percent_nb(share)}" for share, name in shares[:5])
    return f"{len(shares)} variabler, {when}. Minst utfylt: {least}."


def _reasons(facts: TableFacts, previous: TableFacts | None) -> tuple[Reason, ...]:
    counts, before = facts.reasons, previous.reasons if previous else {}
    received_before = previous.received if previous else 0
    return tuple(
        Reason(
            reason,
            rows,
            rows / facts.received,
            before.get(reason, 0) / received_before if received_before else None,
        )
        for reason, rows in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("federated.site.landing.quality"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
