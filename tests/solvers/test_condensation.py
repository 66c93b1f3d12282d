"""Chains that meet in hubs, against dense solutions."""

import numpy as np
import pytest
from cases import INTERFACES
from devices import Case, assert_same

from usadel.solvers.condensation import Couplings, solve_network

COLUMNS = 3


def couplings(case):
    """Couplings of a layout, written down independently of the package."""
    rows, layout = case.rows, case.layout
    chains = [(c.first, c.last, c.start_hub, c.end_hub) for c in layout.chains]
    hub, row = [], []
    for number in range(layout.chain_rows, len(layout.rows)):
        for end in range(rows.first_end[number], rows.first_end[number + 1]):
            hub.append(number - layout.chain_rows)
            row.append(layout.row_of_site[rows.end_inner[end]])
    return Couplings(np.array(chains), np.array(hub, np.int64), np.array(row, np.int64))


@pytest.mark.parametrize("name", INTERFACES)
def test_network_against_a_dense_solution(name):
    case = Case(INTERFACES[name].device)
    rng = np.random.default_rng(2)
    shape = (len(case.layout.rows), 8, COLUMNS, case.energy.size)
    rhs = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    right = np.moveaxis(rhs, -1, 0).reshape(case.energy.size, -1, COLUMNS)
    expected = np.linalg.solve(case.dense_jacobian(), right)
    again = rhs.copy()
    solution, growth, factors = solve_network(*case.jacobian(), rhs, couplings(case))
    for found in (solution, factors.solve(again)):
        assert_same(np.moveaxis(found, -1, 0).reshape(right.shape), expected, 1e-9, at_least=1)
    assert np.all(growth < 1e6)
