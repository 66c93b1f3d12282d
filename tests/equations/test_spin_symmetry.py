"""Devices whose states need fewer numbers: residual and linear step are those of the general kernels."""

import numpy as np
import pytest
from cases import DIMENSIONS, OTHER, THIRD
from devices import assert_same, smooth_states

from usadel import description as us
from usadel.algebra.spin_symmetry import GENERAL, SpinSymmetry
from usadel.discretization.choice import make_grids
from usadel.discretization.gap_basis import GapBasis
from usadel.states.problem import Problem

AXIS = np.array([2, -1, 2]) / 3
LEFT_S, RIGHT_S = us.Superconductor(**DIMENSIONS), us.Superconductor(**THIRD)


def magnet(**keys):
    return us.Ferromagnet(exchange_field=[f"{h:.16g}*cos(pi*z)" for h in 0.7 * AXIS], **OTHER, **keys)


def spin_active(**keys):
    law = {"conductance": 0.9, "polarization": 0.4, "spin_mixing": 0.7, "magnetization": AXIS.tolist()}
    return us.SpinActive(**law, **keys)


def hub(*arms):
    return us.Device([us.Wire(elements, end="o") for elements in arms], {"o": us.Junction()})


PHASE = us.SuperconductingReservoir(gap=0.9, phase=0.5)
SCATTERING = {"spin_flip": 0.3, "spin_orbit": 0.2}
LAWS = [us.Tunnel(conductance=0.8, relative_to="left")]
SPINLESS = {
    "superconductor": us.Stack([LEFT_S]),
    "scattering": us.Stack([LEFT_S, us.NormalMetal(**OTHER, **SCATTERING, depairing=0.1), PHASE]),
    "tunnel": us.Stack([LEFT_S, *LAWS, us.NormalMetal(**OTHER), us.Tunnel(conductance=0.8), PHASE]),
    "superflow": us.Stack([us.Superconductor(**DIMENSIONS, phase_gradient=0.4), *LAWS, RIGHT_S]),
    "hub": hub([LEFT_S], [RIGHT_S], [us.NormalMetal(**OTHER), us.Tunnel(conductance=0.9)]),
}
COLLINEAR = {
    "magnet": us.Stack([LEFT_S, magnet(), PHASE]),
    "insulators": us.Stack(
        [
            us.FerromagneticInsulator(spin_mixing=0.6, magnetization=AXIS.tolist()),
            LEFT_S,
            us.FerromagneticInsulator(spin_mixing=0.4, magnetization=(-AXIS).tolist(), second_order=0.5),
        ]
    ),
    "spin-active": us.Stack([LEFT_S, spin_active(relative_to="left"), magnet(), spin_active(second_order=0.5), PHASE]),
    "second order between layers": us.Stack([LEFT_S, spin_active(relative_to="left", second_order=0.6), magnet()]),
    "half-metal": us.Stack(
        [
            LEFT_S,
            spin_active(relative_to="left"),
            us.HalfMetal(polarization=0.9, magnetization=AXIS.tolist(), **OTHER),
            spin_active(relative_to="right"),
            RIGHT_S,
        ]
    ),
    "gauge field": us.Stack([LEFT_S, us.NormalMetal(**OTHER, gauge_z=(0.5 * AXIS).tolist()), magnet()]),
    "hub with laws": hub([LEFT_S], [magnet(), spin_active(second_order=0.6)], [RIGHT_S, spin_active()]),
}
COUPLED = {
    "scattering": us.Stack([LEFT_S, magnet(**SCATTERING), PHASE]),
    "scattering and gauge field": us.Stack(
        [LEFT_S, magnet(**SCATTERING, gauge_z=(0.5 * AXIS).tolist(), depairing=0.1)]
    ),
    "rashba": us.Stack([LEFT_S, us.NormalMetal(**OTHER, rashba=0.5)]),
    "hub": hub([LEFT_S, magnet(**SCATTERING)], [RIGHT_S, spin_active(second_order=0.6)], [us.NormalMetal(**OTHER)]),
}
BROKEN = {
    "two axes": us.Stack([us.FerromagneticInsulator(spin_mixing=0.6, magnetization=[1, 0, 0]), LEFT_S, magnet()]),
    "texture": us.Stack([us.Ferromagnet(exchange_field=["cos(z)", "sin(z)", 0], **OTHER)]),
    "gauge field across a magnet": us.Stack([magnet(), us.NormalMetal(**OTHER, nanowire=0.3)]),
    "rashba beside a magnet": us.Stack([magnet(), us.NormalMetal(**OTHER, rashba=0.3)]),
    "half-metal of another axis": us.Stack(
        [magnet(), spin_active(relative_to="left"), us.HalfMetal(polarization=0.9, magnetization=[0, 0, 1], **OTHER)]
    ),
}


