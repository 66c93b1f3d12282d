"""The unknown gap: its values at every second node of every self-consistent superconductor, and next to its ends.

The values in between follow by 8-node interpolation, so that the gap has no grid-scale modes (which the end stencils
would alias) and keeps the resolution of the stretched grid at the ends. Newton's method sees the gap through at most
`MOST_COLUMNS` smooth functions per layer; what they miss is corrected mode by mode (see `equations.gap`).

Where a superconductor touches a normal metal transparently, its gap falls to zero like 1/ln of the distance: the value
at that very node has no meaning without a cutoff, and is extrapolated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import Complex
from usadel.discretization.contacts import singular_ends
from usadel.discretization.layout import Layout
from usadel.discretization.space import lagrange_matrix

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    most_columns: int = 129  # of one layer and part
    projected: tuple[int, float] = (25, 0.6)  # functions that values are projected on: at least, and per unknown
    extrapolation: int = 4  # nodes


OPTIONS = Options()


@dataclass(frozen=True)
class Piece:
    """The unknowns of one layer.

    Attributes
    ----------
    sites : of the layer; nodes : sites that carry unknowns.
    values : (sites, nodes) interpolation; spread : (nodes, functions) of the smooth functions.
    restrict : (functions, nodes), values of the nodes at the functions' own points; or their projection.
    unknowns, columns : where this layer stands in the vectors of all of them.
    spacing : (nodes), distance (ξ) of the functions' points.
    """

    layer: int
    sites: slice
    nodes: NDArray[np.int64]
    values: Array
    spread: Array
    restrict: Array
    unknowns: slice
    columns: slice
    spacing: Array


@dataclass(frozen=True)
class Columns:
    """Functions of the gap, for each of which a right-hand side is made; see `equations.gap.gap_columns`.

    Attributes
    ----------
    functions : (sites, most of a site); first : (sites), column of the first function, -1 where there is none.
    count : (sites), functions of each site; parts : of the gap's change, real, imaginary or both.
    total : number of columns.
    """

    functions: Array
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    parts: slice
    total: int


class GapBasis:
    """Unknowns and columns of the gap.

    Attributes
    ----------
    layers : indices of the self-consistent superconductors.
    parts : 1 for a real gap, 2 for a complex one (real parts of a layer, then its imaginary parts).
    columns : number of columns of Newton's method.
    projected : whether there are fewer functions than unknowns, on which values are projected by least squares. A mode
        and its eigenvalue need no more of them; in Newton's method ripples that they miss would be slow.
    basis : (sites, most functions); first_column, functions : (sites), see `equations.gap.gap_columns`.
    """

    def __init__(self, layout: Layout, layers: list[int], parts: int, projected: bool = False):
        self.layout, self.layers, self.parts, self._projected = layout, layers, parts, projected
        self.pieces: list[Piece] = []
        unknown = column = 0
        for k in layers:
            piece = self._piece(k, unknown, column)
            self.pieces.append(piece)
            unknown, column = piece.unknowns.stop, piece.columns.stop
        self.columns = column
        widest = max((p.spread.shape[1] for p in self.pieces), default=1)
        self.basis = np.zeros((layout.sites, widest))
        self.first_column = np.full(layout.sites, -1)
        self.functions = np.zeros(layout.sites, dtype=np.int64)
        for p in self.pieces:
            count = p.spread.shape[1]
            self.basis[p.sites, :count] = p.values @ p.spread
            self.first_column[p.sites] = p.columns.start
            self.functions[p.sites] = count

    def _piece(self, k: int, unknown: int, column: int) -> Piece:
        grid, sites = self.layout.grids[k], self.layout.slice(k)
        singular = singular_ends(self.layout.network, k)
        chosen, values, spread, restrict = _interpolations(
            grid.size, singular, OPTIONS.projected if self._projected else None
        )
        functions = spread.shape[1]
        spacing = grid.stretch[chosen] / (functions - 1)
        nodes = sites.start + chosen
        return Piece(
            k, sites, nodes, values, spread, restrict,
            slice(unknown, unknown + self.parts * nodes.size),
            slice(column, column + self.parts * functions), spacing,
        )  # fmt: skip

    def groups(self, most: int) -> list[Columns]:
        """All columns in their order, in groups of at most `most`: one group if they are that few."""
        if self.columns <= most:
            return [Columns(self.basis, self.first_column, self.functions, slice(0, self.parts), self.columns)]
        found = []
        for piece in self.pieces:
            functions = piece.spread.shape[1]
            inside = np.full(self.layout.sites, -1)
            inside[piece.sites] = 0
            for part in range(self.parts):
                for start in range(0, functions, most):
                    chosen = self.basis[:, start : min(start + most, functions)]
                    size = chosen.shape[1]
                    found.append(Columns(chosen, inside, np.full(inside.size, size), slice(part, part + 1), size))
        return found

    def along(self, changes: Complex) -> list[Columns]:
        """Columns of given changes (sites, n) of the gap: for their real and, unless these vanish, imaginary parts."""
        inside = np.where(self.first_column >= 0, 0, -1)
        count = np.full(inside.size, changes.shape[1])
        halves = [changes.real, *([changes.imag] if np.any(changes.imag) else [])]
        return [
            Columns(np.ascontiguousarray(half), inside, count, slice(part, part + 1), changes.shape[1])
            for part, half in enumerate(halves)
        ]

    def collect(self, values: Complex) -> Array:
        """Real vector (unknowns, …) of complex values (sites, …) at the nodes that carry unknowns."""
        picked = []
        for p in self.pieces:
            picked += [values[p.nodes].real] + ([values[p.nodes].imag] if self.parts == 2 else [])
        return picked[0] if len(picked) == 1 else np.concatenate(picked)

    def expand(self, vector: Array) -> Complex:
        """Complex gap (sites) of a real vector (unknowns); zero where the gap is no unknown."""
        gap = np.zeros(self.layout.sites, complex)
        for p in self.pieces:
            part = vector[p.unknowns]
            gap[p.sites] = p.values @ part[: p.nodes.size]
            if self.parts == 2:
                gap[p.sites] += 1j * (p.values @ part[p.nodes.size :])
        return gap

    def spread(self, coefficients: Array) -> Array:
        """Unknowns of given coefficients (columns) of the smooth functions."""
        return self._blockwise(coefficients, "spread")

    def restrict(self, vector: Array) -> Array:
        """Values (columns, …) of unknowns (unknowns, …) at the points of the smooth functions."""
        return self._blockwise(vector, "restrict")

    def _blockwise(self, vector: Array, name: str) -> Array:
        source = "columns" if name == "spread" else "unknowns"
        parts = []
        for p in self.pieces:
            matrix = getattr(p, name)
            piece = vector[getattr(p, source)]
            size = piece.shape[0] // self.parts
            parts += [matrix @ piece[k * size : (k + 1) * size] for k in range(self.parts)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


@lru_cache(maxsize=256)
def _interpolations(
    count: int, singular: tuple[bool, bool], projected: tuple[int, float] | None
) -> tuple[NDArray[np.int64], Array, Array, Array]:
    """Chosen nodes of a grid, and the matrices `values`, `spread`, `restrict` of its piece."""
    chosen, coordinate = _chosen_nodes(count, singular), np.linspace(0, 1, count)
    nodes = coordinate[chosen]
    points, most = nodes, OPTIONS.most_columns
    if projected is not None:
        least, share = projected
        most = max(least, round(share * nodes.size))
    if chosen.size > most:
        # from the first to the last chosen node: functions beyond them would be seen by none, and zero modes
        points = np.linspace(nodes[0], nodes[-1], most)
    spread = lagrange_matrix(points, nodes)
    restrict = np.linalg.pinv(spread) if projected is not None else lagrange_matrix(nodes, points)
    return chosen, _values(nodes, coordinate, singular), spread, restrict


def _chosen_nodes(count: int, singular: tuple[bool, bool]) -> NDArray[np.int64]:
    """Every second node and, where the gap has a weak boundary layer, the second one; no node at a singular end."""
    chosen = set(range(0, count, 2))
    for end, second, flag in ((0, 1, singular[0]), (count - 1, count - 2, singular[1])):
        if flag:
            chosen.discard(end)
        else:
            chosen.add(second)
    return np.array(sorted(chosen))


def _values(points: Array, targets: Array, singular: tuple[bool, bool]) -> Array:
    """Interpolation to all nodes; beyond the last point of a singular end, extrapolation through few points."""
    matrix = lagrange_matrix(points, targets)
    few = lagrange_matrix(points, targets, OPTIONS.extrapolation)
    for outside, flag in ((targets < points[0], singular[0]), (targets > points[-1], singular[1])):
        if flag:
            matrix[outside] = few[outside]
    return matrix
