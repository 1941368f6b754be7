"""A release: the cells, the record, the folder that is whole or not there, and its signature."""

import hashlib
import json
import stat
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federated.contract.messages import Answer
from federated.coordinator.config import Member
from federated.coordinator.release import (
    FILES,
    cells_table,
    find_release,
    publish,
    release_record,
    verify_release,
)
from federated.coordinator.rounds import QuestionBook
from privacy.accounting import Combination, federation_rho
from privacy.estimates.intervals import gaussian_half_width
from privacy.mechanisms import epsilon_from_rho, gaussian_rho
from privacy.problem import Problem

ROSTER = ["ahus", "ous"]
PERIOD = "2024"
EPSILON, DELTA = 2.0, 5e-7
KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def asked(tmp_path, indicator):
    book = QuestionBook(tmp_path / "questions")
    return book.open_attempt(indicator, PERIOD, ROSTER, epsilon=EPSILON, delta=DELTA)


def answers_to(asked, indicator, values, **changes):
    fields = {
        "question_id": asked.question_id,
        "attempt_id": asked.attempt_id,
        "scale": asked.scale,
        "rho_site": gaussian_rho(asked.scale, indicator.bound.charged_l2_squared),
        "rho_federation": 0.1,
        "persons_cut": [4],
        "data_through": {"npr": "2025-01"},
        "end_stated": True,
        "not_private": False,
        "data_origin": "generated",
    }
    return {site: Answer(site=site, values=v, **(fields | changes)) for site, v in values.items()}


@pytest.fixture
def values(indicator):
    """Noisy counts of two sites: the second has nothing but noise below zero."""
    places = len(indicator.domain(PERIOD)) * 2
    return {"ahus": [1000 + n for n in range(places)], "ous": [-3] * places}


@pytest.fixture
def answers(asked, indicator, values):
    return answers_to(asked, indicator, values)


def members():
    return [
        Member(
            id=site,
            name=site.upper(),
            kind="hospital",
            operator="Drift",
            transport_public_key=Path("x"),
        )
        for site in [*ROSTER, "oslo"]
    ]


@pytest.fixture
def record(indicator, asked, answers):
    return release_record(indicator, asked, answers, members())


@pytest.fixture
def cells(indicator, asked, answers):
    return cells_table(indicator, asked, answers)


@pytest.fixture
def released(tmp_path, record, cells):
    return publish(tmp_path / "releases", record, cells, lambda folder: "<html>", KEY)


def test_there_is_a_cell_for_every_site_key_and_measure(cells, indicator):
    rows = cells.to_pylist()
    places = {(r["site"], r["age_group"], r["quarter"], r["measure"]) for r in rows}
    measures = indicator.definition.measures
    assert places == {
        (s, *key, m) for s in ROSTER for key in indicator.domain(PERIOD) for m in measures
    }
    assert len(rows) == len(places)
    assert cells.column_names == [
        *("site", "age_group", "quarter", "measure"),
        *("value", "ci_low", "ci_high", "status"),
    ]


def test_a_measure_is_the_sum_of_its_atoms_in_its_own_cell(cells, indicator, values):
    found = {
        (r["site"], r["age_group"], r["quarter"], r["measure"]): r["value"]
        for r in cells.to_pylist()
    }
    for place, key in enumerate(indicator.domain(PERIOD)):
        not_readmitted, readmitted = values["ahus"][2 * place : 2 * place + 2]
        assert found["ahus", *key, "index_stays"] == not_readmitted + readmitted
        assert found["ahus", *key, "acute_readmissions_30d_same_site"] == readmitted


def test_intervals_are_as_wide_as_the_noise_and_cut_at_zero(cells, asked):
    for row in cells.to_pylist():
        terms = 2 if row["measure"] == "index_stays" else 1
        width = gaussian_half_width(asked.scale, terms, 0.95)
        assert row["ci_high"] == max(0, row["value"] + width)
        assert row["ci_low"] == max(0, row["value"] - width)
        assert row["status"] == ("ok" if row["site"] == "ahus" else "uncertain")
    assert {row["value"] for row in cells.to_pylist() if row["site"] == "ous"} == {-3, -6}


def test_no_cell_is_suppressed_where_sums_are_to_be_made_of_it(asked, indicator):
    """The display threshold is the page's: here small counts keep their value and status."""
    places = len(indicator.domain(PERIOD)) * 2
    quiet = replace(asked, scale=0.01)
    small = {"ahus": [n % 4 for n in range(places)], "ous": [0] * places}
    rows = cells_table(indicator, quiet, answers_to(quiet, indicator, small)).to_pylist()
    assert {row["status"] for row in rows} == {"ok"}
    assert all(row["value"] == row["ci_low"] == row["ci_high"] for row in rows)
    assert {row["value"] for row in rows} >= {0, 1, 3}


def test_the_record_states_the_cost_that_privacy_computes(record, asked, indicator):
    privacy = record["privacy"]
    rho_site = gaussian_rho(asked.scale, indicator.bound.charged_l2_squared)
    assert privacy["rho_site"] == rho_site
    assert privacy["rho"] == federation_rho(rho_site, 2, Combination.KEYED_BY_SITE)
    assert privacy["epsilon"] == epsilon_from_rho(privacy["rho"], DELTA)
    assert 0.999 * EPSILON < privacy["epsilon"] <= EPSILON
    assert (privacy["delta"], privacy["scale"]) == (DELTA, asked.scale)
    assert privacy["bounds"] == {"per_cell": 2, "total": 4}
    assert privacy["data_years"] == {site: [2023, 2024, 2025] for site in ROSTER}


