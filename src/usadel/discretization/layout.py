"""Where the unknowns are: sites of all layers, and one row per unknown in the order of elimination.

A *site* is a node of one layer; where ĝ is continuous, several sites are copies of one unknown. Layers that meet
two by two form *chains*, eliminated straight through; junctions of more ends are *hubs*, solved for last.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from usadel.description.device.resolved import (
    Contact,
    JunctionNode,
    LayerEnd,
    Network,
    ResolvedInterface,
    ResolvedReservoir,
    Termination,
)
from usadel.discretization.space import Grid, stencils
from usadel.errors import InputError

Integers = NDArray[np.int64]

INSIDE, END, CONTACT, FIXED, SHARED, HUB = range(6)


@dataclass(frozen=True)
class Law:
    """An interface law at one end of a layer, as seen from that end."""

    end: LayerEnd
    interface: ResolvedInterface
    reservoir: ResolvedReservoir | None = None
    across: LayerEnd | None = None


@dataclass(frozen=True)
class Magnet:
    """A magnetic interface: which of all, the ends of layers at it, and laws whose far side is no layer's end."""

    interface: int
    ends: tuple[LayerEnd, ...]
    laws: tuple[int, ...]


@dataclass
class Row:
    """One unknown node: kind, site, whether site+1 (or the layer's inside) comes next, law, and its ends.

    An end is (site, inner neighbour, weight, law): law -1 where ĝ is continuous, else that between hub and end.
    """

    kind: int
    site: int
    forward: int = 1
    law: int = 0
    other: int = 0
    ends: list[tuple[int, int, float, int]] = field(default_factory=list)

    @property
    def copies(self) -> list[int]:
        """Sites that are copies of this node."""
        return [site for site, _, _, law in self.ends if law < 0]


@dataclass(frozen=True)
class RowChain:
    """Rows first … last-1, and the hubs (index, -1 for none) beyond its two ends."""

    first: int
    last: int
    start_hub: int
    end_hub: int


