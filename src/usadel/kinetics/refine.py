"""A device whose distribution functions are solved for, to a tolerance.

The reference equilibrium is solved first, then the kinetic equation on its grids, with the gap if that is an unknown.
Its error by the grid is estimated by solving once more on coarser ones, at the same energies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from usadel.accuracy.estimate import estimate, layer_shares, rule_error
from usadel.accuracy.refine import (
    LEFT,
    LEVELS,
    MOST_NODES,
    Progress,
    Refined,
    carry,
    first_nodes,
    make_grids,
    odd,
    solve_level,
    solve_refined,
)
from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.space import interpolation_matrix, stretched_grid
from usadel.gap.newton_schur import GapSolution
from usadel.kinetics.driven_gap import DrivenGap, drive, pairs, with_phases
from usadel.kinetics.equation import Kinetics
from usadel.kinetics.reference import check_kinetics, equilibrium
from usadel.observables.profiles import Profiles
from usadel.observables.real_axis import ACCUMULATION, CURRENT, PAIR, RESISTIVE
from usadel.solvers.status import Status
from usadel.states.problem import Discrete

Array = NDArray[Any]
K = TypeVar("K", bound=Kinetics)

COARSER = 0.7  # nodes of the grids that the error is estimated with
EQUILIBRIUM, INTEGRALS = 0.6, 0.2  # of the tolerance, for these parts at a given gap; grids have the rest
GAIN = 0.35  # error on the grid itself, of its difference from the coarser one: at least 0.7³


def solve_nonequilibrium(
    network: Network, tolerance: float, start: GapSolution | None, progress: Progress | None
) -> Refined:
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


def _solve_rigid(network: Network, refined: Refined, tolerance: float, progress: Progress | None) -> Refined:
    """Solve the kinetic equation at a given gap, on grids of its own: the densities of equilibrium need finer ones."""
    problem = Discrete(refined.solution.problem.network, make_grids(network, first_nodes(network, tolerance)))
    kinetics = Kinetics(network, problem, problem.initial_gap(), INTEGRALS * tolerance)
    before = refined
    for level in range(LEVELS):
        if refined.status != Status.CONVERGED:
            return refined
        difference = grid_difference(kinetics)
        error = before.error + kinetics.integral.error + float(difference.max())
        refined = replace(before, error=error, status=kinetics.status, kinetics=kinetics)
        _tell(progress, level, kinetics.problem, error)
        if error <= tolerance:
            break
        finer = on_finer_grids(kinetics.problem, difference / (1 - EQUILIBRIUM - INTEGRALS) / tolerance)
        if finer is None:
            refined = replace(refined, status=Status.TOLERANCE_NOT_REACHED)
            break
        kinetics = kinetics.on(finer, finer.initial_gap())
    return replace(refined, profiles=_with(refined))


def _solve_driven(
    network: Network, refined: Refined, tolerance: float, start: GapSolution | None, progress: Progress | None
) -> Refined:
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
        refined = replace(refined, solution=solution, error=error, status=status, kinetics=kinetics)
        _tell(progress, level, solution.problem, error)
        if error <= tolerance or status != Status.CONVERGED:
            return replace(refined, profiles=_with(refined))
        finer = on_finer_grids(solution.problem, np.maximum(difference, shares) / tolerance)
        if finer is None:
            break
        first = carry(solution.problem, finer, solution.gap)
        solution = solve_level(finer, solution.contour, solution.reference or solution, tolerance)
        profiles, equilibrium_error = estimate(solution, LEFT * tolerance)
        refined = Refined(solution, profiles, equilibrium_error, solution.status, refined.levels + 1)
    return replace(refined, profiles=_with(refined), status=Status.TOLERANCE_NOT_REACHED)


def _tell(progress: Progress | None, level: int, problem: Discrete, error: float) -> None:
    if progress:
        nodes = sum(g.size for g in problem.grids)
        progress(f"kinetic level {level + 1}: {nodes} nodes, estimated error {error:.1e}")


def _estimated(driven: DrivenGap, levels: int, tolerance: float) -> tuple[Refined, list[float]]:
    """Profiles and error on the contour at the gap that was found, and the shares of the layers in it."""
    solution, factor = driven.solution, driven.amplification
    profiles, error = estimate(solution, LEFT * tolerance)
    shares = layer_shares(solution)
    error = driven.distance + factor * (error + rule_error(solution, profiles))
    return Refined(solution, profiles, error, solution.status, levels), [factor * share for share in shares]


def grid_difference(kinetics: Kinetics, response: Callable[[Complex], Complex] | None = None) -> Array:
    """(layers): expected error by the grid of what the kinetic equation adds.

    Only with coarser grids that are stretched alike is the difference one of fourth order. `response` is that of the
    gap (sites) to a change of its source (sites), where the gap is an unknown.
    """
    problem = kinetics.problem
    other = coarser(kinetics)
    coarse = other.problem
    ours, theirs = kinetics.integral.value, other.on_panels(kinetics.integral.panels)
    differences, scale = [], cross_sections(problem)
    for k, change in enumerate(layer_changes(problem, coarse, ours, theirs)):
        change[:, CURRENT:ACCUMULATION] *= scale[problem.layout.offset[k]]
        differences.append(GAIN * float(np.max(np.abs(change[:, :PAIR]))))
    if response is None:
        return np.array(differences)
    moved = np.abs(response(pairs(ours) - carry(coarse, problem, pairs(theirs))))
    gaps = [GAIN * float(np.max(moved[problem.layout.slice(k)])) for k in range(len(problem.grids))]
    return np.maximum(differences, gaps)


def coarser(kinetics: K) -> K:
    """The same on coarser grids, stretched alike."""
    problem = kinetics.problem
    grids = [stretched_grid(g.x[-1], odd(max(11.0, COARSER * g.size)), g.strength) for g in problem.grids]
    coarse = Discrete(problem.network, grids)
    return kinetics.on(coarse, carry(problem, coarse, kinetics.gap))


def layer_changes(problem: Discrete, coarse: Discrete, ours: Array, theirs: Array) -> Iterator[Array]:
    """Values (sites, …) less those on coarser grids (sites there, …), at the nodes of these, layer by layer."""
    for k, (grid, rough) in enumerate(zip(problem.grids, coarse.grids, strict=True)):
        there = interpolation_matrix(grid.size, grid.coordinate(rough.x / rough.x[-1]))
        yield np.tensordot(there, ours[problem.layout.slice(k)], axes=1) - theirs[coarse.layout.slice(k)]


def cross_sections(problem: Discrete) -> Array:
    """σA of every site."""
    return np.array([k.conductivity * k.area for k in problem.network.layers])[problem.layout.layer]


def on_finer_grids(problem: Discrete, excess: Array) -> Discrete | None:
    """Finer grids where a layer's share of the error asks for them; None if there are none."""
    nodes = []
    for grid, share in zip(problem.grids, excess, strict=True):
        factor = float(np.clip((share / 0.3) ** 0.25, 1.3, 2.0)) if share > 0.2 else 1.0
        nodes.append(odd(min(factor * grid.size, MOST_NODES)))
    if nodes == [g.size for g in problem.grids]:
        return None
    return Discrete(problem.network, make_grids(problem.network, nodes))


def _with(refined: Refined) -> Profiles:
    """Profiles with what δh adds."""
    profiles, kinetics = refined.profiles, refined.kinetics
    if kinetics is None:
        return profiles
    problem = refined.solution.problem
    added, scale = carry(kinetics.problem, problem, kinetics.integral.value), cross_sections(problem)[:, None]
    pairs = added[:, PAIR::2] + 1j * added[:, PAIR + 1 :: 2]
    accumulation = profiles.accumulation + added[:, ACCUMULATION:PAIR]
    accumulation[:, 4] += 0.5 * (profiles.gap.conj() * pairs[:, 0]).real  # as in equilibrium, see `measure`
    return Profiles(
        profiles.gap,
        profiles.current + scale * added[:, CURRENT:RESISTIVE],
        accumulation,
        profiles.pairs + pairs,
        scale * added[:, RESISTIVE:ACCUMULATION],
    )
