"""Order of the transition at which a gap opens, and the transition itself where it is of first order.

At Δ = a·mode, where λ = 0, the projection of the gap equation on the mode is c a³: with c > 0 the gap opens like a
square root on the side where the normal state is unstable (second order); with c < 0 it opens backwards, and a finite
gap survives up to a fold on the side where the normal state is stable (first order).

A branch is followed to its fold, and in equilibrium to the place where `gap.free_energy` is that of the normal state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from usadel.accuracy.refine import solve_refined
from usadel.branches.curve import GapCurve
from usadel.description.device.resolved import Network
from usadel.discretization.choice import make_grids, odd
from usadel.discretization.textures import missed
from usadel.energies.contour import Contour, coldest_of
from usadel.energies.rules import TC
from usadel.gap.equation import GapEquation
from usadel.gap.free_energy import above_normal
from usadel.gap.modes import modes
from usadel.gap.newton_schur import full_gap_step
from usadel.gap.normal_state import NormalState
from usadel.gap.state import GapSolution, GapState, has_unknown_gap
from usadel.progress import tell
from usadel.solution.failures import require_work
from usadel.solvers import continuation
from usadel.solvers.budget import Budget
from usadel.solvers.continuation import Point, Settings
from usadel.solvers.status import Status
from usadel.states.newton import solve_states
from usadel.states.problem import Pack, Problem
from usadel.states.transfer import carry
from usadel.thermodynamics.equilibrium import in_equilibrium


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    small: float = 0.015  # amplitude at which the cubic coefficient is taken, in πT + Γ
    # it times the square of that, below which its sign is asked of fine grids; 1.05 in a homogeneous superconductor
    uncertain: float = 0.05
    states: float = 1e-9  # change at which the states for it are solved
    finite: float = 1e-3  # Δ0: a gap above is no rounding of zero
    span: float = 20.0  # first steps of the parameter that count as much as a gap of Δ0, in distances along the branch
    step: float = 0.2  # largest step along the branch
    smallest: float = 1e-3  # of the largest step
    goal: float = 0.3  # change at which the corrector stops, in tolerances
    fine_goal: float = 0.01  # the same for located points
    located: float = 0.1  # of what a search leaves: where the next parabola would move the fold
    most_steps: int = 200
    coarser: float = 0.7  # nodes and tolerance of the search that the error of the grids is measured with
    looser: float = 4.0  # see coarser
    search: float = 0.3  # of the tolerance of the parameter, for what a search leaves


OPTIONS = Options()


Networks = Callable[[float], Network]


@dataclass(frozen=True)
class SuperconductingState:
    """A finite gap at one value of the parameter."""

    place: float
    state: GapState


@dataclass(frozen=True)
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


def opens_backwards(rough: NormalState, fine: NormalState) -> bool:
    """Whether c < 0. Rough grids tell, unless it nearly vanishes."""
    found = cubic_coefficient(rough)
    if abs(found) * _width(rough) ** 2 < OPTIONS.uncertain:
        found = cubic_coefficient(fine)
    return found < 0


def _width(state: NormalState) -> float:
    """πT + Γ (Δ0), the least of all layers: the scale on which gaps change spectra."""
    return min(np.pi * layer.temperature * TC + layer.inelastic for layer in state.problem.network.layers)


def limit_of_small_gaps(state: NormalState) -> float:
    """c without what the fifth order adds to it at a finite amplitude."""
    return (4 * cubic_coefficient(state, 0.5) - cubic_coefficient(state)) / 3


def cubic_coefficient(state: NormalState, share: float = 1.0) -> float:
    """c of λ a + c a³, the projection of K Δ - G[Δ] on the mode at Δ = a·mode; share: of the usual a."""
    problem, equation = state.problem, GapEquation(state.problem, state.contour, state.basis)
    amplitude = share * OPTIONS.small * _width(state)
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
    if refined.status == Status.NOT_CONVERGED or not has_unknown_gap(found) or found.status != Status.CONVERGED:
        return None
    if np.max(np.abs(found.gap)) < OPTIONS.finite or _softness(found) <= 0:
        return None
    return SuperconductingState(place, found.state)


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

    The error of grids and energies is measured by a second search, with coarser ones; it is infinite where the grids of
    the search do not follow what varies in the layers at the transition.
    """
    goal = OPTIONS.search * place_tolerance
    found = _Search(networks, start, away, tolerance, goal).transition()
    if not np.isfinite(found.error) or not np.isfinite(found.value):
        return found
    if not follows(start.state, networks(found.value), tolerance):
        return replace(found, error=np.inf)
    loose = OPTIONS.looser * tolerance
    other = _Search(networks, _coarser(networks, start, loose), away, loose, goal).transition()
    return replace(found, error=found.error + abs(found.value - other.value))


