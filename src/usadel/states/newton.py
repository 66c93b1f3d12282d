"""Newton's method for the states at a given gap: damped, kept on the physical branch, with a homotopy.

Every energy has its own status. An energy whose iteration fails is solved again along ε + iη from large η down, and so
is one whose spectral function comes out negative somewhere: there are solutions of the wrong branch with a positive
trace, on which γγ̃ has a spectral radius below one.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.algebra.riccati import largest_singular_value
from usadel.equations.spectral import scheme as spectral
from usadel.equations.spectral.scheme import Sites
from usadel.progress import pulse
from usadel.solvers.status import Status
from usadel.states.parallel import parallel
from usadel.states.problem import LOST_DIGITS, Discrete, Pack

ITERATIONS = 30
BRANCH = 1.0 + 1e-6  # largest spectral radius of γγ̃, and largest singular value of γ and γ̃, allowed
HOMOTOPY_START = 4.0  # Δ0
HOMOTOPY_STEPS = 80
TINY = 1e-14
STALLED = 1e-11  # changes below this that no longer shrink are rounding
ROUNDING = 1e-9  # residuals below this may grow
CHORD_BELOW = 3e-2  # changes below which the Jacobian is kept
CHORD_RATIO = 0.5  # contraction above which it is renewed
SMALLEST_FRACTION = 0.02  # of η, below which the homotopy gives up


def solve_states(problem: Discrete, packs: list[Pack], gap: Complex, tolerance: float) -> list[np.ndarray]:
    """Bring the states of all packs to convergence at a given gap; status per energy, by pack."""
    sites = problem.sites(gap)
    return parallel(lambda pack: solve_pack(problem, pack, sites, gap, tolerance), packs)


def solve_pack(problem: Discrete, pack: Pack, sites: Sites, gap: Complex, tolerance: float) -> np.ndarray:
    """Bring the states of one pack to convergence; status per energy."""
    start = pack.state.copy()
    status = iterate(problem, pack, sites, tolerance)
    failed = np.flatnonzero((status != Status.CONVERGED) | ~positive(pack.state))
    if failed.size:
        status[failed] = _homotopy(problem, pack, failed, start, gap, sites, tolerance)
    return status[: pack.count]


def positive(state: Complex) -> np.ndarray:
    """Whether the spectral function of a state (sites, 8, L) is positive on all sites, (L)."""
    return np.max(largest_singular_value(state), axis=0) <= BRANCH


def iterate(problem: Discrete, pack: Pack, sites: Sites, tolerance: float) -> np.ndarray:
    """Damped Newton steps on a pack until every lane's change is below the tolerance; status (L)."""
    lanes = pack.energy.size
    status = np.full(lanes, Status.NOT_CONVERGED)
    residual = problem.residual(pack, sites)
    norm = _norm(residual)
    last = np.full(lanes, np.inf)
    growth = np.zeros(lanes)
    chord = False
    for _ in range(ITERATIONS):
        pulse()
        with np.errstate(all="ignore"):
            if chord:
                x = problem.chord_step(pack, sites, [residual])
            else:
                x, growth = problem.linear_step(pack, sites, [residual], None)
        step = problem.by_site(x[:, :, 0])
        change = _norm(step)
        relative = change / np.minimum(1.0, _norm(pack.state) + TINY)  # states are small at high energies
        done = (relative < tolerance) | ((change < STALLED) & (change > 0.5 * last))
        status[done & (growth < LOST_DIGITS)] = Status.CONVERGED
        status[done & ~(growth < LOST_DIGITS)] = Status.LOST_DIGITS
        if done.all():
            pack.state = pack.state + step
            break
        residual, norm = _advance(problem, pack, sites, step, norm)
        if not np.isfinite(change).any():
            break
        chord = bool(np.all((change < CHORD_BELOW) & ((not chord) | done | (change < CHORD_RATIO * last))))
        last = change
    radius = spectral.spectral_radius(pack.state)
    status[(status == Status.CONVERGED) & ~(radius <= BRANCH)] = Status.UNPHYSICAL
    return status


def _advance(problem: Discrete, pack: Pack, sites: Sites, step: Complex, norm: np.ndarray):
    """Add the step, halved per lane until the state is physical and the residual does not explode."""
    start = pack.state
    factor = np.ones(norm.size)
    for _ in range(8):
        with np.errstate(all="ignore"):
            pack.state = start + factor * step
            radius = spectral.spectral_radius(pack.state)
            residual = problem.residual(pack, sites)
            new = _norm(residual)
            good = (radius <= BRANCH) & (new <= 2.0 * norm + ROUNDING)
        if good.all():
            break
        factor = np.where(good, factor, 0.5 * factor)
    return residual, new


def _homotopy(
    problem: Discrete, pack: Pack, lanes: np.ndarray, start: Complex, gap: Complex, sites: Sites, tolerance: float
) -> np.ndarray:
    """Solve some lanes from ε + iη, each with its own η from large to 0; a fraction of η that fails is halved.

    A step fails that makes a positive spectral function negative. One that is negative from the start stays as it is:
    interface laws of second order in a large transmission can ask for that.
    """
    status = np.full(lanes.size, Status.NOT_CONVERGED)
    height = np.full(lanes.size, HOMOTOPY_START)
    fraction = np.full(lanes.size, 0.5)
    solved = np.full(lanes.size, np.nan)
    was_positive = np.zeros(lanes.size, bool)
    states: list[Complex | None] = [None] * lanes.size
    for _ in range(HOMOTOPY_STEPS):
        going = np.flatnonzero((status != Status.CONVERGED) & (fraction > SMALLEST_FRACTION) & (height < 1e4))
        if going.size == 0:
            break
        trial = problem.pack(going, pack.energy[lanes[going]] + 1j * height[going], gap)
        for k, lane in enumerate(going):
            known = states[lane]
            if known is not None:
                trial.state[:, :, k] = known
        outcome = iterate(problem, trial, sites, tolerance)[: going.size]
        is_positive = positive(trial.state)
        for k, lane in enumerate(going):
            good = outcome[k] == Status.CONVERGED and (is_positive[k] or not was_positive[lane])
            if good:
                states[lane], solved[lane] = trial.state[:, :, k].copy(), height[lane]
                was_positive[lane] = is_positive[k]
            if good and height[lane] == 0.0:
                status[lane] = Status.CONVERGED
                pack.state[:, :, lanes[lane]] = trial.state[:, :, k]
            elif states[lane] is None:
                height[lane] *= 4.0
            else:
                fraction[lane] = min(0.8, 1.5 * fraction[lane]) if good else 0.5 * fraction[lane]
                height[lane] = solved[lane] * (1 - fraction[lane])
                if height[lane] < 1e-3 * (np.abs(pack.energy[lanes[lane]].imag) + 1e-3):
                    height[lane] = 0.0
    failed = lanes[status != Status.CONVERGED]
    pack.state[:, :, failed] = start[:, :, failed]
    return status


def _norm(values: Complex) -> np.ndarray:
    return np.max(np.abs(values), axis=(0, 1))
