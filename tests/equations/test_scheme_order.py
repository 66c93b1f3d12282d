"""Measured orders: width - 1, since the derivative inside f has this order (the rows alone have width)."""

import numpy as np
import pytest
from cases import INTERFACES
from devices import Case, assert_same
from manufactured import Manufactured

from usadel import description as us

JOINED = [
    "ferromagnetic insulators",
    "tunnel between layers, ratio to the left",
    "transparent joint of different layers",
]


@pytest.mark.parametrize(("width", "order", "error"), [(6, 4.7, 3e-9), (8, 6.3, 2e-11)])
@pytest.mark.parametrize("name", JOINED)
def test_manufactured_solution(name, width, order, error):
    """49 to 97 nodes on a mildly stretched grid."""
    coarse, fine = (Manufactured(INTERFACES[name].device, nodes=n, width=width).error() for n in (49, 97))
    assert np.log2(coarse / fine) > order
    assert fine < error and coarse > 1e-12  # above rounding


def insulator(magnetization):
    return us.FerromagneticInsulator(spin_mixing=0.6, magnetization=magnetization)


def solved_layer(nodes, width, strength=0.8):
    """States at both ends and the middle of a superconductor between two insulating magnets."""
    layer = us.Superconductor(length=1.5)
    device = us.Stack([insulator([1, 0, 0]), layer, insulator([0, 1, 0])])
    energy = np.array([0.05j, 0.3 + 0.05j, 0.95 + 0.05j])
    case = Case(device, energy=energy, nodes=nodes, width=width, strength=strength)
    case.gap = np.full(nodes, 0.9 + 0j)
    found = case.solve()
    return found[[0, (nodes - 1) // 2, -1]]


@pytest.mark.parametrize(("width", "order", "error"), [(6, 4.5, 1e-8), (8, 7.0, 1e-10)])
def test_superconductor_between_insulating_magnets(width, order, error):
    """33 to 65 nodes, against 193."""
    reference = solved_layer(193, 8)
    coarse, fine = (np.max(np.abs(solved_layer(n, width) - reference)) for n in (33, 65))
    assert np.log2(coarse / fine) > order
    assert fine < error and coarse > 1e-11


def test_grids_of_different_strength_agree():
    assert_same(solved_layer(97, 8, 0.0), solved_layer(129, 8, 2.0), 1e-9, at_least=0.1)


@pytest.mark.parametrize(("nodes", "strength"), [(25, 1.9), (45, 2.3), (65, 1e-7)])
def test_newton_contracts_where_the_grid_resolves_nothing(nodes, strength):
    """Waves of a few nodes, at energies whose boundary layers are thinner than the grid: a tenth is left by a step."""
    device = us.Stack([insulator([1, 0, 0]), us.Superconductor(length=1.5), insulator([0, 1, 0])])
    case = Case(device, energy=1j * np.geomspace(10, 1e5, 8), nodes=nodes, strength=strength)
    case.gap = np.full(nodes, 0.9 + 0j)
    solved = case.solve()
    scale = np.max(np.abs(solved), axis=(0, 1))
    noise = np.random.default_rng(8).normal(size=solved.shape)
    unknowns, left = solved + 1e-3 * scale * noise, []
    for _ in range(4):
        unknowns = unknowns + case.newton_step(unknowns, case.residual(unknowns))
        left.append(np.max(np.abs(unknowns - solved), axis=(0, 1)) / scale)
    assert np.all(left[0] > 1e-6)  # there was something to contract
    assert np.all(left[3] < 1e-3 * left[0])
