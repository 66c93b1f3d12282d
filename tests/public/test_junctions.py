"""Josephson junctions of public examples: rings, depairing, spin-orbit coupling, three terminals, phases of minima.

Not here: GENEUS's helical magnet at 0.2π, of which no data are at hand (that at 0.5π is in tests/reference), and
wompo's currents between those signs, which have no source but this program.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq

import usadel as us

TC = float(np.exp(np.euler_gamma) / np.pi)  # kB Tc/Δ0
GAP = {"quantities": ["gap"]}


def current(device):
    return float(us.solve(device).data.charge_current[0])


def squid(flux, arms=2):
    """Two superconductors, joined by arms that enclose a flux (φ0/2π), or by one of all their cross section."""
    area = 1.0 if arms == 2 else 2.0
    wires = [us.Wire([us.NormalMetal(length=1.0)], start="left", end="a")]
    phases = (0.5 * flux, -0.5 * flux)[:arms] if arms == 2 else (0.0,)
    wires += [
        us.Wire([us.NormalMetal(length=2.0, area=area, phase_gradient=p / 2)], start="a", end="b") for p in phases
    ]
    wires += [us.Wire([us.NormalMetal(length=1.0)], start="b", end="right")]
    nodes = {
        "left": us.SuperconductingReservoir(phase=np.pi / 2), "right": us.SuperconductingReservoir(),
        "a": us.Junction(), "b": us.Junction(),
    }  # fmt: skip
    return us.Device(wires, nodes, temperature=0.2, tolerance=1e-6, output=GAP)


# usadel1, example "proximity SQUID": none at half a flux quantum and φ = π/2, period of one quantum
def test_proximity_squid():
    none = current(squid(0.0))
    assert abs(none) > 1e-3
    assert current(squid(0.0, arms=1)) == pytest.approx(none, abs=3e-6)
    assert current(squid(np.pi)) == pytest.approx(0.0, abs=1e-6)
    assert current(squid(0.7)) == pytest.approx(current(squid(-0.7)), abs=3e-6)
    # one quantum more, half of it in each arm, is a phase of π between the superconductors
    assert current(squid(0.7)) == pytest.approx(-current(squid(0.7 + 2 * np.pi)), abs=3e-6)


def homogeneous_current(slope, temperature):
    """∂φ 2πT Σ sin²θ with ω sin θ - Δ cos θ + ½(∂φ)² sin θ cos θ = 0 and Δ ln T = 2πT Σ (sin θ - Δ/ω)."""
    spacing = 2 * np.pi * temperature * TC
    omega = spacing * (np.arange(20_000) + 0.5)

    def sines(gap):
        angle = np.arctan2(gap, omega)
        for _ in range(50):
            sine, cosine = np.sin(angle), np.cos(angle)
            rest = omega * sine - gap * cosine + 0.5 * slope**2 * sine * cosine
            angle -= rest / (omega * cosine + gap * sine + 0.5 * slope**2 * (cosine**2 - sine**2))
        return np.sin(angle)

    def mismatch(gap):
        return np.sum(spacing * (sines(gap) / gap - 1 / omega)) - np.log(temperature)

    gap = brentq(mismatch, 0.05, 1.0, xtol=1e-12)
    return slope * spacing * np.sum(sines(gap) ** 2)


# J. Romijn et al., PRB 26, 3648 (1982); A. Anthore et al., PRL 90, 127001 (2003): largest current 0.7455 near 0.7
@pytest.mark.parametrize("slope", [0.3, 0.5, 0.65, 0.7, 0.75])
def test_depairing_current(slope):
    """A ring: the gauge field has nowhere to be turned away."""
    ring = us.Wire([us.Superconductor(length=1.0, phase_gradient=slope)], start="o", end="o")
    device = us.Device([ring], {"o": us.Junction()}, temperature=0.1, inelastic=0.0, tolerance=1e-5, output=GAP)
    assert abs(current(device)) == pytest.approx(homogeneous_current(slope, 0.1), abs=1e-4)
    assert abs(current(device)) < 0.7455


LENGTH = 1000**0.5
THOULESS = 1e-3  # Δ0


def nanowire(field, coupling=0.0, helix=0.0):
    """A long junction, h in E_T, coupling α L; or a field that turns by 2 helix along it."""
    size = field * THOULESS
    vector = [0, f"{size}*sin(2*{helix}*z)", f"{size}*cos(2*{helix}*z)"] if helix else [0, 0, size]
    layer = us.Ferromagnet(length=LENGTH, exchange_field=vector, nanowire=coupling / LENGTH)
    ends = [us.SuperconductingReservoir(phase=phase) for phase in (0.5 * np.pi, 0.0)]
    device = us.Stack(
        [ends[0], layer, ends[1]], temperature=0.1 * THOULESS / TC, inelastic=0.0, tolerance=1e-6, output=GAP
    )
    return current(device) * LENGTH / THOULESS  # e R_N I/E_T


# wompo/Usadel-for-nanowires (Arjoranta, Heikkilä, PRB 93, 024522 (2016)), its defaults: a π junction without coupling
@pytest.mark.parametrize("coupling", [2.0, 6.0])
def test_spin_orbit_coupling_undoes_a_pi_junction(coupling):
    """Coupling along the wire is a gauge field: the same as a field that turns."""
    plain, coupled = nanowire(20.0), nanowire(20.0, coupling)
    assert plain * nanowire(0.0) < 0 < coupled * nanowire(0.0)
    assert coupled == pytest.approx(nanowire(20.0, helix=coupling), abs=0.05)


# usadel1, test "threeprobe": spectral supercurrent j_E, of which the supercurrent is an integral
def test_spectral_supercurrent_of_a_three_probe_junction():
    def wire(start, end):
        return us.Wire([us.NormalMetal(length=1.5, nonequilibrium=True)], start=start, end=end)

    nodes = {
        "left": us.SuperconductingReservoir(phase=0.8), "right": us.SuperconductingReservoir(phase=-0.8),
        "probe": us.NormalReservoir(), "o": us.Junction(),
    }  # fmt: skip
    wires = [wire("left", "o"), wire("o", "right"), wire("probe", "o")]
    device = us.Device(wires, nodes, temperature=0.2, inelastic=0.02, tolerance=1e-6, output=GAP)
    node, weight = np.polynomial.legendre.leggauss(40)
    edges = np.array([0.0, 0.5, 0.9, 1.1, 1.5, 3.0, 8.0, 40.0])
    energy = np.concatenate([0.5 * (a + b + (b - a) * node) for a, b in pairwise(edges)])
    weights = np.concatenate([0.5 * (b - a) * weight for a, b in pairwise(edges)])
    coefficients = us.distributions(device).kinetic_coefficients(energy, [0.7])
    spectral = coefficients.supercurrent.sel(row="charge", mode="energy").isel(position=0).values
    integral = 0.5 * np.sum(weights * spectral * np.tanh(energy / (2 * 0.2 * TC)))
    assert abs(integral) == pytest.approx(abs(current(device)), rel=2e-3)


# D. A. Ivanov et al. (2002), as in the tests of usadel1: E_g = 3.122 E_T (1 - 0.0921 φ²) at small phases
@pytest.mark.parametrize(("phase", "expected"), [(0.0, 3.122), (0.5, 3.122 * (1 - 0.0921 * 0.25))])
def test_minigap_over_the_phase(phase, expected):
    """Δ = 1000 E_T, whose minigap is 0.3 % smaller: no states below, many above."""
    ends = [us.SuperconductingReservoir(gap=1, phase=sign * 0.5 * phase) for sign in (1, -1)]
    wire = us.NormalMetal(length=LENGTH)
    result = us.solve(us.Stack([ends[0], wire, ends[1]], temperature=0.01, inelastic=1e-7, tolerance=1e-4, output=GAP))
    energies = np.array([0.985, 1.005]) * expected * THOULESS
    below, above = result.dos(energies, position=[0.5 * LENGTH], tolerance=1e-3).dos.values[0]
    assert below < 0.02 and above > 0.3


# J. C. Hammer et al., Phys. Rev. B 76, 064514 (2007): minigap at contacts of r = R_B/R_N each
@pytest.mark.parametrize(("ratio", "expected"), [(0.1, 2.22272), (1.0, 0.658746), (5.0, 0.172016)])
def test_minigap_behind_barriers(ratio, expected):
    length = 1e4**0.5
    ends, barrier = us.SuperconductingReservoir(gap=1), us.Tunnel(conductance=1 / ratio)
    layers = [ends, barrier, us.NormalMetal(length=length), barrier, ends]
    result = us.solve(us.Stack(layers, temperature=0.01, inelastic=1e-9, tolerance=1e-4, output=GAP))
    energies = np.array([0.99, 1.01]) * expected / length**2
    below, above = result.dos(energies, position=[0.5 * length], tolerance=1e-3).dos.values[0]
    assert below < 0.02 and above > 0.3
