"""The page on extensions: each chapter's blocks, added to a copy of the package, work and touch few files."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

import pytest
from numba.core.caching import _CacheLocator
from pages import REPOSITORY

from usadel import _compile

PAGE = REPOSITORY / "docs" / "extending.md"
COPIED = ("tests", "docs", "tools", "README.md", "pyproject.toml", ".gitignore")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "images", "*.nc", "_build")

BLOCK = re.compile(r"^(?:Create `(.+?)`|In `(.+?)`, before `(.+?)`):\n\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page, the most files that it may touch, and what of the tests the copy has to pass."""

    title: str
    files: int
    tests: tuple[str, ...]
    of_it: str


GENERAL = (
    "every or complete or generated or nothing_else or check_"  # of the tests named below, beside those of the new
)
OWN = "tests/docs/extended/check_"
COMPLETE = ("tests/architecture/test_kinds_and_laws.py", "tests/docs/test_pages_complete.py")
CHAPTERS = {
    "term": Chapter("A term of the Usadel equation", 4, ("tests/equations/test_terms.py", *COMPLETE), "ising_flip"),
    "law": Chapter("An interface law", 4, ("tests/equations/test_interfaces.py", *COMPLETE), "wetted"),
    "quantity": Chapter(
        "A quantity", 3, ("tests/observables", "tests/results/test_result_schema.py", *COMPLETE), "spin_up"
    ),
    "procedure": Chapter("A procedure", 4, ("tests/limits/test_mean_gap.py", *COMPLETE), "mean_gap"),
}


def additions(chapter):
    """(file, line before which it goes or None, text) of every block that is to be added."""
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(f"\n## {chapter.title}\n") + 1
    body = text[start : text.index("\n## ", start)]
    return [(created or edited, anchor, block) for created, edited, anchor, block in BLOCK.findall(body)]


def add(root, file, anchor, block):
    """Create a file, or insert text before the one line that begins with the anchor."""
    path = root / file
    if not anchor:
        assert not path.exists()
        path.write_text(block, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    places = [found.start() for found in re.finditer("^" + re.escape(anchor), text, re.MULTILINE)]
    assert len(places) == 1, f"{file}: {len(places)} lines begin with {anchor!r}"
    path.write_text(text[: places[0]] + block + text[places[0] :], encoding="utf-8")


def contents(root):
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where all copies are made, one after the other: what is compiled there serves them all."""
    return tmp_path_factory.mktemp("copy")


@pytest.fixture
def copy(place):
    """A copy of the package, and of what is edited and checks it."""
    for name in ("src", *COPIED):
        shutil.rmtree(place / name, ignore_errors=True)
    shutil.copytree(_compile.PACKAGE, place / "src" / "usadel", ignore=LEFT_OUT)
    for name in COPIED:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, place / name)
    lend_kernels(place)
    return place


def lend_kernels(root):
    """Kernels that are compiled already, in a cache of the copy: numba tells them apart by their folders."""
    lent = root / "kernels" / _compile.cache_directory().name
    for source in _compile.PACKAGE.rglob("*.py"):
        module = _compile._module_name(source)
        ours, theirs = (
            _CacheLocator.get_suitable_cache_subpath(str(package / source.relative_to(_compile.PACKAGE)))
            for package in (_compile.PACKAGE, root / "src" / "usadel")
        )
        compiled = _compile.cache_directory() / module / ours
        if compiled.is_dir():
            shutil.copytree(compiled, lent / module / theirs, dirs_exist_ok=True)


def run(root, *arguments):
    environment = os.environ | {
        "PYTHONPATH": str(root / "src"),
        "USADEL_CACHE_DIR": str(root / "kernels"),
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapter(name, copy):
    chapter, before = CHAPTERS[name], contents(copy)
    found = additions(chapter)
    assert len(found) >= 3
    for addition in found:
        add(copy, *addition)
    after = contents(copy)
    touched = {file for file in after if before.get(file) != after[file]}
    assert len(touched) <= chapter.files, sorted(touched)
    run(copy, "tools/generate.py")
    tests = ["-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-q", "-k", f"{chapter.of_it} or {GENERAL}"]
    printed = run(copy, *tests, *chapter.tests, f"{OWN}{name}.py")
    assert int(re.search(r"(\d+) passed", printed)[1]) > 5


def test_every_block_of_the_page_is_added():
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("```") == 2 * sum(len(additions(chapter)) for chapter in CHAPTERS.values())
