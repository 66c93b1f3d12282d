"""Public examples with electrodes: bias, thermopower, nonlocal thermovoltage, cooling, spin splitting under a bias.

Without a known number symmetries are asked for. Not here: refrigeration of an NIS junction by Leivo, Pekola and Averin
(tests/limits/test_tunnel_conductance.py), the bridge of M. Yu. Bakurskiy with a contact along its length, domain
walls of Houzet and Buzdin, which vary along the film, and pyusadel's fit, which the program does not have.
"""

import numpy as np
import pytest
from scipy.optimize import brentq

import usadel as us

GAP = {"quantities": ["gap"]}
TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0


# GENEUS, tutorial, "Nonequilibrium": N/S/N under ±0.1; its figure's current is converted within about ξ
def test_voltage_biased_wire():
    configuration = """[conductor]
  order: 0
  voltage: +{1}
[superconductor]
  length: 5
  nonequilibrium: T
[conductor]
  order: 0
  voltage: -{1}
"""
    device = us.from_geneus(configuration, "0.1").replace({"tolerance": 1e-4, "output.quantities": ["gap"]})
    result = us.solve(device)
    assert (
        0.001 < float(result.data.charge_current[0]) < 0.2 / 15
    )  # all normal: a layer of 5 R_ξ, two contacts of as much
    assert np.ptp(result.data.charge_current.values) < 1e-4
    places = result.at([0.0, 1.5, 2.5, 3.5, 5.0])
    resistive = np.abs(places.charge_current_resistive.values)
    assert resistive[0] > 5 * resistive[1] > 0 and resistive[-1] > 5 * resistive[3]
    assert places.gap.values[1] == pytest.approx(places.gap.values[3], abs=2e-4)
    accumulation = places.charge_accumulation.values
    assert accumulation[1] == pytest.approx(-accumulation[3], abs=2e-4)


def interferometer(phase, temperatures=(0.25, 0.15)):
    """Two superconductors and two normal electrodes at the corners of an H; current between the latter."""

    def wire(start, end):
        return us.Wire([us.NormalMetal(length=1.5)], start=start, end=end)

    nodes = {
        "one": us.SuperconductingReservoir(phase=0.5 * phase), "two": us.SuperconductingReservoir(phase=-0.5 * phase),
        "hot": us.NormalReservoir(temperature=temperatures[0]), "cold": us.NormalReservoir(temperature=temperatures[1]),
        "a": us.Junction(), "b": us.Junction(),
    }  # fmt: skip
    ends = [("one", "a"), ("two", "b"), ("hot", "a"), ("cold", "b"), ("a", "b")]
    device = us.Device(
        [wire(*pair) for pair in ends], nodes, temperature=0.2, inelastic=0.02, tolerance=1e-5, output=GAP
    )
    data = us.solve(device).data
    return [float(data.charge_current.values[data.layer.values == k][0]) for k in (2, 3)]


@pytest.mark.slow
# usadel1, "thermo-4probe"; P. Virtanen, T. T. Heikkilä, PRL 92, 177004 (2004): thermoelectric current, odd in the phase
def test_andreev_interferometer():
    there, back, none = (np.array(interferometer(phase)) for phase in (np.pi / 2, -np.pi / 2, 0.0))
    assert np.min(np.abs(there)) > 5e-4
    assert there == pytest.approx(-back, abs=2e-5)
    assert none == pytest.approx(np.zeros(2), abs=2e-5)


