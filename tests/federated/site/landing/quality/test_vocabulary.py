"""The closed lists: rules, limits, and the columns that rules look at."""

from dataclasses import fields
from pathlib import Path

import pytest

from federated.site.landing.contract import load_contract
from federated.site.landing.quality import FAMILIES, RULES
from federated.site.landing.quality.roles import ROLES, Roles
from federated.site.landing.quality.thresholds import LIMITS
from federated.site.landing.quality.vocabulary import RULE

GUIDE = Path(__file__).parents[5] / "docs" / "data-quality.md"
JUDGED_WITHOUT_A_SHARE = {
    *("late_delivery", "extracted_before_end", "period_not_stated", "extraction_day_unknown"),
    *("empty_month", "thin_month", "thin_last_month"),
}


def test_a_rule_has_one_id_a_family_and_words_in_both_languages():
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.family in FAMILIES
        assert all(getattr(rule, field.name).strip() for field in fields(rule))
        assert rule.meaning_nb.endswith(".") and rule.action_en.endswith(".")


def test_every_rule_has_a_limit_or_is_judged_without():
    assert set(LIMITS) | JUDGED_WITHOUT_A_SHARE == set(RULE)
    assert not set(LIMITS) & JUDGED_WITHOUT_A_SHARE
    for limit in LIMITS.values():
        assert limit.warning is not None and 0 < limit.warning <= (limit.error or 1) <= 1


def test_the_guide_says_what_the_report_says():
    """In both languages, of every rule and of no other."""
    bokmal, english = GUIDE.read_text(encoding="utf-8").split("\n# Data quality")
    rules = english.split("\n## `quality.json`")[0]
    for text, language in ((bokmal, "nb"), (rules, "en")):
        said = [line for line in text.splitlines() if line.startswith("| `")]
        assert said == [
            "| `{}` | {} | {} | {} |".format(
                rule.id, *(getattr(rule, f"{f}_{language}") for f in ("title", "meaning", "action"))
            )
            for rule in RULES
        ]


@pytest.mark.parametrize("table", ROLES)
def test_the_contract_has_every_column_that_plays_a_part(table):
    contract = next(t for t in load_contract() if t.name == table)
    known = {column.register_name for column in contract.columns}
    roles = ROLES[table]
    named = {getattr(roles, f.name) for f in fields(Roles) if f.name not in ("needed", "times")}
    named |= {*roles.times, *(need.variable for need in roles.needed)}
    named |= {need.only_where[0] for need in roles.needed if need.only_where}
    assert named - {None} <= known


def test_what_is_needed_may_be_missing():
    """A required column is never empty: such a row is quarantined."""
    for table in load_contract():
        if roles := ROLES.get(table.name):
            assert not {need.variable for need in roles.needed} & set(table.required)
