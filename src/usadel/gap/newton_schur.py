"""Newton-Schur method for states and gap together.

The factorization of every energy also solves for the response to each gap unknown; their sum over energies is a small
dense matrix A = K - ∂G/∂Δ of the gap equation K Δ = G[Δ]. Its eigenvalues tell the stability of the solution.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.equations.spectral import scheme as spectral
from usadel.gap.equation import GapEquation
from usadel.gap.modes import turns_all_phases
from usadel.progress import tell
from usadel.solvers.status import Status
from usadel.states.newton import BRANCH, TINY, solve_states
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Discrete, Pack

ITERATIONS = 40
LARGEST_STEP = 0.4  # of the gap, in Δ0, in one step
RELAXATIONS = 400  # sweeps of the fixed-point iteration
RELAXED = 1e-4  # relative change at which they end
SOFT = 0.05  # eigenvalues of A of which the softest is measured
DIFFERENCE = 1e-4  # of finite differences, along a direction of unit norm
IMPROVEMENTS = 2  # of the states' response to it, each by a factor of about 0.1
STATES = 10.0  # tolerances of the gap, that the states may still change by, relatively
CHORD_BELOW = (0.1, 3e-3)  # steps (Δ0) below which the responses to a real, a complex gap are kept: phases are soft
CHORD_RATIO = 0.6  # contraction above which they are renewed
NEAR = 0.3  # relative distance of energies up to which a neighbour's responses are taken over
FIRST_RATIO = 0.3  # contraction expected after a first step: the Jacobian is of lower order than the scheme


@dataclass
class GapSolution:
    """A solved device at one level of refinement.

    Attributes
    ----------
    basis, equation : unknowns and weights of the gap equation; None if every gap is given.
    matrix : A = K - ∂G/∂Δ of the last full step.
    value : G (sites) by the last step, complex even where the gap is real.
    responses : by pack, change (rows, 8, columns, L) of the states by each column; steps : the last ones, by site.
    residual : largest of the scheme; last_step : largest change of gap (Δ0) and states by the last step.
    reference : the equilibrium that a gap with solved distributions was found from.
    turn : left and right null vector of A (columns), along which steps leave the global phase where it is.
    """

    problem: Discrete
    contour: Contour
    packs: list[Pack]
    gap: Complex
    basis: GapBasis | None
    equation: GapEquation | None
    status: Status
    residual: float = np.inf
    iterations: int = 0
    last_step: float = np.inf
    matrix: Array | None = None
    value: Complex | None = None
    responses: list[Complex] | None = None
    steps: list[Complex] = field(default_factory=list)
    history: list[float] = field(default_factory=list)
    reference: GapSolution | None = None
    turn: tuple[Array, Array] | None = None

    def copy(self) -> GapSolution:
        """The same with states and gap of its own."""
        return replace(self, packs=[replace(p, state=p.state.copy()) for p in self.packs], gap=self.gap.copy())

    def gap_step(self, mismatch: Array) -> tuple[Array, Array]:
        """Newton's step of the gap for a mismatch of its equation, see `GapEquation.step`."""
        assert self.matrix is not None and self.equation is not None
        if self.turn is None:
            return self.equation.step(self.matrix, mismatch)
        basis, (left, right) = self.equation.basis, self.turn
        mismatch = mismatch - basis.spread(left * (left @ basis.restrict(mismatch)))
        change, columns = self.equation.step(self.matrix, mismatch)
        share = right * (right @ columns)
        return change - basis.spread(share), columns - share


def solve_gap(
    problem: Discrete,
    contour: Contour,
    packs: list[Pack],
    gap: Complex,
    basis: GapBasis,
    tolerance: float,
    neighbour: GapSolution | None = None,
) -> GapSolution:
    """Newton steps on all states and the gap until the next one is expected to change them by less than the tolerance.

    Once the steps are small the Jacobian and the responses to the gap are kept (chord steps, a tenth of the work);
    from a neighbouring solution on the same grids this is so from the start.
    """
    equation = GapEquation(problem, contour, basis)
    solution = GapSolution(problem, contour, packs, gap, basis, equation, Status.NOT_CONVERGED)
    previous = smallest = np.inf
    chord = neighbour is not None and _lend(neighbour, solution)
    for iteration in range(ITERATIONS):
        solution.iterations = iteration + 1
        mismatch = _chord_step(solution) if chord else _full_step(solution)
        change, coefficients = solution.gap_step(mismatch)
        size = float(np.max(np.abs(basis.expand(change)))) if np.all(np.isfinite(change)) else np.inf
        solution.history.append(size)
        tell("gap step", iteration + 1, text=f"change {size:.1e}")
        if not np.isfinite(size) or (iteration > 8 and size > 10 * smallest):
            break
        factor = min(1.0, LARGEST_STEP / size) if size > 0 else 1.0
        solution.gap = _stepped_gap(solution.gap, factor * basis.expand(change), basis)
        moved = _update_states(solution, factor * coefficients)
        if not np.isfinite(moved):
            _recover(problem, packs, solution.gap)
        ratio = size / previous if np.isfinite(previous) else FIRST_RATIO
        step, before = max(size, moved), solution.last_step
        solution.last_step = step
        expected = step * min(1.0, step / before if np.isfinite(before) else FIRST_RATIO)
        if expected < tolerance and solution.residual < 1e-2:
            solution.status = Status.CONVERGED
            break
        keep = not chord or ratio < CHORD_RATIO
        chord = solution.responses is not None and size < CHORD_BELOW[basis.parts - 1] and keep
        previous, smallest = size, min(smallest, size)
    return solution


