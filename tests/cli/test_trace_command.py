"""`usadel trace`: what it asks the solver for, prints, writes, and its exit status."""

from types import SimpleNamespace

import pytest
from synthetic_branch import make_branch

import usadel as us
from usadel.results import load
from usadel.units.beside import PROGRAM_ONLY


def branch_of(data, **others):
    """What a command asks of a branch."""
    return SimpleNamespace(data=data, file_data=lambda: data, beside=PROGRAM_ONLY, **others)


@pytest.fixture
def traced(monkeypatch):
    """A stand-in for `us.trace` that remembers its arguments and returns a made-up branch."""
    control = SimpleNamespace(calls=[], converged=1)

    def trace(device, path, start, stop, *, both=False, progress=None):
        control.calls.append((path, start, stop, both))
        data = make_branch(converged=control.converged)
        return branch_of(data, converged=bool(control.converged), advice="")

    monkeypatch.setattr(us, "trace", trace, raising=False)
    return control


def test_trace_writes_and_summarizes(api, traced, workplace, usadel):
    done = usadel("trace", workplace.device, "--over", "S1.length=0.5:pi/2", "-o", "b.nc")
    assert done.status == 0 and done.err == ""
    (call,) = traced.calls
    assert call == ("S1.length", 0.5, pytest.approx(1.5707963), False)
    assert "folds" in done.out and "b.nc" in done.out
    assert load(workplace.here / "b.nc").sizes["branch_point"] == 8


def test_both_is_passed_on(api, traced, workplace, usadel):
    assert usadel("trace", workplace.device, "--over", "S1.length=1:2", "--both").status == 0
    assert traced.calls[0][3] is True
    assert (workplace.here / "sns.trace.nc").is_file()


def test_a_lost_branch_is_written_and_told(api, traced, workplace, usadel):
    traced.converged = 0
    done = usadel("trace", workplace.device, "--over", "S1.length=1:2")
    assert done.status == 3 and done.err.startswith("usadel: not converged") and done.err.count("\n") == 1
    assert (workplace.here / "sns.trace.nc").is_file()


def test_an_interrupted_branch_is_written(api, workplace, usadel, monkeypatch):
    def trace(*_, **__):
        raise us.Interrupted(branch_of(make_branch(converged=0)))

    monkeypatch.setattr(us, "trace", trace, raising=False)
    done = usadel("trace", workplace.device, "--over", "S1.length=1:2", "-o", "b.nc")
    assert done.status == 130 and done.out == ""
    assert done.err.splitlines() == ["usadel: what is done is in b.nc", "usadel: interrupted"]
    assert load(workplace.here / "b.nc").attrs["converged"] == 0


@pytest.mark.parametrize("over", ["S1.length", "S1.length=1", "S1.length=1:2:3", "S1.length=a:2", "S1.length=:2"])
def test_bad_ranges(api, traced, workplace, usadel, over):
    done = usadel("trace", workplace.device, "--over", over)
    assert done.status == 2 and done.out == "" and done.err.count("\n") == 1
    assert traced.calls == []


def test_plot_of_a_trace(api, traced, workplace, usadel):
    usadel("trace", workplace.device, "--over", "S1.length=1:2", "-o", "b.nc")
    done = usadel("plot", "b.nc")
    assert done.status == 0 and (workplace.here / "b.png").is_file()
