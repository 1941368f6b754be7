"""Reading a YAML configuration so that a mistake names file, line, field and the mend."""

# pyright: basic
# (ruamel.yaml carries no types.)

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

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
            _mend(first["type"], model, location, hidden),
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
    except (YAMLError, ValueError, RecursionError):
        # Control characters; a value that looks like a date or number and is none; a file that is
        # something else altogether. None of these says where.
        raise Problem(
            "not valid YAML: a character or value in it cannot be read",
            str(file),
            "Check dates, numbers and pasted text; put quotes around what is text.",
        ) from None


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
    message = message.removeprefix("Value error, ")
    return f"`{_field(location)}`: {message[:1].lower()}{message[1:]}" if location else message


def _mend(
    kind: str,
    model: type[BaseModel],
    location: tuple[int | str, ...],
    hidden: AbstractSet[str],
) -> str:
    if kind == "missing":
        return "Add it."
    if kind == "extra_forbidden":
        known = [name for name in _section(model, location).model_fields if name not in hidden]
        close = get_close_matches(str(location[-1]), known, n=1)
        return f"Did you mean `{close[0]}`?" if close else "Remove it."
    return "Correct the value."


def _section(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model in which the last part of `location` is, or would be, a field."""
    for part in location[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            model = next(_models_in(model.model_fields[part].annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that `Model`, `list[Model]` or `Model | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
