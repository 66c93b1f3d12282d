"""Sizes of states: singular values, whatever numbers hold the states."""

import numpy as np
from devices import assert_same

from usadel.algebra import nambu, riccati
from usadel.algebra.spin_symmetry import SpinSymmetry
from usadel.equations.spectral.local import largest_singular_value, spectral_radius


def random(size):
    rng = np.random.default_rng(3)
    return 0.45 * (rng.normal(size=(40, size, 3)) + 1j * rng.normal(size=(40, size, 3)))


def test_they_tell_where_the_spectral_function_is_positive():
    u = random(8)
    found = np.array([largest_singular_value(one[None]) for one in u])
    expected = [np.linalg.svd(part, compute_uv=False)[..., 0] for part in riccati.split(u)]
    assert_same(found, np.maximum(*expected), 1e-12, at_least=0.1)
    assert np.array_equal(largest_singular_value(u), np.max(found, axis=0))
    g = nambu.TAU3 @ riccati.green(u)
    positive = np.linalg.eigvalsh(g + np.conj(np.swapaxes(g, -1, -2)))[..., 0] >= 0
    assert np.array_equal(found <= 1, positive)
    assert 10 < np.sum(positive) < 110


def test_they_do_not_depend_on_the_numbers_that_hold_a_state():
    for symmetry in (SpinSymmetry(1), SpinSymmetry(2, (0.48, 0.6, 0.64))):
        u = random(2 * symmetry.entries)
        full = symmetry.expanded(u)
        assert_same(largest_singular_value(u), largest_singular_value(full), 1e-12, at_least=0.1)
        assert_same(spectral_radius(0.3 * u), spectral_radius(0.3 * full), 1e-7, at_least=0.01)
        assert_same(symmetry.reduced(full), u, 1e-14, at_least=0.1)


def test_what_is_lost_is_not_looked_at_as_small():
    u = random(8)
    u[7, 3, 1] = np.nan
    assert np.array_equal(np.isnan(largest_singular_value(u)), [False, True, False])
