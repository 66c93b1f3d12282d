"""A solved device, linearized for the numbers that its derivatives are asked by.

Its energies are those that all neighbours have in common: what two spins share at the spin voltage 0 is told apart, and
its states have no symmetry that a neighbour breaks. Where neither matters they are the states that were solved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.energies.contour import Contour, coldest_of
from usadel.errors import InputError
from usadel.gap.linearization import SpectralLinearization
from usadel.gap.modes import modes
from usadel.gap.newton_schur import solve_gap
from usadel.gap.state import AnySolution, GapSolution, GapState, Solution
from usadel.sensitivities.neighbours import Neighbours
from usadel.solvers.budget import Budget
from usadel.states.newton import solve_states
from usadel.states.problem import Problem, joined
from usadel.states.transfer import carry_states, neighbour, pack_at


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    polished: float = 1e-2  # of the tolerance, to which the state is solved once more: its Jacobian is needed anyway


OPTIONS = Options()


@dataclass(frozen=True)
class Base:
    """A solution with its linearization, and neighbours along one number at its unknowns.

    Attributes
    ----------
    beside : states of the neighbours: energies, boundaries and given gaps are theirs.
    """

    solution: AnySolution
    beside: list[GapState]


class Bases:
    """A solution, linearized once for all numbers that leave its energies and its symmetry as they are.

    with_gap : whether its unknown gap follows from its states alone; else that has other equations, and is given here.
    """

    def __init__(self, solution: AnySolution, tolerance: float, with_gap: bool = True):
        self._solution, self._tolerance, self._with_gap = solution, tolerance, with_gap
        self._known: dict[Any, AnySolution] = {}

    def of(self, family: Neighbours, parts: int) -> Base:
        """That for the neighbours along a number; parts : of the unknown gap, 1 where it stays real."""
        state = self._in_common(family)
        key = state.problem.symmetry, state.contour.energies.tobytes(), parts
        if key not in self._known:
            self._known[key] = self._solved(state, parts)
        solution = self._known[key]
        return Base(solution, [_beside(solution.state, problem) for problem in problems_of(solution.problem, family)])

    def _solved(self, state: GapState, parts: int) -> AnySolution:
        """The state with its linearization, a little more accurate than it was: its Jacobian is needed anyway."""
        accuracy, layers = OPTIONS.polished * self._tolerance, state.problem.self_consistent_layers()
        if layers and self._with_gap:
            return self._determined(solve_gap(state, GapBasis(state.problem.layout, layers, parts), accuracy))
        found = solve_states(state.problem, state.packs, state.gap, accuracy)
        linearization = SpectralLinearization(state.problem, found.packs, found.factors)
        outcome = replace(self._solution.outcome, status=found.status)
        return Solution(replace(state, packs=found.packs), linearization, outcome)

    def _determined(self, solution: GapSolution) -> GapSolution:
        """The same, unless it is at a fold or where a gap opens: there it follows no number."""
        linear, network = solution.linearization, solution.problem.network
        if np.all(np.isfinite(linear.matrix)):
            found = modes(network, linear.basis, linear.matrix, solution.gap)
            if abs(found.values[found.softest()]) < self._tolerance:
                raise InputError(
                    "sensitivity: the solution is at a fold or where a gap opens, and follows no number there"
                )
        return solution

    def _in_common(self, family: Neighbours) -> GapState:
        """The state at the energies and in the symmetry that it has in common with neighbours."""
        state, rule = self._solution.state, Budget(self._tolerance).rule
        network = state.problem.network
        coldest = min(coldest_of(each) for each in (network, *family.networks))
        contour = Contour(network, rule, state.contour, coldest)
        for each in family.networks:
            there = Contour(each, rule, contour)
            if there.structure() != contour.structure():
                contour = Contour(network, rule, there)
        if any(Contour(each, rule, contour).structure() != contour.structure() for each in family.networks):
            raise InputError("no derivative by it, for the energies of its sums jump with it", key=family.path)
        problem = in_common_symmetry(state.problem, family)
        same = np.array_equal(contour.energies, state.contour.energies)
        states = carry_states(state.problem, problem, joined(state.packs)) if same else None
        packs = problem.packs(contour.energies, state.gap, states=states)
        return GapState(problem, contour, packs, state.gap, state.parts)


def in_common_symmetry(problem: Problem, family: Neighbours) -> Problem:
    """A device in the symmetry that it has in common with all neighbours."""
    common = problem.symmetry
    for each in problems_of(problem, family):
        common = common.common(each.symmetry)
    return problem if common == problem.symmetry else replace(problem, lowered=common)


def problems_of(problem: Problem, family: Neighbours) -> list[Problem]:
    """Neighbours on the same grids, scaled with the lengths of layers, in the same symmetry if that was lowered."""
    found = [neighbour(problem, network) for network in family.networks]
    if problem.lowered is None:
        return found
    return [one if one.symmetry == problem.lowered else replace(one, lowered=problem.lowered) for one in found]


def _beside(state: GapState, problem: Problem) -> GapState:
    """A neighbour at the unknowns of a state."""
    contour = Contour(problem.network, 1.0, state.contour)
    gap = gap_beside(state.problem, problem, state.gap)
    packs = [pack_at(pack, state.problem, problem, contour.energies) for pack in state.packs]
    return GapState(problem, contour, packs, gap, state.parts)


def gap_beside(problem: Problem, beside: Problem, gap: Complex) -> Complex:
    """The gap (sites) of a neighbour where a device has another one: its own where that is given."""
    free = np.isin(problem.layout.layer, problem.self_consistent_layers())
    return np.where(free, gap, beside.initial_gap())
