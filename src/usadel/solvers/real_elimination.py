"""Batched block-tridiagonal elimination with real 8×8 blocks, energies innermost, rows pivoted.

Solves  a[r] x[r-1] + b[r] x[r] + c[r] x[r+1] = rhs[r]  like `elimination`, for coefficients that differ by orders of
magnitude between the rows of a block: every row is scaled, and every lane pivots on its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel

Array = NDArray[np.float64]


@kernel
def invert(a: Array) -> None:
    """a (64, L) becomes its inverse, by Gauss-Jordan elimination with scaled rows and row pivoting in every lane."""
    work = np.empty((8, 16))
    for lane in range(a.shape[1]):
        for i in range(8):
            largest = 0.0
            for j in range(8):
                largest = max(largest, abs(a[8 * i + j, lane]))
            scale = 1.0 / largest if largest > 0 else np.nan
            for j in range(8):
                work[i, j] = scale * a[8 * i + j, lane]
                work[i, 8 + j] = scale if i == j else 0.0
        for k in range(8):
            best = k
            for i in range(k + 1, 8):
                if abs(work[i, k]) > abs(work[best, k]):
                    best = i
            inverse = 1.0 / work[best, k]
            for j in range(16):
                upper = work[best, j] * inverse
                work[best, j] = work[k, j]
                work[k, j] = upper
            for i in range(8):
                if i != k:
                    factor = work[i, k]
                    for j in range(16):
                        work[i, j] -= factor * work[k, j]
        for i in range(8):
            for j in range(8):
                a[8 * i + j, lane] = work[i, 8 + j]


@kernel
def add_product(c: Array, factor: float, a: Array, b: Array, columns: int) -> None:
    """c (8·m, L) += factor a (64, L) b (8·m, L)."""
    for i in range(8):
        for j in range(columns):
            for l in range(c.shape[1]):
                total = 0.0
                for k in range(8):
                    total += a[8 * i + k, l] * b[k * columns + j, l]
                c[i * columns + j, l] += factor * total


@kernel
def solve_real_block_tridiagonal(blocks: Array, rhs: Array) -> Array:
    """Solve in place: rhs (rows, 8·columns, L) becomes the solution; blocks (rows, 3, 64, L) are overwritten.

    Returns
    -------
    growth : (L), NaN where a block was singular, else the largest |entry| of the solution.
    """
    rows, lanes = blocks.shape[0], blocks.shape[3]
    columns = rhs.shape[1] // 8
    upper = np.empty((64, lanes))
    right = np.empty((8 * columns, lanes))
    for r in range(rows):
        here = blocks[r, 1]
        if r > 0:
            add_product(here, -1.0, blocks[r, 0], blocks[r - 1, 2], 8)
            add_product(rhs[r], -1.0, blocks[r, 0], rhs[r - 1], columns)
        invert(here)
        if r < rows - 1:
            for e in range(64):
                for l in range(lanes):
                    upper[e, l] = blocks[r, 2, e, l]
                    blocks[r, 2, e, l] = 0.0
            add_product(blocks[r, 2], 1.0, here, upper, 8)
        for e in range(8 * columns):
            for l in range(lanes):
                right[e, l] = rhs[r, e, l]
                rhs[r, e, l] = 0.0
        add_product(rhs[r], 1.0, here, right, columns)
    for r in range(rows - 2, -1, -1):
        add_product(rhs[r], -1.0, blocks[r, 2], rhs[r + 1], columns)
    growth = np.zeros(lanes)
    for r in range(rows):
        for e in range(8 * columns):
            for l in range(lanes):
                size = abs(rhs[r, e, l])
                if not (size <= growth[l] or growth[l] != growth[l]):  # NaN stays
                    growth[l] = size
    return growth


@kernel
def substitute_real(factors: Array, rhs: Array) -> None:
    """Solve in place once more, with the factors that `solve_real_block_tridiagonal` left in its blocks."""
    rows, lanes = factors.shape[0], factors.shape[3]
    columns = rhs.shape[1] // 8
    right = np.empty((8 * columns, lanes))
    for r in range(rows):
        if r > 0:
            add_product(rhs[r], -1.0, factors[r, 0], rhs[r - 1], columns)
        for e in range(8 * columns):
            for l in range(lanes):
                right[e, l] = rhs[r, e, l]
                rhs[r, e, l] = 0.0
        add_product(rhs[r], 1.0, factors[r, 1], right, columns)
    for r in range(rows - 2, -1, -1):
        add_product(rhs[r], -1.0, factors[r, 2], rhs[r + 1], columns)
