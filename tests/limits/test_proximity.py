"""Densities of states of normal and ferromagnetic wires on rigid superconductors, and their minigaps."""

import numpy as np
from limit_data import Limits, extrapolate, solve
from scipy.optimize import brentq

import usadel as us

WIRE = Limits("normal_wire_on_superconductor")
TUNNEL = Limits("tunnel_interface")
FERROMAGNET = Limits("ferromagnet_on_superconductor")
SNS = Limits("sns")
TRANSISTOR = Limits("sns_transistor")

RIGID = us.SuperconductingReservoir(gap=1)
DOS_TOLERANCE = 1e-9


def spectrum(elements, inelastic, energies, position):
    """DOS with its spin-z part at one position; no gap is solved for, so the device's tolerance is idle."""
    result = solve(elements, temperature=0.1, inelastic=inelastic, tolerance=1e-6)
    found = result.dos(energies, position=[position], tolerance=DOS_TOLERANCE)
    return found.dos.values[0], found.dos_spin.sel(component="z").values[0]


@WIRE.each(lambda v: "DOS" in v.q)
def test_normal_wire(value):
    position = 0.0 if "S contact" in value.q else value["L"]
    found, _ = spectrum([RIGID, us.NormalMetal(length=value["L"])], value["Gamma"], [value["E"]], position)
    value.assert_equal(found[0], DOS_TOLERANCE)


@TUNNEL.each(lambda v: True)
def test_tunnel_interface(value):
    elements = [RIGID, us.Tunnel(conductance=value["GT_over_GN"]), us.NormalMetal(length=value["L"])]
    found, _ = spectrum(elements, value["Gamma"], [value["E"]], value["L"])
    value.assert_equal(found[0], DOS_TOLERANCE)


@FERROMAGNET.each(lambda v: v.q.startswith("DOS/N0"))
def test_ferromagnet(value):
    """A spin that sees E + h has its energy raised: it is the one along h, N(E) + N_z(E) (S76: ε τ3 + h·σ)."""
    elements = [RIGID, us.Ferromagnet(length=value["L_F"], exchange_field=[0, 0, value["h"]])]
    average, spin = spectrum(elements, value["Gamma"], [value["E"]], value["L_F"])
    value.assert_equal([average[0], average[0] + spin[0], average[0] - spin[0]], DOS_TOLERANCE)


def onset(elements, position, start, stop, inelastic):
    """Energy between `start` and `stop` at which the DOS opens as a square root.

    At Γ → 0 N² is analytic above the onset and has a simple zero there; Γ moves the zero by less than Γ.
    """
    result = solve(elements, temperature=0.1, inelastic=inelastic, tolerance=1e-6)

    def density(energies, tolerance):
        return result.dos(energies, position=[position], tolerance=tolerance).dos.values[0]

    while stop - start > 1e-3 * min(stop, 1 - start):
        energies = np.linspace(start, stop, 9)
        first = int(np.argmax(density(energies, 1e-2) > 0.1))
        assert first > 0, "no onset in this interval"
        start, stop = energies[first - 1], energies[first]
    width = 0.15 * min(stop, 1 - stop)
    nodes = 0.5 - 0.5 * np.cos(np.pi * (np.arange(15) + 0.5) / 15)
    energies = stop + width * (0.02 + nodes)
    squares = density(energies, DOS_TOLERANCE) ** 2
    return brentq(lambda e: extrapolate(energies, squares, e), stop - 0.1 * width, stop + 0.02 * width, xtol=1e-15)


@WIRE.each(lambda v: v.q.startswith("minigap"))
def test_minigap_of_a_wire(value):
    length = value["L"]
    found = onset([RIGID, us.NormalMetal(length=length)], length, 0.02, 0.99, 1e-10)
    value.assert_equal(found)


@SNS.each(lambda v: v.q.startswith("SNS minigap"))
def test_minigap_of_a_junction(value):
    length = value["L"]
    guess = value.value
    found = onset([RIGID, us.NormalMetal(length=length), RIGID], length / 2, 0.3 * guess, min(0.999, 2 * guess), 1e-10)
    value.assert_equal(found)


@SNS.each(lambda v: v.q.startswith("minigap at phi=0, long"))
def test_minigap_of_a_long_junction(value):
    """E_g/E_Th is a smooth function of E_Th/Δ: extrapolated from lengths of 15 to 40 ξ."""
    lengths = np.array([15.0, 18.0, 22.0, 28.0, 40.0])
    found = [onset([RIGID, us.NormalMetal(length=x), RIGID], x / 2, 1 / x**2, 6 / x**2, 1e-12) * x**2 for x in lengths]
    value.assert_equal(extrapolate(1 / lengths**2, found), asked=1e-7)


@TRANSISTOR.each(lambda v: v.q.startswith("spectral minigap"))
def test_minigap_with_a_phase_difference(value):
    length = value["Delta_over_ETh"] ** 0.5
    ends = [us.SuperconductingReservoir(gap=1, phase=s * np.pi / 4) for s in (1, -1)]
    elements = [ends[0], us.NormalMetal(length=length), ends[1]]
    found = onset(elements, length / 2, 1 / length**2, 6 / length**2, 1e-10) * length**2
    value.assert_equal(found)


def test_every_value_is_compared():
    assert [v.label() for limits in (WIRE, TUNNEL) for v in limits.rest] == []
