"""Derivatives by the gap of states and distributions at real energies, against differences of two solutions."""

import numpy as np
import pytest

import usadel as us
from usadel.discretization.choice import make_grids
from usadel.discretization.gap_basis import GapBasis
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.linearized import LinearizedPack, gap_change, measured_at, unpacked
from usadel.kinetics.reference import equilibrium
from usadel.observables import columns
from usadel.states.problem import Problem

ENERGIES = np.array([0.11, 0.4, 0.75, 0.93, 1.02, 1.3, 2.2])
SETTINGS = {"temperature": 0.3, "inelastic": 0.03, "tolerance": 1e-4}
END = us.NormalReservoir(voltage=0.4, spin_voltage=0.2, temperature=0.35)
S = us.Superconductor(length=1.5, nonequilibrium=True)


def transparent():
    """Beside a transparent superconductor a cell has pieces; spin flips make self-energies that follow ĝ."""
    layer = us.Superconductor(length=1.5, spin_flip=0.1, exchange_field=[0.1, 0, 0.2], nonequilibrium=True)
    return us.Stack([END, us.Tunnel(conductance=1.0), layer, us.SuperconductingReservoir()], **SETTINGS)


def spin_active():
    """Laws of second order with mixing, between two layers and at a reservoir; gauge fields that turn spins."""
    keys = {"conductance": 0.8, "polarization": 0.4, "spin_mixing": 0.5, "second_order": 0.3}
    law = us.SpinActive(magnetization=[0, 0.6, 0.8], **keys)
    between = us.SpinActive(magnetization=[0, 0.6, 0.8], relative_to="left", **keys)
    normal = us.NormalMetal(length=0.7, rashba=0.8, nonequilibrium=True)
    return us.Stack([END, law, normal, between, S, us.Tunnel(conductance=0.5), us.NormalReservoir()], **SETTINGS)


def network():
    """A junction of three wires, and one that a contact leads to."""
    wires = [
        us.Wire([us.Ferromagnet(length=0.5, exchange_field=[0, 0, 2], nonequilibrium=True)], start="a", end="j"),
        us.Wire([S], start="j", end="b"),
        us.Wire([us.Tunnel(conductance=0.7), us.NormalMetal(length=1.0, nonequilibrium=True)], start="j", end="c"),
    ]
    nodes = {"a": END, "j": us.Junction(), "b": us.SuperconductingReservoir(), "c": us.NormalReservoir()}
    return us.Device(wires, nodes, **SETTINGS)


@pytest.mark.parametrize("device", [transparent, spin_active, network])
def test_derivatives_by_the_gap(device):
    resolved = device().network()
    problem = Problem(equilibrium(resolved), make_grids(resolved, [15] * len(resolved.layers)))
    kinetics = Kinetics(resolved, problem, problem.initial_gap(), 1e-8)
    basis = GapBasis(problem.layout, problem.self_consistent_layers(), 2)
    change = np.where(basis.first_column >= 0, np.cos(1.3 * problem.x) + 0.5j * np.sin(problem.x + 0.4), 0)
    ends = [t.end for t in resolved.terminations if t.reservoir is not None]
    at = measured_at(kinetics, basis, ends)
    pack = LinearizedPack(kinetics, at, kinetics.few_states(ENERGIES).pack)
    found = pack.by_gap(gap_change(kinetics, change))
    step = 1e-4
    ahead, behind = (kinetics.at(kinetics.gap + s * change, 1e-9).added_densities(ENERGIES) for s in (step, -step))
    expected = (ahead - behind) / (2 * step)
    scale = np.array([k.conductivity * k.area for k in problem.network.layers])[problem.layout.layer]
    for k in range(ENERGIES.size):
        pairs, measured = unpacked(kinetics, at, found[:, k])
        current = measured.reshape(len(ends), -1)
        exact = np.where(basis.first_column >= 0, columns.singlet(expected[..., k]), 0)
        assert np.max(np.abs(exact)) > 1e-5
        assert np.max(np.abs(pairs - exact)) < 1e-5 * np.max(np.abs(exact))
        exact = scale[at.ends, None] * expected[at.ends][:, columns.CURRENT, k]
        assert np.max(np.abs(current - exact)) < 1e-5 * np.max(np.abs(exact))
