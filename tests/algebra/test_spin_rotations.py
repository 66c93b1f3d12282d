"""Symmetries of spin read off matrices, and what they leave of matrices and states, against explicit rotations."""

import numpy as np
import pytest
from devices import assert_same
from scipy.linalg import expm

from usadel.algebra import nambu, riccati
from usadel.algebra.spin_symmetry import GENERAL, LOWER, UPPER, SpinSymmetry, spin_symmetry

AXES = [(0, 0, 1), (0, 0, -1), (1, 0, 0), (0, -1, 0), (0.48, -0.6, -0.64)]
NO_MAPS = np.zeros((1, 16, 16), complex)


def found(*matrices, maps=NO_MAPS):
    return spin_symmetry([nambu.to_blocks(np.array([m])) for m in matrices], maps)


def field(axis, size=0.7):
    return nambu.pair_potential(0.3 + 0.2j) + nambu.spin(size * np.array(axis, float))


@pytest.mark.parametrize("axis", AXES)
def test_the_axis_is_found(axis):
    symmetry = found(field(axis), 1e-3 * field(axis, -2.0), nambu.TAU3)
    assert symmetry.entries == 2 and symmetry.decoupled
    assert abs(np.dot(symmetry.axis, axis)) == pytest.approx(1, abs=1e-14)


def test_singlets_have_all_rotations_and_two_axes_none():
    assert found(nambu.pair_potential(0.4j), nambu.TAU3) == SpinSymmetry(1)
    assert found(field((1, 0, 0)), field((0, 0, 1))) == GENERAL
    assert found(field((1, 0, 0)), field((1, 0, 1e-6))) == GENERAL


def test_scattering_couples_spins_unless_it_is_along_the_axis():
    flips = np.array([nambu.sandwich(rho, rho) for rho in nambu.RHO[1:4]])
    assert found(nambu.TAU3, maps=np.sum(flips, axis=0)[None]) == SpinSymmetry(1)
    assert not found(field((0, 1, 0)), maps=np.sum(flips, axis=0)[None]).decoupled
    assert found(field((0, 0, 1)), maps=flips[2:]).decoupled
    assert found(field((1, 0, 0)), maps=flips[2:]) == GENERAL
    assert found(nambu.TAU3, maps=flips[1:2]).axis == (0, 1, 0)


@pytest.mark.parametrize("axis", AXES)
def test_matrices_and_states_survive(axis):
    rng = np.random.default_rng(2)
    symmetry = SpinSymmetry(2, axis)
    kept = rng.normal(size=(8, 3)) + 1j * rng.normal(size=(8, 3))
    full = nambu.from_blocks((symmetry._expand @ kept).T)
    generator = nambu.TAU3 @ nambu.spin(np.array(axis, float))
    assert_same(generator @ full, full @ generator, 1e-14, at_least=0.1)
    assert_same(symmetry.blocks(nambu.to_blocks(full)).T, kept, 1e-14, at_least=0.1)
    u = 0.3 * (rng.normal(size=(5, 4, 3)) + 1j * rng.normal(size=(5, 4, 3)))
    assert_same(symmetry.reduced(symmetry.expanded(u)), u, 1e-14, at_least=0.1)
    g = riccati.green(symmetry.expanded(u))
    assert_same(generator @ g, g @ generator, 1e-13, at_least=0.1)


@pytest.mark.parametrize("axis", AXES)
def test_the_frame_of_the_spins_is_a_rotation(axis):
    """Turned matrices are those that a rotation of the axis to z makes, up to one about z."""
    symmetry = SpinSymmetry(2, axis)
    away = np.cross(axis, (0, 0, 1)) if abs(axis[2]) < 1 else np.array([1.0, 0, 0])
    angle = np.arccos(axis[2])
    spins = np.einsum("i,ijk->jk", away / np.linalg.norm(away), nambu.SIGMA[1:])
    turn = expm(-0.5j * angle * spins)
    turn = nambu.block_diagonal(turn, turn.conj())
    m = field(axis) + 0.3j * nambu.TAU3 + 0.2 * nambu.TAU3 @ nambu.spin(np.array(axis, float))
    expected = turn @ m @ turn.conj().T
    assert_same(nambu.from_blocks(symmetry.turned_blocks(nambu.to_blocks(m))), expected, 1e-14, at_least=0.5)
    linear = nambu.sandwich(m, m)
    turned = symmetry.turned_maps(linear) @ symmetry.turned_blocks(nambu.to_blocks(m))
    assert_same(turned, symmetry.turned_blocks(linear @ nambu.to_blocks(m)), 1e-13, at_least=0.1)
    u = symmetry.expanded(0.3 * np.ones((1, 4, 1)) * np.array([1, 2j, -1, 0.5])[:, None])
    g = turn @ riccati.green(u) @ turn.conj().T
    assert_same(riccati.green(symmetry.turned_state(u, GENERAL)), g, 1e-13, at_least=0.5)


