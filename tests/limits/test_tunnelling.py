"""dI/dV of weak tunnel contacts against closed forms of the theory of Bardeen, Cooper and Schrieffer, and integrals."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

import usadel as us
from usadel.energies.rules import TC
from usadel.observables.probe import SuperconductingProbe, between_superconductors, thermal

GAP, GAMMA = 1.0, 0.02


@pytest.fixture(scope="module")
def bulk():
    """A superconductor with an exchange field along x, whose gap is given."""
    layer = us.Superconductor(
        length=1, gap=GAP, self_consistent=False, inelastic=GAMMA, exchange_field=[0.3, 0, 0], temperature=0.2
    )
    return us.solve(us.Stack([layer], temperature=0.1, tolerance=1e-6))


def states(energy, gap=GAP, gamma=GAMMA):
    e = np.asarray(energy) + 1j * gamma
    return np.abs((e / np.sqrt(e**2 - gap**2)).real)


def spins(energy, polarization=0.0):
    """Spin along ±x has its energies shifted by ∓h: electrons with spin along h lie lower."""
    return sum(0.5 * (1 + s * polarization) * states(np.asarray(energy) + 0.3 * s) for s in (1, -1))


def expected(voltage, temperature, polarization=0.0):
    t = TC * temperature

    def integrand(x):
        return spins(x - voltage, polarization) / (4 * t * np.cosh(x / (2 * t)) ** 2)

    edges = [s * 0.3 + r * GAP + voltage for s in (1, -1) for r in (1, -1)]
    reach = 36 * t
    return quad(integrand, -reach, reach, points=[e for e in edges if abs(e) < reach], limit=400)[0]


@pytest.mark.parametrize("polarization", [0.0, 0.6, -0.6])
def test_normal_and_magnetic_probes(bulk, polarization):
    voltages = np.array([-1.4, -0.7, -0.2, 0.0, 0.5, 1.3, 2.0])
    for temperature in (0.05, 0.3):
        found = bulk.tunnel_conductance(0.5, temperature, polarization, [2, 0, 0], voltages=voltages)
        values = [expected(v, temperature, polarization) for v in voltages]
        np.testing.assert_allclose(found.tunnel_conductance[0], values, atol=1.5e-3)
    assert found.tunnel_conductance.dims == ("position", "voltage") and found.attrs["estimated_error"] < 2e-3


def test_thermal_activation_of_a_hard_gap():
    """√(2πΔ/kT) exp(-Δ/kT): the textbook conductance at V = 0 for kT ≪ Δ, with (1 + 3kT/8Δ) of the next order."""
    t = 0.1
    energies = np.concatenate([[-3, -1], -1 - np.geomspace(1e-9, 29, 4000)[::-1][1:], 1 + np.geomspace(1e-9, 29, 4000)])
    energies = np.unique(np.concatenate([energies, [1.0]]))
    inside = np.abs(energies) <= 1
    densities = np.where(inside, 0, np.abs(energies) / np.sqrt(np.where(inside, 1, energies**2 - 1)))
    found = float(thermal(energies, densities[None], np.array([0.0]), t / TC)[0, 0])
    assert found == pytest.approx(np.sqrt(2 * np.pi / t) * np.exp(-1 / t) * (1 + 3 * t / 8), rel=4e-3)


def test_a_normal_metal_is_ohmic():
    flat = np.ones((1, 2))
    volts = np.array([-2.0, 0.0, 0.3])
    np.testing.assert_allclose(thermal(np.array([-9.0, 9.0]), flat, volts, 0.2), 1, atol=1e-14)
    normal = SuperconductingProbe(0.0, 0.0)
    found = between_superconductors(np.array([-9.0, 9.0]), flat, volts, normal, (0.2, 0.3))
    np.testing.assert_allclose(found, 1, atol=1e-6)


def current(voltage, gap, t_probe, t_device):
    """½∫N N_p [tanh - tanh], with peaks at which it is cut."""

    def integrand(e):
        x = e + voltage
        return 0.5 * spins(e) * states(x, gap, 0.03) * (np.tanh(x / (2 * t_probe)) - np.tanh(e / (2 * t_device)))

    edges = sorted(
        {s * 0.3 + r * GAP for s in (1, -1) for r in (1, -1)} | {gap - voltage, -gap - voltage, 0.0, -voltage}
    )
    ends = [-8.0, *edges, 8.0]
    return sum(quad(integrand, a, b, limit=200, epsabs=1e-10)[0] for a, b in pairwise(ends))


def test_superconducting_probe_is_the_derivative_of_its_current(bulk):
    """Layer and probe have temperatures of their own; what is compared is a current, over steps of the voltage."""
    voltages = np.linspace(-2.4, 2.4, 2401)
    found = bulk.tunnel_conductance(0.5, 0.4, voltages=voltages, gap=0.7, inelastic=0.03).tunnel_conductance.values[0]
    for start, stop in ((-2.3, -1.8), (-0.4, 0.1), (0.0, 0.5), (0.5, 1.2), (1.2, 1.7), (1.7, 2.3)):
        inside = slice(*np.searchsorted(voltages, [start - 1e-6, stop + 1e-6]))
        step = current(stop, 0.7, 0.4 * TC, 0.2 * TC) - current(start, 0.7, 0.4 * TC, 0.2 * TC)
        assert np.trapezoid(found[inside], voltages[inside]) == pytest.approx(step, abs=1.5e-3)


def test_peaks_of_two_superconductors():
    """At Δ1 + Δ2, and where T matters, at |Δ1 - Δ2|; at T = 0 the current has a step of π√(Δ1Δ2)/2e R_n."""
    layer = us.Superconductor(length=1, gap=1.0, self_consistent=False, inelastic=1e-3)
    result = us.solve(us.Stack([layer], temperature=0.3, tolerance=1e-4))
    voltages = np.linspace(0.0, 2.2, 4401)
    found = result.tunnel_conductance(0.5, 0.3, voltages=voltages, gap=0.6, inelastic=1e-3).tunnel_conductance[0]
    assert float(voltages[np.argmax(found.values)]) == pytest.approx(1.6, abs=2e-3)
    below = found.where((found.voltage > 0.2) & (found.voltage < 0.8))
    assert float(voltages[np.nanargmin(below.values)]) == pytest.approx(0.4, abs=1e-2)  # behind the cusp of I at 0.4
    cold = result.device.replace({"temperature": 0.02})
    found = us.solve(cold).tunnel_conductance(0.5, voltages=voltages, gap=0.6, inelastic=1e-3).tunnel_conductance[0]
    near = found.sel(voltage=slice(1.56, 1.64))
    step = float(near.integrate("voltage"))
    assert step == pytest.approx(np.pi / 2 * np.sqrt(0.6), abs=0.09)  # within ±0.04, where the slope adds to it


def test_what_cannot_be_asked(bulk):
    for keys, match in (
        ({"temperature": -1}, "temperature"),
        ({"polarization": 2}, "polarization"),
        ({"polarization": 0.5}, "magnetization"),
        ({"voltages": [1, 0]}, "voltages: must increase"),
        ({"gap": 0}, "gap: must be a positive"),
        ({"inelastic": 0.1}, "needed beside it: gap"),
        ({"position": 9}, "position"),
    ):
        with pytest.raises(us.InputError, match=match):
            bulk.tunnel_conductance(**{"position": 0.5, **keys})
    biased = us.Superconductor(length=1, gap=1, self_consistent=False, spin_voltage=0.1)
    with pytest.raises(us.InputError, match="depends on the distribution"):
        us.solve(us.Stack([biased], tolerance=1e-3)).tunnel_conductance(0.5, gap=1)
