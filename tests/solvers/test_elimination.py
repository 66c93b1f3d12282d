"""Block-tridiagonal elimination against dense solutions."""

import numpy as np
import pytest
from devices import assert_same
from systems import dense, flat, random_system

from usadel.solvers.elimination import solve_block_tridiagonal, substitute


@pytest.fixture
def rng():
    return np.random.default_rng(6)


@pytest.mark.parametrize("lanes", [1, 3, 16])
@pytest.mark.parametrize("columns", [1, 4])
@pytest.mark.parametrize("rows", [1, 2, 11])
@pytest.mark.parametrize(("n", "problems"), [(8, 1), (4, 1), (2, 1), (2, 2)])
def test_solution(rng, n, problems, rows, columns, lanes):
    blocks, rhs = random_system(rng, rows, columns, lanes, n=n, problems=problems)
    expected = np.linalg.solve(dense(blocks, n), flat(rhs))
    again, factors = rhs.copy(), blocks.copy()
    growth = solve_block_tridiagonal(factors, rhs)
    assert_same(flat(rhs), expected, 1e-12, at_least=0.02)
    substitute(factors, again)
    assert_same(again, rhs, 1e-13, at_least=0.02)
    assert growth.shape == (lanes,) and np.all(growth < 10) and np.all(growth > 0.01)


def test_blocks_outside_the_system_are_ignored(rng):
    blocks, rhs = random_system(rng, 4, 1, 2)
    expected = rhs.copy()
    solve_block_tridiagonal(blocks.copy(), expected)
    blocks[0, 0] = blocks[-1, 2] = 1e3
    solve_block_tridiagonal(blocks, rhs)
    assert np.array_equal(rhs, expected)


def test_result_does_not_depend_on_the_pack(rng):
    """A lane alone, among others, or in another order gives the same digits up to rounding of the last."""
    blocks, rhs = random_system(rng, 7, 3, 11)
    together = rhs.copy()
    growth = solve_block_tridiagonal(blocks.copy(), together)
    for some in ([4], [10, 4], [3, 4, 5, 6, 7, 8, 9, 10]):
        part = np.ascontiguousarray(rhs[..., some])
        alone = solve_block_tridiagonal(np.ascontiguousarray(blocks[..., some]), part)
        assert_same(part, together[..., some], 1e-14, at_least=0.1)
        assert_same(alone, growth[some], 1e-14, at_least=0.01)


def test_growth_tells_which_lane_lost_digits(rng):
    """A first pivot of 1e-11, which dense pivoting survives and this elimination does not."""
    blocks, rhs = random_system(rng, 5, 1, 4)
    blocks[0, 1, 0, 2] = 1e-11
    expected = np.linalg.solve(dense(blocks), flat(rhs))
    growth = solve_block_tridiagonal(blocks, rhs)
    assert growth[2] > 1e10 and np.all(growth[[0, 1, 3]] < 10)
    error = np.max(np.abs(flat(rhs) - expected), axis=(1, 2))
    assert np.all(error[[0, 1, 3]] < 1e-13) and error[2] > 1e-9


def test_growth_sees_an_inner_pivot_made_small_by_elimination(rng):
    """b₁ - a₁ b₀⁻¹ c₀ is singular although b₁ itself is not."""
    blocks, rhs = random_system(rng, 3, 1, 2)
    square = dense(blocks)[0].reshape(3, 8, 3, 8)
    update = square[1, :, 0] @ np.linalg.solve(square[0, :, 0], square[0, :, 1])
    blocks[1, 1, :, 0] = (update + 1e-12 * np.diag(rng.random(8) + 1)).ravel()
    growth = solve_block_tridiagonal(blocks, rhs)
    assert growth[0] > 1e9 and growth[1] < 10


@pytest.mark.parametrize(("pivot", "row"), [(0.0, 0), (np.nan, 2)], ids=["zero", "nan"])
def test_broken_lanes_stay_alone_and_do_not_look_solved(rng, pivot, row):
    """A pivot of exactly 0, or a number lost before, must not raise nor leave a small growth."""
    blocks, rhs = random_system(rng, 4, 2, 3)
    blocks[row, 1, 0, 1] = pivot
    growth = solve_block_tridiagonal(blocks, rhs)
    assert np.all(np.isfinite(rhs[..., [0, 2]])) and not np.all(np.isfinite(rhs[..., 1]))
    assert np.all(growth[[0, 2]] < 10) and not growth[1] < 1e8
