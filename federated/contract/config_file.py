"""Reading a YAML configuration so that a mistake names file, line, field and the mend."""

# pyright: basic
# (ruamel.yaml carries no types.)

from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from privacy.problem import Problem

_Model = TypeVar("_Model", bound=BaseModel)


def read_config(file: Path, model: type[_Model], hidden: AbstractSet[str] = frozenset()) -> _Model:
    """Read `file` as `model`; raise Problem for the first mistake.

    hidden: fields of the model that the program sets and the file may not.
    """
    tree = _parse(file)
    if not isinstance(tree, CommentedMap):
        raise Problem("the file holds no fields", str(file), "Write `field: value` lines.")
    for name in hidden & tree.keys():
        raise Problem(f"unknown field `{name}`", _place(file, tree, (name,)), "Remove it.")
    try:
        return model.model_validate(tree)
    except ValidationError as mistakes:
        first = mistakes.errors(include_url=False, include_input=False)[0]
        location = first["loc"]
        raise Problem(
            _what(first["type"], first["msg"], location),
            _place(file, tree, location),
            _mend(first, model, location),
        ) from None


def _parse(file: Path) -> Any:
    try:
        return YAML(typ="rt").load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem(
            "the file cannot be read", str(file), f"{error.strerror}: check path and permissions."
        ) from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise Problem(
            f"not valid YAML: {error.problem}",
            f"{file}, line {line}",
            "Check indentation, colons and quotes there.",
        ) from None
    except UnicodeDecodeError:
        raise Problem("the file is not UTF-8", str(file), "Save it as UTF-8.") from None


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _place(file: Path, tree: CommentedMap, location: tuple[int | str, ...]) -> str:
    """`file, line N, field a.b`: the deepest node of `location` that the file holds."""
    node: Any = tree
    line = 1
    for part in location:
        try:
            if isinstance(node, CommentedMap):
                line = node.lc.key(part)[0] + 1
            elif isinstance(node, CommentedSeq):
                line = node.lc.item(part)[0] + 1
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    field = _field(location)
    return f"{file}, line {line}" + (f", field {field}" if field else "")


def _what(kind: str, message: str, location: tuple[int | str, ...]) -> str:
    if kind == "missing":
        return f"the field `{_field(location)}` is missing"
    if kind == "extra_forbidden":
        return f"unknown field `{_field(location)}`"
    return f"`{_field(location)}`: {message[:1].lower()}{message[1:]}" if location else message


def _mend(first: Any, model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    if first["type"] == "missing":
        return "Add it."
    if first["type"] == "extra_forbidden":
        close = get_close_matches(str(location[-1]), list(model.model_fields), n=1)
        return f"Did you mean `{close[0]}`?" if close else "Remove it."
    return "Correct the value."
