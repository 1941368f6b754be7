"""A finding in one sentence, bokmål and English."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from federated.site.landing.quality.finding import Finding
from federated.site.landing.quality.vocabulary import RULE, Unit
from federated.site.landing.quality.words import (
    counted_en,
    counted_nb,
    percent_en,
    percent_nb,
    whole,
)

_FORM = {
    "empty_month": "bare",
    "thin_month": "expected",
    "thin_last_month": "expected",
    "share_filled_changed": "filled",
    "codes_changed": "codes",
    "fewer_rows_than_before": "fewer",
    "more_rows_than_before": "more",
}
"""Which form of words a rule has; others say a share, or a bare number."""


@dataclass(frozen=True)
class _Language:
    """forms: name of a form -> text with {count} (with its unit), {number}, {of}, {share}."""

    counted: Callable[[int, Unit], str]
    percent: Callable[[float], str]
    forms: Mapping[str, str]


_BOKMAL = _Language(
    counted_nb,
    percent_nb,
    {
        "bare": "",
        "counted": "{count}",
        "expected": "{count}, nabomånedene tilsier {expected}",
        "filled": "{share} utfylt, {before} i forrige leveranse",
        "codes": "{share} av radene måtte byttet kode for å gi forrige fordeling",
        "fewer": "{count} færre enn {expected} ({share})",
        "more": "{count} flere enn {expected} ({share})",
        "share": "{number} av {of} ({share})",
        "share_before": "{number} av {of} ({share}), {before} i forrige leveranse",
    },
)
_ENGLISH = _Language(
    counted_en,
    percent_en,
    {
        "bare": "",
        "counted": "{count}",
        "expected": "{count}, its neighbours lead to expect {expected}",
        "filled": "{share} filled, {before} in the previous delivery",
        "codes": "{share} of the rows would have to change code to give the previous use",
        "fewer": "{count} fewer than {expected} ({share})",
        "more": "{count} more than {expected} ({share})",
        "share": "{number} of {of} ({share})",
        "share_before": "{number} of {of} ({share}), {before} in the previous delivery",
    },
)


def bokmal(finding: Finding) -> str:
    return _sentence(RULE[finding.rule].title_nb, finding, said_nb(finding))


def english(finding: Finding) -> str:
    return _sentence(RULE[finding.rule].title_en, finding, said_en(finding))


def said_nb(finding: Finding) -> str:
    """The numbers alone, without rule and place."""
    return _said(finding, _BOKMAL)


def said_en(finding: Finding) -> str:
    return _said(finding, _ENGLISH)


def _sentence(title: str, finding: Finding, said: str) -> str:
    what = finding.reason or finding.variable
    place = " · ".join(part for part in (finding.table, what, finding.month) if part)
    return ": ".join(part for part in (title, place, said) if part) + "."


def _said(finding: Finding, language: _Language) -> str:
    unit = RULE[finding.rule].unit
    before = finding.previous_share
    return language.forms[_form(finding)].format(
        count=language.counted(finding.count, unit),
        number=whole(finding.count),
        of=language.counted(finding.of or 0, unit),
        expected=whole(finding.of or 0),
        share=language.percent(finding.share or 0.0),
        before=language.percent(before) if before is not None else "",
    )


def _form(finding: Finding) -> str:
    if RULE[finding.rule].unit == "deliveries":
        return "bare"
    if finding.rule in _FORM:
        return _FORM[finding.rule]
    if finding.share is None:
        return "counted"
    return "share" if finding.previous_share is None else "share_before"
