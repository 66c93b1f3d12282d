"""First-order transitions on a traced branch: where two stable states have the same free energy."""

import numpy as np
import pytest

import usadel as us

GAUSS = np.polynomial.legendre.leggauss(32)


def pair(conductance, tolerance=1e-4):
    """Two weakly coupled films, one in half the field of the other: they become normal one after the other."""
    fields = {"A": "h", "B": "h/2"}
    films = [us.Superconductor(name=name, length=1.0, exchange_field=(0, 0, text)) for name, text in fields.items()]
    contact = us.Tunnel(conductance=conductance, relative_to="left")
    return us.Stack(
        [films[0], contact, films[1]], temperature=0.1, inelastic=1e-3, tolerance=tolerance, parameters={"h": 0.5}
    )


@pytest.fixture(scope="module")
def branch():
    return us.trace(pair(0.1), "h", 0.5, 1.8)


def test_film_in_a_field():
    """Clogston and Chandrasekhar: h = Δ0/√2, here at T = 0.05 Tc and Γ = 1e-4 Δ0, a closed sum."""
    film = us.Superconductor(name="S", length=0.5, exchange_field=(0, 0, 0.6))
    device = us.Stack([film], temperature=0.05, inelastic=1e-4, tolerance=1e-5)
    found = us.trace(device, "S.exchange_field.2", 0.6, 1.0)
    assert found.transitions == pytest.approx([0.70513535], abs=2e-6)
    assert 0.6 < found.transitions[0] < found.folds[0]


def test_two_transitions(branch):
    """One between two superconducting states, on both of which it is marked, and one to the normal state."""
    marked = np.flatnonzero(branch.data.transition.values)
    energy, at = branch.data.free_energy.values[marked], branch.data.h.values[marked]
    first, second = branch.transitions
    assert np.sum(at == first) == 2
    assert np.ptp(energy[at == first]) < 1e-7
    assert energy[at == second] == pytest.approx(0.0, abs=1e-7)
    assert branch.folds[1] < first < branch.folds[0] < second < branch.folds[2]
    assert "first-order transition" in dict(branch.summary())


def test_equal_areas(branch):
    """∮ m dh = 0 along the branch between both states of a transition, m = -∂F/∂h by the spins."""
    data = branch.data
    x, layer = data.position.values, data.layer.values
    first, last = np.flatnonzero((data.transition.values == 1) & (data.h.values == branch.transitions[0]))
    spin = data.spin_accumulation.sel(component="z").values
    moment = [np.trapezoid(spin[:, layer == k], x[layer == k], axis=1) for k in (0, 1)]
    loop = (moment[0] + 0.5 * moment[1])[first : last + 1]
    area = np.trapezoid(loop, data.h.values[first : last + 1])
    size = np.trapezoid(np.abs(loop), np.abs(data.h.values[first : last + 1] - data.h.values[first]))
    assert abs(area) < 2e-3 * abs(size)


def test_none_without_a_free_energy():
    layer = us.Superconductor(name="S", length=1.0, spin_voltage=0.2, spin_axis=(1, 0, 0), exchange_field=(0, 0, 0.2))
    found = us.trace(us.Stack([layer], temperature=0.1, tolerance=1e-3), "S.spin_voltage", 0.2, 0.4)
    assert found.transitions == []
    assert "free_energy" not in found.data


def test_figure_shows_the_swallow_tail(branch):
    figure = us.plots.default_figure(branch.data)
    assert any("Free energy" in ax.get_ylabel() for ax in figure.axes)
