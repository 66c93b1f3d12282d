"""Branches through values of the parameter at which energies of different spins or layers are equal.

The points are compared with solves of their own, whose energies are chosen afresh at every value.
"""

import numpy as np
import pytest

import usadel as us

TOLERANCE = 1e-4


def bilayer(neighbour, **imposed):
    layer = us.Superconductor(name="S", length=2.0, spin_axis=[0, 0, 1])
    contact = us.Tunnel(relative_to="left", conductance=1.0)
    stack = us.Stack([layer, contact, neighbour], temperature=0.2, tolerance=TOLERANCE)
    return stack.replace({path.replace("_", ".", 1): value for path, value in imposed.items()})


def with_magnet(**imposed):
    return bilayer(us.Ferromagnet(name="F", length=1.0, exchange_field=[0, 0, 3]), **imposed)


def with_metal(**imposed):
    return bilayer(us.NormalMetal(name="N", length=1.0), **imposed)


CASES = [
    (with_magnet(), "S.spin_voltage", 0.0, 0.4),
    (with_magnet(), "S.spin_voltage", 0.4, 0.0),
    (with_magnet(), "S.spin_voltage", 0.4, -0.4),
    (with_magnet(), "F.spin_voltage", -0.3, 0.3),
    (with_metal(), "S.spin_temperature", -0.1, 0.1),
    (with_metal(), "N.voltage", 0.0, 0.5),
    (with_metal(S_spin_voltage=0.3), "N.voltage", 0.0, 0.3),
    (with_metal(S_spin_voltage=0.3), "N.voltage", 0.1, 0.5),
    (with_metal(N_voltage=0.3), "N.spin_voltage", -0.3, 0.6),
    (with_metal(S_spin_voltage=0.3), "N.temperature", 0.2, 0.1),
]


@pytest.mark.parametrize(("device", "path", "start", "stop"), CASES)
def test_points_are_those_of_single_solves(device, path, start, stop):
    branch = us.trace(device, path, start, stop, step=0.2)
    assert branch.converged and branch.end == "stop"
    values = branch.data[path].values
    assert (values[0], values[-1]) == (start, stop)
    for k in {0, values.size // 2, values.size - 1}:
        alone = us.solve(device.replace({path: float(values[k])}))
        error = float(branch.data.estimated_error[k]) + alone.error
        for name in ("gap", "spin_current", "energy_accumulation"):
            traced = branch.data[name][k].values
            single = alone.data[name].values
            ends = [0, -1]  # of the device: both have nodes there
            assert traced[..., ends] == pytest.approx(single[..., ends], abs=error + 1e-9), name


def test_the_branch_is_even_in_the_spin_voltage():
    """Without magnets nothing tells up from down: the middle of the branch is 0, and its halves are alike."""
    branch = us.trace(with_metal(), "S.spin_voltage", -0.4, 0.4, step=0.1)
    values, gap = branch.data["S.spin_voltage"].values, branch.data.gap.isel(position=0).values
    assert np.interp(values[values < 0], -values[::-1], gap[::-1]) == pytest.approx(gap[values < 0], abs=5e-4)
    assert gap[np.argmin(np.abs(values))] > gap[0] + 1e-3


@pytest.mark.parametrize(("path", "start"), [("inelastic", 0.1), ("S.depairing", 0.05), ("F.spin_flip", 0.2)])
def test_a_range_may_end_where_its_key_allows_no_more(path, start):
    branch = us.trace(with_magnet(), path, start, 0.0, step=0.2)
    assert branch.converged and branch.data[path].values[-1] == 0.0
    alone = us.solve(with_magnet().replace({path: 0.0}))
    assert float(branch.data.gap[-1, 0]) == pytest.approx(float(alone.data.gap[0]), abs=2 * TOLERANCE)
