"""List the mutants of one part, drawn at random: what cosmic-ray changes, and calls left out.

    find.py PART FILE      in an environment of its own, with cosmic-ray

No mutants: annotations (but for the limits of a field, which are checked), what is said to the
log, and what does not compile. The operators that are left out stand in mutants.toml.
"""

import ast
import json
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import cosmic_ray.plugins as cosmic_ray
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

HERE = Path(__file__).parent
Place = tuple[int, int]


def main(part: str, out: Path) -> None:
    config = tomllib.loads((HERE / "mutants.toml").read_text())
    exclude = re.compile("|".join(config["operators"]["exclude"]))
    found = []
    for name in config["parts"][part]["modules"]:
        path = HERE.parents[1] / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else [path]:
            source = file.read_text()
            relative = file.relative_to(HERE.parents[1]).as_posix()
            for operator, number, line, mutated in mutants(source, exclude):
                found.append(
                    {"module": relative, "operator": operator, "number": number, "line": line}
                    | {"change": change(source, mutated), "code": mutated}
                )
    drawer = random.Random(config["seed"])  # noqa: S311
    # the smaller sample is the beginning of the larger
    drawn = drawer.sample(found, len(found))[: config["parts"][part]["size"]]
    out.write_text(json.dumps({"part": part, "all": len(found), "drawn": drawn}))
    print(f"{part}: {len(found)} mutants, {len(drawn)} drawn")


def mutants(source: str, exclude: re.Pattern[str]) -> Iterator[tuple[str, int, int, str]]:
    """(operator, its how-manieth place, line, source) of each."""
    tree = ast.parse(source)
    spared = list(_spared(tree))
    parsed = get_ast(source)
    for name in sorted(cosmic_ray.operator_names()):
        if exclude.fullmatch(name):
            continue
        operator = cosmic_ray.get_operator(name)()
        places = (p for node in ast_nodes(parsed) for p in operator.mutation_positions(node))
        for number, (start, end) in enumerate(places):
            if any(first <= start and end <= last for first, last in spared):
                continue
            try:
                code = mutate_code(source, operator, number)
            except AttributeError:  # cosmic-ray knows no exception with a dot in its name
                continue
            if code is not None and code != source and _compiles(code):
                yield name.removeprefix("core/"), number, start[0], code
    lines = source.splitlines(keepends=True)
    for number, node in enumerate(_statements(tree)):
        start, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset)
        if any(first <= start and end <= last for first, last in spared):
            continue
        before = "".join(lines[: start[0] - 1]) + lines[start[0] - 1][: start[1]]
        after = lines[end[0] - 1][end[1] :] + "".join(lines[end[0] :])
        yield "LeaveOutStatement", number, start[0], f"{before}pass{after}"


def change(original: str, mutated: str) -> str:
    """The line that differs, before and after."""
    pairs = zip(original.splitlines(), mutated.splitlines(), strict=False)
    before, after = next(((a, b) for a, b in pairs if a != b), ("", ""))
    return f"{before.strip()}  ->  {after.strip()}"


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Statements that do something and name nothing: calls, raises, sums."""
    for node in ast.walk(tree):
        called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        if called or isinstance(node, ast.Raise | ast.AugAssign):
            yield node


def _spared(tree: ast.AST) -> Iterator[tuple[Place, Place]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
            yield _span(node)
        for name in ("annotation", "returns"):
            hint = getattr(node, name, None)
            if isinstance(hint, ast.expr) and not _has_call(hint):
                yield _span(hint)
            elif isinstance(hint, ast.BinOp):  # the bar of a union, and no limit beside it
                yield _span(hint.left)[1], _span(hint.right)[0]


def _has_call(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))


def _span(node: ast.expr) -> tuple[Place, Place]:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def _compiles(code: str) -> bool:
    try:
        compile(code, "mutant", "exec")
    except SyntaxError:
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
