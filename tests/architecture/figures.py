"""Figures of the house: `python tests/architecture/figures.py [SRC]`, SRC a folder that holds `usadel`."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from statistics import mean

import package_source


def figures() -> dict[str, str]:
    """What can be counted in the source, by name."""
    import rooms

    trees = {package_source.name_of(path): package_source.tree(path) for path in package_source.MODULES}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for node in functions]
    longest = max(functions, key=lambda node: (node.end_lineno or node.lineno) - node.lineno)
    sizes = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in _files().items()}
    found = rooms.arrows()
    inside = {room for room in map(rooms.room_of, rooms.BY_NAME) if (package_source.ROOT / room).is_dir() and room}
    between = {pair for pair in found if set(pair) <= inside}
    biggest = max(sizes, key=sizes.__getitem__)
    return {
        "modules": str(len(trees)),
        "lines": str(sum(sizes.values())),
        "longest module": f"{sizes[biggest]} lines, {biggest}",
        "functions": str(len(functions)),
        "average function": f"{mean(lengths):.1f} lines",
        "longest function": f"{max(lengths)} lines, {longest.name}",
        "module constants": str(sum(_constants(tree) for tree in trees.values())),
        "optional annotations": str(sum(_optionals(node) for node in nodes)),
        "hasattr, getattr": str(sum(_calls(node, ("hasattr", "getattr")) for node in nodes)),
        "assert … is not None": str(sum(_not_none(node) for node in nodes if isinstance(node, ast.Assert))),
        "rooms": str(len(inside)),
        "arrows between rooms": str(len(between)),
        "circles of rooms": str(len(rooms.circles(rooms.room_graph(found)))),
        "circles of modules": str(len(rooms.circles(rooms.module_graph()))),
    }


def _files() -> dict[str, Path]:
    return {package_source.name_of(path): path for path in package_source.MODULES}


def _constants(tree: ast.Module) -> int:
    """Names in capitals that a module assigns to."""
    targets = [
        target
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return sum(name.id.lstrip("_").isupper() for name in names)


def _optionals(node: ast.AST) -> int:
    """Annotations that allow None."""
    annotations = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    texts = [ast.unparse(annotation) for annotation in annotations if isinstance(annotation, ast.AST)]
    return sum("None" in text.replace("-> None", "") and text != "None" for text in texts)


def _calls(node: ast.AST, names: tuple[str, ...]) -> int:
    return int(isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names)


def _not_none(node: ast.Assert) -> int:
    """Parts of an assertion that say that something is not None."""
    return sum(
        isinstance(part, ast.Compare)
        and isinstance(part.ops[0], ast.IsNot)
        and isinstance(part.comparators[0], ast.Constant)
        and part.comparators[0].value is None
        for part in ast.walk(node.test)
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        package_source.ROOT = Path(sys.argv[1]).resolve() / "usadel"
        package_source.MODULES = sorted(package_source.ROOT.rglob("*.py"))
    for name, value in figures().items():
        print(f"{name:22} {value}")
