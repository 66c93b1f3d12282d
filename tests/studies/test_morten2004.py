"""The spin battery as a device, against Eq. (11) and the closed coefficients of Morten, Brataas and Belzig."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

import usadel as us
from usadel.studies.morten2004 import KB_TC, SOLVED_BIAS, Battery, closed
from usadel.studies.spin_battery import (
    GAP_OVER_TC,
    coefficients,
    injected,
    normal_signal,
    paper_gap,
    signal,
    transmitted_signal,
)

NEAR = (6.0,)


def test_signal_of_a_given_transmission():
    """Eq. (11) as a transmission, and its integral in the energy itself by another rule."""
    for bias, temperature in ((0.1, 0.1), (3.0, 0.5), (10.0, 0.05), (10.0, 0.99)):
        gap, voltage = float(paper_gap(temperature)), bias * GAP_OVER_TC

        def transmission(energy, gap=gap):
            root = np.sqrt(energy**2 + gap**2)
            xi = np.sqrt(np.maximum((energy - gap) * (energy + gap), 1e-30))
            return np.exp(-6 * root / xi) * energy / (energy + root)

        def integrand(energy, transmission=transmission, voltage=voltage, temperature=temperature):
            return 2 / voltage * float(injected(energy, voltage, temperature) * transmission(energy))

        steps = 0.5 * voltage + temperature * np.array([-30, -8, 0, 8, 30, 60])
        edges = np.unique(np.concatenate([[gap], gap + temperature * np.arange(1.0, 9.0), steps[steps > gap]]))
        exact = sum(quad(integrand, a, b, epsabs=0, epsrel=1e-11)[0] for a, b in pairwise([*edges, edges[-1] + 40]))
        assert signal(6.0, voltage, temperature, gap) == pytest.approx(exact, rel=1e-9, abs=0)
        assert transmitted_signal(transmission, voltage, temperature, gap) == pytest.approx(exact, rel=1e-8, abs=0)


def test_device_tends_to_equation_11():
    """The longer the wire in ξ at fixed L/l_sf, the closer."""
    deviations = []
    for length in (10.0, 30.0):
        battery = Battery(0.4, length, distances=NEAR)
        deviations.append([abs(battery.signal(6.0, bias) / closed(6.0, bias, 0.4) - 1) for bias in (0.1, 3.0, 10.0)])
    assert np.all(np.array(deviations[1]) < 0.4 * np.array(deviations[0]))
    assert max(deviations[1]) < 4e-3


def test_a_weaker_barrier_brings_it_closer():
    """What the barrier does to the end of the wire vanishes with it: less is left of the deviation."""
    strong, weak = (
        abs(Battery(0.5, 20.0, barrier, NEAR).signal(6.0, 3.0) / closed(6.0, 3.0, 0.5, barrier) - 1)
        for barrier in (1.0, 8.0)
    )
    assert weak < strong < 4e-3


def test_smallest_signal_has_its_digits():
    """3e-12 of the normal signal, on two grids."""
    once, twice = (Battery(0.1, distances=NEAR, cut=cut).signal(6.0, 0.1) for cut in (False, True))
    assert once < 1e-14
    assert twice == pytest.approx(once, rel=3e-3, abs=0)
    assert once == pytest.approx(closed(6.0, 0.1, 0.1), rel=0.012, abs=0)


def test_normal_state():
    """Above Tc the signal is e^{-L/l_sf}/(1 + b), up to the finite wire."""
    battery = Battery(1.05, distances=NEAR)
    assert battery.signal(6.0, 3.0) == pytest.approx(normal_signal(6.0), rel=5e-4, abs=0)


def test_transmission_does_not_depend_on_the_bias():
    """At a tolerance that both reach on the same grid."""
    battery = Battery(0.6, 10.0, distances=NEAR)
    biases, energies = (SOLVED_BIAS, 1.0), np.array([1.05, 1.3, 2.0])
    found = []
    for bias in biases:
        device = battery.device.replace({"stack.0.spin_voltage": 0.5 * bias, "tolerance": 1e-6})
        h = us.distributions(device).distribution(energies, position=60.0).distribution
        found.append(h.sel(mode="spin_z").values[0] / injected(energies, bias, 0.6 * KB_TC))
    np.testing.assert_allclose(found[1], found[0], rtol=1e-9)


def test_coefficients_of_the_program():
    """Eqs. (5), (6) from M and R of a homogeneous superconductor."""
    bulk, rate = us.SuperconductingReservoir(gap=1.0), 8e-9
    layer = us.Superconductor(length=1.0, gap=1.0, self_consistent=False, nonequilibrium=True, spin_flip=rate / 8)
    result = us.distributions(us.Stack([bulk, layer, bulk], inelastic=1e-8, tolerance=0.01))
    energies = np.array([0.2, 0.7, 1.2, 2.0])
    found, exact = result.kinetic_coefficients(energies, 0.4).isel(position=0), coefficients(energies, 1.0)

    def diagonal(name, mode):
        return found[name].sel(row=mode, mode=mode).values

    for mode, name in (("energy", "d_l"), ("spin_z", "d_l"), ("charge", "d_t"), ("spin_energy_z", "d_t")):
        np.testing.assert_allclose(diagonal("diffusion", mode), 2 * exact[name], atol=1e-6)
    charge, spin_energy, spin = (-diagonal("relaxation", mode) for mode in ("charge", "spin_energy_z", "spin_z"))
    np.testing.assert_allclose(charge, 4 * exact["alpha_tt"], atol=1e-6)
    np.testing.assert_allclose((spin_energy - charge) / rate, 2 * exact["alpha_lsls"], atol=1e-5)
    np.testing.assert_allclose(spin / rate, 2 * exact["alpha_tsts"], atol=1e-5)
    with pytest.raises(us.InputError, match="energies"):
        result.kinetic_coefficients([-1.0], 0.4)
