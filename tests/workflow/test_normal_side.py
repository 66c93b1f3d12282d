"""Near and beyond a fold: which solution a cold solve finds, and what a normal point costs beside others."""

from pathlib import Path

import numpy as np
import pytest

import usadel as us
from usadel import work

PAPER = us.load_device(Path(__file__).parents[2] / "examples" / "fi_s_fi.toml")
FOLD = 0.8985  # spin voltage (Δ0), of its device, to 1e-3


def at(value, **keys):
    return PAPER.replace({"S.spin_voltage": float(value), "tolerance": 1e-5, **keys})


def lattice(value):
    """Three superconductors between normal metals, all under one spin voltage."""
    imposed = {"spin_voltage": value, "spin_axis": [0, 0, 1]}
    barrier = us.Tunnel(conductance=2, relative_to="left")
    elements = []
    for length in (1.0, 1.5, 2.0):
        elements += [
            us.Superconductor(length=length, **imposed),
            barrier,
            us.NormalMetal(length=0.5, **imposed),
            barrier,
        ]
    return us.Stack(elements[:-1], temperature=0.1, tolerance=1e-4)


def largest(result):
    return float(np.max(np.abs(result.state.gap)))


def chain(values):
    """Largest gaps along neighbours that start from each other."""
    found, result = [], None
    for value in values:
        result = us.solve(at(value), start=result)
        found.append(largest(result))
    return np.array(found)


def units(device):
    """Work of a solve in linear steps × nodes × energies."""
    with work.allowance(1e9):
        before = work.left()
        us.solve(device)
        return before - work.left()


def test_cold_solves_follow_the_upper_branch_to_its_fold():
    """Up and down differ where both solutions exist; a solve from nothing finds what a sweep upwards does."""
    values = np.array([0.6, 0.7, 0.8, 0.85, 0.88, 0.895, 0.8984, 0.8985, 0.9, 0.91, 0.95, 1.1])
    up, down = chain(values), chain(values[::-1])[::-1]
    cold = np.array([largest(us.solve(at(value))) for value in values])
    assert np.max(np.abs(cold - up)) < 2e-5
    assert np.all(up[values < FOLD - 1e-3] > 0.8) and np.all(up[values > FOLD + 1e-3] == 0)
    assert np.all(down[values > 0.7] == 0) and down[0] == pytest.approx(up[0], abs=2e-5)


@pytest.mark.parametrize(("value", "most"), [(0.8985, 16), (0.899, 9), (0.92, 8), (1.1, 7)])
def test_a_normal_point_costs_a_few_superconducting_ones(value, most):
    """Work counts; full steps count for twice as much there as they take time. The first is 3e-5 above the fold.

    0.899 took 80 times the work.
    """
    assert largest(us.solve(at(value))) == 0
    assert units(at(value)) < most * units(at(0.25))


def test_several_superconductors_become_normal_together():
    assert largest(us.solve(lattice(0.4))) > 0.6
    assert largest(us.solve(lattice(0.5))) == 0
    assert units(lattice(0.5)) < 2 * units(lattice(0.4))


@pytest.mark.parametrize("value", [0.9, 0.90625])
def test_a_first_step_does_not_jump_over_the_solution(value):
    """Weak magnets: the spin voltage lies at the edge of the gap, where unsettled states tell a wrong slope."""
    device = at(value, **{"stack.0.spin_mixing": 0.2, "stack.2.spin_mixing": 0.2})
    below = us.solve(device.replace({"S.spin_voltage": value - 0.01}))
    assert largest(us.solve(device)) == pytest.approx(largest(us.solve(device, start=below)), abs=2e-5)
    assert largest(below) > 0.9


def test_a_chain_leaves_the_normal_state_where_that_ceases_to_be_stable():
    """Judged by A of the device itself: chord steps from zero to zero keep that of its neighbour."""
    below = us.solve(at(0.64), start=us.solve(at(0.68), start=us.solve(at(0.95))))
    assert largest(below) == pytest.approx(largest(us.solve(at(0.64))), abs=2e-5)
    assert largest(below) > 0.9
