"""What neighbouring devices share is what each would have made for itself."""

import numpy as np
import pytest

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.discretization.space import stretched_grid
from usadel.states.problem import Problem
from usadel.states.transfer import neighbour

NODES = [17, 21]
ENERGIES = 0.3 + 1j * np.linspace(0.1, 2, 8)


def device(**changes):
    elements = [
        us.SuperconductingReservoir(name="R", phase=0.3),
        us.Tunnel(conductance=0.5),
        us.Superconductor(name="S", length=1.5, gap="0.5 + 0.1*z", self_consistent=False),
        us.Ferromagnet(name="F", length=0.5, exchange_field=[1, 0, 2], conductivity=2),
        us.FerromagneticInsulator(name="I", spin_mixing=0.4, magnetization=[0, 1, 0]),
    ]
    return us.Stack(elements, temperature=0.2).replace(changes)


def arrays(problem):
    """Everything that the kernels read."""
    gap = problem.initial_gap()
    found = [gap, problem.row_of_site, problem.x, *problem.system.boundaries(ENERGIES)]
    for part in (problem.rows, problem.sites(gap), problem.embedded_sites(gap)):
        for each in part:
            found += list(each) if isinstance(each, tuple) else [each]
    return found


SHARED = {
    "temperature": 0.4,
    "S.spin_voltage": 0.3,
    "S.gap": 0.7,
    "R.phase": 1.1,
    "R.gap": 0.6,
}
OWN = {
    "S.length": 2.0,
    "inelastic": 0.05,
    "F.exchange_field.0": 3.0,
    "F.conductivity": 1.0,
    "I.spin_mixing": 0.1,
    "stack.1.conductance": 2.0,
}


@pytest.mark.parametrize("path", [*SHARED, *OWN])
def test_a_neighbour_is_what_it_would_be_alone(path):
    network = device().network()
    problem = Problem(network, make_grids(network, NODES))
    arrays(problem)  # everything is made, and could be shared by mistake
    moved = device(**{path: (SHARED | OWN)[path]}).network()
    alike = [stretched_grid(k.length, g.size, g.strength) for k, g in zip(moved.layers, problem.grids, strict=True)]
    found, alone = neighbour(problem, moved), Problem(moved, alike)
    for ours, expected in zip(arrays(found), arrays(alone), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert (found.rows is problem.rows) == (path in SHARED)
    assert any(not np.array_equal(a, b) for a, b in zip(arrays(problem), arrays(alone), strict=True)) or path in (
        "S.spin_voltage",  # of distributions only
    )
