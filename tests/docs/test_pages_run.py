"""README and tutorial do what they say: every block of code is run, every output shown is compared."""

import contextlib
import io
import shutil
from pathlib import Path

import matplotlib
import pytest
from matplotlib import pyplot
from pages import REPOSITORY, blocks, commands, mismatch

import usadel as us
from usadel.__main__ import main

PAGES = [
    "README.md",
    "docs/architecture.md",
    "docs/tutorial.md",
    "docs/units.md",
    "docs/convergence.md",
    "docs/geneus.md",
    "docs/materials.md",
    "docs/nonequilibrium.md",
    "docs/results.md",
    "docs/sweeps.md",
    "docs/josephson.md",
    "docs/response.md",
    "docs/sensitivity.md",
    "docs/fits.md",
    "docs/studies.md",
    "docs/inverse_effect.md",
    "docs/limits.md",
]


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty directory with nothing but the examples."""
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    yield tmp_path
    pyplot.close("all")


@pytest.mark.parametrize("name", PAGES)
def test_page(name, workplace):
    page = REPOSITORY / name
    namespace = {"__name__": "page"}
    printed = ""
    ran = 0
    for block in blocks(page):
        where = f"{name}, line {block.line}"
        if block.language == "python":
            printed = run_python(block, where, namespace)
            ran += 1
        elif block.language == "text" and printed:
            assert not mismatch(block.text, printed), f"{where}: {mismatch(block.text, printed)}"
            printed = ""
        elif block.language == "toml":
            assert us.Stack.from_toml(block.text).elements, where
        elif block.language == "console":
            for command in commands(block):
                run_command(command, where)
                ran += 1
    assert ran > 0


def run_python(block, where, namespace):
    out = io.StringIO()
    code = compile("\n" * (block.line - 1) + block.text, where, "exec")
    with contextlib.redirect_stdout(out):
        exec(code, namespace)
    return out.getvalue()


def run_command(command, where):
    program, *arguments = command.arguments
    assert program == "usadel", f"{where}: only the program itself is run here"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main(arguments)
    assert status == 0, f"{where}: usadel {' '.join(arguments)} exits with {status}"
    if command.target:
        Path(command.target).write_text(out.getvalue(), encoding="utf-8")
    if command.shown.strip():
        assert not mismatch(command.shown, out.getvalue()), f"{where}: {mismatch(command.shown, out.getvalue())}"


def test_readme_gives_the_two_commands_that_the_checks_run():
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert "pip install . && usadel reproduce ouassou2019" in text
    assert 'pip install ".[test]" && pytest' in text


def test_comparison_of_output():
    """A guard against a comparison that accepts everything."""
    assert not mismatch("gap  0.94321\nrest ...\n", "gap 0.94322\nrest 3e-8\n")
    assert mismatch("gap  0.94", "gap 0.95")
    assert mismatch("gap  0.94", "cap 0.94")
    assert mismatch("gap 1", "gap 1\nmore")
    assert mismatch("a\nb", "a")
    assert not mismatch("a\n...\nz", "a\nb\nc\nz")
    assert not mismatch("in ...", "in 0.3 s")
    assert mismatch("a\n...\nz", "a\nb")
