"""Self-consistent bilayers on which GENEUS stops with "failed to converge" (tests/reference/geneus_fails).

There are no numbers to compare with: two tolerances, on different grids and energies, have to agree.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import usadel as us

FOLDER = Path(__file__).resolve().parent / "geneus_fails"
CASES = ["sfs_sc", "socbil"]
LOOSE, TIGHT = 1e-4, 1e-5
QUANTITIES = ("gap", "spin_accumulation", "charge_current", "spin_current")
FRACTIONS = np.linspace(0, 1, 21)


@cache
def solve(case, tolerance):
    device = us.from_geneus(FOLDER / f"{case}.conf")
    return us.solve(device.replace({"tolerance": tolerance}))


def profile(result, name):
    """Values (..., layers, fractions of the layer)."""
    values, x = result.data[name].transpose(..., "position").values, result.data.position.values
    parts = []
    for layer in np.unique(result.data.layer.values):
        inside = result.data.layer.values == layer
        ends = x[inside][[0, -1]]
        parts.append(CubicSpline(x[inside], values[..., inside], axis=-1)(ends[0] + FRACTIONS * (ends[1] - ends[0])))
    return np.stack(parts, axis=-2)


@pytest.mark.parametrize("case", CASES)
def test_two_tolerances_agree(case):
    loose, tight = solve(case, LOOSE), solve(case, TIGHT)
    for result, tolerance in ((loose, LOOSE), (tight, TIGHT)):
        assert result.data.attrs["converged"] == 1
        assert result.data.attrs["estimated_error"] <= tolerance
        assert result.data.attrs["conservation_error"] <= tolerance
    for name in QUANTITIES:
        assert np.abs(profile(loose, name) - profile(tight, name)).max() <= LOOSE + TIGHT, name


@pytest.mark.parametrize("case", CASES)
def test_both_devices_are_far_from_trivial(case):
    """The magnet weakens the gap next to it, and polarizes both layers."""
    gap = profile(solve(case, TIGHT), "gap")[0]
    assert 0.9 < gap[0] < 0.99 and gap[0] - gap[-1] > 0.03
    spins = profile(solve(case, TIGHT), "spin_accumulation")
    assert np.sum(np.abs(spins) > 1e-3) >= 10
