"""Grids for a device: how many nodes its layers need, and how far their ends are stretched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from usadel.description.device.resolved import LayerEnd, Network
from usadel.discretization.contacts import SIDES, conductance_ratio, leaking_ends, singular_jumps
from usadel.discretization.space import Grid, stretched_grid
from usadel.discretization.textures import features, missed, texture, too_steep
from usadel.terms import gauge_wave_number, wave_number

MOST_NODES = 1025  # of one layer


@dataclass(frozen=True)
class Options:
    """Tuning numbers of this module, with their units and reasons."""

    steepest: float = 0.24  # sum of β at both ends over the number of intervals, at most: steeper maps are unstable
    strongest: float = 5.8  # β of an end, up to which it may be deeper at a tolerance of at least `rounding`
    rounding: float = 1e-7  # below, first steps are as much larger: rounding of energies grows with their weights
    strong: float = 7.0  # κL of an opaque contact from which on a self-consistent gap varies more than layers do anyway
    leak_depth: float = 1.2  # added to β where singlets leak from a given gap ...
    singular_depth: float = 1.4  # ... and where a gap is singular
    loose: float = 1e-5  # tolerance above which half of that does: deep ends slow Newton's method down at real energies
    coarse: float = 0.5  # of the nodes, for a rough solution ...
    least: float = 17.0  # ... but no fewer than this ...
    turned: float = 4.0  # ... nor per rad by which a gauge field turns pairs along a layer: Newton's method diverges
    more: float = 1.2  # times the nodes, where these do not follow what varies in a layer


OPTIONS = Options()


def strength(nodes: int, length: float, depth: float = 0.0, deepest: float = OPTIONS.strongest) -> float:
    """Stretching β at an end of a grid: the finer the grid, the finer its ends; 1.9 at 25 and 2.3 at 45 nodes, L = 1.5.

    depth : by how much more, where results vary on all scales, up to `deepest`.
    """
    base = 1.9 + 0.75 * np.log(nodes / 25) + 0.5 * np.log(max(length, 1.5) / 1.5)
    return float(max(0.5, base, min(base + depth, deepest)))


def make_grids(network: Network, nodes: list[int], tolerance: float = OPTIONS.loose) -> list[Grid]:
    """Grids of all layers with given numbers of nodes; `tolerance` says how fine their ends are to be."""
    return [_grid(network, k, count, tolerance) for k, count in enumerate(nodes)]


def _grid(network: Network, k: int, count: int, tolerance: float) -> Grid:
    """Grid of a layer with a number of nodes."""
    deepest = OPTIONS.strongest + 0.5 * np.log(min(1.0, tolerance / OPTIONS.rounding))
    layer = network.layers[k]
    depths = (_depth(network, LayerEnd(k, side), tolerance) for side in SIDES)
    left, right = (strength(count, layer.length, depth, deepest) for depth in depths)
    fraction = min(1.0, OPTIONS.steepest * (count - 1) / (left + right))
    return stretched_grid(layer.length, count, (fraction * left, fraction * right), features(texture(layer)))


def _depth(network: Network, end: LayerEnd, tolerance: float) -> float:
    """How much more a grid is stretched at an end.

    A gap that tends to zero like 1/ln x has structure on all scales. Next to an opaque contact energy and gap vary
    like x ln x, within the length where its conductance is that of the layer; the energy most where the gap is given.
    """
    layer = network.layers[end.layer]
    if end in singular_jumps(network):
        return OPTIONS.singular_depth if tolerance <= OPTIONS.loose else 0.5 * OPTIONS.singular_depth
    if layer.pairing is None or layer.nonequilibrium or end not in leaking_ends(network):
        return 0.0  # the kinetic equation needs its nodes elsewhere: distributions are smooth at these ends
    ratio = conductance_ratio(network, end)
    if layer.self_consistent:
        return float(0.5 * np.log(max(1.0, ratio / OPTIONS.strong)))
    return float(OPTIONS.leak_depth + 0.5 * np.log(1 + ratio))


def first_nodes(network: Network, tolerance: float) -> list[int]:
    """Nodes to start with: more for long layers, strong fields, what varies in layers, and tight tolerances."""
    nodes = []
    for layer in network.layers:
        waves = layer.length * wave_number(layer)
        digits = np.log10(max(1.0, 1e-4 / tolerance))
        count = 17 + (10 if layer.self_consistent else 4) * digits + 5 * min(waves, 40.0)
        nodes.append(odd(count))
    return following_nodes(network, nodes, tolerance)


def coarse_nodes(network: Network, nodes: list[int]) -> list[int]:
    """Nodes for a rough solution, in place of some others."""
    turns = [layer.length * gauge_wave_number(layer) for layer in network.layers]
    counts = zip(nodes, turns, strict=True)
    return [odd(max(OPTIONS.least, OPTIONS.coarse * n, min(n, OPTIONS.turned * turn))) for n, turn in counts]


def following_nodes(network: Network, nodes: list[int], tolerance: float) -> list[int]:
    """So many nodes or more, with which grids follow what varies in their layers."""
    return [_following(network, k, count, tolerance) for k, count in enumerate(nodes)]


def unfollowed(network: Network, grids: list[Grid]) -> list[float]:
    """Error (layers) of results by what grids do not follow in their layers; zero where nothing varies."""
    return [missed(layer, grid) for layer, grid in zip(network.layers, grids, strict=True)]


def _following(network: Network, k: int, count: int, tolerance: float) -> int:
    """So many nodes or more, with which a grid follows what varies in its layer; without success as many as before."""
    layer = network.layers[k]
    if not texture(layer):
        return count
    enough = count
    while True:
        grid = _grid(network, k, enough, tolerance)
        if missed(layer, grid) <= tolerance and not too_steep(grid):
            return enough
        if enough >= MOST_NODES:
            return count
        enough = odd(OPTIONS.more * enough)


def odd(count: float) -> int:
    """The next odd number of nodes, within bounds."""
    return int(min(MOST_NODES, 2 * round(count / 2) + 1))


@dataclass(frozen=True)
class Growth:
    """How nodes grow with the share of a layer in the error, in tolerances: by (share/aim)^(1/order), within bounds.

    Attributes
    ----------
    order : with which the error is expected to fall in practice; aim : share that is aimed at.
    above : shares below which nothing grows; least, most : factors of the nodes.
    """

    order: float
    aim: float
    above: float
    least: float
    most: float = 2.0

    def nodes(self, present: int, share: float) -> int:
        """Nodes that a layer needs."""
        if share < self.above:
            return present
        return odd(present * float(np.clip((share / self.aim) ** (1 / self.order), self.least, self.most)))


SPECTRAL = Growth(order=5.0, aim=0.5, above=0.3, least=1.15)
KINETIC = Growth(order=4.0, aim=0.3, above=0.2, least=1.3)  # of distributions
