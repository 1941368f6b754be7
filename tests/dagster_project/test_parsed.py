"""A parsed project is used again for the very files it was parsed from, and for no others."""

import json

import pytest

from dagster_project import parsed
from dagster_project.parsed import parse_project, share_parsed

NAME = "warehouse.duckdb"


def test_parsing_again_does_nothing(manifest, monkeypatch):
    monkeypatch.setattr(parsed, "executable", lambda name: pytest.fail(f"{name} was started"))
    assert parse_project(manifest.parent, NAME) == manifest


def test_a_site_gets_the_parsed_project(manifest, tmp_path, monkeypatch):
    share_parsed(manifest.parent, tmp_path / "site", NAME)
    shared = tmp_path / "site" / "manifest.json"
    assert shared.read_bytes() == manifest.read_bytes()
    monkeypatch.setattr(parsed, "executable", lambda name: pytest.fail(f"{name} was started"))
    assert parse_project(tmp_path / "site", NAME) == shared


def test_a_warehouse_of_another_name_is_another_database(manifest, tmp_path):
    share_parsed(manifest.parent, tmp_path / "site", "other.duckdb")
    assert not (tmp_path / "site").exists()


def test_a_changed_project_is_not_shared(manifest, tmp_path, monkeypatch):
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "one.sql").write_text("select 1")
    monkeypatch.setattr(parsed, "PROJECT_DIR", project)
    share_parsed(manifest.parent, tmp_path / "site", NAME)
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"project": "0" * 64})])
def test_a_digest_that_does_not_fit_is_not_believed(manifest, tmp_path, content):
    source = tmp_path / "source"
    share_parsed(manifest.parent, source, NAME)
    (source / "parsed.json").write_text(content)
    share_parsed(source, tmp_path / "site", NAME)
    assert not (tmp_path / "site").exists()
