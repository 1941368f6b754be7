"""A new indicator: tried for real on synthetic data, bundled, read, approved, built."""

import json
import shutil
from pathlib import Path

import pytest

from dagster_project.parsed import parse_project
from dagster_project.project import project_of
from dagster_project.proposal import add_bundle, propose, read_bundle
from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_versions
from privacy.problem import Problem
from tests.federated.site.homes import write_site

EXAMPLE = PROJECT_DIR.parent / "docs" / "examples" / "indicator"
MODEL, DEFINITION = EXAMPLE / "atom_short_acute_stays.sql", EXAMPLE / "short_acute_stays.yml"


@pytest.fixture(scope="module")
def proposed(tmp_path_factory):
    return propose(MODEL, DEFINITION, tmp_path_factory.mktemp("bundle"), persons=2_000)


def test_a_trial_says_what_was_counted_and_what_the_bounds_cost(proposed):
    bundle, (trial,) = proposed
    assert trial.level == "hospital"
    assert trial.rows > trial.counted > 0
    assert trial.cells == 5 * 21 * len(trial.periods)
    assert 0 < trial.filled_cells < trial.cells
    assert "age_group" not in trial.silent
    assert "030116" in trial.silent["area"]
    assert bundle.document["indicator"]["id"] == "short_acute_stays"


def test_a_bundle_can_be_read_and_shows_any_change(proposed, tmp_path):
    bundle, _ = proposed
    assert read_bundle(bundle.folder).document == bundle.document
    page = (bundle.folder / "proposal.html").read_text(encoding="utf-8")
    assert "Akutte døgnopphold under 24 timer" in page
    assert "ikke godkjent av noen" in page
    copy = Path(shutil.copytree(bundle.folder, tmp_path / "copy"))
    (copy / MODEL.name).write_text(MODEL.read_text() + "\n-- one more line\n")
    with pytest.raises(Problem, match=rf"not as it was made: {MODEL.name}"):
        read_bundle(copy)
    shutil.copy(MODEL, copy / MODEL.name)
    (copy / "more.sql").write_text("select 1")
    with pytest.raises(Problem, match=r"more\.sql"):
        read_bundle(copy)
    with pytest.raises(Problem, match="no proposal"):
        read_bundle(tmp_path)


def test_an_approved_bundle_is_part_of_that_site_s_project_alone(proposed, tmp_path):
    bundle, _ = proposed
    site, other = write_site(tmp_path / "ous", None), write_site(tmp_path / "ahus", None, id="ahus")
    assert project_of(site) == PROJECT_DIR
    place = add_bundle(site, bundle)
    assert add_bundle(site, bundle) == place, "once more changes nothing"
    project = project_of(site)
    installed = load_versions(parse_project(site.dbt_path, project=project), project)
    (mine,) = [i for i in installed if i.id == "short_acute_stays"]
    assert mine.fingerprint == bundle.document["indicator"]["fingerprint"]
    assert project_of(other) == PROJECT_DIR


def test_a_changed_definition_of_the_same_version_is_refused(proposed, tmp_path):
    bundle, _ = proposed
    site = write_site(tmp_path / "ous", None)
    place = add_bundle(site, bundle)
    document = json.loads((place / "proposal.json").read_text(encoding="utf-8"))
    document["software"] = "0.0.0"
    (place / "proposal.json").write_text(json.dumps(document))
    with pytest.raises(Problem, match="another definition of short_acute_stays-v1"):
        add_bundle(site, bundle)


def test_what_cannot_be_a_proposal_is_one_clear_line(tmp_path):
    out = tmp_path / "out"
    with pytest.raises(Problem, match="one model and one definition"):
        propose(DEFINITION, MODEL, out, persons=10)
    with pytest.raises(Problem, match="cannot be read"):
        propose(tmp_path / "atom_x.sql", DEFINITION, out, persons=10)
    taken = tmp_path / "atom_readmission_30d_same_site.sql"
    taken.write_text("select 1")
    with pytest.raises(Problem, match="has a model"):
        propose(taken, DEFINITION, out, persons=10)
    assert not out.exists()
