"""A stand-in for the solver, so that the commands are tested in milliseconds and without physics."""

import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from synthetic_result import DEVICE, make_dataset

import usadel as us
from usadel import plots, results


class FakeInputError(ValueError):
    pass


class FakeNotConverged(RuntimeError):
    pass


class FakeDevice:
    """Holds the text of a device file; only what the commands need."""

    def __init__(self, text, changes=None):
        self.text, self.changes = text, changes or {}

    def replace(self, changes):
        for path in changes:
            if path not in ("temperature", "S1.length"):
                raise FakeInputError(f"{path}: no such value; allowed: temperature, S1.length")
        return FakeDevice(self.text, {**self.changes, **changes})

    def sketch(self):
        return f"sketch {tomllib.loads(self.text)['title']} {self.changes}"

    def to_toml(self):
        return self.text


def fake_load_device(path):
    text = Path(path).read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FakeInputError(f"{path}: {error}") from error
    for item in content["stack"]:
        if item.get("length", 1) <= 0:
            raise FakeInputError(f"{path}: length must be positive")
    return FakeDevice(text)


class FakeResult:
    def __init__(self, data):
        self.data = data

    def save(self, path):
        return results.save(self.data, path)


MISSING = {
    "InputError": FakeInputError,
    "NotConverged": FakeNotConverged,
    "load_device": fake_load_device,
    "load": lambda path: FakeResult(results.load(path)),
    "starter_kinds": lambda: ["sns", "fi_s_fi"],
    "starter": lambda kind: f'title = "{kind}"\n',
    "schema_text": lambda: "temperature  Tc\n",
    "json_schema": lambda: {"type": "object"},
    "kernel_cache_info": lambda: {"directory": "somewhere", "files": 3},
    "plots": plots,
}


@pytest.fixture
def api(monkeypatch):
    """The public API with a solver that returns a made-up result at once; `calls` are its devices."""
    for name, value in MISSING.items():
        if not hasattr(us, name):
            monkeypatch.setattr(us, name, value, raising=False)
    control = SimpleNamespace(calls=[], error=None, advice=None)

    def solve(device, progress=None, **_):
        control.calls.append(device)
        if control.error is not None:
            raise control.error
        if progress is not None:
            progress("iteration 1")
        if control.advice is None:
            return FakeResult(make_dataset(nodes=5, energies=41))
        failure = us.NotConverged.__new__(us.NotConverged)
        failure.result = FakeResult(make_dataset(nodes=5, energies=41, converged=0, advice=control.advice))
        failure.advice = control.advice
        raise failure

    monkeypatch.setattr(us, "solve", solve, raising=False)
    return control


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """An empty current directory with a device file next to it."""
    device = tmp_path / "input" / "sns.toml"
    device.parent.mkdir()
    device.write_text(DEVICE, encoding="utf-8")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return SimpleNamespace(device=str(device), here=here)


@pytest.fixture
def usadel(capsys):
    """Run a command line in this process; return its status and what it printed."""
    from usadel.__main__ import main

    def call(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return call
