"""The gap equation K Δ = G[Δ] on given grids and energies: its weights, unknowns and steps.

The factorization of every energy also solves for the response to each gap unknown; their sum over energies is a small
dense matrix A = K - ∂G/∂Δ, whose eigenvalues tell the stability of a solution.
"""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from dataclasses import dataclass

import numpy as np

from usadel.algebra.lanes import is_diagonal
from usadel.algebra.nambu import Complex
from usadel.algebra.spin_symmetry import LOWER, UPPER
from usadel.discretization.gap_basis import GapBasis, Piece
from usadel.energies.contour import Contour
from usadel.equations.gap import inverse_coupling, pair_response, pair_weights, stiffness
from usadel.states.problem import Array, Pack, Problem


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    null_mode: float = 1e-9  # singular values of A below this, relative to the largest, are the global phase
    mean_stiffness: float = 2.0  # K - ∂G/∂Δ of a uniform change of the gap is about 1, or less where it is soft


OPTIONS = Options()


class GapEquation:
    """Weights of the gap equation of all self-consistent layers on a contour.

    source : (sites), what distributions that are solved for add to G.
    """

    def __init__(self, problem: Problem, contour: Contour, basis: GapBasis, source: Complex | float = 0.0):
        self.problem, self.basis, self.source, self._contour = problem, basis, source, contour
        layout, count = problem.layout, contour.energies.size
        self.coupling = np.ones(layout.sites)
        self._direct = np.zeros((len(problem.grids), problem.symmetry.entries, count), complex)
        self._mirrored = np.zeros_like(self._direct)
        self._padded: dict[int, list[Complex]] = {}
        stiff: list[Array] = []
        for piece in basis.pieces:
            k, layer = piece.layer, problem.network.layers[piece.layer]
            self.coupling[layout.slice(k)] = inverse_coupling(contour.gap[k], layer)
            stiff += basis.parts * [stiffness(contour.gap[k], layer, piece.spacing)]
            direct, mirrored = pair_weights(contour.gap[k], count)
            self._direct[k] = problem.symmetry.weights(direct, UPPER)
            self._mirrored[k] = problem.symmetry.weights(mirrored.conj(), LOWER).conj()
        self._stiffness = np.concatenate(stiff)
        self._functions = basis.collect(self.coupling * (1 + 1j))[:, None] * basis.spread(np.eye(basis.columns))

    def with_source(self, source: Complex) -> GapEquation:
        """The same equation with another source."""
        other = copy(self)
        other.source = source
        return other

    def response(self, pack: Pack, x: Complex) -> tuple[Complex, Complex]:
        """Value (sites) of G by this pack's energies, and its changes (sites, columns) by x (rows, 2E, columns, L)."""
        columns = x.shape[2]
        flat = x.reshape(x.shape[0], -1, x.shape[3])
        direct, mirrored = self._weights(pack)
        layer = self.problem.layout.layer
        rows, diagonal = self.problem.row_of_site, is_diagonal(pack.state)
        return pair_response(pack.state, flat, rows, columns, direct, mirrored, layer, diagonal)

    def value(self, packs: list[Pack]) -> Complex:
        """G (sites) of the states of all packs, without the source."""
        rows, unknowns = self.problem.rows.kind.size, 2 * self.problem.symmetry.entries
        none = [np.zeros((rows, unknowns, 1, pack.energy.size), complex) for pack in packs]
        value: Complex = np.sum([self.response(p, x)[0] for p, x in zip(packs, none, strict=True)], axis=0)
        return value

    def _weights(self, pack: Pack) -> list[Complex]:
        """Weights of a pack's energies, zero for padded lanes."""
        first = int(pack.index[0])
        if first not in self._padded:
            self._padded[first] = [pack.padded(full) for full in (self._direct, self._mirrored)]
        return self._padded[first]

    def matrix(self, response: Complex) -> Array:
        """(K - ∂G/∂Δ) times the smooth functions, (unknowns, columns), from the changes (sites, columns) of G."""
        return self._functions - self.basis.collect(response)

    def inverse(self, matrix: Array) -> Array:
        """Of the matrix (columns, columns) at the functions' own points: of least norm, as steps are."""
        return np.asarray(np.linalg.pinv(self.basis.restrict(matrix), rcond=OPTIONS.null_mode))

    def step(self, matrix: Array, mismatch: Array, inverse: Array | None = None) -> tuple[Array, Array]:
        """Change of the unknowns, and of the coefficients of the smooth functions in it.

        The global phase of a phase-free device is left where it is (least norm).
        """
        if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(mismatch))):
            return np.full(mismatch.size, np.nan), np.full(self.basis.columns, np.nan)
        right = self.basis.restrict(mismatch)
        known = inverse is not None
        coefficients = inverse @ right if known else self._coefficients(self.basis.restrict(matrix), right)
        return self.with_ripples(matrix, mismatch, coefficients), coefficients

    def with_ripples(self, matrix: Array, mismatch: Array, coefficients: Array) -> Array:
        """Change of the unknowns: the smooth functions with given coefficients, and ripples that they cannot follow."""
        rest = (mismatch - matrix @ coefficients) / self._stiffness
        smooth = self.basis.spread(self.basis.restrict(rest))
        change: Array = self.basis.spread(coefficients) + rest - smooth
        return change

    def _coefficients(self, square: Array, right: Array) -> Array:
        if self.basis.parts == 1:  # a real gap has no phase: no null mode, unless by accident
            with suppress(np.linalg.LinAlgError):
                return np.linalg.solve(square, right)
        return np.linalg.lstsq(square, right, rcond=OPTIONS.null_mode)[0]

    def relaxation(self, mismatch: Array) -> Array:
        """Step of the unknowns towards a stable solution: fast for the mean of each layer, careful for the rest."""
        out = np.empty_like(mismatch)
        for piece in self.basis.pieces:
            coupling = self.coupling[piece.nodes]
            halves = []
            for half in np.split(mismatch[piece.unknowns], self.basis.parts):
                mean = np.mean(half)
                halves.append(mean / OPTIONS.mean_stiffness + (half - mean) / coupling)
            out[piece.unknowns] = np.concatenate(halves)
        return out

    def ripples(self) -> list[tuple[Piece, Array]]:
        """Each layer's unknowns, and K - ∂G/∂Δ of a ripple between them at its sites."""
        out = []
        for piece in self.basis.pieces:
            k, grid = piece.layer, self.problem.grids[piece.layer]
            spacing = 2 * grid.spacing * grid.stretch
            out.append((piece, stiffness(self._contour.gap[k], self.problem.network.layers[k], spacing)))
        return out

    def imbalance(self, value: Complex, gap: Complex) -> Complex:
        """G - K Δ (sites), the source included."""
        return value + self.source - self.coupling * gap

    def mismatch(self, value: Complex, gap: Complex) -> Array:
        """G - K Δ at the unknowns."""
        return self.basis.collect(self.imbalance(value, gap))
