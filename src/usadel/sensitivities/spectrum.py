"""How states at real energies, and the density of states, follow a number of the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.equations.spectral.scheme import Sites
from usadel.observables.dos import both_signs
from usadel.sensitivities.base import in_common_symmetry, problems_of
from usadel.sensitivities.neighbours import Neighbours
from usadel.solvers.condensation import Factors
from usadel.solvers.status import Status
from usadel.states.newton import PackSolution
from usadel.states.problem import Array, Pack, Problem
from usadel.states.real_energies import KnownStates, solve_energies
from usadel.states.response import state_response
from usadel.states.transfer import carry


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    newton: float = 1e-9  # accuracy of the states
    step: float = 1e-5  # change of γ in central differences of the density of states
    finest: int = 3  # how often the grids of the gap are refined


OPTIONS = Options()


def beside_pack(pack: Pack, problem: Problem) -> Pack:
    """The states of a pack in a neighbour of the same symmetry, at the same energies."""
    boundary, fixed = problem.boundaries(pack.energy)
    return replace(pack, boundary=boundary, fixed=fixed)


def state_change(
    problem: Problem,
    pack: Pack,
    factors: Factors,
    here: Sites,
    family: Neighbours,
    beside: Sequence[tuple[Pack, Problem, Sites]],
) -> tuple[Complex, Status]:
    """Derivative (sites, 2E, L) of the states of a pack at fixed energies.

    beside : of each neighbour the pack, problem, and numbers of its sites, at its own gap.
    """
    source = family.derivative([other.residual(states, at) for states, other, at in beside])
    rows, status = state_response(problem, pack, factors, here, lambda _: source)
    return problem.by_site(rows), status


@dataclass(frozen=True)
class DensityChange:
    """Derivatives (4, sites, energies) of N/N0 and its spin parts, their error, and how that was found."""

    values: NDArray[Any]
    error: float
    status: Status


def density_change(
    problem: Problem, gap: Complex, family: Neighbours, gaps: Sequence[Complex], energies: Array, tolerance: float
) -> DensityChange:
    """That of a solution whose gap (sites) becomes that of its neighbours; grids are refined until it is good enough.

    tolerance : relative to the largest derivative.
    """
    values, status = _on_grids(problem, gap, family, gaps, energies)
    error = np.inf
    for level in range(1, 1 + OPTIONS.finest):
        finer = replace(problem, grids=[grid.alike(2**level * (grid.size - 1) + 1) for grid in problem.grids])
        moved = [carry(problem, finer, each) for each in (gap, *gaps)]
        better, status = _on_grids(finer, moved[0], family, moved[1:], energies)
        flat = carry(finer, problem, np.moveaxis(better, 1, 0).reshape(finer.layout.sites, -1))
        better = np.moveaxis(flat.reshape(-1, 4, energies.size), 0, 1)
        error, values = float(np.max(np.abs(better - values))), better
        if error <= tolerance * np.max(np.abs(values), initial=1.0) or status != Status.CONVERGED:
            break
    return DensityChange(values, error, status)


def _on_grids(
    problem: Problem, gap: Complex, family: Neighbours, gaps: Sequence[Complex], energies: Array
) -> tuple[Array, Status]:
    """(4, sites, energies) on given grids."""
    common = in_common_symmetry(problem, family)
    problems = problems_of(common, family)
    here = common.sites(gap)
    sites = [each.sites(own) for each, own in zip(problems, gaps, strict=True)]
    positive, where = np.unique(np.abs(energies), return_inverse=True)
    statuses: list[Status] = []

    def measured(solved: PackSolution) -> tuple[Array]:
        pack = solved.pack
        beside = [(beside_pack(pack, each), each, at) for each, at in zip(problems, sites, strict=True)]
        change, status = state_change(common, pack, solved.factors, here, family, beside)
        statuses.append(status)
        step = OPTIONS.step / np.maximum(np.max(np.abs(change), axis=(0, 1)), 1e-300)
        ahead, behind = (both_signs(pack.state + s * step * change, common.symmetry) for s in (1.0, -1.0))
        return ((ahead - behind)[..., : pack.count] / (2 * step[: pack.count]),)

    none = KnownStates().starts(positive)
    (found,), _, status = solve_energies(common, gap, positive, none, OPTIONS.newton, measured)
    worst = Status(max(int(status.max()), *(int(one) for one in statuses)))
    sign = (np.asarray(energies) < 0).astype(int)
    return found[sign, :, :, where].transpose(1, 2, 0), worst
