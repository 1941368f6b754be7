"""Which edition stands, in what order they are read, and what a broken folder is told."""

import shutil
from pathlib import Path

import pytest

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_versions, seed_column
from portal.room.areas import TILES
from portal.room.editions import Shelf, Standing, read_shelves
from portal.room.figures import cuts, quantities, whole
from portal.room.groups import EVERYBODY, GROUPS, by_group
from portal.room.loop import STEPS
from portal.room.money import PURSES
from privacy.problem import Problem
from tests.portal.releases import write_release


def _shelf(shelves: list[Shelf], indicator: str) -> Shelf:
    return next(shelf for shelf in shelves if shelf.id == indicator)


def test_the_newest_edition_of_a_period_stands_unless_it_was_withdrawn(shelves):
    shelf = _shelf(shelves, "readmission_30d_same_site")
    said = [(e.record.period, e.record.edition, e.standing) for e in shelf.editions]
    assert said == [
        ("2024", 2, Standing.CURRENT),
        ("2024", 1, Standing.WITHDRAWN),
        ("2023", 1, Standing.CURRENT),
        ("2022", 1, Standing.CURRENT),
    ]
    assert shelf.newest is shelf.editions[0]
    assert [e.record.period for e in shelf.series] == ["2022", "2023", "2024"]
    notice = shelf.editions[1].withdrawal
    assert notice is not None and notice.successor == shelf.editions[0].id


def _edited(folder: Path, name: str, **changes: object) -> None:
    write_release(
        folder / name,
        sites=["Nordby"],
        change=lambda record: record.update(changes, release_id=name),
    )


def test_an_older_edition_is_superseded_and_another_version_is_not_in_the_line(tmp_path):
    _edited(tmp_path, "a", edition=1)
    _edited(tmp_path, "b", edition=2)
    _edited(tmp_path, "c", period="2023")
    write_release(
        tmp_path / "d",
        sites=["Nordby"],
        change=lambda r: r.update(
            period="2022", release_id="d", indicator=r["indicator"] | {"version": 9}
        ),
    )
    (shelf,) = read_shelves(tmp_path)
    assert {e.id: e.standing.value for e in shelf.editions} == {
        "a": "superseded", "b": "current", "c": "current", "d": "current",
    }  # fmt: skip
    assert [e.id for e in shelf.series] == ["c", "b"]


def test_no_folder_is_no_release_and_no_error(tmp_path):
    assert read_shelves(tmp_path / "nowhere") == []
    (tmp_path / ".half.new").mkdir()
    assert read_shelves(tmp_path) == []


def test_a_release_under_another_name_is_one_clear_problem(tmp_path):
    _edited(tmp_path, "a")
    shutil.move(tmp_path / "a", tmp_path / "b")
    with pytest.raises(Problem, match="not the release's id") as problem:
        read_shelves(tmp_path)
    assert str(tmp_path / "b") in problem.value.where


def test_a_broken_record_says_which_file_and_field(tmp_path):
    write_release(tmp_path / "a", change=lambda record: record.pop("privacy"))
    with pytest.raises(Problem, match="not a release record") as problem:
        read_shelves(tmp_path)
    assert problem.value.where.endswith("release.json, privacy")
    assert problem.value.mend


def test_what_groups_steps_and_purses_name_is_in_the_catalogue(manifest):
    versions = load_versions(manifest, PROJECT_DIR)
    known = {indicator.id: indicator.definition for indicator in versions}
    assert {i for group in GROUPS for i in group.indicators} <= known.keys()
    for step in STEPS:
        for indicator, quantity in step.sources:
            measures = known[indicator].measures
            named = [name for name in quantity.split("/") if name]
            assert set(named) <= set(measures), (step.id, indicator)
    measures = {name for d in known.values() for name in d.measures}
    assert {name for purse in PURSES for name in purse.measures} <= measures
    groups = seed_column(PROJECT_DIR, "target_group", "target_group")
    assert {group.id for group in GROUPS} == set(groups)
    assert TILES.keys() == {a for a in seed_column(PROJECT_DIR, "area", "area") if a[:2] == "03"}
    assert sum(tile.inside for tile in TILES.values()) == 15
    assert len({(tile.column, tile.row) for tile in TILES.values()}) == len(TILES)


def test_the_four_groups_come_first_and_nothing_is_left_out(shelves):
    found = by_group(shelves)
    assert [group.id for group, _ in found] == [*(group.id for group in GROUPS), EVERYBODY.id]
    inside = {group.id: [shelf.id for shelf in of] for group, of in found}
    assert inside["children_young"] == ["bup_referrals", "target_group_readmission"]
    assert inside["all"] == ["acute_stay_cost", "readmission_30d_same_site"]
    assert {name for of in inside.values() for name in of} == {shelf.id for shelf in shelves}


def test_nothing_is_summed_over_what_does_not_add_up(shelves):
    edition = _shelf(shelves, "target_group_readmission").newest
    assert edition is not None
    assert whole(edition) is None
    assert [cut.name for cut in cuts(edition)] == ["target_group"]


def test_a_cut_is_the_sum_of_its_cells_with_their_noise(shelves):
    edition = _shelf(shelves, "readmission_30d_same_site").newest
    assert edition is not None
    cut = next(cut for cut in cuts(edition) if cut.kind == "age")
    stays = next(q.id for q in quantities(edition.record) if q.id == "index_stays")
    everything = whole(edition)
    assert everything is not None
    for row in cut.rows:
        of = [c for c in edition.cells.values() if c.group == row.value and c.measure == stays]
        assert row.figures[stays].value == sum(cell.value or 0 for cell in of)
    total = everything[stays]
    assert total.value == sum(row.figures[stays].value or 0 for row in cut.rows)
    assert (total.high or 0) - (total.value or 0) > max(
        (row.figures[stays].high or 0) - (row.figures[stays].value or 0) for row in cut.rows
    )
