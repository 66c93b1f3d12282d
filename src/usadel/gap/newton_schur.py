"""Newton-Schur method for states and gap together: the states of every energy are eliminated, the gap equation is left.

Once the steps are small the Jacobian is kept (chord steps, a tenth of the work); from a neighbouring solution on the
same grids this is so from the start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.spectral import scheme as spectral
from usadel.gap.equation import GapEquation
from usadel.gap.linearization import (
    GapLinearization,
    PackResponse,
    keeps_responses,
    kept_responses,
    pack_response,
)
from usadel.gap.modes import least_modulus, modes
from usadel.gap.state import GapSolution, GapState, Outcome, Solution
from usadel.progress import tell
from usadel.solvers.condensation import Factors
from usadel.solvers.newton import Chords, left_over
from usadel.solvers.status import Status
from usadel.states.newton import BRANCH, TINY, solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack, chord_step
from usadel.work import exhausted


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    iterations: int = 40
    largest_step: float = 0.4  # of the gap, in Δ0, in one step
    diverged: float = 10.0  # growth of the smallest step that ends the iteration, after so many steps
    tried: int = 9  # see diverged
    solved: float = 1e-2  # residual of the scheme, below which a solution may be accepted
    relaxations: int = 400  # sweeps of the fixed-point iteration
    relaxed: float = 1e-4  # relative change at which they end
    lost: float = 1e20  # of the gap equation: states that give such values are no solutions, and sweeps end
    small: float = 0.1  # Δ0, below which it is asked whether a gap collapses ...
    stride: int = 6  # ... by its rates over so many sweeps
    slow: float = 0.02  # ... if the last is not below this, ...
    steady: float = 0.12  # they change by less than this, relatively,
    settled: float = 0.7  # and their limit at least this, relative to it
    rough: float = 1e-4  # change at which the states of such a sweep, and of a new start, are solved
    recovered: float = 1e-6  # see rough
    soft: float = 0.05  # eigenvalues of A of which the softest is measured
    difference: float = 1e-4  # of finite differences, along a direction of unit norm
    improvements: int = 2  # of the states' response to it, each by a factor of about 0.1
    states: float = 10.0  # tolerances of the gap, that the states may still change by, relatively
    climb: float = 1.5  # see `_downhill`; 2 would be Newton's step, uphill: near a fold each step is then half as far
    far: float = 0.1  # Δ0, steps of the gap downhill that need a direction which is right: states are solved before ...
    directed: float = (
        1e-2  # ... if they are not to this change, at which A may have another sign near the edge of a gap
    )
    # steps (Δ0) of a real, of a complex gap, whose phases are soft
    chords: tuple[Chords, Chords] = (Chords(below=0.1, ratio=0.6), Chords(below=3e-3, ratio=0.6))
    near: float = 0.3  # relative distance of energies up to which a neighbour's Jacobian is taken over
    first_ratio: float = 0.3  # contraction expected after a first step: the Jacobian is of lower order than the scheme


OPTIONS = Options()


@dataclass(frozen=True)
class Step:
    """Newton's step of the states alone.

    Attributes
    ----------
    states : (rows, 8, 1, L), pack by pack; value : G (sites) behind it, complex even where the gap is real.
    residual : largest of the scheme before it.
    """

    states: list[Complex]
    value: Complex
    residual: float


def solve_gap(
    state: GapState, basis: GapBasis, tolerance: float, neighbour: GapLinearization | None = None
) -> GapSolution:
    """Newton steps on all states and the gap until the next one is expected to change them by less than the tolerance.

    Those of a real gap lead to stable solutions only, see `_downhill`.

    neighbour : the linearization of a neighbouring device, to start from if it fits.
    """
    state = replace(state, parts=basis.parts)
    equation = GapEquation(state.problem, state.contour, basis)
    chord = neighbour is not None and _fits(neighbour, state, basis)
    if neighbour is not None and chord:
        linearization = replace(neighbour, equation=equation).leaving_phase(state.gap)
        step = chord_gap_step(linearization, state)
    else:
        linearization, step = full_gap_step(equation, state)
    status, previous, smallest, distance = Status.NOT_CONVERGED, np.inf, np.inf, np.inf
    for iteration in range(1, OPTIONS.iterations + 1):
        path = linearization if chord or basis.parts == 2 else _downhill(linearization, state)
        away = path is not linearization  # from a solution: steps grow
        change, columns = path.gap_step(equation.mismatch(step.value, state.gap))
        size = float(np.max(np.abs(basis.expand(change)))) if np.all(np.isfinite(change)) else np.inf
        tell("gap step", iteration, text=f"change {size:.1e}")
        if not np.isfinite(size):
            break
        far = basis.parts == 1 and size > OPTIONS.far and _states_move(state, step) > OPTIONS.directed
        if far or (chord and size > previous):  # such a step is not taken
            state = _directed(state) if far else state
            chord, previous = False, np.inf
            linearization, step = full_gap_step(equation, state)
            continue
        if not away and iteration > OPTIONS.tried and size > OPTIONS.diverged * smallest:
            break
        largest = OPTIONS.far if away else OPTIONS.largest_step  # not over a solution in between
        factor = min(1.0, largest / size) if size > 0 else 1.0
        state, moved = _advanced(state, linearization, step, factor * change, factor * columns)
        distance, before = max(size, moved), distance
        if (
            left_over(distance, before, OPTIONS.first_ratio, size / _largest(state, basis)) < tolerance
            and step.residual < OPTIONS.solved
        ):
            status = Status.CONVERGED
            break
        if exhausted():
            status = Status.TOO_MUCH_WORK
            break
        if iteration == OPTIONS.iterations:
            break
        chord = not away and OPTIONS.chords[basis.parts - 1].kept(size, previous, chord)
        previous, smallest = (np.inf, np.inf) if away else (size, min(smallest, size))
        if chord:
            step = chord_gap_step(linearization, state)
        else:
            del linearization, step  # before the next ones: all are large
            linearization, step = full_gap_step(equation, state)
    charge = float(np.max(np.abs(step.value.imag)))
    return Solution(state, linearization, Outcome(status, step.residual, distance, iteration, charge))


def full_gap_step(equation: GapEquation, state: GapState) -> tuple[GapLinearization, Step]:
    """A step with a fresh Jacobian."""
    problem = state.problem
    sites, keep = problem.sites(state.gap), keeps_responses(equation, state.packs)

    def solve(pack: Pack) -> tuple[PackResponse, float]:
        residual = problem.residual(pack, sites)
        return pack_response(equation, pack, sites, [residual], keep), float(np.max(np.abs(residual)))

    found = parallel(solve, state.packs)
    parts = [part for part, _ in found]
    response = np.sum([part.response for part in parts], axis=0)
    matrix = equation.matrix(response[:, 1:])
    factors, kept = [part.factors for part in parts], kept_responses(parts)
    linearization = GapLinearization(problem, state.packs, factors, equation, matrix, kept=kept)
    linearization = _with_softest_measured(linearization, state).leaving_phase(state.gap)
    value = np.sum([part.value for part in parts], axis=0) + response[:, 0]
    return linearization, Step([part.steps for part in parts], value, max(each for _, each in found))


def _downhill(linearization: GapLinearization, state: GapState) -> GapLinearization:
    """The same, or with A + a where that has an eigenvalue λ < 0: a = -`Options.climb`·λ.

    A change of the gap in that mode then follows the mismatch of the gap equation, as one in time would, whereas
    Newton's method goes back to a solution that is not stable, or to where there was one. Where no solution is left its
    place is passed in a few steps.
    """
    basis, matrix = linearization.basis, linearization.matrix
    if not np.all(np.isfinite(matrix)):
        return linearization
    found = modes(linearization.problem.network, basis, matrix, state.gap)
    lowest = float(found.values[found.lowest()].real)
    if lowest >= 0.0:
        return linearization
    return replace(linearization, matrix=matrix - OPTIONS.climb * lowest * basis.spread(np.eye(basis.columns)))


def _states_move(state: GapState, step: Step) -> float:
    """Size of the states' own step, without the gap's."""
    pairs = zip(step.states, state.packs, strict=True)
    return max(size_of(state.problem.by_site(x[:, :, 0]), pack.energy) for x, pack in pairs)


def _directed(state: GapState) -> GapState:
    """The same gap with its states, as far as a direction for the gap needs them."""
    return replace(state, packs=solve_states(state.problem, state.packs, state.gap, OPTIONS.directed).packs)


def chord_gap_step(linearization: GapLinearization, state: GapState) -> Step:
    """A step with the Jacobian of an earlier one."""
    problem, equation = state.problem, linearization.equation
    sites = problem.sites(state.gap)

    def solve(item: tuple[Pack, Factors]) -> tuple[Complex, Complex, float]:
        pack, factors = item
        residual = problem.residual(pack, sites)
        x = chord_step(factors, [residual])
        value, response = equation.response(pack, x)
        return x, value + response[:, 0], float(np.max(np.abs(residual)))

    found = parallel(solve, list(zip(state.packs, linearization.factors, strict=True)))
    return Step([f[0] for f in found], np.sum([f[1] for f in found], axis=0), max(f[2] for f in found))


def relax(state: GapState, basis: GapBasis) -> GapState:
    """The state after sweeps of a damped fixed-point iteration, which come near a stable solution from anywhere."""
    problem, packs = state.problem, state.packs
    equation = GapEquation(problem, state.contour, basis)
    fixed = np.where(basis.first_column < 0, state.gap, 0)
    unknowns, sizes = basis.collect(state.gap), []
    for sweep in range(OPTIONS.relaxations):
        gap, last = basis.expand(unknowns) + fixed, unknowns
        packs = solve_states(problem, packs, gap, OPTIONS.rough).packs
        mismatch = equation.mismatch(equation.value(packs), gap)
        if not np.max(np.abs(mismatch), initial=0.0) < OPTIONS.lost:
            break
        unknowns = last + equation.relaxation(mismatch)
        size = np.max(np.abs(unknowns - last))
        tell("relaxation sweep", sweep + 1, text=f"change {size:.1e}")
        if size < OPTIONS.relaxed * np.max(np.abs(last), initial=OPTIONS.relaxed) or exhausted():
            break
        sizes.append(float(np.max(np.abs(unknowns))))
        if collapses(sizes):
            return replace(state, packs=problem.packs(state.contour.energies, fixed), gap=fixed)
    return replace(state, packs=packs, gap=basis.expand(unknowns) + fixed)


def collapses(sizes: list[float]) -> bool:
    """Whether the sizes of a gap along a relaxation tend to zero: exponentially, at a rate that has settled.

    Towards a small gap, or at a transition of second order, the rate tends to zero; then Aitken's limit of three rates
    is at most half of the last one.
    """
    stride = OPTIONS.stride
    if len(sizes) <= 3 * stride or sizes[-1] > OPTIONS.small:
        return False
    first, second, last = (1 - sizes[-1 - k * stride] / sizes[-1 - (k + 1) * stride] for k in (2, 1, 0))
    before, change = second - first, last - second
    if last < OPTIONS.slow or abs(change) > OPTIONS.steady * last or abs(change) >= abs(before):
        return False
    return last - change**2 / (change - before) > OPTIONS.settled * last


def turned_gap(gap: Complex, step: Complex, basis: GapBasis, bounded: bool = True) -> Complex:
    """The gap after a step; a complex one is turned along a circle, in the shapes that its unknowns can have."""
    if basis.parts == 1:
        return gap + step
    phase = (gap.conj() * step).imag / (np.abs(gap) ** 2 + TINY)
    return gap + basis.expand(basis.collect(_turned_step(gap, step, phase, bounded)))


def size_of(move: Complex, energy: Complex) -> float:
    """Size of a change of states (sites, 8, L): its largest element, or that times |ε| over `Options.states`.

    States fall like Δ/2ε, and energy densities weigh those of high energies most; but a change relative to the states
    themselves would never be small where they vanish with the gap.
    """
    largest = np.max(np.abs(move), axis=(0, 1))
    return float(np.max(largest * np.maximum(1.0, np.abs(energy) / OPTIONS.states)))


def _largest(state: GapState, basis: GapBasis) -> float:
    """Largest gap that is solved for: Newton's method contracts by the size of a step relative to it, at the end."""
    return float(np.max(np.abs(basis.collect(state.gap)))) + TINY


