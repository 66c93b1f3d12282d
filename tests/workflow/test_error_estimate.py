"""The error that a result states, against the same device solved a hundred times more exactly.

Run with ``-s`` to see the table. Compared are the gap, all currents and all accumulations on all nodes of the coarser
result, except within 5 % of a layer of contacts at which the pair potential jumps, where values have only logarithmic
limits (docs/convergence.md, "What the numbers do not cover").

Seeds below 40 are those that constants of the program were tuned with; those from 100 on were never looked at then.
"""

import time

import numpy as np
import pytest
from profile_columns import NAMES
from random_devices import difference, random_device, short

import usadel as us

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
    errors[not_covered(device, result.state.problem)] = 0
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


NEXT_TO = 0.05  # of a layer
PAIRING = ("superconductor", "superconducting_reservoir")


def not_covered(device, problem):
    """Nodes next to contacts at which the pair potential jumps."""
    return next_to(device, problem, jumps)


def jumps(layer, other):
    """Whether the pair potential jumps between neighbours in a stack, which are in contact if no interface parts them.

    It jumps where one of them is superconducting, unless both have gaps that are unknowns: these follow from one pair
    amplitude.
    """
    is_contact = hasattr(other, "length") or other.kind.endswith("reservoir")
    unknown = [getattr(element, "self_consistent", False) for element in (layer, other)]
    return is_contact and any(element.kind in PAIRING for element in (layer, other)) and not all(unknown)


def next_to(device, problem, chosen):
    """Nodes within 5 % of the ends of layers at which `chosen(layer, neighbour in the stack)` holds."""
    flags, elements = np.zeros(problem.layout.sites, bool), [None, *device.elements, None]
    layers = [k for k, element in enumerate(elements) if hasattr(element, "length")]
    for number, k in enumerate(layers):
        depth = problem.grids[number].x / elements[k].length
        for beside, at in ((elements[k - 1], depth), (elements[k + 1], 1 - depth)):
            if beside is not None and chosen(elements[k], beside):
                flags[problem.layout.slice(number)] |= at <= NEXT_TO
    return flags


def check(seed, tolerance):
    device = random_device(seed, tolerance=tolerance, output=us.Output(quantities=["gap"]))
    result, true, line = compared(device)
    print(f"\n{seed:3d} {line}", end="")
    assert true <= max(FACTOR * result.error, SMALLEST), line
    assert true <= tolerance, line


SLOW = (17, 23)


HELD_OUT = range(101, 115)  # 100 alone takes as long as all of these
FAILING = {
    106: "energy density in the last node before a tunnel contact between a given gap and a reservoir: 3e-5 at 1e-5 "
    "(it varies like x ln x there, see docs/convergence.md)"
}


def marked(seed):
    return pytest.param(seed, marks=[pytest.mark.slow] if seed in SLOW else [])


@pytest.mark.parametrize("seed", [marked(seed) for seed in range(30)])
def test_estimate_covers_the_error(seed):
    check(seed, 1e-5)


def held_out(seed):
    marks = [pytest.mark.xfail(reason=FAILING[seed], strict=True, raises=AssertionError)] if seed in FAILING else []
    return pytest.param(seed, marks=marks)


@pytest.mark.parametrize("seed", [held_out(seed) for seed in HELD_OUT])
def test_estimate_covers_the_error_of_devices_never_seen(seed):
    check(seed, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30, 40))
def test_estimate_covers_the_error_at_tight_tolerance(seed):
    check(seed, 1e-6)
