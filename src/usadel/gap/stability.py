"""Stability of a solution: the eigenvalues of A = K - ∂G/∂Δ, the Jacobian of the gap equation.

A solution is stable when no eigenvalue has a negative real part: then a fixed-point iteration Δ ← (1-a)Δ + aG/K with a
small enough share a returns to it. In equilibrium A is the second derivative of the free energy.
Where the gap is real, changes of its phase decouple from those of its modulus; their part of A is projected on the
longest waves, Δ(x) cos(nπz), which soften first.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.equations import gap as gap_equation
from usadel.gap.modes import NULL_OVERLAP, turns_all_phases
from usadel.gap.newton_schur import GapSolution
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack
from usadel.terms import pairing

WAVES = 5  # of the phase, per layer
UNCERTAIN = 0.02  # eigenvalues nearer to zero have an uncertain sign: the Jacobian is that of the compact scheme


def is_stable(solution: GapSolution, critical: bool = False) -> bool | None:
    """Whether a solution is stable; None if an eigenvalue is too near to zero to tell.

    `critical`: the solution is a fold, whose vanishing eigenvalue is left out.
    """
    values = modulus_eigenvalues(solution)
    if critical:
        values = np.delete(values, int(np.argmin(np.abs(values))))
    lowest = min(float(np.min(values.real, initial=np.inf)), lowest_phase_eigenvalue(solution))
    return None if abs(lowest) < UNCERTAIN else lowest > 0


def modulus_eigenvalues(solution: GapSolution) -> Array:
    """Eigenvalues of A in the unknowns of the solution, without the turn of all phases if nothing fixes them."""
    basis = solution.basis
    assert basis is not None and solution.matrix is not None
    values, vectors = np.linalg.eig(basis.restrict(solution.matrix))
    return values[~turns_all_phases(solution.problem.network, basis, solution.gap, vectors)]


def lowest_phase_eigenvalue(solution: GapSolution) -> float:
    """Lowest real part of the eigenvalues of A for changes of the phases of a real gap, without the turn of all."""
    basis = solution.basis
    assert basis is not None
    if basis.parts == 2 or not np.any(solution.gap):
        return np.inf
    functions = _waves(solution)
    matrix = np.linalg.lstsq(functions, _phase_matrix(solution, functions), rcond=None)[0]
    values, vectors = np.linalg.eig(matrix)
    if not solution.problem.network.fixes_phase:
        turn = np.zeros(functions.shape[1])
        turn[::WAVES] = 1.0
        values = values[_overlap(turn, vectors) < NULL_OVERLAP]
    return float(np.min(values.real, initial=np.inf))


def _overlap(direction: Array, vectors: Complex) -> Array:
    """Cosines between a real direction and eigenvectors (columns)."""
    return np.abs(direction @ vectors) / (np.linalg.norm(direction) * np.linalg.norm(vectors, axis=0) + 1e-300)


def _waves(solution: GapSolution) -> Array:
    """(sites, waves of all layers): Δ(x) cos(nπz)."""
    problem, basis = solution.problem, solution.basis
    assert basis is not None
    out = np.zeros((problem.layout.sites, WAVES * len(basis.layers)))
    for number, k in enumerate(basis.layers):
        sites = problem.layout.slice(k)
        z = problem.grids[k].x / problem.network.layers[k].length
        waves = np.cos(np.pi * np.outer(z, np.arange(WAVES)))
        out[sites, WAVES * number : WAVES * (number + 1)] = solution.gap[sites].real[:, None] * waves
    return out


def _phase_matrix(solution: GapSolution, functions: Array) -> Array:
    """(sites, waves): K w - Im ∂G/∂Δ[iw] of each wave w, with the factors of the last full step."""
    problem, equation = solution.problem, solution.equation
    assert equation is not None
    sites = problem.sites(solution.gap)
    count = functions.shape[1]
    first = np.where(np.any(functions != 0, axis=1), 0, -1)
    every = np.full(problem.layout.sites, count)

    def respond(pack: Pack) -> Complex:
        rows, lanes = problem.rows.kind.size, pack.energy.size
        rhs = np.zeros((rows, 8 * count, lanes), complex)
        gap_equation.gap_columns(
            rhs, count, pack.state, sites, problem.rows, functions, first, every, pairing.derivatives()[1:2]
        )
        columns = rhs.reshape(rows, 8, count, lanes)
        x = problem.chord_step(pack, sites, [-columns[:, :, k] for k in range(count)])
        return equation.response(pack, x)[1]

    response = np.sum(parallel(respond, solution.packs), axis=0)
    return equation.coupling[:, None] * functions - response.imag
