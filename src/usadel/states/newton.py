"""Newton's method for the states at a given gap: damped, kept on the physical branch, with a homotopy.

Every energy has its own status. An energy whose iteration fails is solved again along ε + iη from large η down, and so
is one whose spectral function comes out negative somewhere: there are solutions of the wrong branch with a positive
trace, on which γγ̃ has a spectral radius below one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.algebra.riccati import largest_singular_value
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.scheme import Sites
from usadel.progress import pulse
from usadel.solvers.condensation import Factors
from usadel.solvers.newton import Chords
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import LOST_DIGITS, Array, Pack, Problem, chord_step
from usadel.work import exhausted

BRANCH = 1.0 + 1e-6  # largest spectral radius of γγ̃, and largest singular value of γ and γ̃, allowed


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    iterations: int = 30
    homotopy_start: float = 4.0  # Δ0
    homotopy_steps: int = 80
    stalled: float = 1e-11  # changes by a full step below this that no longer shrink are rounding
    rounding: float = 1e-9  # residuals below this may grow
    chords: Chords = field(default=Chords(below=3e-2, ratio=0.5))  # changes, per lane
    halvings: int = 8  # of a step, at most
    lost: int = 3  # such steps in a row that went too far even so: what remains is for the homotopy
    smallest_fraction: float = 0.02  # of η, below which the homotopy gives up


OPTIONS = Options()

TINY = 1e-14


@dataclass(frozen=True)
class PackSolution:
    """States of a pack, the eliminated Jacobian of the last full step, and the status of every energy (count)."""

    pack: Pack
    factors: Factors
    status: NDArray[np.int64]


@dataclass(frozen=True)
class States:
    """States of all packs with their eliminated Jacobians, and the worst status of all energies."""

    packs: list[Pack]
    factors: list[Factors]
    status: Status


def solve_states(problem: Problem, packs: list[Pack], gap: Complex, tolerance: float) -> States:
    """Bring the states of all packs to convergence at a given gap."""
    sites = problem.sites(gap)
    solved = parallel(lambda pack: solve_pack(problem, pack, sites, gap, tolerance), packs)
    worst = Status(max(int(s.status.max()) for s in solved))
    return States([s.pack for s in solved], [s.factors for s in solved], worst)


def solve_pack(problem: Problem, pack: Pack, sites: Sites, gap: Complex, tolerance: float) -> PackSolution:
    """Bring the states of one pack to convergence."""
    found, factors, status = iterate(problem, pack, sites, tolerance)
    failed = np.flatnonzero((status != Status.CONVERGED) | ~positive(found.state))
    if failed.size and not exhausted():
        state = found.state
        state[:, :, failed], status[failed] = _homotopy(problem, pack, failed, gap, sites, tolerance)
        found = found.at(state)
        factors = problem.linear_step(found, sites, [])[2]  # those of the lanes that failed are no use
    return PackSolution(found, factors, status[: pack.count])


def positive(state: Complex) -> NDArray[np.bool_]:
    """Whether the spectral function of a state (sites, 2E, L) is positive on all sites, (L)."""
    return np.asarray(np.max(largest_singular_value(state), axis=0) <= BRANCH)


def iterate(problem: Problem, pack: Pack, sites: Sites, tolerance: float) -> tuple[Pack, Factors, NDArray[np.int64]]:
    """Damped Newton steps until every lane's change is below the tolerance: the pack, factors, status (L)."""
    lanes = pack.energy.size
    status = np.full(lanes, Status.NOT_CONVERGED)
    residual = problem.residual(pack, sites)
    norm = _norm(residual)
    last = np.full(lanes, np.inf)
    chord, lost = False, np.zeros(lanes, int)
    with np.errstate(all="ignore"):
        x, growth, factors = problem.linear_step(pack, sites, [residual])
    for _ in range(OPTIONS.iterations):
        pulse()
        step = problem.by_site(x[:, :, 0])
        change = _norm(step)
        relative = change / np.minimum(1.0, _norm(pack.state) + TINY)  # states are small at high energies
        # chord steps may shrink as slowly for another reason, where small states of high energies are far from solved
        is_rounding = (change < OPTIONS.stalled) & (change > 0.5 * last) & (not chord)
        done = (relative < tolerance) | is_rounding
        status[done & (growth < LOST_DIGITS)] = Status.CONVERGED
        status[done & ~(growth < LOST_DIGITS)] = Status.LOST_DIGITS
        if done.all():
            pack = pack.stepped(step)
            break
        pack, residual, norm, good = _advance(problem, pack, sites, step, norm)
        lost = np.where(good, 0, lost + 1)
        if np.all(done | ~np.isfinite(change) | (lost >= OPTIONS.lost)):
            break
        if exhausted():
            status[~done] = Status.TOO_MUCH_WORK
            break
        chord = OPTIONS.chords.kept(change, last, chord, done)
        last = change
        with np.errstate(all="ignore"):
            if chord:
                x = chord_step(factors, [residual])
            else:
                x, growth, factors = problem.linear_step(pack, sites, [residual])
    radius = spectral.spectral_radius(pack.state)
    status[(status == Status.CONVERGED) & ~(radius <= BRANCH)] = Status.UNPHYSICAL
    return pack, factors, status


