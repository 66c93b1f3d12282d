"""How states answer a small change of gap or reservoirs: r'(γ)γ' + ∂r/∂p p' = 0 of the residual r of the wide stencils.

Newton's Jacobian is that of compact stencils, a few percent off; steps with it converge to the answer, as they do in
Newton's method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.equations.spectral.scheme import Sites
from usadel.progress import pulse
from usadel.solvers.condensation import Factors
from usadel.solvers.status import Status
from usadel.states.problem import Pack, Problem, chord_step


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    accuracy: float = 1e-6  # of the answer, relative to its largest value at an energy
    iterations: int = 30
    # change of γ in central differences of the residual, with sharp edges in fine grids, too: one-sided ones with 1e-7
    # left roundings of 1e-6, which is no less than the accuracy
    step: float = 1e-5


OPTIONS = Options()


Source = Callable[[Complex], Complex]
"""∂r/∂p p' (rows, 2E, L), from the residual itself."""


def by_gap(problem: Problem, pack: Pack, moved: Sites) -> Source:
    """Of a change of the gap that makes `moved` of the numbers of all sites."""
    return lambda here: problem.residual(pack, moved) - here  # linear in the gap


def by_reservoirs(pack: Pack, gap: Complex, ahead: Problem, behind: Problem, step: float) -> Source:
    """Of a change of reservoirs, from what it makes of the problem at a gap one step ahead and one behind."""

    def source(_: Complex) -> Complex:
        beside = []
        for problem in (ahead, behind):
            boundary, fixed = problem.boundaries(pack.energy)
            beside.append(problem.residual(replace(pack, boundary=boundary, fixed=fixed), problem.sites(gap)))
        return (beside[0] - beside[1]) / (2 * step)

    return source


def state_response(
    problem: Problem, pack: Pack, factors: Factors, sites: Sites, change: Source
) -> tuple[Complex, Status]:
    """Change (rows, 2E, L) of the states of a pack."""
    pulse()
    here = problem.residual(pack, sites)
    source = change(here)
    found = np.zeros_like(source)
    left = source
    for _ in range(OPTIONS.iterations):
        x = chord_step(factors, [left])[:, :, 0]
        found += x
        size = np.max(np.abs(found), axis=(0, 1))
        if not np.any(np.max(np.abs(x), axis=(0, 1)) > OPTIONS.accuracy * size):
            return found, Status.CONVERGED if np.all(np.isfinite(size)) else Status.NOT_CONVERGED
        step = OPTIONS.step / np.maximum(size, 1e-300)
        change_of_state = step * problem.by_site(found)
        ahead, behind = (problem.residual(pack.at(pack.state + way * change_of_state), sites) for way in (1.0, -1.0))
        left = source + (ahead - behind) / (2 * step)
    return found, Status.NOT_CONVERGED