def test_the_record_says_what_it_rests_on(record, asked, indicator):
    assert record["indicator"]["definition"] == indicator.fingerprint
    assert [site["id"] for site in record["sites"]] == ROSTER
    assert record["vintages"] == {site: {"npr": "2025-01"} for site in ROSTER}
    atoms = {name: measure["atoms"] for name, measure in record["indicator"]["measures"].items()}
    assert atoms == {"index_stays": 2, "acute_readmissions_30d_same_site": 1}
    assert record["expected_error"]["index_stays"] == gaussian_half_width(asked.scale, 2, 0.95)
    assert json.loads(json.dumps(record)) == record


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("generated", "generated", "generated"),
        ("declared", "generated", "declared"),
        ("declared", "real", "real"),
    ],
)
def test_the_least_sure_origin_is_the_releases(asked, indicator, values, one, other, said):
    answers = {
        **answers_to(asked, indicator, {"ahus": values["ahus"]}, data_origin=one),
        **answers_to(asked, indicator, {"ous": values["ous"]}, data_origin=other, not_private=True),
    }
    privacy = release_record(indicator, asked, answers, members())["privacy"]
    assert (privacy["data_origin"], privacy["private"]) == (said, False)


def test_a_release_is_whole_signed_and_read_only(released, cells, record):
    names = sorted(file.name for file in released.folder.iterdir())
    assert names == sorted([*FILES, "signature.json"])
    modes = {stat.S_IMODE(file.stat().st_mode) for file in released.folder.iterdir()}
    assert (modes, stat.S_IMODE(released.folder.stat().st_mode)) == ({0o444}, 0o555)
    assert pq.read_table(released.folder / "cells.parquet").equals(cells)
    assert released.cells == cells.num_rows
    assert released.record == record
    verify_release(released.folder, KEY.public_key())


def test_a_receipt_names_the_release_and_its_digest(released, asked):
    receipt = released.receipt("ous")
    assert (receipt.site, receipt.attempt_id) == ("ous", asked.attempt_id)
    assert (receipt.release_id, receipt.release_digest) == (released.release_id, released.digest)


def test_publishing_twice_is_the_same_release(tmp_path, released, record, cells):
    def never(folder):
        raise AssertionError("a published release is not written again")

    later = record | {"published_at": "2030-01-01T00:00:00+00:00"}
    assert publish(tmp_path / "releases", later, cells, never, KEY) == released


def test_the_page_sees_the_other_files(tmp_path, record, cells):
    def page(folder):
        assert pq.read_metadata(folder / "cells.parquet").num_rows == cells.num_rows
        return json.loads((folder / "release.json").read_text(encoding="utf-8"))["period"]

    made = publish(tmp_path / "releases", record, cells, page, KEY)
    assert (made.folder / "index.html").read_text(encoding="utf-8") == PERIOD


def test_a_page_that_fails_leaves_no_release(tmp_path, record, cells, asked):
    def failing(folder):
        raise RuntimeError("no page")

    releases = tmp_path / "releases"
    with pytest.raises(RuntimeError):
        publish(releases, record, cells, failing, KEY)
    assert list(releases.iterdir()) == []
    assert find_release(releases, asked.question_id) is None
    verify_release(publish(releases, record, cells, str, KEY).folder, KEY.public_key())


def test_what_a_crash_left_half_written_is_no_release(tmp_path, record, cells, asked):
    """The folder is written aside under a hidden name; a killed process cannot clean it up."""
    releases = tmp_path / "releases"
    aside = releases / f".{record['release_id']}.new"
    aside.mkdir(parents=True)
    (aside / "release.json").write_text(json.dumps(record), encoding="utf-8")
    assert find_release(releases, asked.question_id) is None
    made = publish(releases, record, cells, str, KEY)
    assert [folder.name for folder in releases.iterdir()] == [made.release_id]


def test_a_release_is_found_by_its_question(tmp_path, released, asked):
    assert find_release(tmp_path / "releases", asked.question_id) == released
    assert find_release(tmp_path / "releases", "0" * 64) is None
    assert find_release(tmp_path / "nowhere", asked.question_id) is None


@pytest.mark.parametrize("name", FILES)
def test_a_changed_file_is_named(released, name):
    file = released.folder / name
    file.chmod(0o644)
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(Problem, match=f"`{name}` is not the file that was signed"):
        verify_release(released.folder, KEY.public_key())


@pytest.mark.parametrize("name", [*FILES, "signature.json"])
def test_a_missing_file_is_a_release_that_is_not_whole(released, name):
    released.folder.chmod(0o755)
    (released.folder / name).unlink()
    with pytest.raises(Problem, match="the release is not whole"):
        verify_release(released.folder, KEY.public_key())


def test_a_foreign_key_does_not_verify(released):
    with pytest.raises(Problem, match="not by this coordinator's release key"):
        verify_release(released.folder, Ed25519PrivateKey.generate().public_key())


def test_files_and_hashes_changed_together_do_not_verify(released):
    page, signature = released.folder / "index.html", released.folder / "signature.json"
    content = json.loads(signature.read_text(encoding="utf-8"))
    page.chmod(0o644)
    signature.chmod(0o644)
    page.write_text("<p>another</p>", encoding="utf-8")
    content["files"]["index.html"] = hashlib.sha256(page.read_bytes()).hexdigest()
    signature.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Problem, match="not by this coordinator's release key"):
        verify_release(released.folder, KEY.public_key())


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", "null", '{"files": 1, "signature": 2}', '{"files": {}}']
)
def test_a_signature_file_of_another_shape_is_one_clear_line(released, content):
    signature = released.folder / "signature.json"
    signature.chmod(0o644)
    signature.write_text(content, encoding="utf-8")
    with pytest.raises(Problem):
        verify_release(released.folder, KEY.public_key())
