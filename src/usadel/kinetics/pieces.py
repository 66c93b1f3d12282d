"""Cells of several pieces: what is inside of them, and what changes there do at their ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.solvers.real_elimination import solve_real_block_tridiagonal, substitute_real

Array = NDArray[Any]


@dataclass(frozen=True)
class Inner:
    """Eliminated equation of the nodes inside a cell of several pieces, and J at the ends of these by h there."""

    cell: int
    pieces: slice
    factors: Array
    flux: Array

    def solve(self, rhs: Array) -> Array:
        """h (nodes, n, L) for jumps (nodes, n, L) of J."""
        substitute_real(self.factors, rhs[:, :, None])
        return rhs

    def between(self, left: Array, right: Array) -> Array:
        """h (nodes, n, L) of h (n, L) at the ends of the cell."""
        rhs = np.zeros((self.factors.shape[0], *left.shape))
        rhs[0] -= _times(self.flux[0, 1, 0], left)
        rhs[-1] += _times(self.flux[-1, 0, 1], right)
        return self.solve(rhs)

    def merged(self, change: Array) -> Array:
        """Changes of J (2, n, L) at the ends of the cell by those (pieces, 2, n, L) of its pieces."""
        moved = self.solve(change[1:, 0] - change[:-1, 1])
        left, right = self.flux[0, 0, 1], self.flux[-1, 1, 0]
        return np.stack([change[0, 0] + _times(left, moved[0]), change[-1, 1] + _times(right, moved[-1])])


def _inner(flux: Array, cell: int, pieces: slice) -> Inner:
    here = flux[pieces]
    blocks = np.zeros((here.shape[0] - 1, 3, *here.shape[3:]))
    blocks[1:, 0] = here[1:-1, 1, 0]
    blocks[:, 1] = here[:-1, 1, 1] - here[1:, 0, 0]
    blocks[:-1, 2] = -here[1:-1, 0, 1]
    size = math.isqrt(here.shape[3])
    solve_real_block_tridiagonal(blocks, np.zeros((blocks.shape[0], size, 1, blocks.shape[3])))
    return Inner(cell, pieces, blocks, here.copy())


def _times(matrix: Array, h: Array) -> Array:
    """matrix (n², L) times h (n, L)."""
    return np.asarray(np.einsum("ijl,jl->il", matrix.reshape(h.shape[0], h.shape[0], -1), h))


def inner_cells(flux: Array, first_piece: NDArray[np.int64]) -> list[Inner]:
    """Of all cells that have several pieces; flux (pieces, 2, 2, n², L)."""
    several = np.flatnonzero(np.diff(first_piece) > 1)
    return [_inner(flux, int(cell), slice(first_piece[cell], first_piece[cell + 1])) for cell in several]


def merged(changes: Array, first_piece: NDArray[np.int64], inner: Sequence[Inner]) -> Array:
    """Changes of J at the ends of all cells (cells, 2, n, L) by those of their pieces (pieces, 2, n, L)."""
    out = changes[first_piece[:-1]]
    for each in inner:
        out[each.cell] = each.merged(changes[each.pieces])
    return out
