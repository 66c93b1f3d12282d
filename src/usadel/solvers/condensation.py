"""Networks: chains are condensed to the hubs they end at, then a small dense system couples the hubs.

The cost is linear in the number of chains: each brings 2n more right-hand sides, whatever the network. Unknowns may
be those of problems side by side that are not coupled, of n unknowns each, see `elimination`.
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
    blocks : (chain rows, 3, unknowns·n, L), what `solve_block_tridiagonal` leaves.
    to_hubs : (chain rows, unknowns, 2n, L), response of the chains to the unknowns of their own problem at the hubs
        before and behind them; (…, 0, L) without hubs.
    inside : (hub ends, unknowns·n, L); matrix : (L, problems, n hubs, n hubs), the condensed system of the hubs.
    """

    blocks: Complex
    to_hubs: Complex
    inside: Complex
    matrix: Complex
    couplings: Couplings

    def solve(self, rhs: Complex) -> Complex:
        """Solution (rows, unknowns, columns, L) for one more right-hand side, which is overwritten."""
        chain_rows, lanes = self.blocks.shape[0], self.blocks.shape[3]
        count_columns(rhs.shape[0], lanes, rhs.shape[2])
        chains = rhs[:chain_rows] if rhs.shape[0] == chain_rows else np.ascontiguousarray(rhs[:chain_rows])
        again = substitute if np.iscomplexobj(self.blocks) else substitute_real
        again(self.blocks, chains)
        return chains if rhs.shape[0] == chain_rows else self._with_hubs(chains, rhs[chain_rows:])

    def _with_hubs(self, chains: Complex, rhs: Complex) -> Complex:
        """All rows from the chains' solution (chain rows, …) at vanishing hubs, and the hubs' rhs (hubs, …)."""
        hubs, unknowns, columns, lanes = rhs.shape
        n = self.inside.shape[1] // unknowns
        right = rhs.copy()
        _subtract_inside(right, self.inside, self.couplings.end_hub, self.couplings.end_row, chains)
        right = right.reshape(hubs, n, unknowns // n, columns, lanes).transpose(4, 2, 0, 1, 3)
        solved = np.linalg.solve(self.matrix, right.reshape(lanes, unknowns // n, hubs * n, columns))
        solved = solved.reshape(lanes, unknowns // n, hubs, n, columns).transpose(2, 3, 1, 4, 0)
        found = np.ascontiguousarray(solved).reshape(hubs, unknowns, columns, lanes)
        out = np.concatenate([chains, found])
        for first, last, start, end in self.couplings.chains:
            for hub, at in ((start, 0), (end, n)):
                if hub >= 0:
                    _subtract_responses(out[first:last], self.to_hubs[first:last], at, found[hub])
        return out


@kernel
def _subtract_inside(out: Complex, inside: Complex, end_hub: Complex, end_row: Complex, chains: Complex) -> None:
    """out (hubs, …) -= inside (hub ends, unknowns·n, L) times the chains' nodes next to them, see `Factors`."""
    unknowns = out.shape[1]
    n = inside.shape[1] // unknowns
    problems = unknowns // n
    for end in range(end_hub.size):
        hub, row = end_hub[end], end_row[end]
        for i in range(unknowns):
            for j in range(n):
                other = problems * j + i % problems
                for column in range(out.shape[2]):
                    for l in range(out.shape[3]):
                        out[hub, i, column, l] -= inside[end, n * i + j, l] * chains[row, other, column, l]


@kernel
def _subtract_responses(out: Complex, to_hubs: Complex, at: int, hub: Complex) -> None:
    """out (rows, …) -= the responses to one hub, from `at` on among to_hubs (rows, unknowns, 2n, L), times hub."""
    n = to_hubs.shape[2] // 2
    problems = out.shape[1] // n
    for row in range(out.shape[0]):
        for i in range(out.shape[1]):
            for j in range(n):
                other = problems * j + i % problems
                for column in range(out.shape[2]):
                    for l in range(out.shape[3]):
                        out[row, i, column, l] -= to_hubs[row, i, at + j, l] * hub[other, column, l]


def solve_network(
    blocks: Complex,
    hub_here: Complex,
    hub_inside: Complex,
    rhs: Complex,
    couplings: Couplings,
    eliminate: Callable[[Complex, Complex], NDArray[np.float64]] = solve_block_tridiagonal,
) -> tuple[Complex, NDArray[np.float64], Factors]:
    """Solution (rows, unknowns, columns, L) of all rows, hubs last, growth of the elimination, and the factors.

    Parameters
    ----------
    blocks : (chain rows, 3, unknowns·n, L), overwritten, as is rhs.
    hub_here, hub_inside : (hub ends, unknowns·n, L).
    rhs : (rows, unknowns, columns, L), chain rows, then hubs.
    eliminate : solver of the chains; its arrays are complex, or all of them real.
    """
    chain_rows, lanes = blocks.shape[0], blocks.shape[3]
    unknowns, columns = rhs.shape[1:3]
    n = blocks.shape[2] // unknowns
    count(rhs.shape[0], lanes, columns)
    if hub_here.shape[0] == 0:
        growth = eliminate(blocks, rhs)
        none = np.zeros((chain_rows, unknowns, 0, lanes), rhs.dtype)
        matrix = np.zeros((lanes, unknowns // n, 0, 0), rhs.dtype)
        return rhs, growth, Factors(blocks, none, hub_inside, matrix, couplings)
    wide = np.zeros((chain_rows, unknowns, columns + 2 * n, lanes), rhs.dtype)
    wide[:, :, :columns] = rhs[:chain_rows]
    for first, last, start, end in couplings.chains:
        if start >= 0:
            wide[first, :, columns : columns + n] = blocks[first, 0].reshape(unknowns, n, lanes)
            blocks[first, 0] = 0.0
        if end >= 0:
            wide[last - 1, :, columns + n :] = blocks[last - 1, 2].reshape(unknowns, n, lanes)
            blocks[last - 1, 2] = 0.0
    growth = eliminate(blocks, wide)
    to_hubs = np.ascontiguousarray(wide[:, :, columns:])
    hubs = rhs.shape[0] - chain_rows
    matrix = _hub_matrix(to_hubs, hub_here, hub_inside, couplings, hubs)
    factors = Factors(blocks, to_hubs, hub_inside, matrix, couplings)
    return factors._with_hubs(np.ascontiguousarray(wide[:, :, :columns]), rhs[chain_rows:]), growth, factors


def _hub_matrix(to_hubs: Complex, here: Complex, inside: Complex, couplings: Couplings, hubs: int) -> Complex:
    """(L, problems, n hubs, n hubs): the dense system that remains of the hubs."""
    n, lanes = to_hubs.shape[2] // 2, to_hubs.shape[3]
    problems = to_hubs.shape[1] // n
    matrix = np.zeros((lanes, problems, hubs, n, hubs, n), to_hubs.dtype)
    chain_of_row = np.zeros(to_hubs.shape[0], dtype=np.int64)
    for number, (first, last, _, _) in enumerate(couplings.chains):
        chain_of_row[first:last] = number

    def by_problem(part: Complex) -> Complex:
        return part.reshape(n, problems, -1, lanes).transpose(3, 1, 0, 2)

    for end, (hub, row) in enumerate(zip(couplings.end_hub, couplings.end_row, strict=True)):
        response, coupled = by_problem(to_hubs[row]), by_problem(inside[end])
        matrix[:, :, hub, :, hub, :] += by_problem(here[end])
        _, _, start, last = couplings.chains[chain_of_row[row]]
        for other, at in ((start, 0), (last, n)):
            if other >= 0:
                matrix[:, :, hub, :, other, :] -= coupled @ response[..., at : at + n]
    return matrix.reshape(lanes, problems, n * hubs, n * hubs)
