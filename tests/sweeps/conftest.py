"""Small devices that solve in milliseconds, and ways to count and to stop what is solved."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import usadel as us
from usadel.sweeps import sweep as sweeping


@pytest.fixture
def bulk():
    """A superconductor that an imposed spin voltage makes bistable."""
    layer = us.Superconductor(name="S", length=1.0, spin_voltage=0.25)
    return us.Stack([layer], temperature=0.3, inelastic=0.01, tolerance=1e-3, title="bulk")


@pytest.fixture
def axes():
    return {"temperature": [0.2, 0.4], "S.spin_voltage": np.linspace(0.0, 0.4, 3)}


@pytest.fixture
def solves(monkeypatch):
    """Points that this process solves; `solves.stop_after` of them Ctrl-C comes, `solves.error` is raised at one."""
    control = SimpleNamespace(changes=[], stop_after=None)
    solve = sweeping.KIND.solve

    def counted(task):
        if len(control.changes) == control.stop_after:
            raise KeyboardInterrupt
        record = solve(task)
        control.changes.append(task.changes)
        return record

    monkeypatch.setattr(sweeping, "KIND", replace(sweeping.KIND, solve=counted))
    return control


@pytest.fixture
def same():
    """Whether two sweeps agree to the last bit."""
    return _agreement(lambda one, other: one.tobytes() == other.tobytes())


@pytest.fixture
def alike():
    """The same to rounding: kernels that this process has compiled give other last digits than loaded ones do.

    Of currents that vanish, sums of numbers that cancel, nothing but these digits is left: they are compared on the
    scale of the errors.
    """

    def compare(one, other):
        noise = 1e-6 * one.error
        return _agreement(lambda a, b: np.allclose(a, b, rtol=1e-11, atol=noise, equal_nan=True))(one, other)

    return compare


def _agreement(agree):
    def compare(one, other):
        assert list(one.data.variables) == list(other.data.variables)
        for name, variable in one.data.variables.items():
            assert variable.dims == other.data[name].dims
            if variable.dtype.kind in "fi":
                assert agree(variable.values, other.data[name].values), name
            else:
                assert np.array_equal(variable.values, other.data[name].values), name
        return True

    return compare
