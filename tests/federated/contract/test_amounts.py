"""A definition that releases amounts: what it must say, and what it is told where it does not."""

import copy
import json
from typing import Any

import pytest
from pydantic import ValidationError

from dbt_models import PROJECT_DIR
from federated.contract.catalogue import load_catalogue
from federated.contract.definitions import load_definitions
from federated.contract.indicator import IndicatorDefinition
from privacy.bounds import ContributionBound
from privacy.clipping import Clip
from privacy.problem import Problem

COST = "acute_stay_cost"
MODEL = f"model.sloyfe.atom_{COST}"


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    return load_definitions(PROJECT_DIR)[COST].model_dump(mode="json", exclude_none=True)


def with_(content: dict[str, Any], *path: str, to: Any) -> dict[str, Any]:
    """A copy with one field changed; left out where `to` is None."""
    changed = copy.deepcopy(content)
    inner = changed
    for part in path[:-1]:
        inner = inner[part]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return changed


def test_the_clip_is_part_of_the_bound_that_is_kept_and_charged(content):
    bound = IndicatorDefinition.model_validate(content).bounds.contribution
    assert bound == ContributionBound(3, 3, Clip(step=1000, steps=150))


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (("bounds", "clip"), None, "`bounds.clip` is missing"),
        (("bounds", "clip", "at"), 0, "greater than or equal to 1"),
        (("bounds", "clip", "at"), -150_000, "greater than or equal to 1"),
        (("bounds", "clip", "step"), 0, "greater than or equal to 1"),
        (("bounds", "clip", "step"), 7_000, "whole number of `clip.step`"),
        (("bounds", "clip"), {"at": 2_000_000, "step": 1}, "does not fit the integers"),
        (("bounds", "clip", "at"), 6_000_000, "above the amount's `maximum`"),
        (("amount", "unit_nb"), "poeng", "one of the units kroner/NOK, døgn/days"),
        (("amount", "unit_en"), "days", "one of the units kroner/NOK, døgn/days"),
        (("release",), "internal", "`bounds.clip` is for an `amount`"),
        (("amount",), None, "`amount` does not say of what"),
        (("measures", "stays"), None, "no measure counts the same atoms"),
        (("means",), [{"amount": "stays", "per": "cost", "name_nb": "x", "name_en": "x"}],
         "`means` names a sum of amounts"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(content, path, to, said):
    with pytest.raises(ValidationError) as raised:
        IndicatorDefinition.model_validate(with_(content, *path, to=to))
    assert said in str(raised.value)


def test_amounts_that_stay_inside_need_no_clip(content):
    inside = with_(with_(content, "bounds", "clip", to=None), "release", to="internal")
    assert IndicatorDefinition.model_validate(inside).bounds.contribution.clip is None


def test_a_mistake_in_a_project_says_which_file(manifest, tmp_path):
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    del parsed["nodes"][MODEL]["config"]["meta"]["indicator"]["bounds"]["clip"]
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(parsed), encoding="utf-8")
    with pytest.raises(Problem) as raised:
        load_catalogue(file, PROJECT_DIR)
    assert "bounds.clip" in raised.value.what and COST in raised.value.where


def test_another_clip_is_another_definition(manifest, tmp_path):
    """What an officer approved, and what a site answers, is bound to the clip."""
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    parsed["nodes"][MODEL]["config"]["meta"]["indicator"]["bounds"]["clip"]["at"] = 100_000
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(parsed), encoding="utf-8")
    before, after = (load_catalogue(of, PROJECT_DIR)[COST] for of in (manifest, file))
    assert before.fingerprint != after.fingerprint
    assert before.question_id("2024", 1) != after.question_id("2024", 1)
