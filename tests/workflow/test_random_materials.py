"""The error that a result states, as in `test_error_estimate`, with every material and magnetic interfaces.

Not compared are spin-energy currents next to interfaces of second order, which diverge there, and the phase of all
gaps together where no reservoir fixes it.
"""

from dataclasses import replace

import numpy as np
import pytest
from profile_columns import NAMES, SPIN_ENERGY_CURRENT
from random_devices import difference, values
from random_materials import random_materials
from test_error_estimate import FACTOR, SMALLEST

import usadel as us
from usadel.accuracy.estimate import _covered_sites, _next_to
from usadel.discretization.contacts import spin_energy_jumps

TOLERANCE = 1e-5
QUICK = (4, 6, 10, 13, 14, 15, 16, 18, 20, 22, 23, 27, 31, 32, 33, 37)
SLOW = (0, 1, 2, 3, 5, 7, 8, 9, 11, 12, 17, 19, 21, 24, 25, 26, 28, 29, 30, 34, 35, 36, 38, 39)


def turned_alike(finer, result):
    """A solution turned as a whole so that its first gap has the phase of another."""
    one, two = (r.refined.profiles.gap[0] for r in (result, finer))
    if result.state.problem.network.fixes_phase or abs(one * two) < 1e-3:
        return finer
    turn = one / two * abs(two / one)
    finer.refined.profiles = replace(finer.refined.profiles, gap=turn * finer.refined.profiles.gap)
    return finer


def check(seed):
    device = random_materials(seed, tolerance=TOLERANCE, output=us.Output(quantities=["gap"]))
    result = us.solve(device)
    finer = turned_alike(us.solve(device.replace({"tolerance": TOLERANCE / 100})), result)
    errors = np.abs(difference(result, finer))
    problem = result.state.problem
    errors[~_covered_sites(problem)] = 0
    errors[np.ix_(_next_to(problem, spin_energy_jumps(problem.network)), SPIN_ENERGY_CURRENT)] = 0
    site, column = np.unravel_index(errors.argmax(), errors.shape)
    line = f"{errors.max():.1e} of {NAMES[column]} at {problem.x[site]:.5f}, estimated {result.error:.1e}"
    assert np.max(np.abs(values(result))) > 0.1
    assert errors.max() <= max(FACTOR * result.error, SMALLEST), line
    assert errors.max() <= TOLERANCE, line


@pytest.mark.parametrize("seed", QUICK)
def test_estimate_covers_the_error(seed):
    check(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW)
def test_estimate_covers_the_error_of_slow_ones(seed):
    check(seed)