def _advance(
    problem: Problem, pack: Pack, sites: Sites, step: Complex, norm: Array
) -> tuple[Pack, Complex, Array, NDArray[np.bool_]]:
    """Add the step, halved per lane until the state is physical and the residual small; whether it was in the end."""
    factor = np.ones(norm.size)
    for _ in range(OPTIONS.halvings):
        with np.errstate(all="ignore"):
            moved = pack.stepped(factor * step)
            radius = spectral.spectral_radius(moved.state)
            residual = problem.residual(moved, sites)
            new = _norm(residual)
            good = (radius <= BRANCH) & (new <= 2.0 * norm + OPTIONS.rounding)
        if good.all():
            break
        factor = np.where(good, factor, 0.5 * factor)
    return moved, residual, new, good


def _homotopy(
    problem: Problem, pack: Pack, lanes: NDArray[np.int64], gap: Complex, sites: Sites, tolerance: float
) -> tuple[Complex, NDArray[np.int64]]:
    """Solve some lanes from ε + iη, each with its own η from large to 0; a fraction of η that fails is halved.

    Returns the states of these lanes, those of the pack where none was found, and their status.

    A step fails that makes a positive spectral function negative. One that is negative from the start stays as it is:
    interface laws of second order in a large transmission can ask for that.
    """
    status = np.full(lanes.size, Status.NOT_CONVERGED)
    height = np.full(lanes.size, OPTIONS.homotopy_start)
    fraction = np.full(lanes.size, 0.5)
    solved = np.full(lanes.size, np.nan)
    was_positive = np.zeros(lanes.size, bool)
    states: list[Complex | None] = [None] * lanes.size
    out = pack.state[:, :, lanes]
    for _ in range(OPTIONS.homotopy_steps):
        going = np.flatnonzero((status != Status.CONVERGED) & (fraction > OPTIONS.smallest_fraction) & (height < 1e4))
        if going.size == 0 or exhausted():
            break
        trial = problem.pack(going, pack.energy[lanes[going]] + 1j * height[going])
        for k, lane in enumerate(going):
            known = states[lane]
            if known is not None:
                trial.state[:, :, k] = known
        solved_pack, _, outcome = iterate(problem, trial, sites, tolerance)
        found = solved_pack.state
        is_positive = positive(found)
        for k, lane in enumerate(going):
            good = outcome[k] == Status.CONVERGED and (is_positive[k] or not was_positive[lane])
            if good:
                states[lane], solved[lane] = found[:, :, k].copy(), height[lane]
                was_positive[lane] = is_positive[k]
            if good and height[lane] == 0.0:
                status[lane] = Status.CONVERGED
                out[:, :, lane] = found[:, :, k]
            elif states[lane] is None:
                height[lane] *= 4.0
            else:
                fraction[lane] = min(0.8, 1.5 * fraction[lane]) if good else 0.5 * fraction[lane]
                height[lane] = solved[lane] * (1 - fraction[lane])
                if height[lane] < 1e-3 * (np.abs(pack.energy[lanes[lane]].imag) + 1e-3):
                    height[lane] = 0.0
    if exhausted():
        status[status != Status.CONVERGED] = Status.TOO_MUCH_WORK
    return out, status


def _norm(values: Complex) -> Array:
    return np.asarray(np.max(np.abs(values), axis=(0, 1)))
