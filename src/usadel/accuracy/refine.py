"""From a tolerance to a grid: solve, estimate the error, refine, until the estimate is below the tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from usadel.accuracy.estimate import Estimate, estimate, layer_shares, rule_error
from usadel.description.device.resolved import Network
from usadel.discretization.choice import (
    SPECTRAL,
    coarse_nodes,
    first_nodes,
    following_nodes,
    make_grids,
    odd,
    unfollowed,
)
from usadel.discretization.space import Grid
from usadel.energies.contour import Contour
from usadel.gap.free_energy import free_energy_of
from usadel.gap.linearization import SpectralLinearization
from usadel.gap.newton_schur import solve_gap
from usadel.gap.normal_state import normal_state
from usadel.gap.settle import solve_level
from usadel.gap.stability import is_stable
from usadel.gap.standing import UNKNOWN, Standing, normal_state_exists
from usadel.gap.state import AnySolution, GapState, has_unknown_gap
from usadel.observables.conservation import layer_violations
from usadel.observables.profiles import Profiles
from usadel.progress import tell
from usadel.solvers.budget import Budget
from usadel.solvers.refinement import refine
from usadel.solvers.status import Status
from usadel.states.problem import Problem
from usadel.states.transfer import neighbour
from usadel.thermodynamics.free_energy import FreeEnergy
from usadel.work import bounded, fits


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    coarse: float = 4e-4  # tolerance of the rough solution that the first grids start from
    tightened: float = 0.5  # of its share, that a rule's error is brought down to ...
    least: float = 0.1  # ... but by no more than this at once
    coarsened: float = 0.6  # nodes of a neighbour, relative to those of a start that has more than it needs ...
    spare: float = 0.3  # ... so that the error is expected to stay below this, in tolerances
    # first and smallest error of λ that is asked for where it tells whether a gap vanishes; each next one relative to
    # the one before; times an error, what a value is that leaves no doubt about its sign
    eigenvalue: tuple[float, float] = (3e-3, 1e-8)
    finer_eigenvalue: float = 0.01
    clear: float = 3.0
    opening: float = 2.0  # Δ0, gap per √-λ
    worth: float = 0.85  # ratio of all nodes below which coarser grids are worth a full step


OPTIONS = Options()


@dataclass
class Solved:
    """A solution whose error has been estimated.

    Attributes
    ----------
    rule_error : part of the error that is the rule's of the energy sums; levels : of refinement.
    bias_phase : phase (rad) found for a reservoir with a given current.
    standing : among other solutions of the device; unknown where none was asked for.
    found : key of what floats at terminals -> largest error of the values found, which the network has.
    """

    solution: AnySolution
    profiles: Profiles
    error: float
    status: Status
    levels: int
    rule_error: float = 0.0
    bias_phase: float | None = None
    standing: Standing = UNKNOWN
    found: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def free_energy(self) -> FreeEnergy | None:
        """Against the normal state; None out of equilibrium."""
        return free_energy_of(self.solution.state, self.error, self.profiles.accumulation)


@dataclass(frozen=True)
class Place:
    """Grids and energies, and where to start from on them.

    Attributes
    ----------
    rule : tolerance of the energy sums; contour : their energies.
    start : a state, on whatever grids; None: from nothing. linearization : of a neighbour on the same grids.
    level : how often grids or rule were refined, from 1.
    """

    problem: Problem
    rule: float
    contour: Contour
    start: GapState | None
    linearization: SpectralLinearization | None = None
    level: int = 1


@bounded("solve")
def solve_refined(network: Network, tolerance: float, start: Solved | GapState | None) -> Solved:
    """Solve a network to a tolerance: grids are refined and the solution carried over until it holds.

    start : solution or state of a neighbouring device.
    """
    budget = Budget(tolerance)

    def solve(place: Place) -> Solved:
        problem, contour = place.problem, place.contour
        return with_unseen(solved_on(problem, contour, place.start, budget, place.level, place.linearization))

    def grow(place: Place, found: Solved) -> Place | None:
        nodes = [g.size for g in place.problem.grids]
        finer = _finer_nodes(network, nodes, found, tolerance)
        grids = make_grids(network, finer, tolerance)
        alike = finer == nodes and all(map(Grid.has_features_of, grids, place.problem.grids))
        rule, contour = place.rule, place.contour
        if found.rule_error > budget.rule_error:
            rule *= max(OPTIONS.least, OPTIONS.tightened * budget.rule_error / found.rule_error)
            contour = Contour(network, rule)
        elif alike:
            return None
        if not fits(sum(finer), contour.energies.size, len(finer), bool(network.junctions)):
            return None
        problem, old = Problem(network, grids), found.solution
        return Place(problem, rule, contour, old.state, old.linearization if alike else None, place.level + 1)

    def report(number: int, found: Solved) -> None:
        sites = found.solution.problem.layout.sites
        tell("level", number, text=f"{sites} nodes, estimated error {found.error:.1e}")

    found = refine(_first_place(network, budget, start), solve, grow, tolerance, report)
    lost = unfollowed(network, found.solution.problem.grids)
    narrow = found.status == Status.TOLERANCE_NOT_REACHED and max(lost) > tolerance
    return replace(found, status=Status.TOO_NARROW) if narrow else _doubted(network, tolerance, found)


def _doubted(network: Network, tolerance: float, found: Solved) -> Solved:
    """A vanishing gap, if it is near a transition: a grid may see that on the wrong side, and has no error of its own.

    Where the eigenvalue λ of the linearized gap problem, which is found to an accuracy of its own, is negative, there
    is a gap of about √-λ, in a homogeneous superconductor 1.74 Δ0 √-λ.
    """
    solution = found.solution
    alone = normal_state_exists(network) and not any(layer.nonequilibrium for layer in network.layers)
    if not (alone and has_unknown_gap(solution)) or np.any(solution.gap) or found.status != Status.CONVERGED:
        return found
    if is_stable(solution) is not None:
        return found
    error = max(found.error, _missed_gap(network, tolerance))
    return replace(found, error=error, status=found.status if error <= tolerance else Status.TOLERANCE_NOT_REACHED)


def _missed_gap(network: Network, tolerance: float) -> float:
    """The gap (Δ0) that opens if λ is as low as it may be; it is found as well as that to be within a tolerance takes.

    Far from a transition a rough eigenvalue is enough.
    """
    accuracy, smallest = OPTIONS.eigenvalue
    smallest = max(smallest, (tolerance / OPTIONS.opening) ** 2)
    state = normal_state(network, max(accuracy, smallest))
    while accuracy > smallest and not state.value > OPTIONS.clear * state.error:
        accuracy = max(smallest, OPTIONS.finer_eigenvalue * accuracy)
        state = normal_state(network, accuracy, state)
    if not np.isfinite(state.value):
        return np.inf
    return OPTIONS.opening * float(np.sqrt(max(0.0, state.error - state.value)))


def solved_on(
    problem: Problem,
    contour: Contour,
    start: GapState | None,
    budget: Budget,
    levels: int,
    linearization: SpectralLinearization | None = None,
) -> Solved:
    """The solution on given grids with its error; where its last steps do not come near enough, it is solved on."""
    solution = solve_level(problem, contour, start, budget, linearization)
    found = estimate(solution, budget.left)
    if found.distance > budget.left and has_unknown_gap(found.solution) and solution.status == Status.CONVERGED:
        solution = solve_gap(found.solution.state, found.solution.linearization.basis, budget.left)
        found = estimate(solution, budget.left)
    return _with_error_of_rule(found, solution.status, levels)


def estimated(solution: AnySolution, budget: Budget, levels: int) -> Solved:
    """A solution with its profiles, and their error by differences of stencils and rules."""
    return _with_error_of_rule(estimate(solution, budget.left), solution.status, levels)


def _with_error_of_rule(found: Estimate[SpectralLinearization], status: Status, levels: int) -> Solved:
    if status != Status.CONVERGED:  # no solution, of which an estimate would say something
        return Solved(found.solution, found.profiles, np.inf, status, levels)
    of_rule = rule_error(found.solution, found.profiles)
    return Solved(found.solution, found.profiles, found.error + of_rule, status, levels, of_rule)


def with_unseen(solved: Solved) -> Solved:
    """The same with an error of at least what no difference of stencils shows.

    That is what grids do not follow of expressions, and variations of currents that are conserved.
    """
    problem = solved.solution.problem
    lost = unfollowed(problem.network, problem.grids)
    return replace(solved, error=max(solved.error, *lost, *layer_violations(problem, solved.profiles)))


def shares_of(solved: Solved) -> list[float]:
    """The share of each layer in the error that more nodes reduce."""
    violations = layer_violations(solved.solution.problem, solved.profiles)
    return [max(pair) for pair in zip(layer_shares(solved.solution), violations, strict=True)]


def _finer_nodes(network: Network, nodes: list[int], found: Solved, tolerance: float) -> list[int]:
    """More nodes where a layer's share of the error asks for them; together the shares are the error."""
    shares = shares_of(found)
    lost = max(unfollowed(network, found.solution.problem.grids))
    if found.error <= lost:  # nothing else is as wrong
        return following_nodes(network, nodes, tolerance)
    scale = max(1.0, (found.error - found.rule_error) / max(max(shares), tolerance / 10)) / tolerance
    finer = [SPECTRAL.nodes(n, share * scale) for n, share in zip(nodes, shares, strict=True)]
    return following_nodes(network, finer, tolerance)


