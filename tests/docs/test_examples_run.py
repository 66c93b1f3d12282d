"""Every example and every starter file solves to its tolerance, and its figure can be drawn."""

import pytest
from pages import REPOSITORY

import usadel as us
from usadel.__main__ import main

EXAMPLES = sorted((REPOSITORY / "examples").glob("*.toml"))


def check(capsys):
    assert main(["run", "device.toml"]) == 0, capsys.readouterr().err
    result = us.load("device.nc")
    assert result.data.attrs["converged"] == 1
    assert result.data.attrs["estimated_error"] <= result.device.tolerance
    assert main(["plot", "device.nc", "-o", "device.png"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_example(example, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "device.toml").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    check(capsys)


@pytest.mark.parametrize("kind", us.starter_kinds() if hasattr(us, "starter_kinds") else [])
def test_starter(kind, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "device.toml").write_text(us.starter(kind), encoding="utf-8")
    check(capsys)
