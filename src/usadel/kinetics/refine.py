"""A device whose distribution functions are solved for, to a tolerance.

The reference equilibrium is solved first, then the kinetic equation on its grids, with the gap if that is an unknown.
Its error by the grid is estimated by solving once more on coarser ones, at the same energies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.estimate import estimate, layer_shares, rule_error
from usadel.accuracy.refine import LEFT, Progress, Solved, solve_refined
from usadel.description.device.resolved import Network
from usadel.discretization.choice import first_nodes, make_grids
from usadel.gap.newton_schur import GapSolution
from usadel.gap.settle import solve_level
from usadel.kinetics.driven_gap import DrivenGap, drive, with_phases
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import cross_sections, grid_difference, on_finer_grids
from usadel.kinetics.reference import check_kinetics, equilibrium
from usadel.solvers.refinement import LEVELS
from usadel.solvers.status import Status
from usadel.states.problem import Discrete
from usadel.states.transfer import carry

Array = NDArray[Any]

EQUILIBRIUM, INTEGRALS = 0.6, 0.2  # of the tolerance, for these parts at a given gap; grids have the rest


@dataclass(kw_only=True)
class KineticSolved(Solved):
    """A solution with distributions that were solved for.

    Attributes
    ----------
    kinetics : the kinetic equation at the gap of the solution; profiles hold what δh adds.
    """

    kinetics: Kinetics


def kinetics_of(solved: Solved) -> Kinetics | None:
    """The kinetic equation of a solution; None where every distribution is imposed."""
    return solved.kinetics if isinstance(solved, KineticSolved) else None


def solve_nonequilibrium(
    network: Network, tolerance: float, start: GapSolution | None, progress: Progress | None
) -> Solved:
    """Solve a network with layers whose distribution is an unknown."""
    check_kinetics(network)
    quiet = equilibrium(network)
    if not network.has_unknown_gap:
        return _solve_rigid(
            network, solve_refined(quiet, EQUILIBRIUM * tolerance, start, progress), tolerance, progress
        )
    near = start.reference or start if start is not None else None
    gapped = near is not None and np.any(near.gap)  # from a normal state the equilibrium might not leave it
    refined = solve_refined(quiet, tolerance, near if gapped else None, progress)
    return _solve_driven(network, refined, tolerance, start, progress)


def _solve_rigid(network: Network, refined: Solved, tolerance: float, progress: Progress | None) -> Solved:
    """Solve the kinetic equation at a given gap, on grids of its own: the densities of equilibrium need finer ones."""
    problem = Discrete(refined.solution.problem.network, make_grids(network, first_nodes(network, tolerance)))
    kinetics = Kinetics(network, problem, problem.initial_gap(), INTEGRALS * tolerance)
    before = refined
    for level in range(LEVELS):
        if refined.status != Status.CONVERGED:
            return refined
        difference = grid_difference(kinetics)
        error = before.error + kinetics.integral.error + float(difference.max())
        refined = _with_kinetics(replace(before, error=error, status=kinetics.status), kinetics)
        _tell(progress, level, kinetics.problem, error)
        if error <= tolerance:
            break
        finer = on_finer_grids(kinetics.problem, difference / (1 - EQUILIBRIUM - INTEGRALS) / tolerance)
        if finer is None:
            refined = replace(refined, status=Status.TOLERANCE_NOT_REACHED)
            break
        kinetics = kinetics.on(finer, finer.initial_gap())
    return refined


def _solve_driven(
    network: Network, refined: Solved, tolerance: float, start: GapSolution | None, progress: Progress | None
) -> Solved:
    """Solve for the distributions together with the gap."""
    shares, first = [0.0], None
    if start is not None and start.basis is not None:
        first = carry(start.problem, refined.solution.problem, start.gap)
    for level in range(LEVELS):
        if refined.status != Status.CONVERGED:
            return refined
        driven = drive(network, with_phases(network, refined.solution, tolerance), first, tolerance)
        solution, kinetics = driven.solution, driven.kinetics
        if driven.status == Status.CONVERGED:
            refined, shares = _estimated(driven, refined.levels, tolerance)
        difference = grid_difference(driven.kinetics, driven.response)
        error = refined.error + driven.amplification * kinetics.integral.error + float(difference.max())
        status = driven.status if driven.status != Status.CONVERGED else kinetics.status
        refined = _with_kinetics(replace(refined, solution=solution, error=error, status=status), kinetics)
        _tell(progress, level, solution.problem, error)
        if error <= tolerance or status != Status.CONVERGED:
            return refined
        finer = on_finer_grids(solution.problem, np.maximum(difference, shares) / tolerance)
        if finer is None:
            break
        first = carry(solution.problem, finer, solution.gap)
        solution = solve_level(finer, solution.contour, solution.reference or solution, tolerance)
        profiles, equilibrium_error = estimate(solution, LEFT * tolerance)
        refined = Solved(solution, profiles, equilibrium_error, solution.status, refined.levels + 1)
    return replace(refined, status=Status.TOLERANCE_NOT_REACHED)


def _tell(progress: Progress | None, level: int, problem: Discrete, error: float) -> None:
    if progress:
        nodes = sum(g.size for g in problem.grids)
        progress(f"kinetic level {level + 1}: {nodes} nodes, estimated error {error:.1e}")


def _estimated(driven: DrivenGap, levels: int, tolerance: float) -> tuple[Solved, list[float]]:
    """Profiles and error on the contour at the gap that was found, and the shares of the layers in it."""
    solution, factor = driven.solution, driven.amplification
    profiles, error = estimate(solution, LEFT * tolerance)
    shares = layer_shares(solution)
    error = driven.distance + factor * (error + rule_error(solution, profiles))
    return Solved(solution, profiles, error, solution.status, levels), [factor * share for share in shares]


def _with_kinetics(refined: Solved, kinetics: Kinetics) -> KineticSolved:
    """The solution of the reference equilibrium with what δh adds."""
    problem = refined.solution.problem
    added = carry(kinetics.problem, problem, kinetics.integral.value)
    profiles = refined.profiles.with_densities(added, cross_sections(problem))
    values = {part.name: getattr(refined, part.name) for part in fields(Solved)}
    return KineticSolved(**values | {"profiles": profiles, "kinetics": kinetics})
