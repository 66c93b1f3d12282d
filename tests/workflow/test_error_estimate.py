"""The error that a result states, against the same device solved a hundred times more exactly.

Run with ``-s`` to see the table. Compared are the gap, all currents and all accumulations on all nodes of the coarser
result, except next to contacts at which the pair potential jumps and values have only logarithmic limits.
"""

import time

import numpy as np
import pytest
from profile_columns import NAMES
from random_devices import difference, random_device, short

import usadel as us
from usadel.accuracy.estimate import _covered_sites

FACTOR = 3.0  # by which an estimate may be too small
SMALLEST = 1e-12


def compared(device):
    """The result, its largest true error, and a line for the table."""
    began = time.perf_counter()
    result = us.solve(device)
    seconds = time.perf_counter() - began
    tolerance = device.value("tolerance")
    finer = us.solve(device.replace({"tolerance": tolerance / 100}))
    errors = np.abs(difference(result, finer))
    errors[~_covered_sites(result.state.problem)] = 0
    site, column = np.unravel_index(errors.argmax(), errors.shape)
    true = float(errors.max())
    problem = result.state.problem
    nodes = [grid.size for grid in problem.grids]
    layer = problem.layout.layer[site]
    place = problem.x[site] / problem.network.layers[layer].length
    line = (
        f"{short(device):42s} T={device.value('temperature'):.2f} true {true:.0e} estimate {result.error:.0e} "
        f"{NAMES[column]} in layer {layer} at {place:.4f} nodes {nodes} {seconds:.2f} s"
    )
    return result, true, line


def check(seed, tolerance):
    device = random_device(seed, tolerance=tolerance, output=us.Output(quantities=["gap"]))
    result, true, line = compared(device)
    print(f"\n{seed:3d} {line}", end="")
    assert true <= max(FACTOR * result.error, SMALLEST), line
    assert true <= tolerance, line


SLOW = (17, 23)


def marked(seed):
    return pytest.param(seed, marks=[pytest.mark.slow] if seed in SLOW else [])


@pytest.mark.parametrize("seed", [marked(seed) for seed in range(30)])
def test_estimate_covers_the_error(seed):
    check(seed, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 40))
def test_estimate_covers_the_error_at_tight_tolerance(seed):
    check(seed, 1e-6)
