"""The rule that turns a 4×4 commutator into Riccati rows, and its derivatives."""

import numpy as np
import oracle
import pytest
from derivatives import complex_derivative
from devices import assert_same, matrices

from usadel.equations import matrix_current as mc

LANES = 3


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def random(rng, *shape, size=0.3):
    return size * (rng.normal(size=shape) + 1j * rng.normal(size=shape))


def nambu(s):
    """4×4 matrices (..., L, 4, 4) of (16, ..., L) in block order."""
    moved = np.moveaxis(s, 0, -1)
    return oracle.nambu(*np.moveaxis(moved.reshape(*moved.shape[:-1], 4, 2, 2), -3, 0))


def rows(s, u):
    out = np.empty_like(u)
    mc.riccati_rows(out, s, u, np.empty((4, LANES), complex))
    return out


def propagator(u):
    n, nt = np.empty((2, 4, LANES), complex)
    mc.normalizations(n, nt, u, np.empty((4, LANES), complex))
    g = np.empty((16, LANES), complex)
    mc.propagator(g, u, n, nt)
    return g, n, nt


def gradient(u, du):
    _, n, nt = propagator(u)
    f = np.zeros_like(u)
    mc.gradient_term(f, u, du, n, nt, np.empty((8, LANES), complex))
    return f


def jacobian_of(function, u):
    """(8, 8, L) by finite differences, output by input."""
    columns = []
    for c in range(8):
        direction = np.zeros_like(u)
        direction[c] = 1
        columns.append(complex_derivative(lambda t, v=direction: function(u + t * v)))
    return np.stack(columns, axis=1)


def test_rows_are_the_extraction_of_the_commutator(rng):
    u, s = random(rng, 8, LANES), random(rng, 16, LANES)
    gamma, tilde = matrices(u)
    expected = oracle.extraction(oracle.commutator(nambu(s), oracle.propagator(gamma, tilde)), gamma, tilde)
    for actual, part in zip(matrices(rows(s, u)), expected, strict=True):
        assert_same(actual, part, 1e-13, at_least=0.1)


def test_propagator_is_normalized(rng):
    u = random(rng, 8, LANES)
    g, n, nt = propagator(u)
    gamma, tilde = matrices(u)
    assert_same(nambu(g), oracle.propagator(gamma, tilde), 1e-13, at_least=1)
    assert_same(nambu(g) @ nambu(g), np.broadcast_to(np.eye(4), (LANES, 4, 4)), 1e-12, at_least=0.5)
    one = np.eye(2)
    assert_same(n.T.reshape(-1, 2, 2), np.linalg.inv(one - gamma @ tilde), 1e-13, at_least=1)
    assert_same(nt.T.reshape(-1, 2, 2), np.linalg.inv(one - tilde @ gamma), 1e-13, at_least=1)


def test_derivative_of_rows_at_fixed_matrix(rng):
    u, s = random(rng, 8, LANES), random(rng, 16, LANES)
    actual = np.zeros((64, LANES), complex)
    mc.riccati_jacobian(actual, s, u, *np.empty((2, 4, LANES), complex))
    expected = jacobian_of(lambda v: rows(s, v), u)
    assert_same(actual.reshape(8, 8, LANES), expected, 1e-9, at_least=0.1)


def test_rows_of_a_change_of_the_matrix(rng):
    u, ds = random(rng, 8, LANES), random(rng, 16, 8, LANES)
    start = random(rng, 64, LANES)
    actual = start.copy()
    mc.riccati_rows_linear(actual, 0.7, ds, u)
    expected = 0.7 * np.stack([rows(np.ascontiguousarray(ds[:, c]), u) for c in range(8)], axis=1)
    assert_same((actual - start).reshape(8, 8, LANES), expected, 1e-12, at_least=0.1)


def test_derivative_of_the_propagator(rng):
    u = random(rng, 8, LANES)
    _, n, nt = propagator(u)
    actual = np.empty((16, 8, LANES), complex)
    mc.propagator_jacobian(actual, u, n, nt, np.empty((8, LANES), complex))
    expected = jacobian_of(lambda v: propagator(v)[0], u)
    assert_same(actual, expected, 1e-9, at_least=1)


def test_gradient_term_against_four_by_four_matrices(rng):
    """∂(ĝ∂ĝ) must vanish in all 16 entries if γ'' is the gradient term alone."""
    u, du = random(rng, 8, LANES), random(rng, 8, LANES)
    second = gradient(u, du)
    parts = [m for v in (u, du, second) for m in matrices(v)]
    current, divergence = oracle.current_and_divergence(*parts)
    assert np.max(np.abs(second)) > 0.05 and np.max(np.abs(current)) > 0.1
    assert np.max(np.abs(divergence)) < 1e-13 * max(1, np.max(np.abs(current)))
    _, without = oracle.current_and_divergence(*parts[:4], 0 * parts[4], 0 * parts[5])
    assert np.max(np.abs(without)) > 0.05


def test_derivatives_of_the_gradient_term(rng):
    u, du = random(rng, 8, LANES), random(rng, 8, LANES)
    _, n, nt = propagator(u)
    fu, fv = np.zeros((64, LANES), complex), np.empty((32, LANES), complex)
    mc.gradient_jacobian(fu, fv, u, du, n, nt, np.empty((20, LANES), complex))
    assert_same(fu.reshape(8, 8, LANES), jacobian_of(lambda v: gradient(v, du), u), 1e-9, at_least=0.05)
    expected = jacobian_of(lambda v: gradient(u, v), du)
    assert not np.any(np.abs(expected[:4, 4:]) > 1e-10) and not np.any(np.abs(expected[4:, :4]) > 1e-10)
    own = np.stack([expected[:4, :4], expected[4:, 4:]])
    assert_same(fv.reshape(2, 4, 4, LANES), own, 1e-9, at_least=0.05)


def test_map_of_a_propagator(rng):
    """A 16×16 map is added in block order, zeros or not."""
    linear, v, start = random(rng, 16, 16), random(rng, 16, LANES), random(rng, 16, LANES)
    linear[rng.random((16, 16)) < 0.5] = 0
    out = start.copy()
    mc.apply_map(out, linear, v)
    assert_same(out - start, linear @ v, 1e-13, at_least=0.1)
