"""A device whose distribution functions are solved for, to a tolerance.

The reference equilibrium is solved first, then the kinetic equation on its grids, with the gap if that is an unknown.
Its error by the grid is estimated by solving once more on coarser ones, at the same energies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from usadel.accuracy.estimate import layer_shares
from usadel.accuracy.refine import Solved, estimated, solve_refined, solved_on
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.choice import first_nodes, make_grids
from usadel.gap.state import has_unknown_gap
from usadel.kinetics.baths import with_baths
from usadel.kinetics.driven_gap import DrivenGap, drive, with_phases
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.grid_error import grid_difference, on_finer_grids
from usadel.kinetics.reference import equilibrium, undriven
from usadel.observables.conservation import layer_violations
from usadel.progress import tell
from usadel.solvers.budget import Budget
from usadel.solvers.refinement import refine
from usadel.solvers.status import Status
from usadel.states.problem import Array, Problem
from usadel.states.transfer import carry
from usadel.work import bounded


@dataclass(kw_only=True)
class KineticSolved(Solved):
    """A solution with distributions that were solved for.

    Attributes
    ----------
    kinetics : the kinetic equation at the gap of the solution; profiles hold what δh adds.
    reference : the equilibrium that it was found from.
    layer_errors : (layers), shares in the error, for refinement.
    """

    kinetics: Kinetics
    reference: Solved
    layer_errors: Array

    @property
    def free_energy(self) -> None:
        """None: the state is not one of equilibrium."""
        return None


def kinetics_of(solved: Solved) -> Kinetics | None:
    """The kinetic equation of a solution; None where every distribution is imposed."""
    return solved.kinetics if isinstance(solved, KineticSolved) else None


@bounded("solve")
def solve_nonequilibrium(network: Network, tolerance: float, start: Solved | None) -> Solved:
    """Solve a network with layers whose distribution is an unknown."""
    quiet, budget = equilibrium(network), Budget(tolerance)
    if not network.has_unknown_gap:
        return _solve_rigid(network, solve_refined(undriven(quiet), budget.equilibrium, start), budget)
    near = start.reference if isinstance(start, KineticSolved) else start
    gapped = near is not None and np.any(near.solution.gap)  # from a normal state the equilibrium might not leave it
    reference = solve_refined(quiet, tolerance, near if gapped else None)
    return _solve_driven(network, reference, budget, start)


def _solve_rigid(network: Network, reference: Solved, budget: Budget) -> Solved:
    """Solve the kinetic equation at a given gap, on grids of its own: the densities of equilibrium need finer ones."""
    if reference.status != Status.CONVERGED:
        return reference
    problem = Problem(equilibrium(network), make_grids(network, first_nodes(network, budget.tolerance)))

    def solve(kinetics: Kinetics) -> KineticSolved:
        kinetics, distance = with_baths(kinetics, budget.tolerance)
        difference = grid_difference(kinetics)
        error = reference.error + kinetics.integral.error + float(difference.max()) + distance
        return _with_kinetics(replace(reference, error=error, status=kinetics.status), kinetics, reference, difference)

    def grow(kinetics: Kinetics, found: KineticSolved) -> Kinetics | None:
        finer = on_finer_grids(kinetics.problem, found.layer_errors / budget.kinetic_grid)
        return None if finer is None else found.kinetics.on(finer, finer.initial_gap())

    first = Kinetics(network, problem, problem.initial_gap(), budget.integrals)
    return refine(first, solve, grow, budget.tolerance, _report)


@dataclass(frozen=True)
class _DrivenPlace:
    """The reference equilibrium on some grids, and the gap (sites) to start from; None: that of the equilibrium."""

    reference: Solved
    first: Complex | None


def _solve_driven(network: Network, reference: Solved, budget: Budget, start: Solved | None) -> Solved:
    """Solve for the distributions together with the gap."""
    first = None
    if start is not None and start.solution.problem.self_consistent_layers():
        first = carry(start.solution.problem, reference.solution.problem, start.solution.gap)

    def solve(place: _DrivenPlace) -> Solved:
        equilibrium_state = place.reference.solution
        if place.reference.status != Status.CONVERGED or not has_unknown_gap(equilibrium_state):
            return place.reference
        driven = drive(
            network, with_phases(network, equilibrium_state, budget.tolerance), place.first, budget.tolerance
        )
        return _driven(driven, place.reference, budget)

    def grow(place: _DrivenPlace, found: Solved) -> _DrivenPlace | None:
        assert isinstance(found, KineticSolved)
        solution, known = found.solution, place.reference.solution
        finer = on_finer_grids(solution.problem, found.layer_errors / budget.tolerance)
        if finer is None:
            return None
        first = carry(solution.problem, finer, solution.gap)
        return _DrivenPlace(solved_on(finer, solution.contour, known.state, budget, found.levels + 1), first)

    return refine(_DrivenPlace(reference, first), solve, grow, budget.tolerance, _report)


def _driven(driven: DrivenGap, reference: Solved, budget: Budget) -> KineticSolved:
    """The solution with its profiles and error, from a reference equilibrium."""
    solution, kinetics = driven.solution, driven.kinetics
    solved, shares = replace(reference, solution=solution), [0.0]
    if driven.status == Status.CONVERGED:
        factor = driven.amplification
        apart = replace(solution.outcome, distance=0.0)  # the last step was none of those that the estimate takes
        found = estimated(replace(solution, outcome=apart), budget, reference.levels)
        solved = replace(found, error=driven.distance + factor * found.error)
        shares = [factor * share for share in layer_shares(found.solution)]
    difference = grid_difference(kinetics, driven.response)
    error = solved.error + driven.amplification * kinetics.integral.error + float(difference.max())
    if driven.status not in (Status.CONVERGED, Status.ROTATING):  # there is no solution to estimate
        error = np.inf
    status = driven.status if driven.status != Status.CONVERGED else kinetics.status
    solved = replace(solved, error=error, status=status)
    return _with_kinetics(solved, kinetics, reference, np.maximum(difference, shares))


def _report(level: int, found: Solved) -> None:
    kinetics = kinetics_of(found)
    if kinetics is not None:
        nodes = kinetics.problem.layout.sites
        tell("kinetic level", level, text=f"{nodes} nodes, estimated error {found.error:.1e}")


def _with_kinetics(solved: Solved, kinetics: Kinetics, reference: Solved, errors: Array) -> KineticSolved:
    """The solution of the reference equilibrium with what δh adds."""
    problem = solved.solution.problem
    added = carry(kinetics.problem, problem, kinetics.integral.value)
    profiles = solved.profiles.with_densities(added, problem.cross_section)
    violations = layer_violations(problem, profiles)
    values = {part.name: getattr(solved, part.name) for part in fields(Solved)} | {"profiles": profiles}
    values["error"] = max(solved.error, *violations)
    errors = np.maximum(errors, violations)
    return KineticSolved(**values, kinetics=kinetics, reference=reference, layer_errors=errors)
