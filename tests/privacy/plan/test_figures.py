"""Planning figures: checked when read, and said where they come from."""

import pytest

from privacy.plan import load_contributions, load_place, load_starting_plan
from privacy.problem import Problem


def test_every_figure_has_a_source_with_a_standing():
    place = load_place()
    for table in (*place.tables.values(), *place.linked.values()):
        assert place.sources[table.source].standing in ("confirmed", "assumed", "synthetic")
    assert set(load_starting_plan().indicators) <= set(place.tables) | set(place.linked)


def test_contributions_agree_with_what_the_bounds_were_seen_to_cut():
    """Two ways to the same share: patterns, and rows counted with and without the bound."""
    place, known = load_place(), load_contributions()
    from privacy.bounds import ContributionBound

    for name, bound in (
        ("acute_admissions", ContributionBound(2, 4)),
        ("readmission_30d_same_site", ContributionBound(2, 4)),
        ("discharge_ready", ContributionBound(2, 4)),
    ):
        rows = place.tables[name].rows
        seen = 1 - rows.counted / rows.delivered
        assert known[name].lost(bound).rows == pytest.approx(seen, abs=0.003)


@pytest.mark.parametrize(
    "text",
    ["place: [", "place: Oslo", "- a", "place: Oslo\ninhabitants: none"],
)
def test_a_file_that_is_wrong_is_named(tmp_path, text):
    file = tmp_path / "place.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem) as raised:
        load_place(file)
    assert raised.value.where == str(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Problem):
        load_place(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["tables: {a: {2: 1}}", "a: 1", "tables: {a: {'1/2': 3}}"])
def test_contributions_that_are_wrong_are_named(tmp_path, text):
    file = tmp_path / "contributions.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Problem):
        load_contributions(file)
