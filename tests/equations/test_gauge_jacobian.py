"""The compact Jacobian in a gauge field: what turns with the field costs no energy, however coarse the grid."""

import numpy as np
import pytest

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.equations.spectral import jacobian as jacobians
from usadel.equations.spectral.scheme import INSIDE
from usadel.states.problem import Problem

FIELDS = {
    "nanowire": us.NormalMetal(length=2.0, nanowire=1.3),
    "gauge_z": us.NormalMetal(length=2.0, gauge_z=[0.7, -0.4, 1.1]),
    "phase_gradient": us.NormalMetal(length=2.0, phase_gradient=2.0),
}
ENERGY = 1e-9  # Δ0


@pytest.mark.parametrize("name", FIELDS)
def test_states_that_turn_with_the_field(name):
    """J u = 0 at zero energy about γ = 0 for every u with Du = 0: u(x) = e^{Gx} c, by its series."""
    network = us.Stack([FIELDS[name]], temperature=0.2, inelastic=0.0).network()
    problem = Problem(network, make_grids(network, [17]))
    gap = np.zeros(17, complex)
    (pack,) = problem.packs(np.full(8, 1j * ENERGY), gap, states=[np.zeros((17, 8, 8), complex)])
    sites, rows = problem.sites(gap), problem.rows
    generator = np.zeros((8, 8), complex)
    generator[:4, :4], generator[4:, 4:] = sites.gauges[0].reshape(2, 4, 4)
    turned = np.array([series(generator * x) for x in problem.x])
    largest = np.abs(generator).max() * np.max(np.diff(problem.x))
    assert largest > 0.25  # rad between nodes
    blocks, _, _ = jacobians.jacobian(pack.state, pack.energy, sites, rows, pack.boundary, problem.layout.chain_rows)
    blocks = blocks[..., 0].reshape(-1, 3, 8, 8)
    for row in range(1, 16):
        assert rows.kind[row] == INSIDE
        near = sum(blocks[row, k] @ turned[rows.site[row] + k - 1] for k in range(3))
        assert np.abs(near).max() < 1e-9
    for row, inner in ((0, 1), (16, 15)):
        side = 2 if row == 0 else 0
        assert np.abs(blocks[row, 1] @ turned[row] + blocks[row, side] @ turned[inner]).max() < 1e-9


def series(matrix):
    """e^M."""
    total = term = np.eye(len(matrix), dtype=complex)
    for k in range(1, 60):
        term = term @ matrix / k
        total = total + term
    return total