def test_what_multiplies_states():
    """Gauge fields act on γ and γ̃ as before, in fewer numbers and in the frame of the spins."""
    axis = AXES[-1]
    symmetry, rng = SpinSymmetry(2, axis), np.random.default_rng(4)
    u = rng.normal(size=(4, 1)) + 0j
    full = symmetry.expanded(u)
    m = np.einsum("i,ijk->jk", axis, nambu.SIGMA[1:]) * 0.7 + 0.4 * np.eye(2)
    blocks = np.array([np.kron(m, np.eye(2)) + np.kron(np.eye(2), m.conj().T), np.kron(m.conj(), np.eye(2))])
    both = np.concatenate([blocks[0] @ full[:4], blocks[1] @ full[4:]])
    assert_same(symmetry.expanded(symmetry.halves(blocks.ravel())[:, None] * u), both, 1e-14, at_least=0.1)
    turned = symmetry.turned_halves(blocks.ravel()).reshape(2, 4, 4)
    frame = symmetry.turned_state(full, GENERAL)
    both_turned = np.concatenate([turned[0] @ frame[:4], turned[1] @ frame[4:]])
    assert_same(both_turned, symmetry.turned_state(both, GENERAL), 1e-14, at_least=0.1)


@pytest.mark.parametrize("entries", [1, 2])
def test_weights(entries):
    rng = np.random.default_rng(5)
    symmetry = SpinSymmetry(entries, AXES[-1] if entries == 2 else (0, 0, 1))
    u = rng.normal(size=(2 * entries, 3)) + 1j * rng.normal(size=(2 * entries, 3))
    weights = rng.normal(size=(4, 3)) + 0j
    full = symmetry.expanded(u)
    for block, here, there in ((UPPER, u[:entries], full[:4]), (LOWER, u[entries:], full[4:])):
        assert_same(np.sum(symmetry.weights(weights, block) * here), np.sum(weights * there), 1e-13, at_least=0.1)


def test_what_two_devices_have_in_common():
    one, along = SpinSymmetry(1), SpinSymmetry(2, (1, 0, 0), True)
    assert one.common(along) == along == along.common(one) and along.common(along) == along
    assert along.common(SpinSymmetry(2, (1, 0, 0))) == SpinSymmetry(2, (1, 0, 0))
    assert along.common(SpinSymmetry(2, (0, 1, 0), True)) == GENERAL == along.common(GENERAL)
    state = np.arange(2.0)[:, None] + 1j
    assert_same(one.adopted(along.adopted(state, one), along), state, 1e-14, at_least=1)


@pytest.mark.parametrize("axis", [(0.6, 0, 0.8), (0.36, 0.48, -0.8), AXES[-1]])
def test_what_both_spins_have_alike_is_alike_to_the_last_bit(axis):
    """Differences of 1e-16, times the weights of energies of 1e11, once counted as spin-energy currents of 1e-5."""
    symmetry = SpinSymmetry(2, axis)
    singlet = nambu.to_blocks(np.kron([[1.3, 0], [0, -0.7j]], np.eye(2)) + nambu.pair_potential(0.4))
    up, down = symmetry.blocks(singlet).reshape(4, 2).T
    assert np.array_equal(up, down) and np.max(np.abs(up)) > 1
    up, down = symmetry.blocks(nambu.to_blocks(nambu.spin(0.7 * np.array(axis)))).reshape(4, 2).T
    assert np.array_equal(up, -down) and np.max(np.abs(up)) > 0.5
    law = symmetry.maps(nambu.sandwich(nambu.TAU3, nambu.TAU3)).reshape(4, 2, 4, 2)
    assert np.array_equal(law[:, 0, :, 0], law[:, 1, :, 1])
