"""Distributions at chosen energies, without the integrals of a solve."""

import numpy as np
import pytest
from single_energies import SingleEnergies

import usadel as us
from usadel.energies.rules import TC
from usadel.equations.kinetic.distributions import reference

SOLVED = {"nonequilibrium": True}
ENERGIES = np.array([-0.7, 0.2, 0.7, 1.1])


def test_normal_wire():
    """Between two reservoirs the distribution is their mean, weighted by the distance."""
    voltage, width, x = 0.4, 2 * 0.2 * TC, np.array([0.3, 1.5])
    ends = us.NormalReservoir(voltage=voltage), us.NormalReservoir()
    device = us.Stack([ends[0], us.NormalMetal(length=2, **SOLVED), ends[1]], temperature=0.2)
    h = us.distributions(device).distribution(ENERGIES, x).distribution
    electrons, holes = (np.tanh((ENERGIES + sign * voltage) / width) for sign in (1, -1))
    share = (1 - x / 2)[:, None]
    expected = share * 0.5 * (electrons + holes) + (1 - share) * np.tanh(ENERGIES / width)
    assert h.sel(mode="energy").values == pytest.approx(expected, abs=3e-7)
    assert h.sel(mode="charge").values == pytest.approx(share * 0.5 * (electrons - holes), abs=3e-7)


def magnetic(tolerance, **settings):
    """A winding field at a superconducting reservoir."""
    field = ["6*cos(3*z)", "6*sin(3*z)", 1]
    wire = us.Ferromagnet(length=1.5, exchange_field=field, **SOLVED)
    start = [us.NormalReservoir(voltage=0.5, spin_voltage=0.3, temperature=0.4), us.Tunnel(conductance=1.0)]
    return us.Stack([*start, wire, us.SuperconductingReservoir()], temperature=0.2, tolerance=tolerance, **settings)


def test_grids_are_refined_to_the_tolerance():
    fine = SingleEnergies(magnetic(1e-3), np.abs(ENERGIES[1:]), 401)
    exact = fine.h[[0, -1]] + reference(0.2, np.abs(ENERGIES[1:]))
    solved = us.distributions(magnetic(1e-7))
    first = solved.equation.problem.layout.sites
    found = solved.distribution(ENERGIES[1:], [0.0, 1.5])
    assert found.attrs["estimated_error"] <= 1e-7
    assert solved.equation.problem.layout.sites > first
    difference = np.abs(found.distribution.values.transpose(1, 0, 2) - exact)
    assert difference.max() < 3e-7  # the other one is good to 1e-7, too
    assert np.abs(exact[:, 1:]).max(axis=(0, 2)).min() > 1e-4


def test_the_same_as_those_of_a_solve():
    device = magnetic(1e-4, output=us.Output(quantities=("gap",)))
    one, other = us.distributions(device), us.solve(device)
    places = [0.4, 1.1]
    h, expected = (r.distribution(ENERGIES, places).distribution.values for r in (one, other))
    assert np.abs(h - expected).max() < 3e-4  # a solve is as accurate in its currents
    probes = [r.probe(places, 0.5, [0, 0, 1]).potential.values for r in (one, other)]
    assert np.abs(probes[0] - probes[1]).max() < 2e-4
    rates = [r.conductance("normal_reservoir 0").charge.values for r in (one, other)]
    assert np.abs(rates[0] - rates[1]).max() < 2e-4
    assert abs(rates[0][0]) > 0.05


def test_what_is_refused():
    ends = us.NormalReservoir(), us.SuperconductingReservoir()
    for layer, word in (
        (us.Superconductor(length=1, **SOLVED), "self_consistent"),
        (us.NormalMetal(length=1), "nonequilibrium"),
        (us.Ferromagnet(length=1, exchange_field=[0, 0, 1], zeeman=-0.1, **SOLVED), "zeeman"),
    ):
        with pytest.raises(us.InputError, match=word):
            us.distributions(us.Stack([ends[0], layer, ends[1]]))
