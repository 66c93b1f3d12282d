"""Values that vary inside a layer, seen by its grid: where nodes have to be denser, and whether a grid follows them.

Samples of the expressions themselves, far finer than any grid, tell. What a grid makes of a value is its interpolant
through the nodes; if the two differ, the grid solves another device, and no estimate that sees nodes only would notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.device.resolved import Profile, ResolvedLayer
from usadel.description.values.profiles import Constant, Expression
from usadel.discretization.space import CLUSTERING, Feature, Grid
from usadel.terms.sampling import NARROWEST, samples

Array = NDArray[Any]


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    # shares of a range per length of a layer, times the density of nodes there: what varies faster is a feature. Above
    # 1/CLUSTERING, or a feature would not do for itself
    abrupt: float = 12.0
    most: int = 24  # features of a layer
    reach: float = 2.0  # √D: over larger distances, states at energies of about Δ0 know nothing of each other
    lenient: float = 30.0  # what is counted of an effect: it is a bound, and the difference of stencils sees the rest
    thinned: int = 8  # every which of the samples counts where a grid is compared with them ...
    near: float = 8.0  # ... but next to features, within so many widths
    steepest: float = 0.5  # step of ln dx/ds from node to node, at most


OPTIONS = Options()
_ONE = Constant(1.0)


@dataclass(frozen=True)
class Texture:
    """What varies in a layer.

    Attributes
    ----------
    fields : components of the exchange field; pairing : magnitude and phase of a given gap; expressions both, the
        constant ones left out.
    """

    fields: tuple[Expression, ...]
    pairing: tuple[Profile, Profile] | None

    def __bool__(self) -> bool:
        return bool(self.fields) or self.pairing is not None

    def at(self, z: Array) -> Array:
        """Rows of values (Δ0) at relative positions z (n): fields, then real and imaginary part of the gap."""
        rows = [field.at(z) for field in self.fields]
        if self.pairing is not None:
            gap = self.pairing[0].at(z) * np.exp(1j * self.pairing[1].at(z))
            rows += [gap.real, gap.imag]
        return np.array(rows)

    def places(self) -> Array:
        """Increasing relative positions, at which everything has been looked at."""
        parts = (*self.fields, *(self.pairing or ()))
        return np.unique(np.concatenate([samples(p.text)[0] for p in parts if isinstance(p, Expression)]))


def texture(layer: ResolvedLayer) -> Texture:
    """What varies in a layer, by expressions; a field that follows the spins has come from a grid."""
    fields: tuple[Expression, ...] = ()
    if layer.exchange is not None:
        fields = tuple(part for part in layer.exchange.given if isinstance(part, Expression))
    pairing = None
    if layer.pairing is not None and layer.has_given_gap:
        magnitude, phase = layer.pairing.gap, layer.pairing.phase
        if isinstance(magnitude, Expression) or isinstance(phase, Expression):
            pairing = (magnitude or _ONE, phase)
    return Texture(fields, pairing)


@lru_cache(maxsize=256)
def features(varying: Texture) -> tuple[Feature, ...]:
    """Where the nodes of a layer have to be denser: each where values vary fastest beside those found before.

    None where the whole layer is that rough: then a finer grid does as well.
    """
    if not varying:
        return ()
    z, rate = _rates(varying)
    density, found = np.ones_like(z), list[Feature]()
    for _ in range(OPTIONS.most + 1):
        fastest = int(np.argmax(rate / density))
        if rate[fastest] < OPTIONS.abrupt * density[fastest]:
            return tuple(sorted(found, key=lambda f: f.position))
        feature = Feature(float(z[fastest]), float(1 / rate[fastest]))
        found.append(feature)
        density += CLUSTERING / np.hypot(feature.width, z - feature.position)
    return ()


def _rates(varying: Texture) -> tuple[Array, Array]:
    """Relative positions, and slopes there of what varies, as shares of its whole range."""
    z = varying.places()
    values, count = varying.at(z), len(varying.fields)
    rate = np.zeros(z.size - 1)
    for group in (values[:count], values[count:]):
        span = float(np.max(np.ptp(group, axis=1), initial=0.0))
        if span > 0:
            rate = np.maximum(rate, np.max(np.abs(np.diff(group, axis=1)), axis=0) / span)
    return 0.5 * (z[1:] + z[:-1]), rate / np.maximum(np.diff(z), NARROWEST)


def missed(layer: ResolvedLayer, grid: Grid) -> float:
    """What states may lack, at most, because a grid does not follow what varies in its layer; absolute.

    A self-energy δΣ that is missed changes states by less than ∫|δΣ| dx over the distance that they know of.
    """
    varying = texture(layer)
    if not varying:
        return 0.0
    z, width = _compared(varying)
    nodes = grid.x / layer.length
    difference = np.abs(varying.at(nodes) @ grid.interpolation(z).T - varying.at(z))
    reach = min(layer.length, OPTIONS.reach * np.sqrt(layer.diffusion))
    return float(reach * layer.length / layer.diffusion * (np.max(difference, axis=0) @ width)) / OPTIONS.lenient


@lru_cache(maxsize=256)
def _compared(varying: Texture) -> tuple[Array, Array]:
    """Relative positions at which a grid is compared, all of them near features, and the widths they stand for."""
    z = varying.places()
    chosen = np.zeros(z.size, bool)
    chosen[:: OPTIONS.thinned] = chosen[-1] = True
    for f in features(varying):
        chosen |= np.abs(z - f.position) < OPTIONS.near * f.width
    z = z[chosen]
    return z, np.gradient(z)


def too_steep(grid: Grid) -> bool:
    """Whether the distances of nodes next to features change faster than stencils can bear."""
    return bool(grid.features) and grid.spacing * float(np.max(np.abs(grid.curvature))) > OPTIONS.steepest
