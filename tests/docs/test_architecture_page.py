"""The tour of the source names what there is: every room, files that exist, functions where it says they are."""

import ast
import importlib
import re

import path_pictures
import pytest
from pages import REPOSITORY, blocks

PAGE = REPOSITORY / "docs" / "architecture.md"
TEXT = PAGE.read_text(encoding="utf-8")
SOURCE = REPOSITORY / "src" / "usadel"

QUOTED = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w.]+(/[\w.]+)*\.(py|toml)|[a-z]\w*(/[a-z]\w*)+")


def table(title):
    """Rows of the first table below a heading, each a list of cells."""
    below = TEXT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("| ").split(" | ") for line in below.splitlines() if line.startswith("|")]
    return rows[2:]


def rooms():
    """Folders of the package with modules in them, and modules that are in none."""
    folders = {path.parent.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("__init__.py")} - {"."}
    empty = {room for room in folders if [path.name for path in (SOURCE / room).glob("*.py")] == ["__init__.py"]}
    return (folders - empty) | {path.name for path in SOURCE.glob("*.py")} - {"__init__.py"}


def found(name, file):
    """Whether a module defines what is called by a name such as `Class.method`; what it imports does not count."""
    dotted = f"usadel.{file.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"
    module, (first, *rest) = importlib.import_module(dotted), name.split(".")
    thing = getattr(module, first, None)
    if thing is None or getattr(thing, "__module__", dotted) != dotted:
        return False
    return all((thing := getattr(thing, part, None)) is not None for part in rest)


def names_and_files():
    """(name, files) of every function in the table of places."""
    for _, functions, files in table("Where is …?"):
        for name in QUOTED.findall(functions):
            yield name, QUOTED.findall(files)


def test_every_room_is_on_the_page():
    below = TEXT.split("\n## Rooms\n", 1)[1].split("\n## ", 1)[0]
    listed = [name for line in re.findall(r"^\| (`.*?) \|", below, re.MULTILINE) for name in QUOTED.findall(line)]
    assert sorted(listed) == sorted(rooms())


def test_every_file_on_the_page_exists():
    quoted = [name for name in QUOTED.findall(TEXT) if FILE.fullmatch(name)]
    assert len(quoted) > 60
    assert [name for name in quoted if not any((root / name).exists() for root in (SOURCE, REPOSITORY))] == []


def test_every_function_is_where_the_table_says():
    rows = list(names_and_files())
    assert len(rows) > 50
    assert [name for name, files in rows if not any(found(name, file) for file in files)] == []


def test_the_page_imports_what_the_table_names():
    imported = {
        (node.module.removeprefix("usadel.").replace(".", "/"), alias.name)
        for block in blocks(PAGE)
        if block.language == "python"
        for node in ast.parse(block.text).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    wanted = {
        (file.removesuffix(".py").removesuffix("/__init__"), name.split(".")[0])
        for name, files in names_and_files()
        for file in files
        if found(name, file)
    }
    assert imported == wanted


@pytest.mark.parametrize("picture", path_pictures.PICTURES)
def test_pictures_are_of_the_present_source(picture):
    course = path_pictures.PICTURES[picture]
    for step in course.steps:
        assert (SOURCE / step.file).is_file() and step.file.startswith(f"{step.room}/")
        assert step.names or step.called
        assert [name for name in step.names if not found(name, step.file)] == []
    drawn = (path_pictures.IMAGES / picture).read_text(encoding="utf-8")
    assert drawn == path_pictures.drawing(course), "run python tests/docs/path_pictures.py"
    assert f"images/{picture}" in TEXT


def test_the_page_answers_what_a_newcomer_asks_first():
    asked = {
        "the gap Δ solved for": "gap/newton_schur.py",
        "an energy integral over real energies": "solvers/quadrature.py",
        "a fold located": "solvers/continuation.py",
    }
    rows = {what: QUOTED.findall(files) for what, _, files in table("Where is …?")}
    assert [what for what, file in asked.items() if file not in rows[what]] == []
    assert "](extending.md#a-quantity)" in TEXT
