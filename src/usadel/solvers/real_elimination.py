"""Batched block-tridiagonal elimination with real blocks, energies innermost, rows pivoted.

Solves  a[r] x[r-1] + b[r] x[r] + c[r] x[r+1] = rhs[r]  like `elimination`, for coefficients that differ by orders of
magnitude between the rows of a block: every row is scaled, and every lane pivots on its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import Constant, constant, kernel

Array = NDArray[np.float64]


@kernel
def invert(a: Array, of: Constant) -> None:
    """a (n², L) becomes its inverse, by Gauss-Jordan elimination with scaled rows and row pivoting in every lane."""
    n = len(of)
    work = np.empty((n, 2 * n))
    for lane in range(a.shape[1]):
        for i in range(n):
            largest = 0.0
            for j in range(n):
                largest = max(largest, abs(a[n * i + j, lane]))
            scale = 1.0 / largest if largest > 0 else np.nan
            for j in range(n):
                work[i, j] = scale * a[n * i + j, lane]
                work[i, n + j] = scale if i == j else 0.0
        for k in range(n):
            best = k
            for i in range(k + 1, n):
                if abs(work[i, k]) > abs(work[best, k]):
                    best = i
            inverse = 1.0 / work[best, k]
            for j in range(2 * n):
                upper = work[best, j] * inverse
                work[best, j] = work[k, j]
                work[k, j] = upper
            for i in range(n):
                if i != k:
                    factor = work[i, k]
                    for j in range(2 * n):
                        work[i, j] -= factor * work[k, j]
        for i in range(n):
            for j in range(n):
                a[n * i + j, lane] = work[i, n + j]


@kernel
def add_product(c: Array, factor: float, a: Array, b: Array, columns: int, of: Constant) -> None:
    """c (n·m, L) += factor a (n², L) b (n·m, L)."""
    for i in range(len(of)):
        for j in range(columns):
            for l in range(c.shape[1]):
                total = 0.0
                for k in range(len(of)):
                    total += a[len(of) * i + k, l] * b[k * columns + j, l]
                c[i * columns + j, l] += factor * total


def solve_real_block_tridiagonal(blocks: Array, rhs: Array) -> Array:
    """Solve in place: rhs (rows, n, columns, L) becomes the solution; blocks (rows, 3, n², L) are overwritten.

    Returns
    -------
    growth : (L), NaN where a block was singular, else the largest |entry| of the solution.
    """
    return np.asarray(_eliminate(blocks, rhs.reshape(rhs.shape[0], -1, rhs.shape[3]), rhs.shape[2], _of(rhs)))


def substitute_real(factors: Array, rhs: Array) -> None:
    """Solve in place once more, with the factors that `solve_real_block_tridiagonal` left in its blocks."""
    _substitute(factors, rhs.reshape(rhs.shape[0], -1, rhs.shape[3]), rhs.shape[2], _of(rhs))


def _of(rhs: Array) -> Constant:
    """n, as the kernels take it."""
    return constant(rhs.shape[1])


@kernel
def _eliminate(blocks: Array, rhs: Array, columns: int, of: Constant) -> Array:
    n, rows, lanes = len(of), blocks.shape[0], blocks.shape[3]
    upper = np.empty((n * n, lanes))
    right = np.empty((n * columns, lanes))
    for r in range(rows):
        here = blocks[r, 1]
        if r > 0:
            add_product(here, -1.0, blocks[r, 0], blocks[r - 1, 2], n, of)
            add_product(rhs[r], -1.0, blocks[r, 0], rhs[r - 1], columns, of)
        invert(here, of)
        if r < rows - 1:
            for e in range(n * n):
                for l in range(lanes):
                    upper[e, l] = blocks[r, 2, e, l]
                    blocks[r, 2, e, l] = 0.0
            add_product(blocks[r, 2], 1.0, here, upper, n, of)
        for e in range(n * columns):
            for l in range(lanes):
                right[e, l] = rhs[r, e, l]
                rhs[r, e, l] = 0.0
        add_product(rhs[r], 1.0, here, right, columns, of)
    for r in range(rows - 2, -1, -1):
        add_product(rhs[r], -1.0, blocks[r, 2], rhs[r + 1], columns, of)
    growth = np.zeros(lanes)
    for r in range(rows):
        for e in range(n * columns):
            for l in range(lanes):
                size = abs(rhs[r, e, l])
                if not (size <= growth[l] or growth[l] != growth[l]):  # NaN stays
                    growth[l] = size
    return growth


@kernel
def _substitute(factors: Array, rhs: Array, columns: int, of: Constant) -> None:
    n, rows, lanes = len(of), factors.shape[0], factors.shape[3]
    right = np.empty((n * columns, lanes))
    for r in range(rows):
        if r > 0:
            add_product(rhs[r], -1.0, factors[r, 0], rhs[r - 1], columns, of)
        for e in range(n * columns):
            for l in range(lanes):
                right[e, l] = rhs[r, e, l]
                rhs[r, e, l] = 0.0
        add_product(rhs[r], 1.0, factors[r, 1], right, columns, of)
    for r in range(rows - 2, -1, -1):
        add_product(rhs[r], -1.0, factors[r, 2], rhs[r + 1], columns, of)
