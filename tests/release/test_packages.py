"""What a release consists of: a source archive and a wheel that install and work, and what describes them."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import date
from pathlib import Path

import jinja2
import pytest
import yaml

import usadel as us

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FIGURES = json.loads((REPOSITORY / "docs" / "performance.json").read_text(encoding="utf-8"))["figures"]
DOI = re.compile(r"10\.\d{4,9}/[-._;()/:\w]+")


def read(name):
    return (REPOSITORY / name).read_text(encoding="utf-8")


def python(*arguments, folder=REPOSITORY, **environment):
    """Output of a Python process in a folder that is told nothing of this checkout."""
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | environment
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with the source archive and the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "hatchling", "build", "-d", folder)
    return folder


def test_wheel_installs_and_runs(built, tmp_path):
    """From the wheel alone, without its dependencies' help: its own files are all there."""
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"usadel-{us.__version__}-py3-none-any.whl"
    place = tmp_path / "site"
    python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", place, wheel)
    code = "import usadel as us; print(us.__file__, us.__version__, len(us.materials()), len(us.starter('sns')))"
    shown = python("-c", code, PYTHONPATH=str(place), folder=tmp_path).split()
    assert Path(shown[0]).is_relative_to(place) and shown[1] == us.__version__ and int(shown[2]) > 0 < int(shown[3])
    listed = python("-m", "usadel", "new", "sns", PYTHONPATH=str(place), folder=tmp_path)
    assert listed == us.starter("sns")


def test_wheel_holds_every_file_of_the_package(built):
    (wheel,) = built.glob("*.whl")
    source = REPOSITORY / "src"
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "usadel").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert files <= set(zipfile.ZipFile(wheel).namelist())


def test_source_archive_makes_the_same_wheel(built, tmp_path):
    """What is needed to build, test and document it is in the archive."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    for name in ("tests/conftest.py", "gallery/GALLERY_HEADER.rst", "docs/conf.py", "paper/paper.md", "CITATION.cff"):
        assert (source / name).is_file(), name
    assert not (source / "docs" / "gallery").exists()  # made by every build of the documentation
    python("-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", folder=source)
    (first,), (second,) = built.glob("*.whl"), (tmp_path / "again").glob("*.whl")
    assert zipfile.ZipFile(first).namelist() == zipfile.ZipFile(second).namelist()


def test_changelog_is_dated():
    """The newest release in the changelog is this version, on a day that exists."""
    found = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", read("CHANGELOG.md"), re.MULTILINE)
    version, day = found[0]
    assert version == us.__version__
    date.fromisoformat(day)


def test_citation():
    """The keys that the format 1.2.0 requires, and references that can be looked up."""
    citation = yaml.safe_load(read("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["version"] == us.__version__
    assert str(citation["date-released"]) in read("CHANGELOG.md")
    assert len(citation["references"]) >= 2
    for reference in citation["references"]:
        assert {"type", "title", "authors", "year"} <= set(reference)
        assert all({"family-names", "given-names"} <= set(author) for author in reference["authors"])
        assert DOI.fullmatch(reference["doi"]), reference["title"]


def test_conda_recipe():
    """The recipe is YAML behind its templates, and asks for what the package asks for."""
    text = jinja2.Template(read("recipe/meta.yaml"), undefined=jinja2.StrictUndefined).render(PYTHON="python")
    recipe = yaml.safe_load(text)
    assert {"package", "source", "build", "requirements", "test", "about"} <= set(recipe)
    assert recipe["package"] == {"name": "usadel", "version": us.__version__}
    wanted = {re.sub(r"(?=[<>=])", " ", entry, count=1) for entry in PROJECT["dependencies"]}
    wanted |= {f"python {PROJECT['requires-python']}"}
    assert {entry.replace("matplotlib-base", "matplotlib") for entry in recipe["requirements"]["run"]} == wanted
    assert recipe["build"]["entry_points"] == [f"usadel = {PROJECT['scripts']['usadel']}"]


def without_head(text):
    """A paper without its YAML head."""
    return re.sub(r"\A---.*?^---$", "", text, flags=re.DOTALL | re.MULTILINE)


def numbers(text):
    """Numbers of a paper as they are printed, each with the name of its figure, and those that have none."""
    body = re.sub(r"@\w+", "", without_head(text))
    named = re.findall(r"(\S+) <!-- (.*?) -->", body)
    rest = re.sub(r"\S+ <!-- .*? -->|<!--.*?-->", "", body, flags=re.DOTALL)
    return named, re.findall(r"\d\S*", rest)


def as_printed(value, shown):
    """A figure with as many digits as are shown."""
    digits = len(re.sub(r"e.*|\.|^0+", "", shown))
    return float(f"{value:.{digits}g}")


def test_every_number_of_the_paper_is_measured():
    named, rest = numbers(read("paper/paper.md"))
    assert rest == [] and len(named) >= 10
    printed = {name: float(shown) for shown, name in named}
    assert printed == {name: as_printed(FIGURES[name], shown) for shown, name in named}


def test_numbers_of_a_paper():
    """A guard against a comparison that accepts everything."""
    assert numbers("takes 17.9 <!-- a (ms) --> ms and 3 s [@A2004]") == ([("17.9", "a (ms)")], ["3"])
    assert as_printed(17.91, "17.9") == 17.9 and as_printed(17.96, "17.9") != 17.9
    assert as_printed(6.98, "7") == 7.0 and as_printed(2.036e-7, "2.04e-07") == 2.04e-7


def test_references_of_the_paper():
    """Each that is cited is there, each that is there is cited, with what it takes to find it."""
    entries = dict(re.findall(r"^@\w+\{(\w+),(.*?)^\}", read("paper/paper.bib"), re.DOTALL | re.MULTILINE))
    cited = set(
        re.findall(r"@(\w+)", re.sub(r"\A---.*?^---$", "", read("paper/paper.md"), flags=re.DOTALL | re.MULTILINE))
    )
    assert cited == set(entries)
    for key, text in entries.items():
        assert re.search(r"author = \{", text) and re.search(r"title = \{", text), key
        found = re.search(r"doi = \{(.*?)\}", text)
        assert "https://" in text or (found and DOI.fullmatch(found[1])), key
        assert text.count("{") == text.count("}"), key
