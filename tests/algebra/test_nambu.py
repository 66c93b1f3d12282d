"""Matrices of Nambu and spin space, and the Riccati parametrization."""

import numpy as np
import oracle
from devices import assert_same, matrices, state

from usadel.algebra import lanes, nambu, riccati


def random(rng, *shape, size=0.3):
    return size * (rng.normal(size=shape) + 1j * rng.normal(size=shape))


def test_matrices_are_those_of_the_notation():
    assert np.array_equal(nambu.RHO, oracle.RHO) and np.array_equal(nambu.TAU3, oracle.TAU3)
    vector = [0.3, -1.2, 0.7]
    assert_same(nambu.spin(vector), oracle.spin(vector), 1e-15, at_least=1)
    assert_same(nambu.pair_potential(0.3 - 2j), oracle.pair_potential(0.3 - 2j), 1e-15, at_least=1)


def test_blocks_there_and_back():
    matrix = np.arange(32.0).reshape(2, 4, 4)
    blocks = nambu.to_blocks(matrix)
    a, b, c, d = oracle.blocks(matrix)
    for k, part in enumerate((a, b, c, d)):
        assert np.array_equal(blocks[:, 4 * k : 4 * k + 4], part.reshape(2, 4))
    assert np.array_equal(nambu.from_blocks(blocks), matrix)


def test_sandwich_is_a_map_in_block_order():
    rng = np.random.default_rng(1)
    left, right, v = random(rng, 3, 4, 4)
    expected = nambu.to_blocks(left @ v @ right)
    assert_same(nambu.sandwich(left, right) @ nambu.to_blocks(v), expected, 1e-14, at_least=0.1)


def test_riccati_propagator_and_current():
    rng = np.random.default_rng(2)
    u, du = random(rng, 2, 5, 8, 3)
    gamma, tilde = matrices(u)
    for ours, mine in zip(riccati.split(u), (gamma, tilde), strict=True):
        assert np.array_equal(ours, mine)
    assert np.array_equal(riccati.join(gamma, tilde), u) and np.array_equal(state(gamma, tilde), u)
    assert_same(riccati.green(u), oracle.propagator(gamma, tilde), 1e-12, at_least=1)
    zero = np.zeros_like(gamma)
    current, _ = oracle.current_and_divergence(gamma, tilde, *matrices(du), zero, zero)
    assert_same(riccati.matrix_current(u, du), current, 1e-11, at_least=0.1)


def test_singular_values_tell_where_the_spectral_function_is_positive():
    rng = np.random.default_rng(3)
    u = 0.45 * (rng.normal(size=(40, 8, 3)) + 1j * rng.normal(size=(40, 8, 3)))
    found = riccati.largest_singular_value(u)
    expected = [np.linalg.svd(part, compute_uv=False)[..., 0] for part in riccati.split(u)]
    assert_same(found, np.maximum(*expected), 1e-12, at_least=0.1)
    g = nambu.TAU3 @ riccati.green(u)
    positive = np.linalg.eigvalsh(g + np.conj(np.swapaxes(g, -1, -2)))[..., 0] >= 0
    assert np.array_equal(found <= 1, positive)
    assert 10 < np.sum(positive) < 110


def test_tilde_partner_is_the_propagator_at_the_mirrored_energy():
    """ĝ(-ε*) is ĝ(ε)* with τ̂1 on both sides, up to the sign of the other branch: -τ̂1 ĝ* τ̂1."""
    rng = np.random.default_rng(3)
    u = random(rng, 8, 4)
    tau1 = np.kron([[0, 1], [1, 0]], np.eye(2))
    expected = -tau1 @ riccati.green(u).conj() @ tau1
    assert_same(riccati.green(riccati.tilde_partner(u)), expected, 1e-13, at_least=1)


def test_homogeneous_superconductor():
    """Near the gap edge, inside and above it, at negative energies, and without gap."""
    energy = np.array([0.2 + 0.01j, 0.95 + 1e-6j, 2.5 + 0.1j, -0.4 + 0.02j, -3 + 1e-8j, 0.7j])
    gap, phase = np.array([1.0, 0.6, 0.0]), 0.9
    u = riccati.homogeneous(energy, gap * np.exp(1j * phase))
    for k, size in enumerate(gap):
        assert_same(riccati.green(u[k]), oracle.bulk(energy, size, phase), 1e-9, at_least=0.5)
    assert np.max(np.abs(u[2])) == 0 < np.min(np.max(np.abs(u[:2]), axis=1))
    assert np.max(np.abs(u)) < 1
    mirrored = riccati.homogeneous(-energy.conj(), gap * np.exp(1j * phase))
    assert_same(mirrored, riccati.tilde_partner(u), 1e-13, at_least=0.1)


def test_lanes_are_independent_products():
    rng = np.random.default_rng(4)
    a, b, start = random(rng, 3, 4, 5)

    def square(m):
        return m.T.reshape(-1, 2, 2)

    out = np.empty_like(a)
    lanes.multiply(out, a, b)
    assert_same(square(out), square(a) @ square(b), 1e-14, at_least=0.1)
    out = start.copy()
    lanes.add_product(out, -0.4, a, b)
    assert_same(square(out - start), -0.4 * square(a) @ square(b), 1e-13, at_least=0.1)
    lanes.invert_one_minus(out, a)
    assert_same(square(out), np.linalg.inv(np.eye(2) - square(a)), 1e-13, at_least=0.1)


def test_kronecker_blocks():
    """X → factor L X R of one half by the other, and X → L X + X R of one by itself."""
    rng = np.random.default_rng(5)
    left, right = random(rng, 2, 4, 3)
    x = random(rng, 8, 3)

    def product(jacobian, at):
        return np.einsum("ijl,jl->il", jacobian.reshape(8, 8, 3), x)[at : at + 4].T.reshape(-1, 2, 2)

    def square(m):
        return m.T.reshape(-1, 2, 2)

    jacobian = np.zeros((64, 3), complex)
    lanes.add_sandwich(jacobian, 1, 0, 0.6, left, right)
    assert_same(product(jacobian, 4), 0.6 * square(left) @ square(x[:4]) @ square(right), 1e-13, at_least=0.01)
    assert not np.any(product(jacobian, 0))
    jacobian[:] = 0
    lanes.add_left_right(jacobian, 1, left, right)
    expected = square(left) @ square(x[4:]) + square(x[4:]) @ square(right)
    assert_same(product(jacobian, 4), expected, 1e-13, at_least=0.01)