def _fits(neighbour: GapLinearization, state: GapState, basis: GapBasis) -> bool:
    """Whether the linearization of a neighbouring device has the same unknowns, and energies that are near."""
    old, new = neighbour.problem, state.problem
    pairs = list(zip(neighbour.packs, state.packs, strict=False))
    return (
        len(neighbour.packs) == len(state.packs)
        and neighbour.basis.columns == basis.columns
        and [g.size for g in old.grids] == [g.size for g in new.grids]
        and all(theirs.count == mine.count for theirs, mine in pairs)
        and all(bool(np.all(np.abs(a.energy - b.energy) < OPTIONS.near * np.abs(b.energy))) for a, b in pairs)
    )


def _advanced(
    state: GapState, linearization: GapLinearization, step: Step, change: Array, columns: Array
) -> tuple[GapState, float]:
    """The state after a step, and the size of the states' change; where one leaves the physical branch, a new start."""
    problem, basis = state.problem, linearization.basis
    gap = turned_gap(state.gap, basis.expand(change), basis)

    def update(number: int) -> tuple[Pack, float]:
        pack = state.packs[number]
        move = problem.by_site(step.states[number][:, :, 0])
        move = move + linearization.response(number, columns[:, None])[:, :, 0]
        ahead = pack.stepped(_turned_state_step(pack.state, move) if basis.parts == 2 else move)
        physical = np.all(spectral.spectral_radius(ahead.state) <= BRANCH)
        return ahead, size_of(move, pack.energy) if physical else np.inf

    found = parallel(update, range(len(state.packs)))
    moved = max(size for _, size in found)
    if not np.isfinite(moved):
        packs = problem.packs(state.contour.energies, gap)
        return replace(state, packs=solve_states(problem, packs, gap, OPTIONS.recovered).packs, gap=gap), moved
    return replace(state, packs=[pack for pack, _ in found], gap=gap), moved


