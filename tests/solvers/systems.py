"""Random block-tridiagonal systems in the storage of the elimination."""

import numpy as np


def random_system(rng, rows, columns, lanes, dominance=12.0):
    """Blocks (rows, 3, 64, L) with a dominant diagonal, and right-hand sides (rows, 8·columns, L)."""

    def draw(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    blocks, rhs = draw(rows, 3, 64, lanes), draw(rows, 8 * columns, lanes)
    blocks[:, 1, ::9] += dominance * 2
    blocks[0, 0] = blocks[-1, 2] = 0
    return blocks, rhs


def dense(blocks):
    """(L, 8 rows, 8 rows)."""
    rows, _, _, lanes = blocks.shape
    out = np.zeros((lanes, rows, 8, rows, 8), complex)
    for r in range(rows):
        for k, column in enumerate((r - 1, r, r + 1)):
            if 0 <= column < rows:
                out[:, r, :, column] = np.moveaxis(blocks[r, k], -1, 0).reshape(lanes, 8, 8)
    return out.reshape(lanes, 8 * rows, 8 * rows)


def flat(rhs, columns):
    """(rows, 8·columns, L) as (L, 8 rows, columns)."""
    rows, _, lanes = rhs.shape
    return np.moveaxis(rhs.reshape(rows * 8, columns, lanes), -1, 0)
