"""Sums over shifted Matsubara points against integrals along the real axis, for distributions of every kind."""

from functools import cache

import numpy as np
import pytest
import real_axis

import usadel as us
from usadel.energies.rules import TC

QUANTITIES = [f"{mode}_accumulation" for mode in ("charge", "spin", "energy", "spin_energy")]
INELASTIC = 0.05  # Δ0: resolves every edge with panels of twice its width
SETTINGS = {"inelastic": INELASTIC, "tolerance": 1e-8, "output": us.Output(quantities=["gap", *QUANTITIES])}
ACCURACY = 1e-6

X, Y, Z = np.eye(3).tolist()


def insulator(magnetization, spin_mixing=0.6):
    return us.FerromagneticInsulator(spin_mixing=spin_mixing, magnetization=magnetization)


def phases(difference):
    return [us.SuperconductingReservoir(gap=1, phase=s * difference / 2) for s in (1, -1)]


def paper():
    layer = us.Superconductor(length=1.5, spin_voltage=0.25, spin_axis=X)
    return us.Stack([insulator(X), layer, insulator(Y)], temperature=0.1, **SETTINGS)


def biased_junction():
    """A bias that is odd in the electron-hole symmetry: charge accumulates."""
    left, right = phases(1.2)
    return us.Stack([left, us.NormalMetal(length=2.0, voltage=0.3), right], temperature=0.2, **SETTINGS)


def spin_heated_superconductor():
    """A spin temperature across both magnetizations.

    Along them, or with a spin voltage, it would make charge imbalance in a gap that is to be found: nothing then
    keeps the phase from turning, and there is no stationary solution.
    """
    layer = us.Superconductor(length=1.5, spin_temperature=0.1, spin_axis=Z)
    return us.Stack([insulator(X), layer, insulator(Y, 0.4)], temperature=0.25, **SETTINGS)


def spin_heated_rigid_superconductor():
    layer = us.Superconductor(
        length=1.5, spin_temperature=0.1, spin_voltage=0.15, spin_axis=[1, 1, 0], self_consistent=False
    )
    return us.Stack([insulator(X), layer, insulator(Z, 0.4)], temperature=0.25, **SETTINGS)


def spin_heated_ferromagnet():
    """All kinds of bias at once, between different phases, in a field that turns."""
    left, right = phases(0.9)
    layer = us.Ferromagnet(
        length=1.5, exchange_field=["0.8*cos(pi*z/2)", "0.8*sin(pi*z/2)", 0.3], voltage=0.2, spin_voltage=0.25,
        spin_temperature=0.08, spin_axis=[1, 0, 1],
    )  # fmt: skip
    return us.Stack([left, layer, us.Tunnel(conductance=0.8), right], temperature=0.2, **SETTINGS)


SELF_CONSISTENT = [paper, spin_heated_superconductor]
DEVICES = [*SELF_CONSISTENT, spin_heated_rigid_superconductor, biased_junction, spin_heated_ferromagnet]


@cache
def solve(device):
    """Result, its states and weights on the real axis at three nodes inside."""
    result = us.solve(device())
    layer = result.device.network().layers[0]
    positions = layer.length * np.array([0.3, 0.5, 0.7])
    steps = [layer.voltage + s * layer.spin_voltage for s in (1, -1)]
    coldest = (layer.temperature - abs(layer.spin_temperature)) * TC
    energies, weights = real_axis.energy_rule(steps, min(2 * INELASTIC, 4 * coldest))
    return result, real_axis.States(result, energies, positions), weights


def modes(data, kind, sites):
    """(8, positions): the modes of `real_axis`, charge counting electrons."""
    rows = []
    for name in ("charge", "spin", "energy", "spin_energy"):
        values = data[f"{name}_{kind}"]
        sign = -1.0 if name == "charge" else 1.0
        rows.append(sign * np.atleast_2d(values.transpose(..., "position").values)[:, sites])
    return np.concatenate(rows)


@pytest.mark.parametrize("device", DEVICES)
def test_currents(device):
    result, states, weights = solve(device)
    expected = states.currents() @ weights
    found = modes(result.data, "current", states.site)
    assert found == pytest.approx(expected, abs=ACCURACY)
    assert np.sum(np.abs(expected) > 1e-4) >= 3, "nothing to compare"


@pytest.mark.parametrize("device", DEVICES)
def test_accumulations(device):
    result, states, weights = solve(device)
    expected = states.accumulations() @ weights
    expected[4] -= 0.5 * np.abs(states.gap) ** 2
    found = modes(result.data, "accumulation", states.site)
    assert found[:5] == pytest.approx(expected[:5], abs=ACCURACY)
    if not np.any(states.gap):
        assert found[5:] == pytest.approx(expected[5:], abs=ACCURACY)
    assert np.sum(np.abs(expected) > 1e-4) >= 6, "nothing to compare"


@pytest.mark.parametrize("device", SELF_CONSISTENT)
def test_gap_equation(device):
    """Δ ln(T/Tc) = ∫dE {¼[f(E) + f(-E)] - (Δ/E) tanh(E/2T)} with any reference temperature."""
    _, states, weights = solve(device)
    reference = 0.3
    subtraction = np.tanh(states.energy / (2 * reference * TC)) / states.energy
    integral = (states.pairs() - states.gap[:, None] * subtraction) @ weights
    assert np.abs(states.gap).min() > 0.8
    assert np.abs(states.gap * np.log(reference) - integral).max() < ACCURACY


def test_ground_state_energy():
    """The integral with its pairing term is -¼Δ0² in a bulk superconductor at T → 0, Γ → 0, by both ways."""
    device = us.Stack([us.Superconductor(length=1.5)], temperature=0.05, **{**SETTINGS, "inelastic": 1e-3})
    result = us.solve(device)
    # E = 1 ± s² near the edge, where N is like 1/√|E - Δ|
    s, w = real_axis.panels(np.concatenate([np.linspace(0, 0.3, 16), np.linspace(0.35, 1.0, 12)]))
    high, w_high = real_axis.panels(np.geomspace(2.0, 3e4, 60))
    gap = float(result.data.gap[0])
    energies = np.concatenate([gap * (1 - s**2), gap * (1 + s**2), high * gap])
    weights = gap * np.concatenate([2 * s * w, 2 * s * w, w_high])
    states = real_axis.States(result, energies, [0.75])
    expected = (states.accumulations()[4] @ weights)[0] - 0.5 * gap**2
    found = float(result.data.energy_accumulation[states.site[0]])
    assert found == pytest.approx(expected, abs=1e-5)
    assert found == pytest.approx(-0.25, abs=2e-3)  # Γ = 1e-3 is felt at first order