def _first_place(network: Network, budget: Budget, start: Solved | GapState | None) -> Place:
    """On the grids of a neighbouring device, or on first ones with a rough solution to start from."""
    contour = Contour(network, budget.rule)
    if start is not None:
        state = start if isinstance(start, GapState) else start.solution.state
        lent = None if isinstance(start, GapState) else start.solution.linearization
        fewer = None if isinstance(start, GapState) else _fewer_nodes(network, budget, start)
        if fewer is not None:
            return Place(_following(network, fewer, budget.tolerance), budget.rule, contour, state)
        near = neighbour(state.problem, network)
        if max(unfollowed(network, near.grids)) > budget.tolerance:  # what is narrow has moved
            near = _following(network, [grid.size for grid in near.grids], budget.tolerance)
        return Place(near, budget.rule, contour, state, lent)
    nodes = first_nodes(network, budget.tolerance)
    problem = Problem(network, make_grids(network, nodes, budget.tolerance))
    return Place(problem, budget.rule, contour, _coarse(network, contour, nodes))


def _following(network: Network, nodes: list[int], tolerance: float) -> Problem:
    """A network on grids of at least so many nodes that follow what is given as expressions."""
    return Problem(network, make_grids(network, following_nodes(network, nodes, tolerance), tolerance))


