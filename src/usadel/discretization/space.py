"""Graded grids and the high-order compact scheme on them.

A layer of length L is mapped to s in [0, 1] by x(s), uniform in s with spacing h. Then u'' = f(x, u, u') is

    d²u/ds² = f̂,   f̂ = x'² f(x, u, u_s/x') + (x''/x') u_s,

and two exact integrals of it, with f̂ replaced by its interpolant through `width` nodes, give the scheme

    inside:       u[n+1] - 2u[n] + u[n-1]   = h² Σ_j w[n,j] f̂[j],
    at an end:    u[inner] - u[end] - h u_s = h² Σ_j w[end,j] f̂[j]   (u_s counted inwards).

Width 3 is Numerov's fourth-order scheme; width 8 costs the same, since the Jacobian keeps the compact weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WIDTH = 8  # nodes of the interpolants in use
EMBEDDED_WIDTH = 6  # the lower order that the error is estimated with
SMALLEST_GRID = WIDTH + 1


@lru_cache(maxsize=256)
def _weights(offset: int, width: int, rule: str) -> Array:
    """Weights over nodes -offset … width-1-offset that integrate or differentiate polynomials exactly."""
    nodes = np.arange(width) - offset
    power = np.arange(width)
    full = 1.0 / ((power + 1) * (power + 2))
    moments = {
        "inside": np.where(power % 2 == 0, 2 * full, 0.0),
        "left": full,
        "right": full * (-1.0) ** power,
        "derivative": (power == 1).astype(float),
    }[rule]
    return np.linalg.solve(np.vander(nodes, width, increasing=True).T.astype(float), moments)


@dataclass(frozen=True)
class Stencils:
    """First node and weights of f̂ (`w`) and of the first derivative (`d`) for each of N nodes."""

    start: NDArray[np.int64]
    w: Array
    d: Array


@lru_cache(maxsize=256)
def stencils(nodes: int, width: int) -> Stencils:
    """Stencils of a uniform grid on [0, 1]; `w` in units of 1, `d` per unit of s."""
    width = min(width, nodes)
    start = np.clip(np.arange(nodes) - width // 2, 0, nodes - width)
    w = np.empty((nodes, width))
    d = np.empty((nodes, width))
    for n in range(nodes):
        offset = int(n - start[n])
        rule = "left" if n == 0 else "right" if n == nodes - 1 else "inside"
        w[n] = _weights(offset, width, rule)
        d[n] = _weights(offset, width, "derivative") * (nodes - 1)
    return Stencils(start, w, d)


@dataclass(frozen=True)
class Grid:
    """Nodes of one layer.

    Attributes
    ----------
    x : position in the layer (ξ), from 0 to its length.
    stretch : dx/ds.
    curvature : (d²x/ds²)/(dx/ds).
    """

    x: Array
    stretch: Array
    curvature: Array

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.x.size)

    @property
    def spacing(self) -> float:
        """Uniform step in s."""
        return 1.0 / (self.size - 1)


@lru_cache(maxsize=512)
def graded_grid(length: float, nodes: int, left: float, right: float, share: float = 0.5) -> Grid:
    """Grid whose density of nodes is constant plus 1/(distance to an end + δ).

    Parameters
    ----------
    length : length of the layer (ξ).
    nodes : number of nodes.
    left, right : thickness δ (ξ) of the boundary layer at each end; 0 for none.
    share : fraction of the nodes that goes to each boundary layer that is there, relative to the bulk.
    """
    s = np.linspace(0.0, 1.0, nodes)
    a = 1.0 / length
    b = _layer_weight(length, left, share)
    c = _layer_weight(length, right, share)
    dl, dr = max(left, 1e-300), max(right, 1e-300)

    def count(x: Array) -> Array:
        out = a * x
        if b:
            out = out + b * np.log1p(x / dl)
        if c:
            out = out - c * np.log1p(-x / (length + dr))
        return out

    def density(x: Array) -> tuple[Array, Array]:
        rho, slope = np.full_like(x, a), np.zeros_like(x)
        if b:
            rho, slope = rho + b / (x + dl), slope - b / (x + dl) ** 2
        if c:
            rho, slope = rho + c / (length - x + dr), slope + c / (length - x + dr) ** 2
        return rho, slope

    total = float(count(np.array([length]))[0])
    x = _invert(count, s * total, length, density)
    rho, slope = density(x)
    return Grid(x, total / rho, -total * slope / rho**2)


def _layer_weight(length: float, delta: float, share: float) -> float:
    return share / float(np.log1p(length / delta)) if delta > 0 else 0.0


def _invert(count, target: Array, length: float, density) -> Array:
    """Solve count(x) = target by bisection-guarded Newton steps (count is monotonic)."""
    lower, upper = np.zeros_like(target), np.full_like(target, length)
    x = target / target[-1] * length
    for _ in range(100):
        error = count(x) - target
        upper = np.where(error > 0, x, upper)
        lower = np.where(error > 0, lower, x)
        step = x - error / density(x)[0]
        new = np.where((step > lower) & (step < upper), step, 0.5 * (lower + upper))
        if np.max(np.abs(new - x)) < 1e-15 * length:
            break
        x = new
    x[0], x[-1] = 0.0, length
    return x


def interpolation_matrix(nodes: int, s: Array, width: int = WIDTH) -> Array:
    """Matrix (s.size, nodes) of piecewise Lagrange interpolation from the uniform grid to points s in [0, 1]."""
    width = min(width, nodes)
    at = np.asarray(s, float) * (nodes - 1)
    start = np.clip(np.floor(at).astype(int) - width // 2 + 1, 0, nodes - width)
    matrix = np.zeros((at.size, nodes))
    for j in range(width):
        weight = np.ones_like(at)
        for k in range(width):
            if k != j:
                weight = weight * (at - (start + k)) / (j - k)
        matrix[np.arange(at.size), start + j] = weight
    return matrix
