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
from test_error_estimate import FACTOR, SMALLEST, next_to, not_covered

import usadel as us

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


def turns_singlets(layer, other):
    """Whether a superconductor ends at an interface that turns singlets directly: magnetic, to second order."""
    return layer.kind == "superconductor" and other.kind == "spin_active" and other.second_order != 0


def check(seed):
    device = random_materials(seed, tolerance=TOLERANCE, output=us.Output(quantities=["gap"]))
    result = us.solve(device)
    finer = turned_alike(us.solve(device.replace({"tolerance": TOLERANCE / 100})), result)
    errors = np.abs(difference(result, finer))
    errors[not_covered(device, result.state.problem)] = 0
    errors[np.ix_(next_to(device, result.state.problem, turns_singlets), SPIN_ENERGY_CURRENT)] = 0
    site, column = np.unravel_index(errors.argmax(), errors.shape)
    place = result.state.problem.x[site]
    line = f"{errors.max():.1e} of {NAMES[column]} at {place:.5f}, estimated {result.error:.1e}"
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
