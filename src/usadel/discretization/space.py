"""Stretched grids and the high-order compact scheme on them.

A layer of length L is mapped to s in [0, 1] by x(s), uniform in s with spacing h. Then u'' = f(x, u, u') is

    d²u/ds² = f̂,   f̂ = x'² f(x, u, u_s/x') + (x''/x') u_s,

and two exact integrals of it, with f̂ replaced by its interpolant through `width` nodes, give the scheme

    inside:       u[n+1] - 2u[n] + u[n-1]   = h² Σ_j w[n,j] f̂[j],
    at an end:    u[inner] - u[end] - h u_s = h² Σ_j w[end,j] f̂[j]   (u_s counted inwards).

Width 3 is Numerov's fourth-order scheme; width 9 costs the same, since the Jacobian keeps the compact weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

WIDTH = 9  # nodes of the interpolants in use; odd, so that a mirrored device gives the mirrored result
EMBEDDED_WIDTH = 7  # the lower order that the error is estimated with
SMALLEST_GRID = WIDTH
UNIFORM = 1e-6  # stretching below which a grid is uniform
CLUSTERING = 0.15  # a: weight of a feature among the nodes, that of the rest of the layer is one
BISECTIONS = 56  # of [0, 1], down to rounding
COPY = 1e-9  # distance of the two copies of a node at an interface, in layer lengths


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
class Feature:
    """Where the nodes of a layer are denser: around a relative position z0, within about a relative width w.

    Their density falls like 1/√(w² + (z - z0)²), so that every distance from the feature has its share of nodes.
    """

    position: float
    width: float


@dataclass(frozen=True)
class Grid:
    """Nodes of one layer.

    Attributes
    ----------
    x : position in the layer (ξ), from 0 to its length.
    stretch : dx/ds.
    curvature : (d²x/ds²)/(dx/ds).
    strength : β of the stretching at the left and at the right end.
    features : where nodes are denser inside.
    """

    x: Array
    stretch: Array
    curvature: Array
    strength: tuple[float, float]
    features: tuple[Feature, ...] = ()

    @property
    def size(self) -> int:
        """Number of nodes."""
        return int(self.x.size)

    @property
    def spacing(self) -> float:
        """Uniform step in s."""
        return 1.0 / (self.size - 1)

    def coordinate(self, z: Any) -> Any:
        """s at relative positions z in [0, 1] of the layer."""
        base = _ends_coordinate(self.strength, z)
        return _clustered(self.features, base, np.asarray(z, float)) if self.features else base

    def interpolation(self, z: Any) -> Array:
        """Matrix (z.size, nodes) from values at the nodes to those at relative positions z in [0, 1] of the layer."""
        return interpolation_matrix(self.size, self.coordinate(z))

    def mapped(self, s: Array) -> tuple[Array, Array, Array]:
        """x, dx/ds and (d²x/ds²)/(dx/ds) at points s in [0, 1]."""
        return _mapped(float(self.x[-1]), self.strength, self.features, s)

    def alike(self, nodes: int, length: float | None = None) -> Grid:
        """The same map with another number of nodes, and another length of the layer (ξ) if that is given."""
        return stretched_grid(float(self.x[-1]) if length is None else length, nodes, self.strength, self.features)

    def has_features_of(self, other: Grid) -> bool:
        """Whether two grids are denser at the same places inside."""
        return self.features == other.features

    def has_map_of(self, other: Grid) -> bool:
        """Whether the nodes of two grids of the same size are at the same relative positions."""
        return (self.strength, self.features) == (other.strength, other.features)


@lru_cache(maxsize=512)
def stretched_grid(
    length: float, nodes: int, strength: float | tuple[float, float], features: tuple[Feature, ...] = ()
) -> Grid:
    """Grid that is finer at its ends: x = L [tanh τ + tanh β]/[tanh β + tanh β'], τ = (β + β')s₀ - β.

    Parameters
    ----------
    length : length of the layer (ξ).
    nodes : number of nodes.
    strength : β ≥ 0 of the left end and β' of the right end, or one number for both; the step at an end is about
        4β e^{-2β} of the uniform one where both are equal, 0 is uniform.
    features : where it is finer inside, too: s ∝ s₀ + a Σ arsinh[(z - z0)/w], z = x/L; without, s = s₀.
    """
    both = strength if isinstance(strength, tuple) else (strength, strength)
    if sum(both) < UNIFORM:
        both = (0.0, 0.0)
    x, stretch, curvature = _mapped(length, both, features, np.linspace(0.0, 1.0, nodes))
    x[0], x[-1] = 0.0, length
    return Grid(x, stretch, curvature, both, features)


def _mapped(
    length: float, strength: tuple[float, float], features: tuple[Feature, ...], s: Array
) -> tuple[Array, Array, Array]:
    """x, dx/ds and (d²x/ds²)/(dx/ds) at points s in [0, 1]."""
    if not features:
        return _ends_mapped(length, strength, s)
    base = _base_coordinate(strength, features, s)
    x, first, ratio = _ends_mapped(length, strength, base)
    z, z1 = x / length, first / length
    slope, bend = np.ones_like(base), np.zeros_like(base)
    for f in features:
        distance = np.hypot(f.width, z - f.position)
        slope += CLUSTERING * z1 / distance
        bend += CLUSTERING * (z1 * ratio / distance - z1**2 * (z - f.position) / distance**3)
    rate = _total(features) / slope  # ds₀/ds
    return x, first * rate, ratio * rate - rate * bend / slope


def _ends_mapped(length: float, strength: tuple[float, float], s: Array) -> tuple[Array, Array, Array]:
    (left, right), t = strength, 2 * s - 1
    if left + right == 0.0:
        return 0.5 * length * (1 + t), np.full(s.size, length), np.zeros(s.size)
    low, high = np.tanh(left), np.tanh(right)
    scale, along = length / (low + high), 0.5 * (left + right) * t + 0.5 * (right - left)
    x = length * (low / (low + high)) + scale * np.tanh(along)  # bitwise symmetric where both ends are alike
    return x, (left + right) * scale / np.cosh(along) ** 2, -2 * (left + right) * np.tanh(along)


def _ends_coordinate(strength: tuple[float, float], z: Any) -> Any:
    """s₀ at relative positions z: the coordinate of the stretching at both ends."""
    t, (left, right) = 2 * np.asarray(z, float) - 1, strength
    if left + right < UNIFORM:
        return 0.5 * (1 + t)
    low, high = np.tanh(left), np.tanh(right)
    inside = np.clip(0.5 * (t * (low + high) + high - low), -1 + 1e-16, 1 - 1e-16)
    mean, lean = 0.5 * (left + right), 0.5 * (right - left)
    return np.clip(0.5 * (1 + (np.arctanh(inside) - lean) / mean), 0.0, 1.0)


def _clustered(features: tuple[Feature, ...], base: Any, z: Array) -> Any:
    """s of s₀ (`base`) and z, which belong together."""
    total = base
    for f in features:
        total = total + CLUSTERING * (np.arcsinh((z - f.position) / f.width) + np.arcsinh(f.position / f.width))
    return np.clip(total / _total(features), 0.0, 1.0)


def _total(features: tuple[Feature, ...]) -> float:
    """s before it is scaled, at the right end."""
    ends = [np.arcsinh((1 - f.position) / f.width) + np.arcsinh(f.position / f.width) for f in features]
    return float(1 + CLUSTERING * sum(ends))


def _base_coordinate(strength: tuple[float, float], features: tuple[Feature, ...], s: Array) -> Array:
    """s₀ at points s, by bisection: the map is monotonic, and smooth to the last digit."""
    low, high = np.zeros_like(s), np.ones_like(s)
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        above = _clustered(features, middle, _ends_mapped(1.0, strength, middle)[0]) > s
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(0.5 * (low + high))


def along_device(inside: Sequence[Array], lengths: Sequence[float]) -> Array:
    """Positions (ξ) of nodes along all layers, strictly increasing: copies at an interface are moved apart.

    Parameters
    ----------
    inside : for each layer, positions of its nodes (ξ) from 0 to its length.
    lengths : of the layers (ξ).
    """
    start, parts = 0.0, []
    for k, (x, length) in enumerate(zip(inside, lengths, strict=True)):
        x = start + x
        if k > 0:
            x[0] += 0.5 * COPY * length
        if k < len(inside) - 1:
            x[-1] -= 0.5 * COPY * length
        parts.append(x)
        start += length
    return np.concatenate(parts)


def interpolation_matrix(nodes: int, s: Array, width: int = 8) -> Array:
    """Matrix (s.size, nodes) of piecewise Lagrange interpolation from the uniform grid to points s in [0, 1]."""
    return lagrange_matrix(np.linspace(0.0, 1.0, nodes), np.asarray(s, float), width)


def lagrange_matrix(points: Array, targets: Array, width: int = 8) -> Array:
    """Matrix (targets, points) of Lagrange interpolation through the `width` increasing points around each target."""
    width = min(width, points.size)
    below = np.searchsorted(points, targets, side="right") - 1
    start = np.clip(below - (width - 1) // 2, 0, points.size - width)
    used = points[start[:, None] + np.arange(width)]
    weights = np.ones((targets.size, width))
    for j in range(width):
        for k in range(width):
            if k != j:
                weights[:, j] *= (targets - used[:, k]) / (used[:, j] - used[:, k])
    matrix = np.zeros((targets.size, points.size))
    matrix[np.arange(targets.size)[:, None], start[:, None] + np.arange(width)] = weights
    return matrix
