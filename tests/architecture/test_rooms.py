"""The one way through the house: which room may use which, how large rooms are, and that nothing goes in a circle."""

import subprocess
import sys

import picture
import pytest
from package_source import ROOT
from rooms import (
    BY_NAME,
    MOST_FILES,
    MOST_LINES,
    PUBLIC,
    REGISTRIES,
    ROOMS,
    allowed,
    arrows,
    circles,
    imported,
    module_graph,
    modules_of,
    public_users,
    room_graph,
    room_of,
)

HEAVY = {"numba", "scipy", "xarray", "matplotlib", "h5netcdf", "h5py", "pandas"}


def test_every_room_is_in_the_table():
    rooms = {room_of(name) for name in BY_NAME if name != "usadel"}
    assert rooms == set(ROOMS), "say in ROOMS what a new room may use"


def test_the_table_goes_from_the_ground_up():
    order = list(ROOMS)
    assert [(a, b) for a, b in sorted(allowed()) if order.index(b) >= order.index(a)] == []


def test_imports_follow_the_arrows():
    against = [text for arrow, texts in arrows().items() if arrow not in allowed() for text in texts]
    assert against == []
    assert public_users() <= PUBLIC


def test_every_arrow_of_the_table_is_used():
    assert sorted(allowed() - set(arrows())) == [], "take these out of the table"


def test_no_circles_between_modules():
    assert circles(module_graph()) == []


def test_no_circles_between_rooms():
    assert circles(room_graph(arrows())) == []


def folders():
    return [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.rglob("*")) if (path / "__init__.py").is_file()]


def test_no_room_has_a_single_module():
    assert [room for room in folders() if len(modules_of(room)) == 1] == []


def test_rooms_are_small():
    """Those with rooms in them may be larger, and registries, of one short file per law, have as many as there are."""
    large = []
    for room in set(folders()) - REGISTRIES:
        modules = modules_of(room)
        lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
        parted = any(other.startswith(f"{room}/") for other in folders())
        if not parted and (len(modules) > MOST_FILES or lines > MOST_LINES):
            large.append((room, len(modules), lines))
    assert large == []


def test_the_reader_sees_every_import():
    """In functions and for type checkers too, relative ones, modules and names of packages."""
    assert "usadel.equations.spectral.scheme" in imported(BY_NAME["usadel.states.newton"])  # from … import scheme
    assert "usadel.branches.up_and_down" in imported(BY_NAME["usadel.branches.trace"])  # inside a function
    assert "usadel.description" in imported(BY_NAME["usadel.branches.branch"])  # under TYPE_CHECKING
    assert "usadel.errors" in imported(BY_NAME["usadel.discretization.layout"])


def test_circles_are_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"f"}, "f": {"e"}, "g": {"a"}}
    assert circles(graph) == [["e", "f"], ["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_picture_is_up_to_date():
    if not picture.FILE.parent.is_dir():
        pytest.skip("no documentation beside the tests")
    drawn = picture.FILE.read_text(encoding="utf-8")
    assert drawn == picture.drawing(), "run python tests/architecture/picture.py"


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_is_light():
    assert run_python(f"import sys, usadel; print(sorted({HEAVY} & set(sys.modules)))") == "[]"


def test_public_names_are_listed_and_found():
    missing = run_python("import usadel; print([n for n in usadel.__all__ if not hasattr(usadel, n)])")
    assert missing == "[]"
    assert run_python("import usadel; print(set(usadel.__all__) <= set(dir(usadel)))") == "True"


def test_figures_need_no_pyplot():
    assert run_python("import sys, usadel.plots; print('matplotlib.pyplot' in sys.modules)") == "False"
