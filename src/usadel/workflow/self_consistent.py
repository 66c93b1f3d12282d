"""Newton-Schur method for states and gap together.

The factorization of every energy also solves for the response to each gap unknown; their sum over energies is a small
dense matrix A = K - ∂G/∂Δ of the gap equation K Δ = G[Δ]. Its eigenvalues tell the stability of the solution.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.discretization.contour import Contour
from usadel.discretization.gap_basis import GapBasis
from usadel.equations import spectral
from usadel.equations.gap import normalization, pair_response, pair_weights
from usadel.solvers.status import Status
from usadel.workflow.discrete import Array, Discrete, Pack
from usadel.workflow.newton import BRANCH, solve_states
from usadel.workflow.threads import parallel

ITERATIONS = 40
NULL_MODE = 1e-9  # singular values of A below this, relative to the largest, are the global phase
LARGEST_STEP = 0.4  # of the gap, in Δ0, in one step


@dataclass
class GapSolution:
    """A solved device at one level of refinement."""

    problem: Discrete
    contour: Contour
    packs: list[Pack]
    gap: Complex
    basis: GapBasis | None
    status: Status
    residual: float
    iterations: int
    last_change: float
    matrix: Array | None = None
    history: list[float] = field(default_factory=list)


class GapEquation:
    """Weights of the gap equation of all self-consistent layers on a contour."""

    def __init__(self, problem: Discrete, contour: Contour, basis: GapBasis):
        self.problem, self.basis = problem, basis
        layout, count = problem.layout, contour.energies.size
        self.coupling = np.ones(layout.sites)
        self._direct = np.zeros((len(problem.grids), 4, count), complex)
        self._mirrored = np.zeros((len(problem.grids), 4, count), complex)
        for k in basis.layers:
            self.coupling[layout.slice(k)] = normalization(contour.gap[k])
            self._direct[k], self._mirrored[k] = pair_weights(contour.gap[k], count)

    def response(self, pack: Pack, x: Complex) -> tuple[Complex, Complex]:
        """Value (sites) and changes (sites, columns) of G by this pack's energies."""
        layer, lanes = self.problem.layout.layer, pack.energy.size
        weights = [np.zeros((w.shape[0], 4, lanes), complex) for w in (self._direct, self._mirrored)]
        for padded, full in zip(weights, (self._direct, self._mirrored), strict=True):
            padded[:, :, : pack.count] = full[:, :, pack.index]
        columns = x.shape[2]
        flat = x.reshape(x.shape[0], 8 * columns, lanes)
        return pair_response(pack.state, flat, columns, weights[0], weights[1], layer)


def solve_gap(
    problem: Discrete, contour: Contour, packs: list[Pack], gap: Complex, basis: GapBasis, tolerance: float
) -> GapSolution:
    """Newton steps on all states and the gap until the gap changes by less than the tolerance."""
    equation = GapEquation(problem, contour, basis)
    solution = GapSolution(problem, contour, packs, gap, basis, Status.NOT_CONVERGED, np.inf, 0, np.inf)
    previous = np.inf
    for iteration in range(ITERATIONS):
        sites = problem.sites(solution.gap)
        results = parallel(lambda pack, sites=sites: _column_step(problem, equation, pack, sites), packs)
        matrix, mismatch, worst = _gather(equation, results, solution.gap)
        change = _min_norm_solve(matrix, mismatch)
        size = float(np.max(np.abs(basis.expand(change)))) if np.all(np.isfinite(change)) else np.inf
        solution.matrix, solution.residual, solution.iterations = matrix, worst, iteration + 1
        solution.history.append(size)
        if not np.isfinite(size) or (iteration > 8 and size > 10 * previous):
            break
        factor = min(1.0, LARGEST_STEP / size) if size > 0 else 1.0
        solution.gap = solution.gap + factor * basis.expand(change)
        if not _update_states(packs, results, factor * change):
            _recover(problem, packs, solution.gap)
        solution.last_change = size
        if size < tolerance and worst < 1e-2:
            solution.status = Status.CONVERGED
            break
        previous = min(previous, size)
    return solution


def _column_step(problem: Discrete, equation: GapEquation, pack: Pack, sites):
    residual = problem.residual(pack, sites)
    x, _ = problem.linear_step(pack, sites, [residual], equation.basis)
    value, response = equation.response(pack, x)
    return x, value, response, float(np.max(np.abs(residual)))


def _gather(equation: GapEquation, results: list, gap: Complex) -> tuple[Array, Array, float]:
    """A, right-hand side and largest residual, summed over packs in fixed order."""
    basis = equation.basis
    value = sum(result[1] for result in results)
    response = sum(result[2] for result in results)
    expected = value + response[:, 0]
    own = np.ones(basis.columns)
    coupling = basis.collect(equation.coupling + 1j * equation.coupling) if basis.parts == 2 else None
    diagonal = coupling if coupling is not None else basis.collect(equation.coupling.astype(complex))
    matrix = np.diag(own * diagonal) - basis.collect(response[:, 1:])
    mismatch = basis.collect(expected - equation.coupling * gap)
    return matrix, mismatch, max(result[3] for result in results)


def _min_norm_solve(matrix: Array, mismatch: Array) -> Array:
    """Newton step of the gap; the global phase of a phase-free device is left where it is."""
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(mismatch))):
        return np.full(mismatch.size, np.nan)
    return np.linalg.lstsq(matrix, mismatch, rcond=NULL_MODE)[0]


def _update_states(packs: list[Pack], results: list, change: Array) -> bool:
    """Add the step to all states; False if a state left the physical branch."""

    def update(pair) -> bool:
        pack, result = pair
        x = result[0]
        step = x[:, :, 0] + np.tensordot(x[:, :, 1:], change, axes=([2], [0]))
        pack.state = pack.state + step
        return bool(np.all(spectral.spectral_radius(pack.state) <= BRANCH))

    return all(parallel(update, list(zip(packs, results, strict=True))))


def _recover(problem: Discrete, packs: list[Pack], gap: Complex) -> None:
    """Solve the states again from the homogeneous ones at the present gap."""
    for pack in packs:
        pack.state = problem.pack(pack.index, pack.energy[: pack.count], gap).state
    solve_states(problem, packs, gap, 1e-6)
