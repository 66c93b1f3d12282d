"""Condensed cells against a tight initial-value solve, with the order of the scheme measured."""

import itertools

import numpy as np
from scipy.integrate import solve_ivp

from usadel.solvers.collocation import GAUSS, condense_cells, merge_cells
from usadel.solvers.real_elimination import solve_real_block_tridiagonal

RNG = np.random.default_rng(4)
BASE = {name: RNG.normal(size=(8, 8)) for name in "mqr"}


def coefficients(x, conserved=2):
    """Smooth M (positive), Q, R; the first rows of R vanish."""
    m = 2 * np.eye(8) + 0.3 * np.cos(x) * (BASE["m"] + BASE["m"].T) / 2
    r = np.exp(-x) * BASE["r"] - 2 * np.eye(8)
    r[:conserved] = 0.0
    return m, np.sin(2 * x) * BASE["q"], r


def flux_of_cells(cells):
    step = 1.0 / cells
    at = (np.arange(cells)[:, None] + GAUSS) * step
    parts = np.array([[coefficients(x) for x in row] for row in at])  # (cells, 2, 3, 8, 8)
    m, q, r = (parts[:, :, k].reshape(cells, 2, 64, 1) for k in range(3))
    return condense_cells(m, q, r, np.full((cells, 2), step))


def solve(cells, left, right):
    """h and J at the nodes for given h at both ends."""
    flux = flux_of_cells(cells).reshape(cells, 2, 2, 8, 8)
    blocks = np.zeros((cells + 1, 3, 8, 8))
    blocks[0, 1] = blocks[-1, 1] = np.eye(8)
    for n in range(1, cells):
        blocks[n, 0] = flux[n - 1, 1, 0]
        blocks[n, 1] = flux[n - 1, 1, 1] - flux[n, 0, 0]
        blocks[n, 2] = -flux[n, 0, 1]
    h = np.zeros((cells + 1, 8, 1, 1))
    h[0, :, 0, 0], h[-1, :, 0, 0] = left, right
    solve_real_block_tridiagonal(blocks.reshape(cells + 1, 3, 64, 1), h)
    h = h[:, :, 0, 0]
    start = np.einsum("nij,nj->ni", flux[:, 0, 0], h[:-1]) + np.einsum("nij,nj->ni", flux[:, 0, 1], h[1:])
    stop = np.einsum("nij,nj->ni", flux[:, 1, 0], h[:-1]) + np.einsum("nij,nj->ni", flux[:, 1, 1], h[1:])
    return h, start, stop


def exact(h0, flux0):
    def slope(x, y):
        m, q, r = coefficients(x)
        return np.concatenate([np.linalg.solve(m, y[8:] - q @ y[:8]), -r @ y[:8]])

    found = solve_ivp(slope, (0, 1), np.concatenate([h0, flux0]), method="DOP853", rtol=1e-12, atol=1e-13)
    return found.y[:8, -1], found.y[8:, -1]


def test_fourth_order_and_exact_conservation():
    h0, flux0 = RNG.normal(size=8), RNG.normal(size=8)
    end, flux_end = exact(h0, flux0)
    errors = []
    for cells in (8, 16, 32):
        _, start, stop = solve(cells, h0, end)
        errors.append([np.abs(start[0] - flux0).max(), np.abs(stop[-1] - flux_end).max()])
        assert np.abs(start[:, :2] - stop[:, :2]).max() < 1e-13 * np.abs(start).max()
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert np.all(ratios > 13), ratios
    assert np.max(errors[-1]) < 1e-5


def test_harmonic_mean():
    """Without sources the flux is the drop over ∫dx/M, however M varies."""
    cells, step = 40, 1 / 40
    at = (np.arange(cells)[:, None] + GAUSS) * step
    m = np.exp(-12 * at)[:, :, None, None] * np.eye(8).reshape(64, 1)
    zero = np.zeros_like(m)
    flux = condense_cells(m, zero, zero, np.full((cells, 2), step)).reshape(cells, 2, 2, 8, 8)
    resistance = np.sum(1 / flux[:, 0, 1, 0, 0])
    assert abs(resistance / ((np.exp(12) - 1) / 12) - 1) < 1e-4


def test_merged_cells():
    """The flux at the ends of merged cells is that of the solution with all nodes between them."""
    count, ends = 7, np.array([0, 1, 4, 7])
    left, right = RNG.normal(size=8), RNG.normal(size=8)
    h, start, stop = solve(count, left, right)
    merged = merge_cells(flux_of_cells(count), ends).reshape(3, 2, 2, 8, 8)
    for group, (a, b) in enumerate(itertools.pairwise(ends)):
        found = merged[group, :, 0] @ h[a] + merged[group, :, 1] @ h[b]
        np.testing.assert_allclose(found, [start[a], stop[b - 1]], rtol=0, atol=1e-12 * np.abs(start).max())
