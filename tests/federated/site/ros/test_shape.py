"""The published schema is that of what is built."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from typer.testing import CliRunner

from dbt_models import PROJECT_DIR
from federated.site.ros.answers import ROS_FILE
from federated.site.ros.document import build_document
from federated.site.ros.flows import Run
from federated.site.ros.lineage import Table
from privacy.ros.shape import as_document
from sloyfe.ros import app
from tests.federated.site.homes import site_yaml, write_site

PUBLISHED = Path(PROJECT_DIR).parent / "docs" / "ros" / "ros.schema.json"


@pytest.fixture
def document(tmp_path, manifest):
    site = write_site(
        tmp_path / "ous",
        manifest,
        keys=site_yaml()["keys"] | {"identity": "keys/identity.key"},
        peers={"ahus": "keys/ahus.pub"},
        registers=[{"format": "npr", "path": "deliveries/npr"}],
    )
    said = {"answer": "Kvalitetsforbedring", "by": "Personvernombud", "on": "2026-11-01"}
    content = {
        "answers": {"readmission_30d_same_site": {"purpose": said}},
        "owners": {"small_cell": {"owner": "Analyse", "deadline": "2027-03-01"}},
        "scale": {"steps": 5},
    }
    (site.folder / ROS_FILE).write_text(json.dumps(content), encoding="utf-8")
    return build_document(site, PROJECT_DIR, runs=[Run("build", (Table("marts", "x"),), 1)])


def test_the_published_file_is_what_the_models_say():
    printed = CliRunner().invoke(app, ["schema"])
    assert printed.exit_code == 0
    assert PUBLISHED.read_text(encoding="utf-8") == printed.stdout, (
        "write it anew: `sloyfe ros schema > docs/ros/ros.schema.json`"
    )


def test_what_is_built_keeps_the_schema_and_what_is_not_does_not(document):
    schema = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert list(validator.iter_errors(json.loads(json.dumps(document)))) == []
    for spoil in (
        lambda d: d.pop("flows"),
        lambda d: d["flows"][0].update(kind="message_sideways"),
        lambda d: d["risks"][0]["residual"].update(level="purple"),
        lambda d: d.update(rows=[["kanari-person-1"]]),
    ):
        wrong = deepcopy(document)
        spoil(wrong)
        assert list(validator.iter_errors(wrong))
        with pytest.raises(ValidationError):
            as_document(wrong)


def test_a_site_s_own_scale_is_in_the_document(document):
    assert document["scale"] == {"green": 10, "yellow": 15, "steps": 5}
    assert max(risk["initial"]["likelihood"] for risk in document["risks"]) == 5
    assert min(risk["residual"]["likelihood"] for risk in document["risks"]) >= 2
