"""From a tolerance to a grid: solve, estimate the error, refine, until the estimate is below the tolerance."""

from __future__ import annotations

from dataclasses import dataclass

from usadel.accuracy.estimate import estimate, layer_shares, rule_error
from usadel.description.device.resolved import Network
from usadel.discretization.choice import SPECTRAL, first_nodes, make_grids, odd
from usadel.discretization.contour import Contour
from usadel.gap.linearization import SpectralLinearization
from usadel.gap.settle import solve_level
from usadel.gap.state import AnySolution, GapState
from usadel.observables.profiles import Profiles
from usadel.progress import tell
from usadel.solvers.budget import Budget
from usadel.solvers.refinement import refine
from usadel.solvers.status import Status
from usadel.states.problem import Problem
from usadel.states.transfer import neighbour
from usadel.work import bounded, fits


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    coarse: float = 4e-4  # tolerance of the rough solution that the first grids start from
    tightened: float = 0.5  # of its share, that a rule's error is brought down to ...
    least: float = 0.1  # ... but by no more than this at once
    coarsened: float = 0.6  # nodes of a neighbour, relative to those of a start that has more than it needs ...
    spare: float = 0.3  # ... so that the error is expected to stay below this, in tolerances
    worth: float = 0.85  # ratio of all nodes below which coarser grids are worth a full step


OPTIONS = Options()


@dataclass
class Solved:
    """A solution whose error has been estimated.

    Attributes
    ----------
    rule_error : part of the error that is the rule's of the energy sums; levels : of refinement.
    bias_phase : phase (rad) found for a reservoir with a given current.
    """

    solution: AnySolution
    profiles: Profiles
    error: float
    status: Status
    levels: int
    rule_error: float = 0.0
    bias_phase: float | None = None


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


@bounded
def solve_refined(network: Network, tolerance: float, start: Solved | GapState | None) -> Solved:
    """Solve a network to a tolerance: grids are refined and the solution carried over until it holds.

    start : solution or state of a neighbouring device.
    """
    budget = Budget(tolerance)

    def solve(place: Place) -> Solved:
        solution = solve_level(place.problem, place.contour, place.start, budget, place.linearization)
        return estimated(solution, budget, place.level)

    def grow(place: Place, found: Solved) -> Place | None:
        nodes = [g.size for g in place.problem.grids]
        finer = _finer_nodes(nodes, found, tolerance)
        rule, contour = place.rule, place.contour
        if found.rule_error > budget.rule_error:
            rule *= max(OPTIONS.least, OPTIONS.tightened * budget.rule_error / found.rule_error)
            contour = Contour(network, rule)
        elif finer == nodes:
            return None
        if not fits(sum(finer), contour.energies.size):
            return None
        problem = Problem(network, make_grids(network, finer, tolerance))
        old = found.solution
        return Place(problem, rule, contour, old.state, old.linearization if finer == nodes else None, place.level + 1)

    def report(number: int, found: Solved) -> None:
        sites = found.solution.problem.layout.sites
        tell("level", number, text=f"{sites} nodes, estimated error {found.error:.1e}")

    return refine(_first_place(network, budget, start), solve, grow, tolerance, report)


def estimated(solution: AnySolution, budget: Budget, levels: int) -> Solved:
    """A solution with its profiles and their error."""
    found = estimate(solution, budget.left)
    of_rule = rule_error(found.solution, found.profiles)
    return Solved(found.solution, found.profiles, found.error + of_rule, solution.status, levels, of_rule)


def _finer_nodes(nodes: list[int], found: Solved, tolerance: float) -> list[int]:
    """More nodes where a layer's share of the error asks for them; together the shares are the error."""
    shares = layer_shares(found.solution)
    scale = max(1.0, (found.error - found.rule_error) / max(max(shares), tolerance / 10)) / tolerance
    return [SPECTRAL.nodes(n, share * scale) for n, share in zip(nodes, shares, strict=True)]


def _first_place(network: Network, budget: Budget, start: Solved | GapState | None) -> Place:
    """On the grids of a neighbouring device, or on first ones with a rough solution to start from."""
    contour = Contour(network, budget.rule)
    if start is not None:
        state = start if isinstance(start, GapState) else start.solution.state
        lent = None if isinstance(start, GapState) else start.solution.linearization
        fewer = None if isinstance(start, GapState) else _fewer_nodes(network, budget, start)
        if fewer is not None:
            return Place(Problem(network, make_grids(network, fewer, budget.tolerance)), budget.rule, contour, state)
        return Place(neighbour(state.problem, network), budget.rule, contour, state, lent)
    nodes = first_nodes(network, budget.tolerance)
    problem = Problem(network, make_grids(network, nodes, budget.tolerance))
    return Place(problem, budget.rule, contour, _coarse(network, contour, nodes))


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
    problem = Problem(network, make_grids(network, [odd(max(17.0, 0.5 * n)) for n in nodes]))
    solution = solve_level(problem, contour, None, Budget(OPTIONS.coarse))
    return solution.state if solution.status == Status.CONVERGED else None
