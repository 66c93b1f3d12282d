"""Batched block-tridiagonal elimination with 8×8 blocks, energies innermost.

Solves  a[r] x[r-1] + b[r] x[r] + c[r] x[r+1] = rhs[r]  for a pack of energies and any number of right-hand
sides. Columns that are still zero are left out on the way down: those of a gap begin where its functions do. Diagonal
blocks are inverted without pivoting, which the scheme's dominant diagonal allows; the growth is watched and lanes that
lost digits are reported.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel

Array = NDArray[np.complex128]


@kernel
def _subtract_product(c: Array, a: Array, b: Array, columns: int, active: int) -> None:
    """c (8·columns, L) -= a (64, L) b (8·columns, L), in the first `active` columns."""
    for i in range(8):
        for j in range(active):
            for l in range(c.shape[1]):
                total = 0.0 + 0.0j
                for k in range(8):
                    total += a[8 * i + k, l] * b[k * columns + j, l]
                c[i * columns + j, l] -= total


@kernel
def _product(c: Array, a: Array, b: Array, columns: int, active: int) -> None:
    """c (8·columns, L) = a (64, L) b (8·columns, L), in the first `active` columns."""
    for i in range(8):
        for j in range(active):
            for l in range(c.shape[1]):
                total = 0.0 + 0.0j
                for k in range(8):
                    total += a[8 * i + k, l] * b[k * columns + j, l]
                c[i * columns + j, l] = total


@kernel
def _multiply_columns(c: Array, a: Array, right: Array, columns: int, active: int) -> None:
    """c (8·columns, L) becomes a c in the first `active` columns; right is scratch of the same shape."""
    for i in range(8):
        for j in range(active):
            for l in range(c.shape[1]):
                right[i * columns + j, l] = c[i * columns + j, l]
    _product(c, a, right, columns, active)


@kernel
def _active_columns(rhs: Array, columns: int, active: int) -> int:
    """How many leading columns of rhs (8·columns, L) are not known to be zero, at least as many as before."""
    for j in range(columns - 1, active - 1, -1):
        for i in range(8):
            for l in range(rhs.shape[1]):
                if rhs[i * columns + j, l] != 0.0:
                    return j + 1
    return active


@kernel
def _invert(a: Array, row: Array, growth: NDArray[np.float64]) -> None:
    """a (64, L) becomes its inverse (Gauss-Jordan); growth (L) keeps the largest entry seen."""
    lanes = a.shape[1]
    for k in range(8):
        for l in range(lanes):
            pivot = a[9 * k, l]  # no complex division: a zero must spoil its own lane only
            inverse = 1.0 / (pivot.real * pivot.real + pivot.imag * pivot.imag)
            row[8, l] = complex(pivot.real * inverse, -pivot.imag * inverse)
        for j in range(8):
            for l in range(lanes):
                row[j, l] = a[8 * k + j, l] * row[8, l]
        for l in range(lanes):
            row[k, l] = row[8, l]
            size = abs(row[8, l].real) + abs(row[8, l].imag)
            if not (size <= growth[l] or growth[l] != growth[l]):  # NaN stays
                growth[l] = size
        for i in range(8):
            if i != k:
                for l in range(lanes):
                    row[9, l] = a[8 * i + k, l]
                    a[8 * i + k, l] = 0.0
                for j in range(8):
                    for l in range(lanes):
                        a[8 * i + j, l] -= row[9, l] * row[j, l]
        for j in range(8):
            for l in range(lanes):
                a[8 * k + j, l] = row[j, l]


@kernel
def solve_block_tridiagonal(blocks: Array, rhs: Array) -> NDArray[np.float64]:
    """Solve in place: rhs (rows, 8·columns, L) becomes the solution.

    Parameters
    ----------
    blocks : (rows, 3, 64, L), derivatives with respect to previous, own, next; overwritten by the factors that
        `substitute` takes.
    rhs : (rows, 8·columns, L), row-major in (unknown, column).

    Returns
    -------
    growth : (L), the largest inverse pivot met: 1e8 and more means lost digits.
    """
    rows, lanes = blocks.shape[0], blocks.shape[3]
    columns = rhs.shape[1] // 8
    growth = np.zeros(lanes)
    row = np.empty((10, lanes), np.complex128)
    upper = np.empty((64, lanes), np.complex128)
    right = np.empty((8 * columns, lanes), np.complex128)
    active = 0
    for r in range(rows):
        here = blocks[r, 1]
        if r > 0:
            _subtract_product(here, blocks[r, 0], blocks[r - 1, 2], 8, 8)
            _subtract_product(rhs[r], blocks[r, 0], rhs[r - 1], columns, active)
        active = _active_columns(rhs[r], columns, active)
        _invert(here, row, growth)
        if r < rows - 1:
            for e in range(64):
                for l in range(lanes):
                    upper[e, l] = blocks[r, 2, e, l]
            _product(blocks[r, 2], here, upper, 8, 8)
        _multiply_columns(rhs[r], here, right, columns, active)
    for r in range(rows - 2, -1, -1):
        _subtract_product(rhs[r], blocks[r, 2], rhs[r + 1], columns, active)
    return growth


@kernel
def substitute(factors: Array, rhs: Array) -> None:
    """Solve in place once more, with the factors that `solve_block_tridiagonal` left in its blocks."""
    rows, lanes = factors.shape[0], factors.shape[3]
    columns = rhs.shape[1] // 8
    right = np.empty((8 * columns, lanes), np.complex128)
    for r in range(rows):
        if r > 0:
            _subtract_product(rhs[r], factors[r, 0], rhs[r - 1], columns, columns)
        _multiply_columns(rhs[r], factors[r, 1], right, columns, columns)
    for r in range(rows - 2, -1, -1):
        _subtract_product(rhs[r], factors[r, 2], rhs[r + 1], columns, columns)
