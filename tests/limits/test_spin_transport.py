"""Spins in normal metals out of equilibrium: how far they get, and what magnetic contacts do with them.

In a normal metal spin s has the potential V + sVs; both spins together carry -∂V, and -∂Vs is minus the spin current.
T. Valet, A. Fert, Phys. Rev. B 48, 7099 (1993).
"""

import re

import numpy as np
import pytest
from limit_data import extrapolate

import usadel as us

SOLVED = {"nonequilibrium": True}
COLD = {"temperature": 0.1}
X, Y, Z = np.eye(3)
RASHBA = 0.4
LENGTH = 0.2
WAYS = {  # keys of a wire, direction of the spins, their 1/l²
    "spin flips": ({"spin_flip": 0.05}, Z, 8 * 0.05),
    "spin flips, fast diffusion": ({"spin_flip": 0.05, "diffusion": 2.5}, X, 8 * 0.05 / 2.5),
    "spin-orbit impurities": ({"spin_orbit": 0.07}, Y, 8 * 0.07),
    "both": ({"spin_flip": 0.02, "spin_orbit": 0.03}, Z, 8 * 0.05),
    "Rashba, in the plane": ({"rashba": RASHBA}, X, 4 * RASHBA**2),
    "Rashba, out of the plane": ({"rashba": RASHBA}, Z, 8 * RASHBA**2),
    "Rashba = Dresselhaus, x + y": ({"rashba": RASHBA, "dresselhaus": RASHBA}, X + Y, 16 * RASHBA**2),
    "Rashba = -Dresselhaus, x + y": ({"rashba": RASHBA, "dresselhaus": -RASHBA}, X + Y, 0.0),
}


@pytest.mark.parametrize("way", WAYS)
def test_spin_diffusion(way):
    """l_sf = √(Dτ_sf): Vs ∝ sinh (L - x)/l_sf between a spin voltage and an electrode in equilibrium.

    Spin-orbit fields relax spins by the law of D'yakonov and Perel, but not the persistent helix of α = ±β.
    """
    keys, direction, k2 = WAYS[way]
    length, spin_voltage = 3.0, 0.25
    start = us.NormalReservoir(spin_voltage=spin_voltage, spin_axis=list(direction), **COLD)
    wire = us.NormalMetal(length=length, **keys, **SOLVED)
    data = us.solve(us.Stack([start, wire, us.NormalReservoir(**COLD)], tolerance=1e-7)).data
    x, k = data.position.values, max(np.sqrt(k2), 1e-6)
    axis = direction / np.linalg.norm(direction)
    expected = -spin_voltage * np.sinh(k * (length - x)) / np.sinh(k * length)
    assert np.abs(data.spin_accumulation.values - np.multiply.outer(axis, expected)).max() < 1e-7
    flow = -spin_voltage * k * np.cosh(k * (length - x)) / np.sinh(k * length)
    assert np.abs(data.spin_current.values - np.multiply.outer(axis, flow)).max() < 1e-7
    assert np.abs(data.charge_current.values).max() < 1e-12


def valet_fert(conductances, polarizations, length, k, voltage):
    """V and Vs (2, n → x) of a wire behind two magnetic contacts, conductance of spin s: G(1 + sP)/2.

    V = a - Ix, Vs = b cosh kx + c sinh kx; currents -½∂(V ± Vs) are the same in the contacts.
    """
    rows, right = [], []
    for place, outside, sign in ((0.0, voltage, 1.0), (length, 0.0, -1.0)):
        g, p = (conductances[0], polarizations[0]) if sign > 0 else (conductances[1], polarizations[1])
        hyperbolic = np.array([np.cosh(k * place), np.sinh(k * place)])
        slope = k * hyperbolic[::-1]
        for s in (1, -1):
            potential = np.array([1.0, -place, *(s * hyperbolic)])  # of a, I, b, c
            current = 0.5 * np.array([0.0, 1.0, *(-s * slope)])
            weight = sign * 0.5 * g * (1 + s * p)
            rows.append(current + weight * potential)
            right.append(weight * outside)
    a, flow, b, c = np.linalg.solve(rows, right)
    return lambda x: (a - flow * x, b * np.cosh(k * x) + c * np.sinh(k * x)), flow


