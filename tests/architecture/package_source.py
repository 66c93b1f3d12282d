"""The package's own source, read without importing it."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

spec = find_spec("usadel")
assert spec is not None and spec.origin is not None
ROOT = Path(spec.origin).parent

MODULES = sorted(ROOT.rglob("*.py"))


def name_of(path: Path) -> str:
    """Path below the package, such as ``equations/gap.py``."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def part_of(path: Path) -> str:
    """First folder below the package, or the name of a module that lies in none."""
    relative = path.relative_to(ROOT)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> set[str]:
    """Dotted names of everything imported from this package, wherever in the module the import stands."""
    package = ("usadel", *path.relative_to(ROOT).parts[:-1])
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            # `from usadel import plots` may name a folder as well as an attribute
            found |= {f"{module}.{alias.name}" for alias in node.names} if module == "usadel" else {module}
    return {name for name in found if name.split(".")[0] == "usadel"}
