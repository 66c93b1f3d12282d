"""The state about which a device is driven: what was solved, with distributions unknown wherever a change is felt."""

from __future__ import annotations

from dataclasses import dataclass
from math import isclose

import numpy as np

from usadel.accuracy.refine import Solved
from usadel.description.device.resolved import Network
from usadel.discretization.choice import first_nodes, make_grids
from usadel.gap.state import AnySolution, GapSolution, has_unknown_gap
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import energy_edges, equilibrium, reference_temperature
from usadel.kinetics.refine import KineticSolved, solve_nonequilibrium
from usadel.solvers.budget import Budget
from usadel.states.problem import Array, Problem

SAME = 1e-12  # Tc: temperatures that are one, but for rounding


@dataclass(frozen=True)
class OperatingPoint:
    """What responses are derivatives of.

    Attributes
    ----------
    kinetics : at the gap of the solution.
    solution : states on a contour; None: nothing is known, or asked, of changes of states.
    reference : the equilibrium that it was found from, where its gap is an unknown; else None.
    panels : (n, 2), of energies, to start from.
    """

    kinetics: Kinetics
    solution: AnySolution | None
    reference: GapSolution | None
    panels: Array


def operating_point(network: Network, solved: Solved, tolerance: float) -> OperatingPoint:
    """That of a solved device; `network` : with distributions unknown wherever a change is felt."""
    if not isinstance(solved, KineticSolved):
        if not _is_reference(network):
            solved = solve_nonequilibrium(network, tolerance, solved)
        if not isinstance(solved, KineticSolved):
            return _at_rest(network, solved, tolerance)
    elif solved.kinetics.network.layers != network.layers:
        solved = solve_nonequilibrium(network, tolerance, solved)
        assert isinstance(solved, KineticSolved)
    return driven_point(solved.kinetics, solved)


def driven_point(kinetics: Kinetics, solved: KineticSolved | None) -> OperatingPoint:
    """That of solved distributions, with or without a whole solution."""
    panels = kinetics.integral.panels
    if solved is None:
        return OperatingPoint(kinetics, None, None, panels)
    solution, reference = solved.solution, solved.reference.solution
    if has_unknown_gap(solution) and has_unknown_gap(reference) and np.any(kinetics.gap):
        return OperatingPoint(kinetics, solution, reference, panels)
    return OperatingPoint(kinetics, solution, None, panels)


def _is_reference(network: Network) -> bool:
    """Whether the equilibrium of the unknown distributions is that of the device as it was solved."""
    temperature = reference_temperature(network)
    return all(isclose(k.temperature, temperature, abs_tol=SAME) for k in network.layers if k.nonequilibrium)


def _at_rest(network: Network, solved: Solved, tolerance: float) -> OperatingPoint:
    """That of an equilibrium: the kinetic equation knows no deviation from it."""
    solution, budget, quiet = solved.solution, Budget(tolerance), equilibrium(network)
    if has_unknown_gap(solution) and np.any(solution.gap):
        problem = solution.problem.with_distributions(quiet)
        kinetics = Kinetics(network, problem, solution.gap, budget.integrals)
        return OperatingPoint(kinetics, solution, solution, _panels(kinetics))
    problem = Problem(quiet, make_grids(network, first_nodes(network, budget.tolerance)))
    gap = problem.initial_gap()
    if has_unknown_gap(solution):  # it vanishes
        gap = np.zeros_like(gap)
    kinetics = Kinetics(network, problem, gap, budget.integrals)
    return OperatingPoint(kinetics, solution, None, _panels(kinetics))


def _panels(kinetics: Kinetics) -> Array:
    edges = energy_edges(kinetics.network, kinetics.gap, kinetics.tolerance)
    return np.stack([edges[:-1], edges[1:]], axis=1)