def relax(problem: Discrete, contour: Contour, packs: list[Pack], gap: Complex, basis: GapBasis) -> Complex:
    """Gap after some sweeps of a damped fixed-point iteration, which come near a stable solution from anywhere."""
    equation = GapEquation(problem, contour, basis)
    fixed = np.where(basis.first_column < 0, gap, 0)
    unknowns = basis.collect(gap)
    for sweep in range(RELAXATIONS):
        gap, last = basis.expand(unknowns) + fixed, unknowns
        solve_states(problem, packs, gap, 1e-4)
        unknowns = last + equation.relaxation(equation.mismatch(equation.value(packs), gap))
        size = np.max(np.abs(unknowns - last))
        tell("relaxation sweep", sweep + 1, text=f"change {size:.1e}")
        if size < RELAXED * np.max(np.abs(last), initial=RELAXED):
            break
    return basis.expand(unknowns) + fixed


def _lend(neighbour: GapSolution, solution: GapSolution) -> bool:
    """Give the Jacobian and responses of a neighbouring solution to a new one, if they fit."""
    old, new = neighbour.problem, solution.problem
    theirs, mine = neighbour.contour.energies, solution.contour.energies
    assert solution.basis is not None
    fits = (
        neighbour.basis is not None
        and neighbour.responses is not None
        and neighbour.basis.columns == solution.basis.columns
        and [g.size for g in old.grids] == [g.size for g in new.grids]
        and theirs.size == mine.size
        and bool(np.all(np.abs(theirs - mine) < NEAR * np.abs(mine)))
    )
    if fits:
        solution.matrix, solution.responses = neighbour.matrix, neighbour.responses
        for pack, other in zip(solution.packs, neighbour.packs, strict=True):
            pack.factors = other.factors
    return fits


def _full_step(solution: GapSolution) -> Array:
    """One Newton step with fresh responses to the gap; returns the mismatch of the gap equation."""
    problem, equation = solution.problem, solution.equation
    assert equation is not None
    sites = problem.sites(solution.gap)

    def step(pack: Pack):
        residual = problem.residual(pack, sites)
        x, _ = problem.linear_step(pack, sites, [residual], solution.basis)
        value, response = equation.response(pack, x)
        return x, value, response, float(np.max(np.abs(residual)))

    results = parallel(step, solution.packs)
    response = sum(r[2] for r in results)
    solution.matrix = equation.matrix(response[:, 1:])
    solution.responses = [r[0][:, :, 1:] for r in results]
    if solution.basis is not None and solution.basis.parts == 2:
        _measure_softest(solution)
    solution.steps = [problem.by_site(r[0][:, :, 0]) for r in results]
    solution.residual = max(r[3] for r in results)
    solution.value = sum(r[1] for r in results) + response[:, 0]
    return equation.mismatch(solution.value, solution.gap)


def _chord_step(solution: GapSolution) -> Array:
    """One step of the states alone; the responses to the gap stay those of the last full step."""
    problem, equation = solution.problem, solution.equation
    assert equation is not None
    sites = problem.sites(solution.gap)

    def step(pack: Pack):
        residual = problem.residual(pack, sites)
        x = problem.chord_step(pack, sites, [residual])
        value, response = equation.response(pack, x)
        return problem.by_site(x[:, :, 0]), value + response[:, 0], float(np.max(np.abs(residual)))

    results = parallel(step, solution.packs)
    solution.steps = [r[0] for r in results]
    solution.residual = max(r[2] for r in results)
    solution.value = sum(r[1] for r in results)
    return equation.mismatch(solution.value, solution.gap)


