"""Networks: chains are condensed to the hubs they end at, then a small dense system couples the hubs.

The cost is linear in the number of chains: each brings 16 more right-hand sides, whatever the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.solvers.elimination import solve_block_tridiagonal

Complex = NDArray[Any]


@dataclass(frozen=True)
class Couplings:
    """Which rows and hubs belong together.

    Attributes
    ----------
    chains : (chains, 4): first row, last row + 1, hub before the first and after the last (-1 for none).
    end_hub : hub of every hub end.
    end_row : row of the node inside, for every hub end.
    """

    chains: NDArray[np.int64]
    end_hub: NDArray[np.int64]
    end_row: NDArray[np.int64]


def solve_network(
    blocks: Complex,
    hub_here: Complex,
    hub_inside: Complex,
    rhs: Complex,
    couplings: Couplings,
    eliminate: Callable[[Complex, Complex], NDArray[np.float64]] = solve_block_tridiagonal,
) -> tuple[Complex, NDArray[np.float64]]:
    """Solution (rows, 8, columns, L) of all rows, hubs last, and the growth of the elimination.

    Parameters
    ----------
    blocks : (chain rows, 3, 64, L), overwritten, as is rhs.
    hub_here, hub_inside : (hub ends, 64, L).
    rhs : (rows, 8, columns, L), chain rows, then hubs.
    eliminate : solver of the chains; its arrays are complex, or all of them real.
    """
    chain_rows, lanes = blocks.shape[0], blocks.shape[3]
    columns = rhs.shape[2]
    if hub_here.shape[0] == 0:
        return rhs, eliminate(blocks, rhs.reshape(chain_rows, 8 * columns, lanes))
    wide = np.zeros((chain_rows, 8, columns + 16, lanes), rhs.dtype)
    wide[:, :, :columns] = rhs[:chain_rows]
    for first, last, start, end in couplings.chains:
        if start >= 0:
            wide[first, :, columns : columns + 8] = blocks[first, 0].reshape(8, 8, lanes)
            blocks[first, 0] = 0.0
        if end >= 0:
            wide[last - 1, :, columns + 8 :] = blocks[last - 1, 2].reshape(8, 8, lanes)
            blocks[last - 1, 2] = 0.0
    flat = wide.reshape(chain_rows, -1, lanes)
    growth = eliminate(blocks, flat)
    wide = flat.reshape(chain_rows, 8, columns + 16, lanes)
    hubs = _solve_hubs(wide, hub_here, hub_inside, rhs[chain_rows:], couplings)
    out = np.empty(rhs.shape, rhs.dtype)
    out[chain_rows:] = hubs
    out[:chain_rows] = wide[:, :, :columns]
    for first, last, start, end in couplings.chains:
        rows = slice(first, last)
        for hub, at in ((start, columns), (end, columns + 8)):
            if hub >= 0:
                response = wide[rows, :, at : at + 8]
                out[rows] -= np.einsum("nijl,jcl->nicl", response, hubs[hub])
    return out, growth


def _solve_hubs(wide: Complex, hub_here: Complex, hub_inside: Complex, rhs: Complex, couplings: Couplings) -> Complex:
    """Unknowns of the hubs (hubs, 8, columns, L) from the dense system that remains."""
    hubs, _, columns, lanes = rhs.shape
    matrix = np.zeros((lanes, hubs, 8, hubs, 8), rhs.dtype)
    right = np.moveaxis(rhs, 3, 0).copy()
    chain_of_row = np.zeros(wide.shape[0], dtype=np.int64)
    for number, (first, last, _, _) in enumerate(couplings.chains):
        chain_of_row[first:last] = number
    for end, (hub, row) in enumerate(zip(couplings.end_hub, couplings.end_row, strict=True)):
        here = np.moveaxis(hub_here[end].reshape(8, 8, lanes), 2, 0)
        inside = np.moveaxis(hub_inside[end].reshape(8, 8, lanes), 2, 0)
        solution = np.moveaxis(wide[row], 2, 0)
        matrix[:, hub, :, hub, :] += here
        right[:, hub] -= inside @ solution[:, :, :columns]
        _, _, start, last = couplings.chains[chain_of_row[row]]
        for other, at in ((start, columns), (last, columns + 8)):
            if other >= 0:
                matrix[:, hub, :, other, :] -= inside @ solution[:, :, at : at + 8]
    size = 8 * hubs
    solved = np.linalg.solve(matrix.reshape(lanes, size, size), right.reshape(lanes, size, columns))
    return np.moveaxis(solved.reshape(lanes, hubs, 8, columns), 0, 3)
