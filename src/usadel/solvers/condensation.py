"""Networks: chains are condensed to the hubs they end at, then a small dense system couples the hubs.

The cost is linear in the number of chains: each brings 16 more right-hand sides, whatever the network.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel._compile import kernel
from usadel.solvers.elimination import solve_block_tridiagonal, substitute
from usadel.solvers.real_elimination import substitute_real
from usadel.work import count, count_columns

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


@dataclass(frozen=True)
class Factors:
    """An eliminated Jacobian, for further right-hand sides.

    Attributes
    ----------
    blocks : (chain rows, 3, 64, L), what `solve_block_tridiagonal` leaves.
    to_hubs : (chain rows, 8, 16, L), response of the chains to the hubs before and behind them; (…, 0, L) without hubs.
    inside : (hub ends, 64, L); matrix : (L, 8 hubs, 8 hubs), the condensed system of the hubs.
    """

    blocks: Complex
    to_hubs: Complex
    inside: Complex
    matrix: Complex
    couplings: Couplings

    def solve(self, rhs: Complex) -> Complex:
        """Solution (rows, 8, columns, L) for one more right-hand side, which is overwritten."""
        chain_rows, lanes = self.blocks.shape[0], self.blocks.shape[3]
        count_columns(rhs.shape[0], lanes, rhs.shape[2])
        chains = rhs[:chain_rows] if rhs.shape[0] == chain_rows else np.ascontiguousarray(rhs[:chain_rows])
        again = substitute if np.iscomplexobj(self.blocks) else substitute_real
        again(self.blocks, chains.reshape(chain_rows, -1, lanes))
        return chains if rhs.shape[0] == chain_rows else self._with_hubs(chains, rhs[chain_rows:])

    def _with_hubs(self, chains: Complex, rhs: Complex) -> Complex:
        """All rows from the chains' solution (chain rows, 8, columns, L) at vanishing hubs, and the hubs' rhs."""
        hubs, _, columns, lanes = rhs.shape
        right = rhs.copy()
        _subtract_inside(right, self.inside, self.couplings.end_hub, self.couplings.end_row, chains)
        right = np.moveaxis(right.reshape(8 * hubs, columns, lanes), 2, 0)
        solved = np.linalg.solve(self.matrix, right)
        found = np.ascontiguousarray(np.moveaxis(solved.reshape(lanes, hubs, 8, columns), 0, 3))
        out = np.concatenate([chains, found])
        for first, last, start, end in self.couplings.chains:
            for hub, at in ((start, 0), (end, 8)):
                if hub >= 0:
                    _subtract_responses(out[first:last], self.to_hubs[first:last], at, found[hub])
        return out


@kernel
def _subtract_inside(out: Complex, inside: Complex, end_hub: Complex, end_row: Complex, chains: Complex) -> None:
    """out (hubs, 8, columns, L) -= inside (hub ends, 64, L) times the chains' nodes next to them, see `Factors`."""
    for end in range(end_hub.size):
        hub, row = end_hub[end], end_row[end]
        for i in range(8):
            for j in range(8):
                for column in range(out.shape[2]):
                    for l in range(out.shape[3]):
                        out[hub, i, column, l] -= inside[end, 8 * i + j, l] * chains[row, j, column, l]


@kernel
def _subtract_responses(out: Complex, to_hubs: Complex, at: int, hub: Complex) -> None:
    """out (rows, 8, columns, L) -= the responses to one hub, from `at` on among to_hubs (rows, 8, 16, L), times hub."""
    for row in range(out.shape[0]):
        for i in range(8):
            for j in range(8):
                for column in range(out.shape[2]):
                    for l in range(out.shape[3]):
                        out[row, i, column, l] -= to_hubs[row, i, at + j, l] * hub[j, column, l]


def solve_network(
    blocks: Complex,
    hub_here: Complex,
    hub_inside: Complex,
    rhs: Complex,
    couplings: Couplings,
    eliminate: Callable[[Complex, Complex], NDArray[np.float64]] = solve_block_tridiagonal,
) -> tuple[Complex, NDArray[np.float64], Factors]:
    """Solution (rows, 8, columns, L) of all rows, hubs last, growth of the elimination, and the factors.

    Parameters
    ----------
    blocks : (chain rows, 3, 64, L), overwritten, as is rhs.
    hub_here, hub_inside : (hub ends, 64, L).
    rhs : (rows, 8, columns, L), chain rows, then hubs.
    eliminate : solver of the chains; its arrays are complex, or all of them real.
    """
    chain_rows, lanes = blocks.shape[0], blocks.shape[3]
    columns = rhs.shape[2]
    count(rhs.shape[0], lanes, columns)
    if hub_here.shape[0] == 0:
        growth = eliminate(blocks, rhs.reshape(chain_rows, 8 * columns, lanes))
        none = np.zeros((chain_rows, 8, 0, lanes), rhs.dtype)
        return rhs, growth, Factors(blocks, none, hub_inside, np.zeros((lanes, 0, 0), rhs.dtype), couplings)
    wide = np.zeros((chain_rows, 8, columns + 16, lanes), rhs.dtype)
    wide[:, :, :columns] = rhs[:chain_rows]
    for first, last, start, end in couplings.chains:
        if start >= 0:
            wide[first, :, columns : columns + 8] = blocks[first, 0].reshape(8, 8, lanes)
            blocks[first, 0] = 0.0
        if end >= 0:
            wide[last - 1, :, columns + 8 :] = blocks[last - 1, 2].reshape(8, 8, lanes)
            blocks[last - 1, 2] = 0.0
    growth = eliminate(blocks, wide.reshape(chain_rows, -1, lanes))
    to_hubs = np.ascontiguousarray(wide[:, :, columns:])
    hubs = rhs.shape[0] - chain_rows
    matrix = _hub_matrix(to_hubs, hub_here, hub_inside, couplings, hubs)
    factors = Factors(blocks, to_hubs, hub_inside, matrix, couplings)
    return factors._with_hubs(np.ascontiguousarray(wide[:, :, :columns]), rhs[chain_rows:]), growth, factors


def _hub_matrix(to_hubs: Complex, here: Complex, inside: Complex, couplings: Couplings, hubs: int) -> Complex:
    """(L, 8 hubs, 8 hubs): the dense system that remains of the hubs."""
    lanes = to_hubs.shape[3]
    matrix = np.zeros((lanes, hubs, 8, hubs, 8), to_hubs.dtype)
    chain_of_row = np.zeros(to_hubs.shape[0], dtype=np.int64)
    for number, (first, last, _, _) in enumerate(couplings.chains):
        chain_of_row[first:last] = number
    for end, (hub, row) in enumerate(zip(couplings.end_hub, couplings.end_row, strict=True)):
        response = np.moveaxis(to_hubs[row], 2, 0)
        own, coupled = (np.moveaxis(part[end].reshape(8, 8, lanes), 2, 0) for part in (here, inside))
        matrix[:, hub, :, hub, :] += own
        _, _, start, last = couplings.chains[chain_of_row[row]]
        for other, at in ((start, 0), (last, 8)):
            if other >= 0:
                matrix[:, hub, :, other, :] -= coupled @ response[:, :, at : at + 8]
    return matrix.reshape(lanes, 8 * hubs, 8 * hubs)