def problem_of(device):
    network = device.network()
    return Problem(network, make_grids(network, [11] * len(network.layers)))


@pytest.mark.parametrize("device", SPINLESS.values(), ids=SPINLESS)
def test_spinless(device):
    problem = problem_of(device)
    assert problem.symmetry == SpinSymmetry(1)
    same_as_general(problem)


@pytest.mark.parametrize("device", COLLINEAR.values(), ids=COLLINEAR)
def test_collinear(device):
    problem = problem_of(device)
    assert problem.symmetry.entries == 2 and problem.symmetry.decoupled
    np.testing.assert_allclose(problem.symmetry.axis, AXIS, rtol=0, atol=1e-14)
    same_as_general(problem)


@pytest.mark.parametrize("device", COUPLED.values(), ids=COUPLED)
def test_coupled_spins(device):
    problem = problem_of(device)
    assert problem.symmetry.entries == 2 and not problem.symmetry.decoupled
    same_as_general(problem)


@pytest.mark.parametrize("device", BROKEN.values(), ids=BROKEN)
def test_general(device):
    assert problem_of(device).symmetry == GENERAL


def same_as_general(problem):
    """Residual, steps and their factors' further steps at a random state of the symmetry, at random gaps."""
    general = Problem(problem.network, problem.grids, GENERAL)
    rng = np.random.default_rng(3)
    energy = np.array([0.3 + 0.2j, -0.7 + 0.5j, 1.4 + 0.1j, 2j, 0.1 + 1j, 5j, 0.1 + 0.1j, 7j])
    gap = np.where([problem.network.layers[k].pairing is not None for k in problem.layout.layer], 0.7 + 0.2j, 0.0)
    (pack,) = problem.packs(energy, gap)
    state = smooth_states(rng, problem.positions, energy.size)[:, : 2 * problem.symmetry.entries]
    state = pack.at(np.ascontiguousarray(state)).state
    problem.join_copies(state)
    (full,) = general.packs(energy, gap, states=problem.full(state))
    pack = pack.at(state)
    sites, full_sites = problem.sites(gap), general.sites(gap)
    found, expected = problem.residual(pack, sites), general.residual(full, full_sites)
    assert_same(problem.full(found), expected, 1e-13, at_least=0.05)
    columns = GapBasis(problem.layout, problem.self_consistent_layers(), 2).groups(1000)[0]
    x, growth, factors = problem.linear_step(pack, sites, [found], columns)
    y, _, _ = general.linear_step(full, full_sites, [expected], columns)
    assert np.all(growth < 1e6)
    assert_same(by_columns(problem, x), by_columns(general, y), 1e-9, at_least=0.05)
    again = factors.solve(problem.right_sides(pack, sites, [found], columns))
    assert_same(again, x, 1e-9, at_least=0.05)


def by_columns(problem, x):
    """Full states (columns, rows, 8, L) of steps (rows, 2E, columns, L)."""
    return problem.full(np.moveaxis(x, 2, 0))
