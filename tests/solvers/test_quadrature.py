"""Adaptive integrals against closed forms; the error estimate covers the error."""

import numpy as np

from usadel.solvers.quadrature import integrate, integrate_panels


def steps(x):
    """A narrow resonance, a step, and a square-root edge."""
    return np.stack([1e-3 / ((x - 0.3) ** 2 + 1e-6), np.tanh((x - 1.7) / 1e-3), np.sqrt(np.maximum(x - 1, 0))])


EXACT = np.array([np.arctan(1700.0) + np.arctan(300.0), -1.4, 2 / 3])


def test_closed_forms():
    for tolerance in (1e-4, 1e-8):
        found = integrate(steps, np.array([0.0, 0.6, 1.0, 2.0]), tolerance)
        assert found.error <= tolerance
        assert np.abs(found.value - EXACT).max() <= found.error
        assert np.abs(integrate_panels(steps, found.panels) - found.value).max() < 1e-12


def test_no_panel_is_lost():
    found = integrate(lambda x: np.abs(x - 0.123)[None], np.array([0.0, 1.0]), 1e-9)
    assert np.array_equal(found.panels[1:, 0], found.panels[:-1, 1])
    assert (found.panels[0, 0], found.panels[-1, 1]) == (0.0, 1.0)


def test_failure_is_reported():
    nowhere = integrate(lambda x: np.full((1, x.size), np.nan), np.array([0.0, 1.0]), 1e-6)
    assert nowhere.error == np.inf and nowhere.points < 1e6
