"""Error of the kinetic equation by its grid: the same once more on coarser ones, at the same energies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.choice import KINETIC, make_grids, odd
from usadel.discretization.space import interpolation_matrix
from usadel.kinetics.baths import with_baths
from usadel.kinetics.driven_gap import pairs
from usadel.kinetics.equation import Kinetics
from usadel.observables.columns import ACCUMULATION, CURRENT, RESISTIVE
from usadel.states.problem import Array, Problem
from usadel.states.transfer import carry

K = TypeVar("K", bound=Kinetics)
COARSER = 0.7  # nodes of the grids that the error is estimated with
GAIN = 0.35  # error on the grid itself, of its difference from the coarser one: at least 0.7³


def grid_difference(kinetics: Kinetics, response: Callable[[Complex], Complex] | None = None) -> Array:
    """(layers): expected error by the grid of what the kinetic equation adds.

    Only with coarser grids that are stretched alike is the difference one of fourth order. `response` is that of the
    gap (sites) to a change of its source (sites), where the gap is an unknown.
    """
    problem = kinetics.problem
    other, _ = with_baths(coarser(kinetics), kinetics.tolerance)
    coarse = other.problem
    ours, theirs = kinetics.integral.value, other.on_panels(kinetics.integral.panels)
    differences, scale = [], problem.cross_section
    for k, change in enumerate(layer_changes(problem, coarse, ours, theirs)):
        change[:, CURRENT.start : RESISTIVE.stop] *= scale[problem.layout.offset[k]]
        differences.append(GAIN * float(np.max(np.abs(change[:, : ACCUMULATION.stop]))))
    if response is None:
        return np.array(differences)
    moved = np.abs(response(pairs(ours) - carry(coarse, problem, pairs(theirs))))
    gaps = [GAIN * float(np.max(moved[problem.layout.slice(k)])) for k in range(len(problem.grids))]
    return np.maximum(differences, gaps)


def coarser(kinetics: K) -> K:
    """The same on coarser grids, stretched alike."""
    problem = kinetics.problem
    coarse = coarser_problem(problem)
    return kinetics.on(coarse, carry(problem, coarse, kinetics.gap))


def coarser_problem(problem: Problem) -> Problem:
    """A device on coarser grids, stretched alike."""
    return Problem(problem.network, [g.alike(odd(max(11.0, COARSER * g.size))) for g in problem.grids])


def layer_changes(problem: Problem, coarse: Problem, ours: Array, theirs: Array) -> Iterator[Array]:
    """Values (sites, …) less those on coarser grids (sites there, …), at the nodes of these, layer by layer."""
    for k, (grid, rough) in enumerate(zip(problem.grids, coarse.grids, strict=True)):
        there = interpolation_matrix(grid.size, grid.coordinate(rough.x / rough.x[-1]))
        yield np.tensordot(there, ours[problem.layout.slice(k)], axes=1) - theirs[coarse.layout.slice(k)]


def on_finer_grids(problem: Problem, excess: Array) -> Problem | None:
    """Finer grids where a layer's share of the error asks for them; None if there are none."""
    nodes = [KINETIC.nodes(grid.size, share) for grid, share in zip(problem.grids, excess, strict=True)]
    if nodes == [g.size for g in problem.grids]:
        return None
    return Problem(problem.network, make_grids(problem.network, nodes))
