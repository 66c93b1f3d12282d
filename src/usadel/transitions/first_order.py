"""Order of the transition at which a gap opens, and the transition itself where it is of first order.

At Δ = a·mode, where λ = 0, the projection of the gap equation on the mode is c a³: with c > 0 the gap opens like a
square root on the side where the normal state is unstable (second order); with c < 0 it opens backwards, and a finite
gap survives up to a fold on the side where the normal state is stable (first order).

The free energy between the normal and a superconducting state follows from the gap equation alone, for its mismatch
is the derivative of the free energy by the gap (physics: stationary in ĝ and Δ). In units of N0Δ0² times ξA,

    F[Δ] - F[0] = ∫₀¹ dt ∫dx (N0A) Re Δ*(K tΔ - G[tΔ]).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from usadel.accuracy.refine import solve_refined
from usadel.description.device.resolved import Network
from usadel.discretization.choice import make_grids, odd
from usadel.discretization.contour import Contour
from usadel.discretization.energies import TC
from usadel.discretization.gap_basis import GapBasis
from usadel.gap.equation import GapEquation
from usadel.gap.free_energy import condensation_energy, in_equilibrium
from usadel.gap.modes import modes
from usadel.gap.newton_schur import full_gap_step, solve_gap
from usadel.gap.normal_state import NormalState
from usadel.gap.state import GapSolution, GapState, has_unknown_gap
from usadel.progress import tell
from usadel.solvers.budget import Budget
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Pack, Problem
from usadel.states.transfer import carry, neighbour


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    small: float = 0.015  # amplitude at which the cubic coefficient is taken, in πT + Γ
    states: float = 1e-9  # change at which the states for it are solved
    finite: float = 1e-3  # Δ0: a gap above is no rounding of zero
    approach: float = 0.9  # part of the distance to the expected fold that one step goes
    growth: float = 2.0  # of the steps
    close: float = 0.01  # of the first step: the fold is known once a state is so near
    far: float = 0.2  # softness above which a fold is not near
    most_steps: int = 60
    coarser: float = 0.7  # nodes and tolerance of the search that the error of the grids is measured with
    looser: float = 4.0  # see coarser
    search: float = 0.3  # of the tolerance of the parameter, for what a search leaves


OPTIONS = Options()


Networks = Callable[[float], Network]


@dataclass
class SuperconductingState:
    """A finite gap at one value of the parameter; `softness` is the lowest eigenvalue of K - ∂G/∂Δ, 0 at a fold."""

    place: float
    solution: GapSolution
    softness: float


@dataclass
class FirstOrder:
    """A transition of first order.

    Attributes
    ----------
    value : where the free energies of both states are equal; in devices out of equilibrium, which have none, the fold.
    fold : where the superconducting state ends.
    error : estimated error of value.
    """

    value: float
    fold: float
    error: float


def cubic_coefficient(state: NormalState) -> float:
    """c of λ a + c a³, the projection of K Δ - G[Δ] on the mode at Δ = a·mode."""
    problem, equation = state.problem, GapEquation(state.problem, state.contour, state.basis)
    widths = [np.pi * layer.temperature * TC + layer.inelastic for layer in problem.network.layers]
    amplitude = OPTIONS.small * min(widths)
    gap = amplitude * state.mode
    packs = solve_states(problem, problem.packs(state.contour.energies, gap), gap, OPTIONS.states).packs
    finite = state.projection(equation.coupling * gap - equation.value(packs)).real
    return (finite / amplitude - _linear_part(state, equation, packs)) / amplitude**2


def _linear_part(state: NormalState, equation: GapEquation, packs: list[Pack]) -> float:
    """λ of exactly the same grids and energies, without the corrections that `NormalState.value` holds."""
    problem, tiny = state.problem, 1e-9
    gap = tiny * state.mode
    empty = [pack.at(np.zeros_like(pack.state)) for pack in packs]
    packs = solve_states(problem, empty, gap, OPTIONS.states).packs
    return state.projection(equation.coupling * gap - equation.value(packs)).real / tiny


def superconducting_state(networks: Networks, place: float, tolerance: float) -> SuperconductingState | None:
    """The superconducting state at one value of the parameter, None if there is none (or none was found)."""
    refined = solve_refined(networks(place), tolerance, None)
    found = refined.solution
    if refined.status == Status.NOT_CONVERGED or not has_unknown_gap(found):
        return None
    return _finite(place, found)


def next_state(networks: Networks, place: float, start: SuperconductingState, tolerance: float):
    """The superconducting state next to another one, on its grids; None where Newton's method finds none."""
    old, network = start.solution, networks(place)
    return _found_from(
        start, place, neighbour(old.problem, network), Contour(network, Budget(tolerance).rule), tolerance
    )


def _coarser(networks: Networks, start: SuperconductingState, tolerance: float) -> SuperconductingState | None:
    """The same state on coarser grids and with a looser rule."""
    old, network = start.solution, networks(start.place)
    nodes = [odd(OPTIONS.coarser * grid.size) for grid in old.problem.grids]
    problem = Problem(network, make_grids(network, nodes))
    return _found_from(start, start.place, problem, Contour(network, Budget(tolerance).rule), tolerance)


