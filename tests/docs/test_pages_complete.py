"""The pages name everything there is: public names, commands, kinds."""

import re

import typer
from pages import REPOSITORY

import usadel as us
from usadel.cli.commands import app

DOCS = REPOSITORY / "docs"


def read(name):
    return (REPOSITORY / name).read_text(encoding="utf-8")


def test_every_public_name_is_documented():
    documented = set(re.findall(r"auto\w+:: usadel\.([\w.]+)", read("docs/api.md")))
    missing = set(us.__all__) - documented - {"__version__", "plots"}
    assert missing == set()
    assert {name.split(".")[0] for name in documented} <= set(us.__all__)


def test_every_figure_is_documented():
    documented = set(re.findall(r"auto\w+:: usadel\.plots\.(\w+)", read("docs/api.md")))
    assert documented == set(us.plots.__all__)


def test_every_command_is_documented():
    commands = set(typer.main.get_command(app).commands)
    assert set(re.findall(r"command-help} (\w+)", read("docs/command_line.md"))) == commands
    for page in ("docs/command_line.md", "README.md"):
        assert set(re.findall(r"^\| `usadel (\w+)", read(page), re.MULTILINE)) == commands


def test_every_term_and_interface_has_its_line_of_notation():
    text = read("docs/notation.md")
    from usadel.equations import interfaces, terms

    for kind in interfaces.LAWS:
        assert f"equations/interfaces/{kind}.py" in text
    for key, function in {**terms.CONSTANT, **terms.LINEAR, **terms.GAUGE}.items():
        assert f"`{key}`" in text and function.__module__.rpartition(".")[2] + ".py" in text


def test_every_page_is_in_the_table_of_contents():
    listed = set(re.findall(r"^(\w+)$", read("docs/index.md"), re.MULTILINE))
    assert {page.stem for page in DOCS.glob("*.md")} - {"index"} <= listed
