"""Random block-tridiagonal systems in the storage of the elimination."""

import numpy as np


def random_system(rng, rows, columns, lanes, dominance=12.0, n=8, problems=1):
    """Blocks (rows, 3, unknowns·n, L) with a dominant diagonal, and right-hand sides (rows, unknowns, columns, L).

    Unknown i of a problem s of n unknowns is number problems·i + s, its row of a block holds those of its problem only.
    """
    unknowns = n * problems

    def draw(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    blocks, rhs = draw(rows, 3, unknowns * n, lanes), draw(rows, unknowns, columns, lanes)
    blocks.reshape(rows, 3, n, problems, n, lanes)[:, 1, range(n), :, range(n)] += dominance * 2
    blocks[0, 0] = blocks[-1, 2] = 0
    return blocks, rhs


def dense(blocks, n=8):
    """(L, unknowns rows, unknowns rows)."""
    rows, _, size, lanes = blocks.shape
    problems = size // n**2
    full = np.zeros((rows, 3, n, problems, n, problems, lanes), complex)
    for s in range(problems):
        full[:, :, :, s, :, s] = blocks.reshape(rows, 3, n, problems, n, lanes)[:, :, :, s]
    unknowns = n * problems
    out = np.zeros((lanes, rows, unknowns, rows, unknowns), complex)
    for r in range(rows):
        for k, column in enumerate((r - 1, r, r + 1)):
            if 0 <= column < rows:
                out[:, r, :, column] = np.moveaxis(full[r, k].reshape(unknowns, unknowns, lanes), -1, 0)
    return out.reshape(lanes, unknowns * rows, unknowns * rows)


def flat(rhs):
    """(rows, unknowns, columns, L) as (L, unknowns rows, columns)."""
    return np.moveaxis(rhs.reshape(-1, *rhs.shape[2:]), -1, 0)