class Layout:
    """Sites and rows of a network on given grids."""

    def __init__(self, network: Network, grids: list[Grid]):
        self.network, self.grids = network, grids
        sizes = np.array([g.size for g in grids])
        self.offset = np.concatenate([[0], np.cumsum(sizes)])
        self.layer = np.repeat(np.arange(sizes.size), sizes)
        self.laws: list[Law] = []
        self.rows: list[Row] = []
        self.chains: list[RowChain] = []
        self.hubs: list[JunctionNode] = []
        self._joints = self._index_ends()
        self._find_hubs()
        self._walk()
        self.chain_rows = len(self.rows)
        self._add_hub_rows()
        self.row_of_site = self._rows_of_sites()

    def with_reservoirs(self, network: Network) -> Layout:
        """The same sites and rows for a network that differs in distributions, given gaps and reservoirs only."""
        other, reservoirs = copy(self), {t.end: t.reservoir for t in network.terminations}
        other.network = network
        other.laws = [replace(law, reservoir=reservoirs.get(law.end)) for law in self.laws]
        return other

    def magnets(self) -> list[Magnet]:
        """Interfaces at ends of layers with a magnet, in the order of the network's."""
        found = []
        for number, (_, interface, ends) in enumerate(self.network.interfaces()):
            if interface.magnetic and ends:
                laws = [k for k, law in enumerate(self.laws) if law.end in ends and _leaves_layers(law, ends)]
                found.append(Magnet(number, ends, tuple(laws)))
        return found

    @property
    def sites(self) -> int:
        """Number of sites."""
        return int(self.offset[-1])

    def site(self, end: LayerEnd) -> int:
        """Site of an end of a layer."""
        return int(self.offset[end.layer] if end.side == "left" else self.offset[end.layer + 1] - 1)

    def slice(self, layer: int) -> slice:
        """Sites of a layer."""
        return slice(int(self.offset[layer]), int(self.offset[layer + 1]))

    def stencil_arrays(self, width: int) -> tuple[Integers, NDArray[np.float64], NDArray[np.float64]]:
        """First site, weights of f̂ and weights of d/ds of every site."""
        parts = [stencils(g.size, width) for g in self.grids]
        first = np.concatenate([p.start + o for p, o in zip(parts, self.offset[:-1], strict=True)])
        return first, np.concatenate([p.w for p in parts]), np.concatenate([p.d for p in parts])

    def _index_ends(self) -> dict[LayerEnd, Termination | Contact | JunctionNode]:
        joints: dict[LayerEnd, Termination | Contact | JunctionNode] = {}
        for termination in self.network.terminations:
            joints[termination.end] = termination
        for contact in self.network.contacts:
            joints[contact.left] = joints[contact.right] = contact
        for junction in self.network.junctions:
            for end, _ in junction.ends:
                joints[end] = junction
        return joints

    def _find_hubs(self) -> None:
        self.hubs = [j for j in self.network.junctions if len(j.ends) != 2 or len(_clear_ends(j)) < len(j.ends)]
        while True:
            start = self._start_of_ring()
            if start is None:
                return
            self.hubs.append(start)

    def _is_hub(self, joint: object) -> bool:
        return any(joint is hub for hub in self.hubs)

    def _start_of_ring(self) -> JunctionNode | None:
        """A junction of a closed ring that has no hub and no free end yet, if there is such a ring."""
        seen: set[int] = set()
        for end, joint in self._joints.items():
            if isinstance(joint, Termination) or self._is_hub(joint):
                here: LayerEnd | None = end
                while here is not None and here.layer not in seen:
                    seen.add(here.layer)
                    here = self._across(opposite(here))
        for junction in self.network.junctions:
            if junction.ends[0][0].layer not in seen:
                return junction
        if len(seen) < len(self.grids):
            raise InputError("a closed ring of layers needs at least one transparent junction")
        return None

    def _across(self, end: LayerEnd) -> LayerEnd | None:
        """The end on the other side of a joint of two ends; None at a termination or hub."""
        joint = self._joints[end]
        if isinstance(joint, Termination) or self._is_hub(joint):
            return None
        pair = (joint.left, joint.right) if isinstance(joint, Contact) else tuple(e for e, _ in joint.ends)
        return pair[1] if pair[0] == end else pair[0]

    def _walk(self) -> None:
        done: set[int] = set()
        for layer in range(len(self.grids)):
            for side in ("left", "right"):
                entry = LayerEnd(layer, side)
                if layer not in done and self._across(entry) is None:
                    self._walk_chain(entry, done)

    def _walk_chain(self, entry: LayerEnd, done: set[int]) -> None:
        first = len(self.rows)
        start_hub = self._enter(entry, inside_next=True)
        while True:
            done.add(entry.layer)
            self._add_inside(entry)
            leaving = opposite(entry)
            beyond = self._across(leaving)
            if beyond is None:
                end_hub = self._enter(leaving, inside_next=False)
                break
            self._join(leaving, beyond)
            entry = beyond
        self.chains.append(RowChain(first, len(self.rows), start_hub, end_hub))

    def _enter(self, end: LayerEnd, inside_next: bool) -> int:
        """Add the row of a terminated end; return its hub instead if it has one, else -1."""
        joint = self._joints[end]
        for number, hub in enumerate(self.hubs):
            if joint is hub:
                self._add_law_at_hub(end, hub, inside_next)
                return number
        assert isinstance(joint, Termination)
        fixed = joint.reservoir is not None and joint.interface.kind == "transparent"
        self.laws.append(Law(end, joint.interface, joint.reservoir))
        row = Row(FIXED if fixed else END, self.site(end), 1 if inside_next else -1, len(self.laws) - 1)
        if not fixed:
            row.ends.append(self._end(end, 1.0))
        self.rows.append(row)
        return -1

    def _add_law_at_hub(self, end: LayerEnd, hub: JunctionNode, inside_next: bool) -> None:
        """Add the row of an end that meets a hub through a law of its own."""
        interface = next(law for other, law in hub.ends if other == end)
        if interface.kind != "transparent":
            clear = _clear_ends(hub)[0]
            self.laws.append(Law(end, interface, across=clear))
            row = Row(CONTACT, self.site(end), 1 if inside_next else -1, len(self.laws) - 1, self.site(clear))
            row.ends.append(self._end(end, 1.0))
            self.rows.append(row)

    def _end(self, end: LayerEnd, weight: float) -> tuple[int, int, float, int]:
        site = self.site(end)
        return site, site + (1 if end.side == "left" else -1), weight, -1

    def _add_inside(self, entry: LayerEnd) -> None:
        sites = range(self.slice(entry.layer).start + 1, self.slice(entry.layer).stop - 1)
        forward = 1 if entry.side == "left" else -1
        self.rows += [Row(INSIDE, site, forward) for site in (sites if forward == 1 else reversed(sites))]

    def _join(self, leaving: LayerEnd, beyond: LayerEnd) -> None:
        joint = self._joints[leaving]
        if isinstance(joint, Contact):
            for here, there, forward in ((leaving, beyond, -1), (beyond, leaving, 1)):
                self.laws.append(Law(here, joint.interface, across=there))
                row = Row(CONTACT, self.site(here), forward, len(self.laws) - 1, self.site(there))
                row.ends.append(self._end(here, 1.0))
                self.rows.append(row)
        else:
            self.rows.append(self._shared(SHARED, [leaving, beyond]))

    def _shared(self, kind: int, ends: list[LayerEnd]) -> Row:
        weights = np.array([self._current_weight(end) for end in ends])
        weights /= weights.sum()
        row = Row(kind, self.site(ends[0]))
        row.ends = [self._end(end, float(w)) for end, w in zip(ends, weights, strict=True)]
        return row

    def _current_weight(self, end: LayerEnd) -> float:
        """σA/(h dx/ds): the matrix current per defect of the scheme at an end."""
        layer, grid = self.network.layers[end.layer], self.grids[end.layer]
        stretch = grid.stretch[0 if end.side == "left" else -1]
        return float(layer.conductivity * layer.area / (grid.spacing * stretch))

    def _add_hub_rows(self) -> None:
        for hub in self.hubs:
            clear = _clear_ends(hub)
            row = self._shared(HUB, clear)
            total = sum(self._current_weight(end) for end in clear)
            for end, interface in hub.ends:
                if interface.kind != "transparent":
                    self.laws.append(Law(end, interface, across=end))
                    layer = self.network.layers[end.layer]
                    weight = float(layer.conductivity * layer.area) / total
                    row.ends.append((self.site(end), self.site(end), weight, len(self.laws) - 1))
            self.rows.append(row)

    def _rows_of_sites(self) -> Integers:
        rows = np.full(self.sites, -1)
        for number, row in enumerate(self.rows):
            rows[row.site] = number
            rows[row.copies] = number
        assert np.all(rows >= 0)
        return rows


def _clear_ends(hub: JunctionNode) -> list[LayerEnd]:
    """Ends at which ĝ is continuous: one at least, as the description has made sure."""
    return [end for end, law in hub.ends if law.kind == "transparent"]


def opposite(end: LayerEnd) -> LayerEnd:
    """The other end of the same layer."""
    return LayerEnd(end.layer, "right" if end.side == "left" else "left")


def _leaves_layers(law: Law, ends: tuple[LayerEnd, ...]) -> bool:
    """Whether a reservoir or junction is behind an interface that layers' ends meet."""
    return law.reservoir is not None or (len(ends) == 1 and law.across not in (None, law.end))
