"""`sloyfe releases`: list, withdraw, and the site that readers meet."""

import json

import pyarrow.parquet as pq
import pytest

from federated.coordinator.release import publish
from federated.transport.certificates import make_signing_key
from portal.release_page import render_release
from privacy.signatures import load_signing_key
from tests.portal.releases import write_release

CONFIG = """\
name: Helsefellesskapet i Nordby
listen: {port: 9092, ca_certificate: ca.crt, certificate: s.crt, private_key: s.key}
members:
  - {id: nordby, name: Nordby, kind: hospital, operator: Nordby, transport_public_key: n.pub}
release_key: release.key
manifest: manifest.json
"""
OLD, NEW = "readmission-2024-e1", "readmission-2024-e2"
WHY = "Feil i leveransen fra Nordby."


@pytest.fixture
def coordinator(tmp_path):
    """A coordinator with two editions of one release."""
    folder = tmp_path / "coordinator"
    folder.mkdir()
    (folder / "coordinator.yaml").write_text(CONFIG, encoding="utf-8")
    key = load_signing_key(make_signing_key(folder / "release.key").private_key)
    for edition, name in enumerate((OLD, NEW), start=1):
        made = write_release(
            tmp_path / "made" / name,
            sites=["Nordby"],
            change=lambda r, e=edition, n=name: r.update(release_id=n, edition=e),
        )
        record = json.loads((made / "release.json").read_text(encoding="utf-8"))
        cells = pq.read_table(made / "cells.parquet")
        publish(folder / "releases", record, cells, render_release, key)
    return folder


def _withdraw(sloyfe, coordinator, release, *more):
    return sloyfe(
        "releases", "withdraw", release, "--coordinator", coordinator, "--by", "Fagansvarlig", *more
    )


def test_a_wrong_release_is_withdrawn_and_readers_see_it(sloyfe, coordinator, tmp_path):
    code, said, _ = _withdraw(
        sloyfe, coordinator, OLD, "--reason", WHY, "--successor", NEW, "--json"
    )
    assert code == 0
    notice = json.loads(said)
    assert (notice["release_id"], notice["successor"], notice["reason_nb"]) == (OLD, NEW, WHY)

    code, said, _ = sloyfe("releases", "list", "--coordinator", coordinator, "--json")
    assert code == 0
    listed = {entry["release_id"]: entry for entry in json.loads(said)["releases"]}
    assert listed[OLD]["withdrawn"] == notice
    assert listed[NEW]["withdrawn"] is None
    assert listed[OLD]["epsilon"] == listed[NEW]["epsilon"] > 0  # its cost stays

    out = tmp_path / "room"
    code, said, errors = sloyfe(
        "releases", "site", "--coordinator", coordinator, "--out", out, "--json"
    )
    assert code == 0, errors
    document = json.loads(said)
    assert document["releases"] == 2
    assert document["index"] == str(out / "index.html")
    assert all((out / name).is_file() for name in document["files"])
    page = (out / "release" / f"{OLD}.html").read_text(encoding="utf-8")
    assert "Trukket tilbake" in page and WHY in page and NEW in page
    assert "Helsefellesskapet i Nordby" in (out / "index.html").read_text(encoding="utf-8")


def test_the_list_for_people(sloyfe, coordinator):
    _withdraw(sloyfe, coordinator, OLD, "--reason", WHY)
    _, said, _ = sloyfe("releases", "list", "--coordinator", coordinator)
    assert f"withdrawn: {WHY}" in said
    assert "nothing stands in its place yet" in said


def test_what_cannot_be_withdrawn_is_one_clear_line(sloyfe, coordinator):
    code, said, errors = _withdraw(sloyfe, coordinator, "nothing", "--reason", WHY)
    assert (code, said) == (1, "")
    assert "there is no such release" in errors[-1] and "`sloyfe releases list`" in errors[-1]


def test_a_release_that_was_touched_is_not_shown(sloyfe, coordinator, tmp_path):
    file = coordinator / "releases" / NEW / "cells.parquet"
    file.chmod(0o644)
    file.write_bytes((coordinator / "releases" / OLD / "release.json").read_bytes())
    out = tmp_path / "room"
    code, _, errors = sloyfe("releases", "site", "--coordinator", coordinator, "--out", out)
    assert code == 1
    assert "`cells.parquet` is not the file that was signed" in errors[-1]
    assert not out.exists()


def test_a_fetched_folder_is_read_too_and_checked_where_the_key_is_known(
    sloyfe, coordinator, tmp_path
):
    releases = coordinator / "releases"
    code, said, _ = sloyfe("releases", "site", "--releases", releases, "--out", tmp_path / "a")
    assert code == 0 and said.startswith("2 releases, ")
    other = make_signing_key(tmp_path / "other.key").public_key
    code, _, errors = sloyfe(
        "releases", "site", "--releases", releases, "--key", other, "--out", tmp_path / "b"
    )
    assert code == 1 and "not by this coordinator's release key" in errors[-1]


@pytest.mark.parametrize("more", [[], ["--coordinator", "x", "--releases", "y"]])
def test_where_the_releases_are_is_said_once(sloyfe, more):
    code, _, errors = sloyfe("releases", "site", "--out", "room", *more)
    assert code == 1 and "Name one of the two" in errors[-1]