@pytest.mark.parametrize(("second", "transmission"), [(0.7, 0.0), (-0.7, 0.0), (-0.4, 0.25)])
def test_spin_valve(second, transmission):
    """A wire between magnetic contacts, parallel or antiparallel; with second order the contacts conduct otherwise.

    To second order a channel T(1 ± P) has the eigenvalues G_T(T_s² - ½tT_s⁴)/2 per spin, T_s = 1 + sP/(1+q).
    """
    voltage, length, spin_flip = 0.3, 1.5, 0.06
    strengths, polarizations = (0.9, 1.4), (0.6, second)

    def contact(number):
        return us.SpinActive(
            conductance=strengths[number] * length, polarization=polarizations[number], magnetization=[1, 2, 2],
            second_order=transmission,
        )  # fmt: skip

    def spins(number):
        p = polarizations[number]
        squares = (1 + np.array([p, -p]) / (1 + np.sqrt(1 - p**2))) ** 2
        return 0.5 * strengths[number] * (squares - 0.5 * transmission * squares**2)

    per_spin = [spins(0), spins(1)]
    total = [g.sum() for g in per_spin]
    polarized = [(g[0] - g[1]) / g.sum() for g in per_spin]
    profile, current = valet_fert(total, polarized, length, np.sqrt(8 * spin_flip), voltage)
    wire = us.NormalMetal(length=length, spin_flip=spin_flip, **SOLVED)
    ends = us.NormalReservoir(voltage=voltage, **COLD), us.NormalReservoir(**COLD)
    data = us.solve(us.Stack([ends[0], contact(0), wire, contact(1), ends[1]], tolerance=1e-7)).data
    potential, spin = profile(data.position.values)
    axis = np.array([1, 2, 2]) / 3
    assert np.abs(spin).max() > 0.02 and np.ptp(spin) > 4e-3
    assert np.abs(data.charge_current.values - current).max() < 1e-8
    assert np.abs(data.charge_accumulation.values - potential).max() < 1e-7
    assert np.abs(data.spin_accumulation.values + np.multiply.outer(axis, spin)).max() < 1e-7
    assert np.abs(data.torque.values).max() < 1e-8  # collinear contacts transmit all of it


def test_tunnel_magnetoresistance():
    """M. Julliere, Phys. Lett. A 54, 225: without relaxation the two spins are two resistors in parallel."""
    p, g = 0.5, 1.0
    q = np.sqrt(1 - p**2)
    total = 2 * g / (1 + q)

    channels = 0.5 * total * np.array([1 + p, 1 - p])
    for second, order in ((p, channels), (-p, channels[::-1])):
        wire = us.NormalMetal(length=LENGTH, **SOLVED)
        contacts = [us.SpinActive(conductance=g * LENGTH, polarization=x, magnetization=[0, 0, 1]) for x in (p, second)]
        ends = us.NormalReservoir(voltage=0.1, **COLD), us.NormalReservoir(**COLD)
        data = us.solve(us.Stack([ends[0], contacts[0], wire, contacts[1], ends[1]], tolerance=1e-8)).data
        expected = 0.1 * np.sum(1 / (1 / channels + 1 / order + 2 * LENGTH))
        assert np.abs(data.charge_current.values - expected).max() < 1e-9


@pytest.mark.parametrize(("polarization", "transmission"), [(0.0, 0.0), (0.7, 0.0), (0.0, 0.3), (-0.6, 0.25)])
def test_printed_conductance(polarization, transmission):
    """What `check` calls the true normal-state conductance is what a voltage drives through the contact alone."""
    lengths, found = np.array([0.002, 0.004]), []
    for length in lengths:
        contact = us.SpinActive(
            conductance=0.8 * length, polarization=polarization, second_order=transmission, magnetization=[0, 2, 1]
        )
        wire = us.NormalMetal(length=length, **SOLVED)
        ends = us.NormalReservoir(voltage=0.3, **COLD), us.NormalReservoir(**COLD)
        device = us.Stack([ends[0], contact, wire, ends[1]], tolerance=1e-8)
        found.append(0.3 / float(us.solve(device).data.charge_current.values[0]))
    printed = float(re.search(r"true normal-state conductance = (\S+)", device.sketch()).group(1))
    assert 1 / extrapolate(lengths, found) == pytest.approx(printed, rel=1e-5)
    assert polarization == transmission == 0.0 or abs(printed - 0.8) > 0.05


def test_mixing_conductance():
    """Spins across the magnetization of a contact: G_mix = (G_T/2)(T↑T↓ + …) and precession by G_φ; the rest is torque.

    A wire with spins along x at its end before a magnet along z: ∂(Vx + iVy) = ∓(G_t ± iG_φ)(Vx + iVy), where G_φ turns
    them and G_t = G_T(T↑² + T↓²)/2 = G lets them go, of which G_T T↑T↓ arrive behind it.
    """
    length, voltage, g, p, mixing = 1.2, 0.25, 0.8, 0.6, 0.5
    q = np.sqrt(1 - p**2)
    total, across = 2 * g / (1 + q), g * 2 * q / (1 + q)
    contact = us.SpinActive(
        conductance=g * length, polarization=p, spin_mixing=mixing * length, magnetization=[0, 0, 1]
    )
    wire = us.NormalMetal(length=length, **SOLVED)
    start = us.NormalReservoir(spin_voltage=voltage, spin_axis=[1, 0, 0], **COLD)
    data = us.solve(us.Stack([start, wire, contact, us.NormalReservoir(**COLD)], tolerance=1e-7)).data
    leaving = total + 1j * mixing
    end = -voltage / (1 + leaving * length)  # spins (x + iy) at the contact
    found = data.spin_accumulation.values[:, -1]
    assert abs(found[0] - end.real) < 1e-7 and abs(abs(found[1]) - abs(end.imag)) < 1e-7
    assert abs(end.imag) > 0.02
    flow = data.spin_current.values[:, -1]
    assert abs(flow[0] - (leaving * end).real) < 1e-7
    torque = data.torque.values[:, -1]
    arriving = across * np.array([found[0], found[1], 0.0])
    assert np.abs(flow - torque - arriving).max() < 1e-7
    assert np.abs(torque).max() > 0.01


