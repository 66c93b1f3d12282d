"""From a tolerance to a grid: solve, estimate the error, refine, until the estimate is below the tolerance."""

from __future__ import annotations

from dataclasses import dataclass

from usadel.accuracy.estimate import estimate, layer_shares, rule_error
from usadel.description.device.resolved import Network
from usadel.discretization.choice import first_nodes, make_grids, odd, refined_nodes
from usadel.discretization.contour import Contour
from usadel.gap.newton_schur import GapSolution
from usadel.gap.settle import solve_level
from usadel.observables.profiles import Profiles
from usadel.progress import tell
from usadel.solvers.refinement import LEVELS
from usadel.solvers.status import Status
from usadel.states.problem import Discrete
from usadel.states.transfer import neighbour

RULE = 0.3  # tolerance of the Matsubara rule's family, in tolerances
RULE_SHARE = 0.5  # of the tolerance, that the rule's error may take
COARSE = 4e-4  # tolerance of the rough solution that the first grids start from
LEFT = 0.2  # distance to the solution that these may leave, in tolerances; it counts as an error


@dataclass
class Solved:
    """A solution whose error has been estimated.

    Attributes
    ----------
    bias_phase : phase (rad) found for a reservoir with a given current.
    """

    solution: GapSolution
    profiles: Profiles
    error: float
    status: Status
    levels: int
    bias_phase: float | None = None


def solve_refined(network: Network, tolerance: float, start: GapSolution | None) -> Solved:
    """Solve a network to a tolerance: grids are refined and the solution carried over until it holds."""
    rule = RULE * tolerance
    contour = Contour(network, rule)
    nodes = first_nodes(network, tolerance) if start is None else [g.size for g in start.problem.grids]
    previous = start if start is not None else _coarse(network, contour, nodes)
    best: Solved | None = None
    for level in range(LEVELS):
        if start is not None and level == 0:
            problem = neighbour(start.problem, network)
        else:
            problem = Discrete(network, make_grids(network, nodes, tolerance))
        solution = solve_level(problem, contour, previous, tolerance)
        profiles, error = estimate(solution, LEFT * tolerance)
        of_rule = rule_error(solution, profiles)
        error += of_rule
        best = Solved(solution, profiles, error, solution.status, level + 1)
        tell("level", level + 1, text=f"{sum(nodes)} nodes, estimated error {error:.1e}")
        if solution.status != Status.CONVERGED or error <= tolerance:
            return best
        shares = layer_shares(solution)
        scale = (
            max(1.0, (error - of_rule) / max(max(shares), tolerance / 10)) / tolerance
        )  # together they are the error
        finer = [refined_nodes(n, share * scale) for n, share in zip(nodes, shares, strict=True)]
        if of_rule > RULE_SHARE * tolerance:
            rule *= max(0.1, 0.5 * RULE_SHARE * tolerance / of_rule)
            contour = Contour(network, rule)
        elif finer == nodes:
            break
        if finer != nodes:
            _forget_responses(solution)
        nodes, previous = finer, solution
    assert best is not None
    best.status = Status.TOLERANCE_NOT_REACHED
    return best


def _forget_responses(solution: GapSolution) -> None:
    """Let go of what only further steps on the same grids need: gigabytes where grids are fine."""
    solution.responses = None
    for pack in solution.packs:
        pack.factors = None


def _coarse(network: Network, contour: Contour, nodes: list[int]) -> GapSolution | None:
    """A rough solution on coarse grids, from which Newton's method on the first ones needs a single full step."""
    if not network.has_unknown_gap:
        return None
    problem = Discrete(network, make_grids(network, [odd(max(17.0, 0.5 * n)) for n in nodes]))
    solution = solve_level(problem, contour, None, COARSE)
    return solution if solution.status == Status.CONVERGED else None