def follows(state: GapState, network: Network, tolerance: float) -> bool:
    """Whether the grids of a state see what is narrow in a device, where it may have moved."""
    return all(
        missed(layer, grid) <= tolerance for layer, grid in zip(network.layers, state.problem.grids, strict=True)
    )


def _coarser(networks: Networks, start: SuperconductingState, tolerance: float) -> SuperconductingState:
    """The same gap on coarser grids and with a looser rule; a branch is corrected from it."""
    old, network = start.state, networks(start.place)
    problem = Problem(network, make_grids(network, [odd(OPTIONS.coarser * grid.size) for grid in old.problem.grids]))
    contour = Contour(network, Budget(tolerance).rule)
    gap = carry(old.problem, problem, old.gap)
    packs = solve_states(problem, problem.packs(contour.energies, gap), gap, tolerance).packs
    return replace(start, state=GapState(problem, contour, packs, gap, old.parts))


class _Search:
    """The end of a superconducting state, along its branch on given grids; its error is that of the search."""

    def __init__(
        self, networks: Networks, start: SuperconductingState, away: float, tolerance: float, place_tolerance: float
    ):
        self._networks, self._start = networks, start
        self._direction, self._place_tolerance = float(np.sign(away)), place_tolerance
        ends = start.place, start.place + OPTIONS.span * away
        coldest = coldest_of(networks(start.place))
        self._curve = GapCurve(networks, start.state, start.place, ends, tolerance, coldest)
        step = OPTIONS.step
        self._settings = Settings(step, OPTIONS.smallest * step, OPTIONS.goal * tolerance)
        self._fine = OPTIONS.fine_goal * tolerance

    def transition(self) -> FirstOrder:
        """The fold, and in equilibrium the place before it where both states have the same free energy."""
        points = self._to_the_fold()
        if points is None:
            return FirstOrder(np.nan, np.nan, np.inf)
        fold, error = self._place(points[-1]), OPTIONS.located * self._place_tolerance
        if not in_equilibrium(self._networks(self._start.place)):
            return FirstOrder(fold, fold, error)
        return self._equal_energies(points, fold, error)

    def _place(self, point: Point) -> float:
        return point.parameter * self._curve.scale

    def _to_the_fold(self) -> list[Point] | None:
        """Points of the branch up to its fold, which is the last; None if the branch is lost before."""
        curve, unknowns = self._curve, self._curve.unknowns()
        row = np.append(np.zeros(unknowns.size - 1), self._direction)
        first = continuation.start(curve, row, float(row @ unknowns), self._settings.goal, row)
        if first is None:
            return None
        points, steps = [first], continuation.follow(curve, first, self._settings)
        for number in range(OPTIONS.most_steps):
            require_work()
            tell("search of a fold", number, text=f"at {self._place(points[-1]):.6g}")
            point = next(steps)
            if point is None:
                return None
            if points[-1].parameter_slope * point.parameter_slope < 0:
                accuracy = OPTIONS.located * self._place_tolerance / curve.scale
                fold = continuation.turning_point(curve, points[-1], point, accuracy, self._fine)
                return None if fold is None else [*points, fold]
            points.append(point)
        return None

    def _energy(self, point: Point) -> float:
        """Free energy at a point of the branch, against the normal state; NaN where it cannot be told."""
        found = above_normal(point.snapshot.state, 0.0)
        return np.nan if found is None else found.value

    def _equal_energies(self, points: list[Point], fold: float, error: float) -> FirstOrder:
        """The place where the free energies of both states are equal, between two points on the way to the fold."""
        favoured, other = 0, len(points) - 1
        if self._energy(points[favoured]) >= 0:
            return FirstOrder(np.nan, fold, error)
        if self._energy(points[other]) < 0:
            return FirstOrder(fold, fold, error)
        while other - favoured > 1:
            middle = (favoured + other) // 2
            if self._energy(points[middle]) < 0:
                favoured = middle
            else:
                other = middle
        left, right = points[favoured], points[other]

        def energy(place: float) -> float:
            point = continuation.at_parameter(self._curve, left, right, place / self._curve.scale, self._fine)
            return self._energy(point) if point is not None else np.nan

        try:
            value, report = brentq(
                energy,
                self._place(left),
                self._place(right),
                xtol=0.1 * self._place_tolerance,
                rtol=1e-12,
                full_output=True,
                disp=False,
            )
        except ValueError:  # an energy is NaN: no state was found at a place between those of two others
            return FirstOrder(np.nan, fold, np.inf)
        return FirstOrder(float(value), fold, self._place_tolerance if report.converged else np.inf)
