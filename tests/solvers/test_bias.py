"""Phases of wanted currents for relations whose answer is known."""

import numpy as np
import pytest

from usadel.solvers.bias import find_phase, polish_phase


@pytest.mark.parametrize("wanted", [-0.9, -0.3, 0.0, 0.2, 0.999])
@pytest.mark.parametrize("start", [0.0, 1.0, -2.0, 3.0])
def test_sine(wanted, start):
    """The stable, rising side, from wherever the search starts."""
    phase = find_phase(np.sin, wanted, start).phase
    assert np.sin(phase) == pytest.approx(wanted, abs=1e-11) and np.cos(phase) > 0


def test_beyond_the_critical_current():
    found = find_phase(lambda x: 0.4 * np.sin(x), 0.5, 0.0)
    assert found.phase is None and found.extreme == pytest.approx(0.4, abs=1e-8)
    found = find_phase(lambda x: 0.4 * np.sin(x), -0.5, 0.0)
    assert found.phase is None and found.extreme == pytest.approx(-0.4, abs=1e-8)


def test_peak_between_two_steps():
    """A relation that reaches the wanted current only close to its maximum."""
    phase = find_phase(lambda x: np.sin(x - 0.13), 0.99999, 0.0).phase
    assert np.sin(phase - 0.13) == pytest.approx(0.99999, abs=1e-11) and np.cos(phase - 0.13) > 0


def test_pi_junction():
    phase = find_phase(lambda x: -np.sin(x), 0.3, 0.0).phase
    assert phase == pytest.approx(np.pi + np.arcsin(0.3))


def test_polish():
    phase, missed = polish_phase(np.sin, 0.7, 0.77, 1e-13)
    assert phase == pytest.approx(np.arcsin(0.7), abs=1e-12)
    assert missed <= 1e-13


def test_polish_tells_what_it_misses_at_the_phase_that_it_returns():
    """A current with steps, which no phase makes right to the error asked for."""
    asked = []

    def current(phase):
        asked.append(phase)
        return round(np.sin(phase), 2)

    phase, missed = polish_phase(current, 0.7043, 0.77, 1e-6)
    assert phase == asked[-1]
    assert missed == abs(current(phase) - 0.7043) > 1e-6