def _with_softest_measured(linearization: GapLinearization, state: GapState) -> GapLinearization:
    """A corrected along its softest direction, where its eigenvalue may be as small as the error of the compact scheme.

    The states' response x to that direction is improved with the residual's own derivative, by finite differences.
    """
    problem, basis, equation = state.problem, linearization.basis, linearization.equation
    matrix = linearization.matrix
    if not np.all(np.isfinite(matrix)) or least_modulus(basis.restrict(matrix)) > OPTIONS.soft:
        return linearization
    found = modes(problem.network, basis, matrix, state.gap)
    softest = found.softest()
    if not np.abs(found.values[softest]) < OPTIONS.soft:
        return linearization
    along = found.vectors[:, softest].real
    along = along / np.linalg.norm(along)
    step = basis.expand(basis.spread(along))
    ahead, behind = (problem.sites(state.gap + sign * OPTIONS.difference * step) for sign in (1, -1))

    def improved(number: int) -> tuple[Complex, Complex]:
        pack, factors = state.packs[number], linearization.factors[number]
        first = x = linearization.to_change(number, step[:, None])[:, :, 0]
        for _ in range(OPTIONS.improvements):
            move = OPTIONS.difference * problem.by_site(x)
            rates = []
            for sites, moved in ((ahead, pack.state + move), (behind, pack.state - move)):
                rates.append(problem.residual(pack.at(moved), sites))
            x = x + chord_step(factors, [(rates[0] - rates[1]) / (2 * OPTIONS.difference)])[:, :, 0]
        return equation.response(pack, x[:, :, None])[1][:, 0], (x - first)[:, :, None]

    moved = parallel(improved, range(len(state.packs)))
    exact = basis.collect(equation.coupling * step - np.sum([response for response, _ in moved], axis=0))
    matrix = matrix + np.outer(exact - matrix @ along, along)
    return replace(linearization, matrix=matrix, softest=(along, [beyond for _, beyond in moved]))


def _turned_state_step(state: Complex, step: Complex) -> Complex:
    """A step of states that turns the phases of γ and γ̃ by opposite angles."""
    product = (state.conj() * step).imag
    phase = np.sum(product[:, :4] - product[:, 4:], axis=1) / (np.sum(np.abs(state) ** 2, axis=1) + TINY)
    sign = np.repeat([1.0, -1.0], 4)[:, None]
    return _turned_step(state, step, sign * phase[:, None])


def _turned_step(value: Complex, step: Complex, phase: Array, bounded: bool = True) -> Complex:
    """(value + step - iφ value) e^{iφ} - value: a step to first order, with the phase taken along the circle.

    Soft phases go far. `bounded`: less so where the step is larger than the value, whose phase has then no meaning.
    """
    phase = phase / (1 + phase**2) if bounded else phase
    turn = np.expm1(1j * phase)
    turned: Complex = value * (turn - 1j * phase * (1 + turn)) + step * (1 + turn)
    return turned
