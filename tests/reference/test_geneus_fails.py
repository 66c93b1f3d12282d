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
PAIRS = [(1e-4, 1e-5), (1e-5, 1e-6)]
TIGHT = 1e-6
QUANTITIES = ("gap", "spin_accumulation", "charge_current", "spin_current")
FRACTIONS = np.linspace(0, 1, 21)


@cache
def solve(case, tolerance):
    device = us.from_geneus(FOLDER / f"{case}.conf")
    output = us.Output(quantities=list(QUANTITIES))
    settings = {key: device.value(key) for key in ("temperature", "inelastic")}
    return us.solve(us.Stack(device.elements, tolerance=tolerance, output=output, **settings))


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
@pytest.mark.parametrize("tolerances", PAIRS)
def test_two_tolerances_agree(case, tolerances):
    loose, tight = (solve(case, tolerance) for tolerance in tolerances)
    for result, tolerance in zip((loose, tight), tolerances, strict=True):
        assert result.data.attrs["converged"] == 1
        assert result.data.attrs["estimated_error"] <= tolerance
        assert result.data.attrs["conservation_error"] <= tolerance
    for name in QUANTITIES:
        assert np.abs(profile(loose, name) - profile(tight, name)).max() <= sum(tolerances), name


@pytest.mark.parametrize("case", CASES)
def test_both_devices_are_far_from_trivial(case):
    """The magnet weakens the gap next to it, and polarizes both layers."""
    gap = profile(solve(case, TIGHT), "gap")[0]
    assert 0.9 < gap[0] < 0.99 and gap[0] - gap[-1] > 0.03
    spins = profile(solve(case, TIGHT), "spin_accumulation")
    assert np.sum(np.abs(spins) > 1e-3) >= 10