def _found_from(
    start: SuperconductingState, place: float, problem: Problem, contour: Contour, tolerance: float
) -> SuperconductingState | None:
    """The state that Newton's method finds from another one."""
    old = start.solution
    basis = GapBasis(problem.layout, old.linearization.basis.layers, old.linearization.basis.parts)
    gap = carry(old.problem, problem, old.gap)
    packs = problem.packs(contour.energies, gap)
    for number, known in enumerate(old.packs[: len(packs)]):
        if packs[number].state.shape == known.state.shape:
            packs[number] = packs[number].at(known.state)
    state = GapState(problem, contour, packs, gap, basis.parts)
    return _finite(place, solve_gap(state, basis, Budget(tolerance).states))


def _finite(place: float, solution: GapSolution) -> SuperconductingState | None:
    if solution.status != Status.CONVERGED or np.max(np.abs(solution.gap)) < OPTIONS.finite:
        return None
    softness = _softness(solution)
    return SuperconductingState(place, solution, softness) if softness > 0 else None


def _softness(solution: GapSolution) -> float:
    """Lowest real part of the eigenvalues of K - ∂G/∂Δ, the turning of all phases left out."""
    state = solution.state
    linearization, _ = full_gap_step(GapEquation(state.problem, state.contour, solution.linearization.basis), state)
    found = modes(state.problem.network, linearization.basis, linearization.matrix, state.gap)
    return float(np.min(found.without_turn().real))


def first_order_transition(
    networks: Networks, start: SuperconductingState, away: float, tolerance: float, place_tolerance: float
) -> FirstOrder:
    """Follow a superconducting state to its end.

    Parameters
    ----------
    networks : device by value of the parameter.
    start : a state to start from.
    away : a first step of the parameter, with its sign, towards the normal state.
    tolerance, place_tolerance : of the solutions, and of the parameter.

    The error of grids and energies is measured by a second search, with coarser ones.
    """
    goal = OPTIONS.search * place_tolerance
    found = _located(networks, start, away, tolerance, goal)
    if not np.isfinite(found.error):
        return found
    coarse = _coarser(networks, start, OPTIONS.looser * tolerance)
    if coarse is None:
        return replace(found, error=np.inf)
    other = _located(networks, coarse, away, OPTIONS.looser * tolerance, goal)
    return replace(found, error=found.error + abs(found.value - other.value))


def _located(
    networks: Networks, start: SuperconductingState, away: float, tolerance: float, place_tolerance: float
) -> FirstOrder:
    """The end of a superconducting state on given grids; the error is that of the search."""
    states, fold, error = _approach_fold(networks, start, away, tolerance, place_tolerance)
    if not in_equilibrium(networks(start.place)):
        return FirstOrder(fold, fold, error)
    return _equal_energies(networks, states, fold, error, tolerance, place_tolerance)


def _approach_fold(
    networks: Networks, start: SuperconductingState, away: float, tolerance: float, place_tolerance: float
):
    """States on the way to the fold, its place, and the error of that.

    Next to a fold the square of the softness falls linearly: two states tell where it vanishes.
    """
    states, end, step, fold, error = [start], np.inf * away, away, np.nan, np.inf
    for number in range(OPTIONS.most_steps):
        tell("search of a fold", number, text=f"at {states[-1].place:.6g}")
        here = states[-1]
        found = next_state(networks, here.place + step, here, tolerance)
        if found is None:
            end = here.place + step
            step = 0.5 * step
        else:
            states.append(found)
            step = OPTIONS.growth * step
            expected = _expected_fold(states)
            error = abs(expected - fold) if np.isfinite(fold) else np.inf
            fold = expected
            if found.softness > OPTIONS.far:
                end = np.inf * away  # what failed there was the step
        here = states[-1]
        if error < place_tolerance and abs(fold - here.place) < OPTIONS.close * abs(away):
            return states, fold, error
        if np.isfinite(fold) and (end - fold) * away > 0:
            step = np.sign(away) * min(abs(step), OPTIONS.approach * abs(fold - here.place))
        step = np.sign(away) * min(abs(step), 0.5 * abs(end - here.place))
        if abs(end - here.place) < 0.1 * place_tolerance:
            return states, end, abs(end - here.place)
    return states, fold, np.inf


def _expected_fold(states: list[SuperconductingState]) -> float:
    """Where the square of the softness of the last two states vanishes; NaN if it does not fall."""
    if len(states) < 2:
        return np.nan
    (a, b), (u, v) = ([s.place for s in states[-2:]], [s.softness**2 for s in states[-2:]])
    return b + (b - a) * v / (u - v) if v < u else np.nan


def _equal_energies(
    networks, states: list[SuperconductingState], fold: float, error: float, tolerance: float, place_tolerance: float
):
    """The place where the free energies of both states are equal, between two of the states on the way to the fold."""
    favoured, other = 0, len(states) - 1
    if condensation_energy(states[favoured].solution) >= 0:
        return FirstOrder(np.nan, fold, error)
    if condensation_energy(states[other].solution) < 0:
        return FirstOrder(fold, fold, max(error, abs(fold - states[other].place)))
    while other - favoured > 1:
        middle = (favoured + other) // 2
        if condensation_energy(states[middle].solution) < 0:
            favoured = middle
        else:
            other = middle
    near = states[favoured]

    def energy(place: float) -> float:
        state = next_state(networks, place, near, tolerance)
        return condensation_energy(state.solution) if state is not None else np.nan

    try:
        value, report = brentq(
            energy,
            near.place,
            states[other].place,
            xtol=0.1 * place_tolerance,
            rtol=1e-12,
            full_output=True,
            disp=False,
        )
    except ValueError:  # an energy is NaN: no state was found at a place between those of two others
        return FirstOrder(np.nan, fold, np.inf)
    return FirstOrder(float(value), fold, place_tolerance if report.converged else np.inf)