def _fewer_nodes(network: Network, budget: Budget, start: Solved) -> list[int] | None:
    """Nodes for the neighbour of a solution whose grids are finer than its error asks for; None if they are not.

    Where two neighbours have fine grids for a reason of their own, such as a fold between them, all later ones would
    keep these. Never below those that a solve begins with alone: the first levels of both are then the same.
    """
    share = start.error * OPTIONS.coarsened**-SPECTRAL.order / budget.tolerance
    if start.status != Status.CONVERGED or share > OPTIONS.spare:
        return None
    nodes = [grid.size for grid in start.solution.problem.grids]
    least = first_nodes(network, budget.tolerance)
    fewer = [min(n, max(odd(OPTIONS.coarsened * n), m)) for n, m in zip(nodes, least, strict=True)]
    return fewer if sum(fewer) < OPTIONS.worth * sum(nodes) else None


def _coarse(network: Network, contour: Contour, nodes: list[int]) -> GapState | None:
    """A rough solution on coarse grids, from which Newton's method on the first ones needs a single full step."""
    if not network.has_unknown_gap:
        return None
    problem = Problem(network, make_grids(network, coarse_nodes(network, nodes)))
    solution = solve_level(problem, contour, None, Budget(OPTIONS.coarse))
    return solution.state if solution.status == Status.CONVERGED else None
