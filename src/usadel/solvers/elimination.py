"""Batched block-tridiagonal elimination, energies innermost.

Solves  a[r] x[r-1] + b[r] x[r] + c[r] x[r+1] = rhs[r]  for a pack of energies and any number of right-hand
sides. Columns that are still zero are left out on the way down: those of a gap begin where its functions do. Diagonal
blocks are inverted without pivoting, which the scheme's dominant diagonal allows; the growth is watched and lanes that
lost digits are reported.

A row has `unknowns` unknowns in problems side by side that are not coupled, of n unknowns each: unknown i of problem s
is number problems·i + s. A block is an array (unknowns·n, L): for each unknown, its derivatives by those of its own
problem. n is a constant when the kernels are compiled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel._compile import Constant, constant, kernel

Array = NDArray[np.complex128]


@kernel
def _subtract_product(c: Array, a: Array, b: Array, columns: int, active: int, of: Constant) -> None:
    """c (unknowns·columns, L) -= a (unknowns·n, L) b (unknowns·columns, L), in the first `active` columns."""
    problems = a.shape[0] // len(of) ** 2
    for i in range(len(of)):
        for s in range(problems):
            row = problems * i + s
            for j in range(active):
                for l in range(c.shape[1]):
                    total = 0.0 + 0.0j
                    for k in range(len(of)):
                        total += a[len(of) * row + k, l] * b[(problems * k + s) * columns + j, l]
                    c[row * columns + j, l] -= total


@kernel
def _product(c: Array, a: Array, b: Array, columns: int, active: int, of: Constant) -> None:
    """c (unknowns·columns, L) = a (unknowns·n, L) b (unknowns·columns, L), in the first `active` columns."""
    problems = a.shape[0] // len(of) ** 2
    for i in range(len(of)):
        for s in range(problems):
            row = problems * i + s
            for j in range(active):
                for l in range(c.shape[1]):
                    total = 0.0 + 0.0j
                    for k in range(len(of)):
                        total += a[len(of) * row + k, l] * b[(problems * k + s) * columns + j, l]
                    c[row * columns + j, l] = total


@kernel
def _multiply_columns(c: Array, a: Array, right: Array, columns: int, active: int, of: Constant) -> None:
    """c (unknowns·columns, L) becomes a c in the first `active` columns; right is scratch of the same shape."""
    for i in range(c.shape[0] // columns):
        for j in range(active):
            for l in range(c.shape[1]):
                right[i * columns + j, l] = c[i * columns + j, l]
    _product(c, a, right, columns, active, of)


@kernel
def _active_columns(rhs: Array, columns: int, active: int) -> int:
    """How many leading columns of rhs (unknowns·columns, L) are not known to be zero, at least as many as before."""
    for j in range(columns - 1, active - 1, -1):
        for i in range(rhs.shape[0] // columns):
            for l in range(rhs.shape[1]):
                if rhs[i * columns + j, l] != 0.0:
                    return j + 1
    return active


@kernel
def _invert(a: Array, row: Array, growth: NDArray[np.float64], of: Constant) -> None:
    """a (unknowns·n, L) becomes its inverse (Gauss-Jordan); growth (L) keeps the largest entry seen."""
    n, lanes = len(of), a.shape[1]
    problems = a.shape[0] // n**2
    for s in range(problems):
        for k in range(n):
            pivot_row = n * (problems * k + s)
            for l in range(lanes):
                pivot = a[pivot_row + k, l]  # no complex division: a zero must spoil its own lane only
                inverse = 1.0 / (pivot.real * pivot.real + pivot.imag * pivot.imag)
                row[n, l] = complex(pivot.real * inverse, -pivot.imag * inverse)
            for j in range(n):
                for l in range(lanes):
                    row[j, l] = a[pivot_row + j, l] * row[n, l]
            for l in range(lanes):
                row[k, l] = row[n, l]
                size = abs(row[n, l].real) + abs(row[n, l].imag)
                if not (size <= growth[l] or growth[l] != growth[l]):  # NaN stays
                    growth[l] = size
            for i in range(n):
                if i != k:
                    at = n * (problems * i + s)
                    for l in range(lanes):
                        row[n + 1, l] = a[at + k, l]
                        a[at + k, l] = 0.0
                    for j in range(n):
                        for l in range(lanes):
                            a[at + j, l] -= row[n + 1, l] * row[j, l]
            for j in range(n):
                for l in range(lanes):
                    a[pivot_row + j, l] = row[j, l]


def solve_block_tridiagonal(blocks: Array, rhs: Array) -> NDArray[np.float64]:
    """Solve in place: rhs (rows, unknowns, columns, L) becomes the solution.

    Parameters
    ----------
    blocks : (rows, 3, unknowns·n, L), derivatives with respect to previous, own, next; overwritten by the factors that
        `substitute` takes.

    Returns
    -------
    growth : (L), the largest inverse pivot met: 1e8 and more means lost digits.
    """
    return np.asarray(_eliminate(blocks, _flat(rhs), rhs.shape[2], _of(blocks, rhs)))


def substitute(factors: Array, rhs: Array) -> None:
    """Solve in place once more, with the factors that `solve_block_tridiagonal` left in its blocks."""
    _substitute(factors, _flat(rhs), rhs.shape[2], _of(factors, rhs))


def _of(blocks: Array, rhs: Array) -> Constant:
    """n, as the kernels take it."""
    return constant(blocks.shape[2] // rhs.shape[1])


def _flat(rhs: Array) -> Array:
    """(rows, unknowns·columns, L), the same memory."""
    return rhs.reshape(rhs.shape[0], -1, rhs.shape[3])


@kernel
def _eliminate(blocks: Array, rhs: Array, columns: int, of: Constant) -> NDArray[np.float64]:
    n, rows, lanes = len(of), blocks.shape[0], blocks.shape[3]
    growth = np.zeros(lanes)
    row = np.empty((n + 2, lanes), np.complex128)
    upper = np.empty((blocks.shape[2], lanes), np.complex128)
    right = np.empty((rhs.shape[1], lanes), np.complex128)
    active = 0
    for r in range(rows):
        here = blocks[r, 1]
        if r > 0:
            _subtract_product(here, blocks[r, 0], blocks[r - 1, 2], n, n, of)
            _subtract_product(rhs[r], blocks[r, 0], rhs[r - 1], columns, active, of)
        active = _active_columns(rhs[r], columns, active)
        _invert(here, row, growth, of)
        if r < rows - 1:
            for e in range(blocks.shape[2]):
                for l in range(lanes):
                    upper[e, l] = blocks[r, 2, e, l]
            _product(blocks[r, 2], here, upper, n, n, of)
        _multiply_columns(rhs[r], here, right, columns, active, of)
    for r in range(rows - 2, -1, -1):
        _subtract_product(rhs[r], blocks[r, 2], rhs[r + 1], columns, active, of)
    return growth


@kernel
def _substitute(factors: Array, rhs: Array, columns: int, of: Constant) -> None:
    rows, lanes = factors.shape[0], factors.shape[3]
    right = np.empty((rhs.shape[1], lanes), np.complex128)
    for r in range(rows):
        if r > 0:
            _subtract_product(rhs[r], factors[r, 0], rhs[r - 1], columns, columns, of)
        _multiply_columns(rhs[r], factors[r, 1], right, columns, columns, of)
    for r in range(rows - 2, -1, -1):
        _subtract_product(rhs[r], factors[r, 2], rhs[r + 1], columns, columns, of)
