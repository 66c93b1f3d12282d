"""The S/N/S transistor: a wire between normal electrodes at ±V controls a supercurrent across it.

J. J. A. Baselmans, A. F. Morpurgo, B. J. van Wees, T. M. Klapwijk, Nature 397, 43; sns_transistor.json has imposed
distributions. Here the distribution is that of a cross of four solved wires.
"""

import numpy as np
import pytest
from limit_data import Limits, extrapolate
from single_energies import SingleEnergies

import usadel as us
from usadel.energies.rules import TC

GAP_OVER_THOULESS = 100.0
LENGTH = GAP_OVER_THOULESS**0.5
THOULESS = 1 / GAP_OVER_THOULESS
PHASE = np.pi / 2


def cross(voltage, temperature, area):
    """Four wires at a junction: to superconductors at phases ±φ/2, and to normal electrodes at ±V (E_Th)."""

    def arm():
        return us.NormalMetal(length=0.5 * LENGTH, **wires)

    def control():
        return us.NormalMetal(length=0.5 * LENGTH, area=area, **wires)

    wires = {"nonequilibrium": True}
    s = [us.SuperconductingReservoir(gap=1, phase=sign * 0.5 * PHASE) for sign in (1, -1)]
    n = [us.NormalReservoir(voltage=sign * voltage * THOULESS) for sign in (1, -1)]
    return us.Device(
        [
            us.Wire([arm()], start="left", end="middle"),
            us.Wire([arm()], start="middle", end="right"),
            us.Wire([control()], start="top", end="middle"),
            us.Wire([control()], start="middle", end="bottom"),
        ],
        {"left": s[0], "right": s[1], "top": n[0], "bottom": n[1], "middle": us.Junction()},
        temperature=temperature * THOULESS, inelastic=0.0,
    )  # fmt: skip


SPECTRAL = Limits("sns_transistor").pick(lambda v: v.q.startswith("spectral supercurrent"))


def test_distribution_and_spectral_supercurrent():
    """By symmetry h0 is the mean of both electrodes' in the whole cross: below Δ no energy enters superconductors.

    Biased above an energy, h0 vanishes there and the current lacks what the spectral supercurrent gave; with electrodes
    of small cross section that of the wire alone. It changes sign, and so does the current as the step passes.
    The grid has to be fine at the superconductors: only a thin layer beside them holds energy back.
    """
    energies = THOULESS * np.array([v["E_over_ETh"] for v in SPECTRAL])
    cold, voltage, areas = 0.05, 25.0, np.array([0.02, 0.04, 0.08])
    missing = []
    for area in areas:
        found = SingleEnergies(cross(voltage, cold, area), energies, 97, strength=4.5)
        arms = slice(0, found.sites(1).stop)
        middle = found.sites(0).stop - 1
        change = found.h[middle, 0]
        assert np.abs(change + np.tanh(energies / (2 * cold * THOULESS * TC))).max() < 0.05
        assert np.abs(found.h[arms, 1:]).max() < 1e-3
        flux = found.flux[arms, 4]
        assert np.ptp(flux, axis=0).max() < 1e-7
        missing.append(-0.5 * LENGTH * flux[0] / change)
    limit = [extrapolate(areas, column) for column in np.transpose(missing)]
    assert limit == pytest.approx([v.value for v in SPECTRAL], abs=1e-3)
