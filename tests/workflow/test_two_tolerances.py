"""Self-consistent devices with magnetic interfaces, solved to two tolerances on different grids and energies.

Spin-energy currents are left out: at an interface of second order they diverge in a superconductor.
"""

from functools import cache

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import usadel as us

LOOSE, TIGHT = 1e-4, 1e-6
QUANTITIES = ("gap", "charge_current", "spin_current", "energy_current", "spin_accumulation")
TRIPLETS = ("triplet_real", "triplet_imag")
FRACTIONS = np.linspace(0.01, 0.99, 21)


def interface(t, left, right, **keys):
    """Of second order, with reflection magnetized otherwise than transmission."""
    return us.SpinActive(
        conductance=0.8, polarization=0.5, magnetization=[0, 0, 1], spin_mixing_left=0.6, magnetization_left=left,
        spin_mixing_right=-0.4, magnetization_right=right, second_order=t, **keys,
    )  # fmt: skip


def superconductor(**keys):
    return us.Superconductor(length=1.8, **keys)


FIRST = interface(0.3, [1, 0, 0.2], [0, 1, 1], relative_to="left")
LAST = interface(0.4, [0.3, 1, 0], [1, 0, -1], relative_to="right")
HALF = us.HalfMetal(length=0.6, polarization=0.7, magnetization=[0, 0.6, 0.8])
NORMAL = us.NormalMetal(length=0.5, spin_flip=0.02)
END = us.FerromagneticInsulator(spin_mixing=0.5, magnetization=[0, 1, 0], second_order=0.4)
DEVICES = {
    "second order": [superconductor(), FIRST, NORMAL, LAST, superconductor()],
    "insulators of second order": [END, superconductor(spin_voltage=0.2, spin_axis=[1, 0, 0]), END],
    "half-metal": [superconductor(), FIRST, HALF, LAST, superconductor()],
    "half-metal carrying a supercurrent": [
        us.SuperconductingReservoir(phase=1.0), us.Tunnel(conductance=2.0), superconductor(), FIRST, HALF, LAST,
        superconductor(), us.Tunnel(conductance=2.0), us.SuperconductingReservoir(),
    ],
    "half-metal at first order": [
        END, superconductor(), interface(0, [1, 0, 0], [0, 1, 0], relative_to="left"), HALF,
    ],
}  # fmt: skip


@cache
def solve(name, tolerance):
    output = us.Output(quantities=[*QUANTITIES, *TRIPLETS])
    return us.solve(us.Stack(DEVICES[name], temperature=0.2, tolerance=tolerance, output=output))


def profile(result, name):
    """Values (..., layers, places in the layer)."""
    values, x = result.data[name].transpose(..., "position").values, result.data.position.values
    parts = []
    for layer in np.unique(result.data.layer.values):
        inside = result.data.layer.values == layer
        first, last = x[inside][[0, -1]]
        parts.append(CubicSpline(x[inside], values[..., inside], axis=-1)(first + FRACTIONS * (last - first)))
    return np.stack(parts, axis=-2)


@pytest.mark.parametrize("name", DEVICES)
def test_two_tolerances_agree(name):
    loose, tight = solve(name, LOOSE), solve(name, TIGHT)
    for result, tolerance in ((loose, LOOSE), (tight, TIGHT)):
        assert result.data.attrs["converged"] == 1
        assert result.data.attrs["estimated_error"] <= tolerance
        assert result.data.attrs["conservation_error"] <= tolerance
    for quantity in QUANTITIES:
        difference = np.abs(profile(loose, quantity) - profile(tight, quantity)).max()
        assert difference <= LOOSE + TIGHT, (quantity, difference)


@pytest.mark.parametrize("name", DEVICES)
def test_the_interfaces_matter(name):
    result = solve(name, TIGHT)
    gap = profile(result, "gap")[0]
    assert 0.3 < gap.min() < 0.98
    triplets = np.hypot(*(profile(result, part) for part in TRIPLETS))
    assert np.max(triplets) > 0.02 and np.sum(np.max(triplets, axis=(1, 2)) > 1e-3) >= 2
    currents = profile(result, "charge_current")
    if "supercurrent" in name:
        assert np.abs(currents).min() > 1e-4 and np.ptp(currents) < 1e-6
