"""Cells between neighbouring nodes, and the stencils that carry states to points inside them.

Below its gap no energy enters a superconducting reservoir: at a transparent contact the diffusion of energy falls like
the square of Γ/Δ + x/l, l the distance over which spectra vary. The resistance sits in the first Γl/Δ, and the cell
there is cut into pieces that grow with the distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.discretization.layout import FIXED, Layout
from usadel.discretization.space import WIDTH, Grid, lagrange_matrix

Array = NDArray[Any]

GAUSS = np.array([0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6])
FINEST = 0.5  # width of the first piece, in Γl/Δ
SMALLEST = 1e-8  # Γ/Δ below which nothing is resolved: what then leaks is of this size, times a tenth
PER_OCTAVE = 1 / 16  # pieces, per node of the layer: finer grids have finer pieces, so that estimates see their error
WHOLE = (0.0, 1.0)


@dataclass(frozen=True)
class Cells:
    """All cells of a layout, most of them one piece, with two points in every piece.

    Attributes
    ----------
    of_site : (sites), the cell to the right of a site, -1 at the right end of a layer.
    first_piece : (cells + 1), where the pieces of each cell begin.
    site : (points), the left site of each point's cell.
    first, value, slope : (points, width), stencils of a function and of its derivative d/dx.
    width : (pieces, 2), dx/dt at the points, t from 0 to 1 in a piece.
    position : (points), in the layer (ξ); start, stop : (pieces), likewise.
    """

    of_site: NDArray[np.int64]
    first_piece: NDArray[np.int64]
    site: NDArray[np.int64]
    first: NDArray[np.int64]
    value: Array
    slope: Array
    width: Array
    position: Array
    start: Array
    stop: Array


def cells(layout: Layout) -> Cells:
    """Cells of all layers."""
    of_site = np.full(layout.sites, -1)
    parts, counts = [], []
    for k, grid in enumerate(layout.grids):
        offset = int(layout.offset[k])
        of_site[offset : offset + grid.size - 1] = np.arange(grid.size - 1) + offset - k
        left, right = (_edges(layout, grid, k, side) for side in ("left", "right"))
        cell, edge, length, first, value, slope = _stencils(grid.size, left, right)
        counts.append(np.bincount(cell))
        s = (cell + edge) * grid.spacing
        at = (s[:, None] + length[:, None] * grid.spacing * GAUSS).ravel()
        position, stretch, _ = grid.mapped(at)
        width = length[:, None] * grid.spacing * stretch.reshape(-1, 2)
        start, stop = (grid.mapped(ends)[0] for ends in (s, s + length * grid.spacing))
        slope = slope / (grid.spacing * stretch[:, None])
        parts.append((np.repeat(cell, 2) + offset, first + offset, value, slope, width, position, start, stop))
    first_piece = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return Cells(of_site, first_piece, *(np.concatenate(part) for part in zip(*parts, strict=True)))


def _edges(layout: Layout, grid: Grid, layer: int, side: str) -> tuple[float, ...]:
    """Where the pieces of the cell at an end begin and end, from 0 at the end of the layer to 1."""
    fixed = [layout.laws[row.law] for row in layout.rows if row.kind == FIXED]
    here = [law.reservoir for law in fixed if (law.end.layer, law.end.side) == (layer, side)]
    if not here or here[0] is None or here[0].pairing is None:
        return WHOLE
    cell, gap = grid.x[1] - grid.x[0], here[0].pairing.gap or 1.0
    thickness = max(here[0].inelastic / gap, SMALLEST) * min(1.0, float(grid.x[-1]))
    octaves = float(np.log2(1 + cell / (FINEST * thickness)))
    pieces = max(1, int(np.ceil(PER_OCTAVE * grid.size * (octaves - 1))))
    grown = np.expm1(np.linspace(0, np.log1p(cell / (FINEST * thickness)), pieces + 1))
    return tuple(grown / grown[-1])


@lru_cache(maxsize=64)
def _stencils(nodes: int, left: tuple[float, ...], right: tuple[float, ...]) -> tuple[Any, ...]:
    """Pieces and stencils at their Gauss points on a uniform grid, in units of its spacing.

    left, right : edges of the pieces of the first and of the last cell, counted from the end of the layer.

    Returns
    -------
    cell, edge, length (pieces): where a piece is, begins in its cell, and its length;
    first (points), value, slope (points, width): first node, weights of value and derivative.
    """
    width = min(WIDTH, nodes)
    edges = [np.array(WHOLE)] * (nodes - 1)
    edges[0] = np.array(left)
    edges[-1] = 1 - np.array(right)[::-1]
    cell = np.repeat(np.arange(nodes - 1), [e.size - 1 for e in edges])
    edge, length = np.concatenate([e[:-1] for e in edges]), np.concatenate([np.diff(e) for e in edges])
    first = np.clip(cell - (width // 2 - 1), 0, nodes - width)
    at = ((cell - first + edge)[:, None] + length[:, None] * GAUSS).ravel()
    place = np.arange(width, dtype=float)
    return cell, edge, length, np.repeat(first, 2), lagrange_matrix(place, at, width), _derivative(place, at)


def _derivative(place: Array, at: Array) -> Array:
    """Weights (at, place) of the derivative at points off the nodes: ℓ'ⱼ = ℓⱼ Σ_{k≠j} 1/(at - k)."""
    inverse = 1.0 / (at[:, None] - place)
    others = inverse @ (1 - np.eye(place.size))
    return lagrange_matrix(place, at, place.size) * others