def _update_states(solution: GapSolution, change: Array) -> float:
    """Add the step to all states; its size, infinite if a state left the physical branch."""
    assert solution.responses is not None and solution.basis is not None
    turning = solution.basis.parts == 2

    def update(item) -> float:
        pack, step, response = item
        move = step + combine(solution.problem, response, change)
        size = size_of(move, pack.energy)
        pack.state = _stepped_state(pack.state, move) if turning else pack.state + move
        return size if np.all(spectral.spectral_radius(pack.state) <= BRANCH) else np.inf

    return max(parallel(update, list(zip(solution.packs, solution.steps, solution.responses, strict=True))))


def _measure_softest(solution: GapSolution) -> None:
    """Correct A along its softest direction, where its eigenvalue may be as small as the error of the compact scheme.

    The states' response x to that direction is improved with the residual's own derivative, by finite differences.
    """
    problem, basis, equation = solution.problem, solution.basis, solution.equation
    assert basis is not None and equation is not None and solution.matrix is not None
    assert solution.responses is not None
    if not np.all(np.isfinite(solution.matrix)):
        return
    values, vectors = np.linalg.eig(basis.restrict(solution.matrix))
    lowest = int(
        np.argmin(np.where(turns_all_phases(problem.network, basis, solution.gap, vectors), np.inf, np.abs(values)))
    )
    if not np.abs(values[lowest]) < SOFT:
        return
    along = vectors[:, lowest].real
    step = basis.expand(basis.spread(along))
    ahead, behind = (problem.sites(solution.gap + sign * DIFFERENCE * step) for sign in (1, -1))

    def improved(item) -> Complex:
        pack, response = item
        x, state = np.matmul(along, response), pack.state
        for _ in range(IMPROVEMENTS):
            move = DIFFERENCE * problem.by_site(x)
            rates = []
            for sites, moved in ((ahead, state + move), (behind, state - move)):
                rates.append(problem.residual(replace(pack, state=moved), sites))
            x = x + problem.chord_step(pack, ahead, [(rates[0] - rates[1]) / (2 * DIFFERENCE)])[:, :, 0]
        return equation.response(pack, x[:, :, None])[1][:, 0]

    response = sum(parallel(improved, list(zip(solution.packs, solution.responses, strict=True))))
    found = basis.collect(equation.coupling * step - response)
    solution.matrix += np.outer(found - solution.matrix @ along, along / (along @ along))


def _stepped_gap(gap: Complex, step: Complex, basis: GapBasis, bounded: bool = True) -> Complex:
    """The gap after a step; a complex one is turned along a circle, in the shapes that its unknowns can have."""
    if basis.parts == 1:
        return gap + step
    phase = (gap.conj() * step).imag / (np.abs(gap) ** 2 + TINY)
    return gap + basis.expand(basis.collect(_turned(gap, step, phase, bounded) - gap))


def _stepped_state(state: Complex, step: Complex) -> Complex:
    """States after a step, with the phases of γ and γ̃ turned by opposite angles."""
    product = (state.conj() * step).imag
    phase = np.sum(product[:, :4] - product[:, 4:], axis=1) / (np.sum(np.abs(state) ** 2, axis=1) + TINY)
    sign = np.repeat([1.0, -1.0], 4)[:, None]
    return _turned(state, step, sign * phase[:, None])


def _turned(value: Complex, step: Complex, phase: Array, bounded: bool = True) -> Complex:
    """value + step to first order, with the phase taken along the circle: soft phases go far.

    `bounded`: less so where the step is larger than the value, whose phase has then no meaning.
    """
    phase = phase / (1 + phase**2) if bounded else phase
    return (value + step - 1j * phase * value) * np.exp(1j * phase)


def size_of(move: Complex, energy: Complex) -> float:
    """Size of a change of states (sites, 8, L): its largest element, or that times |ε| over `STATES`.

    States fall like Δ/2ε, and energy densities weigh those of high energies most; but a change relative to the states
    themselves would never be small where they vanish with the gap.
    """
    largest = np.max(np.abs(move), axis=(0, 1))
    return float(np.max(largest * np.maximum(1.0, np.abs(energy) / STATES)))


def combine(problem: Discrete, response: Complex, change: Array) -> Complex:
    """Σ_c response[:, :, c] change[c], (sites, 8, L), of responses by rows."""
    if np.iscomplexobj(change):
        return combine(problem, response, change.real) + 1j * combine(problem, response, change.imag)
    return problem.by_site(np.matmul(change, response.view(float)).view(complex))


def _recover(problem: Discrete, packs: list[Pack], gap: Complex) -> None:
    """Solve the states again from the homogeneous ones at the present gap."""
    for pack in packs:
        pack.state = problem.pack(pack.index, pack.energy[: pack.count], gap).state
    solve_states(problem, packs, gap, 1e-6)
