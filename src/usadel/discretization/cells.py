"""Cells between neighbouring nodes, and the stencils that carry states to points inside them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.discretization.layout import Layout
from usadel.discretization.space import WIDTH, Grid, lagrange_matrix

Array = NDArray[Any]

GAUSS = (0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6)


@dataclass(frozen=True)
class Cells:
    """All cells of a layout, two points each.

    Attributes
    ----------
    of_site : (sites), the cell to the right of a site, -1 at the right end of a layer.
    site : (points), the left site of each point's cell.
    first, value, slope : (points, width), stencils of a function and of its derivative d/dx.
    width : (cells, 2), h dx/ds at the points.
    position : (points), in the layer (ξ).
    """

    of_site: NDArray[np.int64]
    site: NDArray[np.int64]
    first: NDArray[np.int64]
    value: Array
    slope: Array
    width: Array
    position: Array


def cells(layout: Layout) -> Cells:
    """Cells of all layers."""
    of_site = np.full(layout.sites, -1)
    parts = []
    for k, grid in enumerate(layout.grids):
        start = int(layout.offset[k])
        of_site[start : start + grid.size - 1] = np.arange(grid.size - 1) + start - k
        first, value, slope, width = _stencils(grid.size)
        stretch, position = _mapped(grid)
        site = np.repeat(np.arange(grid.size - 1), 2) + start
        parts.append((site, first + start, value, slope / stretch[:, None], width * stretch.reshape(-1, 2), position))
    return Cells(of_site, *(np.concatenate(part) for part in zip(*parts, strict=True)))


@lru_cache(maxsize=64)
def _stencils(nodes: int) -> tuple[NDArray[np.int64], Array, Array, float]:
    """First node, weights of value and of d/ds at the Gauss points of a uniform grid on [0, 1], and its spacing."""
    width = min(WIDTH, nodes)
    first = np.clip(np.arange(nodes - 1) - (width // 2 - 1), 0, nodes - width)
    value = np.empty((nodes - 1, 2, width))
    slope = np.empty((nodes - 1, 2, width))
    place = np.arange(width, dtype=float)
    for n in range(nodes - 1):
        for c, gauss in enumerate(GAUSS):
            at = n + gauss - first[n]
            value[n, c] = lagrange_matrix(place, np.array([at]), width)[0]
            slope[n, c] = _derivative(place, at) * (nodes - 1)
    return np.repeat(first, 2), value.reshape(-1, width), slope.reshape(-1, width), 1.0 / (nodes - 1)


def _derivative(place: Array, at: float) -> Array:
    """Weights of the derivative at a point off the nodes: ℓ'ⱼ = ℓⱼ Σ_{k≠j} 1/(at - k)."""
    inverse = 1.0 / (at - place)
    return lagrange_matrix(place, np.array([at]), place.size)[0] * (inverse.sum() - inverse)


def _mapped(grid: Grid) -> tuple[Array, Array]:
    """dx/ds and x at the Gauss points."""
    s = (np.arange(grid.size - 1)[:, None] + np.array(GAUSS)).ravel() * grid.spacing
    length = float(grid.x[-1])
    if grid.strength == 0.0:
        return np.full(s.size, length), length * s
    t, scale = grid.strength * (2 * s - 1), length / np.tanh(grid.strength)
    return grid.strength * scale / np.cosh(t) ** 2, 0.5 * length + 0.5 * scale * np.tanh(t)
