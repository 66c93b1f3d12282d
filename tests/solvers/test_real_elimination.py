"""The real elimination against dense solves, blocks of very different rows included."""

import numpy as np
import pytest

from usadel.solvers.real_elimination import solve_real_block_tridiagonal


@pytest.mark.parametrize("n", [8, 4, 2])
def test_dense_solve_with_rows_of_any_size(n):
    rng = np.random.default_rng(2)
    rows, lanes, columns = 6, 5, 3
    blocks = rng.normal(size=(rows, 3, n, n, lanes))
    blocks[:, 1, 0, 0] = 0.0  # needs pivoting
    blocks *= 10.0 ** rng.uniform(-9, 3, size=(rows, 1, n, 1, lanes))
    solution = rng.normal(size=(rows, n, columns, lanes))
    rhs = np.einsum("rijl,rjcl->ricl", blocks[:, 1], solution)
    rhs[1:] += np.einsum("rijl,rjcl->ricl", blocks[1:, 0], solution[:-1])
    rhs[:-1] += np.einsum("rijl,rjcl->ricl", blocks[:-1, 2], solution[1:])
    found = rhs.copy()
    growth = solve_real_block_tridiagonal(blocks.reshape(rows, 3, n * n, lanes).copy(), found)
    assert np.abs(found - solution).max() < 1e-8
    assert np.allclose(growth, np.abs(solution).max(axis=(0, 1, 2)))


def test_singular_lane_spoils_itself_only():
    rng = np.random.default_rng(3)
    blocks = rng.normal(size=(2, 3, 64, 3))
    blocks[1, :, 8:16, 1] = 0.0  # a row without any entry
    rhs = rng.normal(size=(2, 8, 1, 3))
    growth = solve_real_block_tridiagonal(blocks, rhs)
    assert np.isfinite(growth[[0, 2]]).all()
    assert not np.isfinite(growth[1])
