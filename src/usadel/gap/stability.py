"""Stability of a solution: the eigenvalues of A = K - ∂G/∂Δ, the Jacobian of the gap equation.

A solution is stable when no eigenvalue has a negative real part: then a fixed-point iteration Δ ← (1-a)Δ + aG/K with a
small enough share a returns to it. In equilibrium A is the second derivative of the free energy.
Where the gap is real, changes of its phase decouple from those of its modulus; their part of A is projected on the
longest waves, Δ(x) cos(nπz), which soften first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.gap.linearization import NULL_OVERLAP
from usadel.gap.modes import modes
from usadel.gap.state import GapSolution
from usadel.solvers.condensation import Factors
from usadel.states.parallel import parallel
from usadel.states.problem import Array, Pack


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    waves: int = 5  # of the phase, per layer
    # eigenvalues nearer to zero have an uncertain sign: the Jacobian is that of the compact scheme
    uncertain: float = 0.02


OPTIONS = Options()


def is_stable(solution: GapSolution, critical: bool = False) -> bool | None:
    """Whether a solution is stable; None if an eigenvalue is too near to zero to tell.

    `critical`: the solution is a fold, whose vanishing eigenvalue is left out.
    """
    values = modulus_eigenvalues(solution)
    if critical:
        values = np.delete(values, int(np.argmin(np.abs(values))))
    lowest = min(float(np.min(values.real, initial=np.inf)), lowest_phase_eigenvalue(solution))
    return None if abs(lowest) < OPTIONS.uncertain else lowest > 0


def modulus_eigenvalues(solution: GapSolution) -> Array:
    """Eigenvalues of A in the unknowns of the solution, without the turn of all phases if nothing fixes them."""
    linearization = solution.linearization
    found = modes(solution.problem.network, linearization.basis, linearization.matrix, solution.gap)
    return found.without_turn()


def lowest_phase_eigenvalue(solution: GapSolution) -> float:
    """Lowest real part of the eigenvalues of A for changes of the phases of a real gap, without the turn of all."""
    if solution.linearization.basis.parts == 2 or not np.any(solution.gap):
        return np.inf
    functions = _waves(solution)
    matrix = np.linalg.lstsq(functions, _phase_matrix(solution, functions), rcond=None)[0]
    values, vectors = np.linalg.eig(matrix)
    if not solution.problem.network.fixes_phase:
        turn = np.zeros(functions.shape[1])
        turn[:: OPTIONS.waves] = 1.0
        values = values[_overlap(turn, vectors) < NULL_OVERLAP]
    return float(np.min(values.real, initial=np.inf))


def _overlap(direction: Array, vectors: Complex) -> Array:
    """Cosines between a real direction and eigenvectors (columns)."""
    overlap: Array = np.abs(direction @ vectors) / (
        np.linalg.norm(direction) * np.linalg.norm(vectors, axis=0) + 1e-300
    )
    return overlap


def _waves(solution: GapSolution) -> Array:
    """(sites, waves of all layers): Δ(x) cos(nπz)."""
    problem, basis = solution.problem, solution.linearization.basis
    out = np.zeros((problem.layout.sites, OPTIONS.waves * len(basis.layers)))
    for number, k in enumerate(basis.layers):
        sites = problem.layout.slice(k)
        z = problem.grids[k].x / problem.network.layers[k].length
        waves = np.cos(np.pi * np.outer(z, np.arange(OPTIONS.waves)))
        out[sites, OPTIONS.waves * number : OPTIONS.waves * (number + 1)] = solution.gap[sites].real[:, None] * waves
    return out


def _phase_matrix(solution: GapSolution, functions: Array) -> Array:
    """(sites, waves): K w - Im ∂G/∂Δ[iw] of each wave w, with the Jacobians of the linearization."""
    problem, equation = solution.problem, solution.linearization.equation
    sites = problem.sites(solution.gap)
    (columns,) = [part for part in equation.basis.along(1j * functions) if np.any(part.functions)]

    def respond(item: tuple[Pack, Factors]) -> Complex:
        pack, factors = item
        return equation.response(pack, factors.solve(problem.right_sides(pack, sites, [], columns)))[1]

    response = np.sum(parallel(respond, list(zip(solution.packs, solution.linearization.factors, strict=True))), axis=0)
    matrix: Array = equation.coupling[:, None] * functions - response.imag
    return matrix
