"""Modes of A = K - ∂G/∂Δ in the smooth functions of the gap: which turn all phases, which is the softest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.algebra.nambu import Complex
from usadel.description.device.resolved import Network
from usadel.discretization.gap_basis import GapBasis
from usadel.gap.linearization import NULL_OVERLAP
from usadel.states.problem import Array


@dataclass(frozen=True)
class Modes:
    """Eigenvalues of A, and eigenvectors (columns, modes) of unit norm.

    Attributes
    ----------
    turns : (modes), which turn all phases alike, which costs nothing if no reservoir fixes them.
    """

    basis: GapBasis
    values: Complex
    vectors: Complex
    turns: Array

    def lowest(self) -> int:
        """The mode with the lowest real part of its eigenvalue, but for the turn of all phases."""
        return int(np.argmin(np.where(self.turns, np.inf, self.values.real)))

    def softest(self) -> int:
        """The mode with the smallest modulus of its eigenvalue, likewise."""
        return int(np.argmin(np.where(self.turns, np.inf, np.abs(self.values))))

    def without_turn(self) -> Complex:
        """Eigenvalues of all other modes."""
        return self.values[~self.turns]

    def shape(self, mode: int) -> Complex:
        """Change of the gap (sites) in a mode, its real part in the unknowns; of no particular size."""
        return self.basis.expand(self.basis.spread(self.vectors[:, mode].real))


def modes(network: Network, basis: GapBasis, matrix: Array, gap: Complex) -> Modes:
    """Modes of A (unknowns, columns) at a gap."""
    values, vectors = np.linalg.eig(basis.restrict(matrix))
    return Modes(basis, values, vectors, _turns_all_phases(network, basis, gap, vectors))


def least_modulus(square: Array) -> float:
    """A lower bound of the moduli of the eigenvalues of a matrix: 1/‖A⁻¹‖, by a tenth of the work of finding them."""
    try:
        return 1.0 / float(np.linalg.norm(np.linalg.inv(square)))
    except np.linalg.LinAlgError:
        return 0.0


def _turns_all_phases(network: Network, basis: GapBasis, gap: Complex, vectors: Complex) -> Array:
    turn = basis.restrict(basis.collect(1j * gap))
    size = float(np.linalg.norm(turn))
    if size == 0.0 or network.fixes_phase:
        return np.zeros(vectors.shape[1], bool)
    return np.asarray(np.abs(turn @ vectors) > NULL_OVERLAP * size)
