"""The rooms of the house: what may use what, and who does. A room is a folder at any depth with the modules in it.

`ROOMS` goes from the ground up. A room may use those that are named behind it, all of which stand above it in the
table: nothing can go upwards or in a circle. Modules outside of any folder are rooms of their own. Every import counts,
also those inside functions and for type checkers only. `python tests/architecture/picture.py` draws it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from package_source import MODULES, ROOT, tree

ROOMS = {
    # the ground: no physics, and nothing but the standard library and numba
    "errors": "",
    "progress": "",
    "work": "",
    "_version": "",
    "_names": "",
    "_cores": "",
    "_compile": "",
    # what a key may hold
    "description/values": "errors",
    # small matrices, and what is measured by them; files, which know no physics
    "algebra": "_compile",
    "quantities": "algebra",
    "units": "errors description/values quantities",
    "results": "errors description/values algebra quantities units",
    "plots": "errors results units",
    # what may be written
    "description/elements": "errors description/values",
    "description/text": "errors description/values description/elements",
    "description/device": "errors description/values description/elements description/text",
    "description/geneus": "errors description/values description/elements description/text description/device",
    "description": (
        "errors description/values description/elements description/text description/device description/geneus"
    ),
    # mathematics, terms of the equation, grids
    "solvers": "work _compile",
    "terms": "errors description/values algebra description/device",
    "discretization": "errors description/values algebra description/device terms",
    "energies": "algebra description/device terms discretization",
    # what is to be solved
    "equations": "_compile algebra description/device energies",
    "equations/interfaces": "algebra description/elements equations",
    "equations/spectral": "_compile algebra description/device terms discretization equations equations/interfaces",
    "equations/kinetic": (
        "_compile algebra description/device terms discretization energies equations equations/spectral"
    ),
    # solving it: states at a given gap, quantities, the gap, error and grid, distributions
    "states": (
        "errors progress work _cores algebra description/device solvers terms discretization equations "
        "equations/spectral"
    ),
    "observables": (
        "progress work _compile algebra quantities description/device solvers terms discretization energies "
        "equations equations/spectral equations/kinetic states"
    ),
    "thermodynamics": (
        "algebra description/device discretization energies equations equations/spectral states observables"
    ),
    "gap": (
        "errors progress work algebra description/device solvers discretization energies equations "
        "equations/spectral states observables thermodynamics"
    ),
    "accuracy": (
        "progress work algebra description/device solvers discretization energies states observables thermodynamics gap"
    ),
    "kinetics": (
        "progress work description/values algebra description/device description solvers discretization "
        "energies equations equations/spectral equations/kinetic states observables gap accuracy"
    ),
    "response": (
        "errors progress work algebra description/device solvers discretization energies equations/kinetic states "
        "observables gap accuracy kinetics"
    ),
    "feedback": (
        "errors progress work description/values algebra description/device description solvers states observables "
        "gap accuracy kinetics response"
    ),
    # derivatives by any number of a device
    "sensitivities": (
        "errors progress work algebra description/device description solvers discretization energies "
        "equations/spectral states observables gap accuracy kinetics response"
    ),
    # what follows from the response of terminals
    "circuits": "errors results description/device description energies",
    # the public ways in
    "solution": (
        "errors progress work _version _compile description/values results description/elements "
        "description/device description solvers discretization energies states observables gap accuracy kinetics "
        "response feedback sensitivities circuits"
    ),
    "branches": (
        "errors progress work _version algebra results description/device description solvers discretization "
        "energies equations/spectral states observables gap accuracy kinetics feedback solution"
    ),
    "maps": "errors progress _version _cores _compile results description/device description solution",
    "transitions": (
        "errors progress work _version _compile results description/device description solvers discretization "
        "energies states thermodynamics gap accuracy feedback sensitivities solution branches maps"
    ),
    "sweeps": (
        "progress _cores results description/device description discretization observables kinetics solution maps"
    ),
    "junctions": (
        "errors progress work _version _compile results description/elements description/device description "
        "equations/spectral states observables thermodynamics solution branches maps"
    ),
    "fits": (
        "errors progress _version _compile description/values quantities units results description/device description "
        "solution transitions"
    ),
    "loading": ("errors results description/device circuits solution branches maps transitions sweeps junctions fits"),
    # users of what `usadel` itself offers
    "explorer/answers": "progress results description/values description/device description solution",
    "explorer/standalone": "progress _cores explorer/answers",
    "explorer": "errors progress _cores description explorer/answers explorer/standalone",
    "studies": "progress _cores results maps",
    "studies/inverse_effect": "progress results plots description/elements studies",
    "cli": "errors progress results description/values description/geneus description maps studies",
    "__main__": "_cores cli",
}
PUBLIC = {  # they say `import usadel`, too
    "explorer", "explorer/answers", "explorer/standalone", "studies", "studies/inverse_effect", "cli",
}  # fmt: skip

REGISTRIES = {"terms", "quantities", "equations/interfaces"}  # one short file per term, law, …: as many as there are
MOST_FILES, MOST_LINES = 13, 2000  # of a room without rooms in it

Arrow = tuple[str, str]
Graph = dict[str, set[str]]


def name_of_module(path: Path) -> str:
    """Dotted name."""
    parts = ("usadel", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


BY_NAME = {name_of_module(path): path for path in MODULES}


def room_of(name: str) -> str:
    """Room of a module by its dotted name; that of the package itself is empty."""
    path = BY_NAME[name].relative_to(ROOT)
    return path.parent.as_posix() if len(path.parts) > 1 else name.partition(".")[2]


@cache
def imported(path: Path) -> frozenset[str]:
    """Dotted names of the modules of this package that a module imports, wherever in it; `__init__` for its names."""
    package, found = ("usadel", *path.relative_to(ROOT).parts[:-1]), set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *([node.module] if node.module else [])))
            inside = [f"{module}.{alias.name}" for alias in node.names]
            found |= {name if name in BY_NAME else module for name in inside}
    return frozenset((found & set(BY_NAME)) - {name_of_module(path)})


def module_graph() -> Graph:
    """Who imports whom; `usadel/__init__.py`, which gathers the public names, is left out."""
    return {name: set(imported(path)) - {"usadel"} for name, path in BY_NAME.items() if name != "usadel"}


def arrows() -> dict[Arrow, list[str]]:
    """Arrows between rooms, each with the imports that it stands for."""
    found: dict[Arrow, list[str]] = {}
    for name, targets in module_graph().items():
        for target in sorted(targets):
            if room_of(name) != room_of(target):
                found.setdefault((room_of(name), room_of(target)), []).append(f"{name} imports {target}")
    return found


def public_users() -> set[str]:
    """Rooms that import `usadel` itself."""
    return {room_of(name) for name, path in BY_NAME.items() if name != "usadel" and "usadel" in imported(path)}


def allowed() -> set[Arrow]:
    """All arrows of the table."""
    return {(room, other) for room, others in ROOMS.items() for other in others.split()}


def room_graph(pairs: Iterable[Arrow]) -> Graph:
    """Arrows as a graph."""
    graph: Graph = {}
    for one, other in pairs:
        graph.setdefault(one, set()).add(other)
        graph.setdefault(other, set())
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Sets of nodes that reach each other (Tarjan's strongly connected components of two or more)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        number[node] = low[node] = len(number)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in number:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == number[node]:
            at = stack.index(node)
            part = stack[at:]
            del stack[at:]
            if len(part) > 1:
                found.append(sorted(part))

    for node in sorted(graph):
        if node not in number:
            visit(node)
    return found


def modules_of(room: str) -> list[Path]:
    """Modules that lie in a room itself, but for `__init__`."""
    return [path for name, path in BY_NAME.items() if path.name != "__init__.py" and room_of(name) == room]
