"""Re-entrant conductance of a normal wire on a superconductor (ns_reentrant_conductance.json)."""

import numpy as np
from limit_data import Limits, extremum

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import equilibrium
from usadel.states.problem import Problem

LIMITS = Limits("ns_reentrant_conductance")
LIMITS.later("trivial: no bias, no proximity", lambda v: v["eV_over_ETh"] == 0 if "eV_over_ETh" in v.params else False)
INFINITE = 1e7


def conductance(energy, gap):
    """G/G_N at T = 0 and eV = E, in a wire of E_Th = Δ0: there h4 = 1 in the reservoir, and G/G_N = -J4 L/2."""
    wire = us.NormalMetal(length=1.0, nonequilibrium=True)
    ends = us.NormalReservoir(voltage=1.5 * energy), us.SuperconductingReservoir(gap=gap)
    network = us.Stack([ends[0], wire, ends[1]], temperature=1e-3, inelastic=0).network()
    problem = Problem(equilibrium(network), make_grids(network, [61]))
    kinetics = Kinetics(network, problem, problem.initial_gap(), 1e-9)
    flux = kinetics._map(np.array([energy]), lambda pack, h, flux: flux)[:, 4, 0]
    assert np.ptp(flux) < 1e-10
    return -0.5 * float(flux[0])


@LIMITS.each(lambda v: v.params.get("Delta_over_ETh") == "infinite")
def test_conductance(value):
    value.assert_equal(conductance(value["eV_over_ETh"], INFINITE), 1e-6)


@LIMITS.each(lambda v: "maximum" in v.q)
def test_maximum(value):
    gap = INFINITE if value["Delta_over_ETh"] == "inf" else float(value["Delta_over_ETh"])
    place, _ = extremum(lambda energy: conductance(energy, gap), value.value + 0.03, 0.05)
    value.assert_equal(place, 1e-5)
    assert not LIMITS.rest
