"""Layers much thinner than ξ, where states hardly vary: of differences no digit may be lost, and nothing takes long."""

from functools import cache

import numpy as np
import pytest

import usadel as us
from usadel.solvers.status import Status
from usadel.states import newton
from usadel.states.problem import Problem

BROADENING = 1e-3


def bilayer(length, **changes):
    """A superconductor and a normal metal of a quarter of its length."""
    layers = [us.Superconductor(name="S", length=length), us.NormalMetal(length=length / 4)]
    return us.Stack(layers, temperature=0.02, inelastic=BROADENING, **changes)


@cache
def thin(tolerance):
    return us.solve(bilayer(0.01, tolerance=tolerance))


def mean_gap(result):
    """∫Δ dx over both layers, over their length."""
    x, gap = result.data.position.values, result.data.gap.values
    return np.trapezoid(gap, x) / x[-1]


def test_the_density_of_states_is_that_of_a_superconductor_with_the_mean_gap():
    """Cooper's limit: at E ≪ D/L² the whole bilayer is one BCS superconductor with Γ and the mean pair potential."""
    result = thin(1e-5)
    assert result.converged
    energies = np.array([0.0, 0.02, 0.06, 0.2, 1.0])
    gap, broadened = mean_gap(result), energies + 1j * BROADENING
    expected = (broadened / np.sqrt(broadened**2 - gap**2)).real
    found = result.dos(energies).dos.values
    assert np.max(np.abs(found - expected)) < 2e-3 * np.max(expected)
    assert np.max(np.abs(np.ptp(found, axis=0))) < 2e-3 * np.max(expected)


def test_finer_grids_leave_the_gap_where_it_is():
    """Rounding moved it by 1e-5 at 1e-5, more with every node."""
    loose, tight = (float(thin(tolerance).data.gap.max()) for tolerance in (1e-5, 1e-7))
    assert abs(loose - tight) < 1e-5
    assert thin(1e-7).converged


def newton_changes(length):
    """The last change of Newton's steps on states at real energies, from the converged state on."""
    device = bilayer(length).replace({"S.gap": 0.05, "S.self_consistent": False})
    start = us.solve(device).state
    problem, gap, sites = start.problem, start.gap, start.problem.sites(start.gap)
    (pack,) = problem.packs(np.array([0.05, 0.3]) + 0j, gap)
    pack = newton.solve_pack(problem, pack, sites, gap, 1e-6).pack
    for _ in range(6):
        step = problem.by_site(problem.linear_step(pack, sites, [problem.residual(pack, sites)])[0][:, :, 0])
        pack = pack.stepped(step)
    return float(np.max(np.abs(step)))


@pytest.mark.parametrize("length", [0.1, 0.01, 1e-3])
def test_steps_get_as_small_as_rounding_whatever_the_length(length):
    """Second differences of rounded states would leave changes of 1e-16/h²L²: 1e-7 at a length of 0.01."""
    assert newton_changes(length) < 1e-11


def test_states_of_thin_layers_are_found_in_few_steps(monkeypatch):
    """A work count: without the digits the map of the density of states took a hundred times as many evaluations."""
    calls = []
    evaluate = Problem.residual
    monkeypatch.setattr(Problem, "residual", lambda *arguments: calls.append(1) or evaluate(*arguments))
    result = us.solve(bilayer(0.01, tolerance=1e-4))
    solved = len(calls)
    assert result.data.attrs["status"] == Status.CONVERGED.name.lower()
    assert len(calls) - solved < 1500
    assert solved < 600