# usadel1, "nonlocal thermovoltage": by symmetry opposite currents in two electrodes, and none in the one between them
def test_nonlocal_thermovoltage():
    def wire(start, end):
        return us.Wire([us.NormalMetal(length=1.0)], start=start, end=end)

    nodes = {
        "s1": us.SuperconductingReservoir(phase=0.6), "s2": us.SuperconductingReservoir(phase=-0.6),
        "n1": us.NormalReservoir(), "n2": us.NormalReservoir(), "heater": us.NormalReservoir(temperature=0.4),
        "a": us.Junction(), "b": us.Junction(), "c": us.Junction(),
    }  # fmt: skip
    ends = [("s1", "a"), ("s2", "b"), ("n1", "a"), ("n2", "b"), ("heater", "c"), ("a", "c"), ("c", "b")]
    device = us.Device(
        [wire(*pair) for pair in ends], nodes, temperature=0.2, inelastic=0.02, tolerance=1e-5, output=GAP
    )
    data = us.solve(device).data
    one, two, heater = (float(data.charge_current.values[data.layer.values == k][0]) for k in (2, 3, 4))
    assert abs(one) > 3e-4 and one == pytest.approx(-two, abs=2e-5)
    assert heater == pytest.approx(0.0, abs=1e-5)


# cf. J. A. Ouassou, T. D. Vethaak, J. Linder, Phys. Rev. B 98, 144509 (2018): a bias eV = h undoes an exchange field
@pytest.mark.parametrize("field", [0.6, 1.0])
def test_exchange_field_and_bias(field):
    """At T = 0: Δ (2h + √(4h² - Δ²)) = Δ0²."""
    expected = brentq(lambda gap: gap * (2 * field + np.sqrt(4 * field**2 - gap**2)) - 1, 1e-3, 1.0)
    assert field != 1.0 or expected == pytest.approx(0.250992, abs=1e-6)
    layer = us.Superconductor(length=1.0, exchange_field=[0, 0, field], voltage=field, transverse=True, gap=expected)
    device = us.Stack([layer], temperature=0.005, inelastic=1e-5, tolerance=1e-5, output=GAP)
    assert float(us.solve(device).data.gap.max()) == pytest.approx(expected, abs=2e-4)


def homogeneous_gap(field, rate, temperature):
    """Δ of a bulk superconductor in a field along z, with isotropic spin flips at a rate C = 1/8τ.

    (ω + ish) sin θ_s - Δ cos θ_s + C [sin 2θ_s + 2 sin(θ_s + θ_-s)] = 0 for spins s = ±: scattering by z leaves a spin
    what it is, the two others turn it.
    """
    spacing = 2 * np.pi * temperature * TC
    omega = spacing * (np.arange(3000) + 0.5)

    def mean(gap):
        up = down = np.arctan2(gap, omega) + 0j
        for _ in range(200):
            new = []
            for sign, mine, other in ((1, up, down), (-1, down, up)):
                rest = (omega + 1j * sign * field) * np.sin(mine) - gap * np.cos(mine)
                rest = rest + rate * (np.sin(2 * mine) + 2 * np.sin(mine + other))
                slope = (omega + 1j * sign * field) * np.cos(mine) + gap * np.sin(mine)
                slope = slope + rate * (2 * np.cos(2 * mine) + 2 * np.cos(mine + other))
                new.append(mine - rest / slope)
            up, down = new
        return 0.5 * (np.sin(up) + np.sin(down)).real

    def mismatch(gap):
        return np.sum(spacing * (mean(gap) / gap - 1 / omega)) - np.log(temperature)

    return brentq(mismatch, 0.2, 1.0, xtol=1e-8)


# maiani/pyusadel, notebook "self-consistency": bulk, h = 0.2 and 1/τ_sf = 0.1 in units of kTc, T = 0.2 Tc
def test_spin_flips_in_a_field():
    layer = us.Superconductor(length=1.0, exchange_field=[0, 0, 0.2 * TC], spin_flip=0.1 * TC / 8)
    device = us.Stack([layer], temperature=0.2, inelastic=0.0, tolerance=1e-5, output=GAP)
    found = float(us.solve(device).data.gap.max())
    assert found == pytest.approx(homogeneous_gap(0.2 * TC, 0.1 * TC / 8, 0.2), abs=3e-4)
    assert 0.9 < found < 0.99
