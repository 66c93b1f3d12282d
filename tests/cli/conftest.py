"""A stand-in for the solver, so that the commands are tested in milliseconds and without physics."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from synthetic_result import DEVICE, make_dataset

import usadel as us
from usadel import description, plots, results
from usadel.units.beside import PROGRAM_ONLY


class FakeNotConverged(RuntimeError):
    pass


class FakeResult:
    beside = PROGRAM_ONLY

    def __init__(self, data):
        self.data = data

    def file_data(self):
        return self.data

    def save(self, path):
        return results.save(self.data, path)


MISSING = {
    "InputError": description.InputError,
    "NotConverged": FakeNotConverged,
    "load_device": description.load_device,
    "load": lambda path: FakeResult(results.load(path)),
    "starter_kinds": lambda: list(description.STARTERS),
    "starter": description.starter,
    "schema_text": description.schema_text,
    "json_schema": description.json_schema,
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
            progress(us.Event("level", 1))
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
