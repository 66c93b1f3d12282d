"""Weak barriers between a normal and a superconducting electrode: dI/dV is the density of states.

G. E. Blonder, M. Tinkham, T. M. Klapwijk, Phys. Rev. B 25, 4515: the limit of low transmission. What a barrier changes
in the superconductor behind it, and Andreev reflection, are of higher order in its conductance.
"""

from functools import cache

import numpy as np
import pytest
from limit_data import extrapolate
from scipy.integrate import quad
from single_energies import SingleEnergies

import usadel as us
from usadel.energies.rules import TC

GAP, BROADENING = 1.0, 0.02
ENERGIES = np.array([0.0, 0.4, 0.8, 1.0, 1.1, 1.5, 3.0])
WEAK = np.array([1e-3, 2e-3, 4e-3])
LESS_WEAK = np.array([0.01, 0.02])
VOLTAGE, TEMPERATURE = 0.8, 0.3


def density(energy):
    e = np.asarray(energy) + 1j * BROADENING
    return np.abs((e / np.sqrt(e**2 - GAP**2)).real)


def electrodes(conductance, voltage=0.0, polarization=0.0, temperature=1e-3):
    """[N] | S [S]: a short piece of one superconductor behind the barrier of a normal reservoir."""
    keys = {"gap": GAP, "inelastic": BROADENING}
    s = us.Superconductor(length=0.3, self_consistent=False, nonequilibrium=True, **keys)
    barrier = us.SpinActive(conductance=0.3 * conductance, polarization=polarization, magnetization=[0, 0, 1])
    reservoirs = us.NormalReservoir(voltage=voltage), us.SuperconductingReservoir(**keys)
    return [reservoirs[0], barrier, s, reservoirs[1]], {"temperature": temperature}


def differential(conductance, polarization=0.0):
    """dI/dV at T = 0 and eV = E: h4 = 1 in the reservoir; in units of the barrier's normal conductance."""
    found = []
    for energy in ENERGIES:
        elements, settings = electrodes(conductance, energy + 0.2, polarization)
        flux = SingleEnergies(us.Stack(elements, **settings), [energy], 21).flux[0, 4, 0]
        found.append(-0.5 * flux / conductance)
    return np.array(found)


@pytest.mark.parametrize("polarization", [0.0, 0.6])
def test_density_of_states(polarization):
    """The deviation falls with the conductance of the barrier, and what is left is the density of states."""
    normal = 2 / (1 + np.sqrt(1 - polarization**2))
    found = np.array([differential(g, polarization) for g in WEAK]) / normal
    deviation = np.abs(found - density(ENERGIES))
    assert np.max(deviation[0]) < 0.05 and np.max(deviation[0]) > 1e-5
    assert np.max(np.abs(deviation[1] / deviation[0] - 2)) < 0.2
    limit = [extrapolate(WEAK, column) for column in found.T]
    assert np.max(np.abs(limit - density(ENERGIES))) < 2e-4


def test_a_voltage_probes_the_opposite_energy():
    """dI/dV(V) of a polarized contact is N(-V) + P m·N_s(-V): spins that an exchange field splits tell the sign."""
    bias, polarization = 0.75, 0.6
    layer = us.Superconductor(
        length=0.5, gap=GAP, self_consistent=False, nonequilibrium=True, exchange_field=[0, 0, 0.3], inelastic=0.03
    )
    probe = us.SpinActive(conductance=WEAK[0], polarization=polarization, magnetization=[0, 0, 1])

    def device(voltage):
        ends = us.NormalReservoir(voltage=voltage), us.NormalReservoir()
        contacts = [ends[0], probe, layer, us.Tunnel(conductance=0.05), ends[1]]
        return us.Stack(contacts, temperature=0.01, tolerance=1e-4)

    measured = [float(us.distributions(device(v)).conductance("normal_reservoir 0").charge[0]) for v in (bias, -bias)]
    found = us.solve(device(0.0)).dos([bias, -bias], position=0.0)
    density = (found.dos + polarization * found.dos_spin.sel(component="z")).values[0]
    assert density[0] / density[1] > 2.5
    assert measured[0] / measured[1] == pytest.approx(density[1] / density[0], rel=0.05)


@cache
def flows(conductance):
    """Currents of charge and energy per G_T, at a finite temperature."""
    elements, settings = electrodes(conductance, VOLTAGE, temperature=TEMPERATURE)
    data = us.solve(us.Stack(elements, tolerance=3e-6, **settings)).data
    return [float(data[name].values[0]) / conductance for name in ("charge_current", "energy_current")]


def tunnelled(weight):
    """∫dE weight N_S(E)[f(E - V) - f(E)]."""

    def integrand(energy):
        f = [1 / (1 + np.exp((energy - v) / (TEMPERATURE * TC))) for v in (VOLTAGE, 0.0)]
        return weight(energy) * density(energy) * (f[0] - f[1])

    return quad(integrand, -12, 12, points=[-1, -0.98, 0, VOLTAGE, 0.98, 1], limit=400, epsabs=1e-10)[0]


def test_current_of_a_tunnel_contact():
    exact = tunnelled(lambda energy: 1.0)
    currents = [flows(g)[0] for g in LESS_WEAK]
    assert abs(currents[0] / exact - 1) < 0.03
    assert extrapolate(LESS_WEAK, currents) == pytest.approx(exact, rel=3e-3)


def test_refrigerator():
    """Heat leaves a normal metal through a tunnel barrier to a superconductor biased below the gap.

    M. M. Leivo, J. P. Pekola, D. V. Averin, Appl. Phys. Lett. 68, 1996: G_T ∫dE (E - V) N_S(E)[f(E - V) - f(E)] > 0.
    """
    exact = tunnelled(lambda energy: energy - VOLTAGE)
    assert exact > 0.005
    heats = [energy - VOLTAGE * charge for charge, energy in map(flows, LESS_WEAK)]
    assert extrapolate(LESS_WEAK, heats) == pytest.approx(exact, abs=1e-3)
