"""The pages name everything there is: public names, commands, kinds."""

import re
import subprocess
import sys
import tomllib

import typer
from pages import REPOSITORY

import usadel as us
from usadel._names import PUBLIC, ROOMS, names
from usadel.cli.commands import app
from usadel.studies import STUDIES

DOCS = REPOSITORY / "docs"


def read(name):
    return (REPOSITORY / name).read_text(encoding="utf-8")


def test_every_public_name_is_documented():
    """The page names every section of the table of public names; what stands in each is made from the table."""
    assert re.findall(r"^\{\{ (.*) \}\}$", read("docs/api.md"), re.MULTILINE) == list(PUBLIC)
    documented = {name for section in PUBLIC for name in names(section)}
    assert documented == set(us.__all__) - {"__version__", *ROOMS}


def test_every_recipe_is_documented():
    """`reproduce` and what belongs to it stand with the command of that name."""
    shown = set(re.findall(r"auto\w+:: usadel\.studies\.(\w+)", read("docs/studies.md")))
    assert shown == set(us.studies.__all__) - {"STUDIES", "located_text", "reproduce"}


def test_what_is_generated_is_up_to_date():
    """The stub with the public names, and the rows of commands."""
    command = [sys.executable, "tools/generate.py", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, f"run python tools/generate.py: {done.stdout}{done.stderr}"


def test_every_figure_is_documented():
    documented = set(re.findall(r"auto\w+:: usadel\.plots\.(\w+)", read("docs/api.md")))
    assert documented == set(us.plots.__all__)


def test_every_command_is_documented():
    commands = set(typer.main.get_command(app).commands)
    assert set(re.findall(r"command-help} ([\w-]+)", read("docs/command_line.md"))) == commands
    for page in ("docs/command_line.md", "README.md"):
        assert set(re.findall(r"^\| `usadel ([\w-]+)", read(page), re.MULTILINE)) == commands


def test_every_term_and_interface_has_its_line_of_notation():
    text = read("docs/notation.md")
    from usadel.equations import interfaces
    from usadel.terms import TERMS

    for kind in interfaces.LAWS:
        assert f"equations/interfaces/{kind}.py" in text
    for key, term in TERMS.items():
        assert f"`{key}`" in text and term.matrix.__module__.rpartition(".")[2] + ".py" in text


def test_every_page_is_in_the_table_of_contents():
    listed = set(re.findall(r"^(\w+)$", read("docs/index.md"), re.MULTILINE))
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed


def test_folders_of_studies_are_no_part_of_the_repository():
    ignored = read(".gitignore").splitlines()
    assert [name for name in STUDIES if f"/{name}/" not in ignored] == []


def test_every_extra_is_explained():
    """What `pip install ".[extra]"` adds is used by something that the page names."""
    extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
    assert [name for name in extras if f'".[{name}]"' not in read("docs/installation.md")] == []
