"""A mistake in a configuration file ends in file, line, field and mend."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator

from federated.contract.config_file import read_config
from privacy.problem import Problem


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    format: str
    weight: int = 1


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    port: Annotated[int, Field(ge=1)] = 1
    parts: list[Part] = []
    first_part: Part | None = None
    folder: Path = Path()

    @model_validator(mode="after")
    def _not_alone(self) -> "Shape":
        if self.name == "alone":
            raise ValueError("a shape named `alone` needs parts")
        return self


def problem(file: Path, content: str | bytes) -> Problem:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(Problem) as caught:
        read_config(file, Shape, hidden={"folder"})
    assert "\n" not in str(caught.value)
    assert str(file) in caught.value.where
    return caught.value


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shape.yaml"


def test_a_sound_file_is_read(file):
    file.write_text("name: Ørnulf\nport: 7\nparts:\n  - format: npr\n", encoding="utf-8")
    shape = read_config(file, Shape, hidden={"folder"})
    assert (shape.name, shape.port, shape.parts) == ("Ørnulf", 7, [Part(format="npr")])


@pytest.mark.parametrize(
    ("content", "what", "place", "mend"),
    [
        ("port: 7\n", "the field `name` is missing", "line 1, field name", "Add it."),
        ("name: a\nprot: 7\n", "unknown field `prot`", "line 2, field prot", "mean `port`?"),
        ("name: a\nzzzz: 7\n", "unknown field `zzzz`", "line 2, field zzzz", "Remove it."),
        ("name: a\nfolder: x\n", "unknown field `folder`", "line 2, field folder", "Remove it."),
        ("name: a\nfoldr: x\n", "unknown field `foldr`", "line 2", "Remove it."),
        ("name: a\n\n# why\nport: many\n", "`port`: input should be", "line 4, field port", "Corr"),
        ("name: a\nport: 0\n", "`port`: input should be greater", "line 2, field port", "Correct"),
        (
            "name: a\nparts:\n  - format: npr\n  - weight: 2\n",
            "the field `parts.1.format` is missing",
            "line 4, field parts.1.format",
            "Add it.",
        ),
        (
            "name: a\nparts:\n  - format: npr\n    wieght: 2\n",
            "unknown field `parts.0.wieght`",
            "line 4, field parts.0.wieght",
            "Did you mean `weight`?",
        ),
        (
            "name: a\nfirst_part:\n  fromat: npr\n",
            "the field `first_part.format` is missing",
            "line 2, field first_part.format",
            "Add it.",
        ),
        (
            "name: a\nfirst_part:\n  format: npr\n  wait: 2\n",
            "unknown field `first_part.wait`",
            "line 4, field first_part.wait",
            "mean `weight`?",
        ),
        ("name: alone\n", "a shape named `alone` needs parts", "line 1", "Correct the value."),
        ("", "the file holds no fields", "shape.yaml", "Write `field: value`"),
        ("- name\n", "the file holds no fields", "shape.yaml", "Write `field: value`"),
        ("name: a\n  port: 7\n", "not valid YAML", "line 2", "Check indentation"),
        ('name: "a\n', "not valid YAML", "line", "quotes"),
        ("name: a\nname: b\n", "not valid YAML: found duplicate key", "line 2", "Check"),
        (b"name: \xe5se\n", "the file is not UTF-8", "shape.yaml", "Save it as UTF-8."),
        ("name: a\x07\n", "not valid YAML", "shape.yaml", "Check dates, numbers and pasted text"),
        ("name: 2024-13-45\n", "not valid YAML", "shape.yaml", "put quotes around"),
        ("[" * 400, "not valid YAML", "shape.yaml", "Check"),
    ],
    ids=range(21),
)
def test_a_mistake_is_named_with_its_place_and_mend(file, content, what, place, mend):
    found = problem(file, content)
    assert found.what.startswith(what)
    assert place in found.where
    assert mend in found.mend


def test_a_file_that_is_missing_or_a_folder_is_one_line(tmp_path):
    for place in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(Problem, match="the file cannot be read") as caught:
            read_config(place, Shape)
        assert caught.value.where == str(place)