def test_imposed_layer_is_a_reservoir():
    """A solved wire beside a layer with an imposed distribution; the latter keeps what is imposed on it."""
    bath = us.NormalMetal(length=1.0, voltage=0.2, spin_voltage=0.3, spin_axis=[1, 0, 0])
    data = us.solve(us.Stack([bath, us.NormalMetal(length=2.0, **SOLVED), us.NormalReservoir()], temperature=0.2)).data
    inside, x = data.layer.values == 0, data.position.values
    assert np.abs(data.charge_accumulation.values[inside] - 0.2).max() < 1e-6
    assert np.abs(data.spin_accumulation.values[0, inside] + 0.3).max() < 1e-6
    assert np.abs(data.charge_accumulation.values[~inside] - 0.1 * (3.0 - x[~inside])).max() < 1e-6
    assert np.abs(data.charge_current.values[~inside] - 0.1).max() < 1e-6


@pytest.mark.parametrize("polarization", [0.8, -0.4])
def test_two_channels_of_a_half_metal(polarization):
    """Without relaxation each spin is a chain of resistors: lead, contact, (1 + sP)/4 of σA per length, contact."""
    voltage, m = 0.3, np.array([1, 2, 2]) / 3
    first, second = (0.9, 0.6), (1.1, -0.3)  # G_T/G_N and polarization of the contacts

    def contact(ratio, p, **keys):
        return us.SpinActive(conductance=ratio, polarization=p, magnetization=list(m), **keys)

    def per_spin(conductance, p):
        return 0.5 * conductance * (1 + np.array([p, -p]) / (1 + np.sqrt(1 - p**2))) ** 2

    lead = us.Ferromagnet(length=0.7, exchange_field=list(3 * m), **SOLVED)
    half = us.HalfMetal(length=1.3, polarization=polarization, magnetization=list(m), conductivity=1.5, **SOLVED)
    ends = us.NormalReservoir(voltage=voltage, **COLD), us.NormalReservoir(**COLD)
    layers = [lead, contact(*first, relative_to="left"), half, contact(*second)]
    data = us.solve(us.Stack([ends[0], *layers, ends[1]], tolerance=1e-7)).data
    half_channels = 1.5 / 1.3 * 0.25 * (1 + polarization * np.array([1, -1]))
    resistance = 2 * 0.7 + 1 / per_spin(first[0] / 0.7, first[1])
    resistance = resistance + 1 / half_channels + 1 / per_spin(second[0] * 1.5 / 1.3, second[1])
    currents = voltage / resistance
    assert np.abs(data.charge_current.values - currents.sum()).max() < 1e-8
    spin = -np.outer(m, np.full(data.position.size, currents[0] - currents[1]))
    assert np.abs(data.spin_current.values - spin).max() < 1e-8
    assert np.ptp(data.energy_current.values) < 1e-9 and np.abs(data.torque.values).max() < 1e-9


def test_a_half_metal_absorbs_the_other_spins():
    """Spins across its magnetization end at its contact, whatever is behind: one more resistor, to nowhere."""
    length, ratio, spin_voltage = 0.7, 0.9, 0.25
    start = us.NormalReservoir(spin_voltage=spin_voltage, spin_axis=[1, 0, 0], **COLD)
    half = us.HalfMetal(length=1.3, polarization=0.8, magnetization=[0, 0, 1], **SOLVED)
    contact = us.Tunnel(conductance=ratio, relative_to="left")
    layers = [us.NormalMetal(length=length, **SOLVED), contact, half, us.Tunnel(conductance=2.0)]
    data = us.solve(us.Stack([start, *layers, us.NormalReservoir(**COLD)], tolerance=1e-7)).data
    wire = data.layer.values == 0
    flow = -spin_voltage / (length + length / ratio)
    assert np.abs(data.spin_current.values[0, wire] - flow).max() < 1e-8
    assert np.abs(data.spin_current.values[:, ~wire]).max() < 1e-12
    assert np.abs(data.charge_current.values).max() < 1e-12
