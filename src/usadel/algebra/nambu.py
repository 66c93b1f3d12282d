"""Pauli and Nambu matrices in the basis (ψ↑, ψ↓, ψ↑†, ψ↓†).

σ̂ = diag(σ, σ*), τ̂3 = diag(1, 1, -1, -1); ρ̂0..3 = (1, σ̂x, σ̂y, σ̂z), ρ̂4..7 = τ̂3 ρ̂0..3 (S15 of the 2019 supplement).
A 4×4 matrix travels to the kernels as 16 numbers, its four 2×2 blocks 11, 12, 21, 22, each row-major.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Complex = NDArray[Any]

SIGMA: Complex = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], complex)
ISIGMA2: Complex = 1j * SIGMA[2]


def block_diagonal(upper: Complex, lower: Complex) -> Complex:
    """diag(upper, lower) of arrays (..., 2, 2)."""
    out = np.zeros((*upper.shape[:-2], 4, 4), complex)
    out[..., :2, :2] = upper
    out[..., 2:, 2:] = lower
    return out


RHO: Complex = np.concatenate([block_diagonal(SIGMA, SIGMA.conj()), block_diagonal(SIGMA, -SIGMA.conj())])
TAU3: Complex = RHO[4]


def spin(vector: ArrayLike) -> Complex:
    """m·σ̂ for vectors (..., 3): array (..., 4, 4)."""
    v = np.asarray(vector, float)
    upper = np.einsum("...i,ijk->...jk", v, SIGMA[1:])
    return block_diagonal(upper, upper.conj())


def pair_potential(gap: ArrayLike) -> Complex:
    """Δ̂ = antidiag(Δ, -Δ, Δ*, -Δ*) for an array (...) of complex gaps: array (..., 4, 4)."""
    gap = np.asarray(gap, complex)
    out = np.zeros((*gap.shape, 4, 4), complex)
    out[..., 0, 3], out[..., 1, 2], out[..., 2, 1], out[..., 3, 0] = gap, -gap, gap.conj(), -gap.conj()
    return out


def to_blocks(matrix: Complex) -> Complex:
    """(..., 4, 4) to (..., 16) in the order of the kernels."""
    shape = matrix.shape[:-2]
    return matrix.reshape(*shape, 2, 2, 2, 2).swapaxes(-3, -2).reshape(*shape, 16)


def from_blocks(blocks: Complex) -> Complex:
    """(..., 16) to (..., 4, 4)."""
    shape = blocks.shape[:-1]
    return blocks.reshape(*shape, 2, 2, 2, 2).swapaxes(-3, -2).reshape(*shape, 4, 4)


def sandwich(left: Complex, right: Complex) -> Complex:
    """16×16 matrix of the map v → left v right on matrices in block order."""
    basis = from_blocks(np.eye(16, dtype=complex))
    return to_blocks(left @ basis @ right).T.copy()
