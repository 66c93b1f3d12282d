"""What every module keeps to: length, docstrings, and what kernels must not do."""

import ast
from collections import Counter
from pathlib import Path

from package_source import MODULES, ROOT, imports, name_of, part_of, tree

LONGEST_MODULE = 400
FORBIDDEN = {"parallel": "aborts when two threads enter", "fastmath": "deletes the checks for NaN"}


def test_modules_are_short():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_names_of_test_files_are_unique():
    """Two of one name are one module to the test runner, which then refuses the second."""
    files = Counter(path.name for path in Path(__file__).parents[1].rglob("test_*.py"))
    assert [name for name, count in files.items() if count > 1] == []


def test_every_module_says_what_it_is_for():
    assert [name_of(path) for path in MODULES if not ast.get_docstring(tree(path))] == []


def test_public_functions_and_classes_have_docstrings():
    declared = declared_names()
    missing = [f"{name_of(path)}: {name}" for path in MODULES for name in undocumented(tree(path), declared)]
    assert missing == []


def undocumented(node, declared, inherited=frozenset()):
    """Public functions and classes below `node` without a docstring; overrides need none of their own."""
    for item in node.body:
        if not isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if item.name.startswith("_"):
            continue
        if not ast.get_docstring(item) and item.name not in inherited:
            yield item.name
        if isinstance(item, ast.ClassDef):
            yield from (f"{item.name}.{name}" for name in undocumented(item, declared, above(item, declared)))


def declared_names():
    """Class name -> (what its body defines, names of its bases), of every class of the package."""
    classes = [node for path in MODULES for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    return {node.name: (set(own_names(node)), base_names(node)) for node in classes}


def own_names(node):
    for item in node.body:
        if isinstance(item, (ast.FunctionDef, ast.ClassDef)):
            yield item.name
        for target in getattr(item, "targets", [getattr(item, "target", None)]):
            if isinstance(target, ast.Name):
                yield target.id


def base_names(node):
    return [base.id for base in node.bases if isinstance(base, ast.Name)]


def above(node, declared):
    """Everything that the base classes of a class define."""
    found, waiting = set(), base_names(node)
    while waiting:
        names, bases = declared.get(waiting.pop(), (set(), []))
        found |= names
        waiting += bases
    return found


def test_no_compiler_option_that_costs_correctness():
    used = [
        f"{name_of(path)}: {node.arg}=True {FORBIDDEN[node.arg]}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.keyword) and node.arg in FORBIDDEN
        if isinstance(node.value, ast.Constant) and node.value.value is True
    ]
    assert used == []


def test_only_one_module_calls_the_compiler():
    users = {name_of(path) for path in MODULES if any(is_below(name, "numba") for name in others(path))}
    assert users == {"_compile.py"}


def test_the_cache_knows_every_source_of_a_kernel():
    """Its reader of import lines finds what the syntax tree finds: kernels are compiled again after any edit."""
    from usadel._compile import _imports

    kernels = [path for path in MODULES if "kernel" in decorators(path)]
    assert {"algebra", "equations", "solvers"} <= {part_of(path) for path in kernels}
    for path in kernels:
        expected = {name for name in imports(path) if is_below(name, "usadel")}
        found = {
            f"usadel.{other.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}" for other in _imports(path)
        } - {f"usadel.{path.relative_to(ROOT).with_suffix('').as_posix()}".replace("/", ".")}
        assert expected == found, path


def decorators(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
    return {ast.unparse(decorator) for node in functions for decorator in node.decorator_list}


def test_figures_leave_global_settings_alone():
    for path in (ROOT / "plots").glob("*.py"):
        attributes = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        assert "rcParams" not in attributes
        assert not any(is_below(name, "matplotlib.pyplot") for name in others(path))


def is_below(name, package):
    return name == package or name.startswith(package + ".")


def others(path):
    """Dotted names of every import, of other packages too."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
