"""The resolved form of a device: a graph of layers with every value in force.

All expressions are evaluated and all defaults filled in. Where a value depends on the position it is a `Profile`, to be
read with ``profile.at(z)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from usadel.description.elements.coupling import REFERENCE, Coupling
from usadel.description.elements.distributions import Distribution
from usadel.description.elements.interfaces import ResolvedInterface, Side, TransparentLaw
from usadel.description.elements.layers import Collisions, HalfMetalSpins, Pairing
from usadel.description.elements.materials import ResolvedLayer
from usadel.description.elements.on_top import Covering
from usadel.description.elements.reservoirs import BulkPairing, ResolvedReservoir
from usadel.description.values.profiles import ExchangeField, Profile

__all__ = [
    "REFERENCE",
    "BulkPairing",
    "Collisions",
    "Contact",
    "Coupling",
    "Covering",
    "Distribution",
    "ExchangeField",
    "HalfMetalSpins",
    "JunctionNode",
    "LayerEnd",
    "Network",
    "Pairing",
    "Profile",
    "ResolvedInterface",
    "ResolvedLayer",
    "ResolvedReservoir",
    "Side",
    "Termination",
]


@dataclass(frozen=True)
class LayerEnd:
    """One end of a layer, given by the index of the layer."""

    layer: int
    side: Side


@dataclass(frozen=True)
class Termination:
    """An end of a layer at a reservoir or at nothing.

    Attributes
    ----------
    end : LayerEnd
        The end.
    interface : Interface
        `Transparent` or `Tunnel` to a reservoir; `Vacuum` or `FerromagneticInsulator` without.
    reservoir : Reservoir or None
        What is behind it.
    name : str
        Name or kind and place of the reservoir; empty without.
    """

    end: LayerEnd
    interface: ResolvedInterface
    reservoir: ResolvedReservoir | None = None
    name: str = ""

    @property
    def pairing(self) -> BulkPairing | None:
        """The condensate behind it, if there is one."""
        return None if self.reservoir is None else self.reservoir.pairing


@dataclass(frozen=True)
class Contact:
    """Two ends of layers separated by an interface that is not transparent.

    Attributes
    ----------
    left, right : LayerEnd
        The end that lies to the left of the interface (a right end) and the one to its right (a left end).
    interface : Interface
        The law.
    """

    left: LayerEnd
    right: LayerEnd
    interface: ResolvedInterface


@dataclass(frozen=True)
class JunctionNode:
    """A point where two or more ends meet; the outward matrix currents sum to zero.

    Attributes
    ----------
    name : str
        Name of the junction, or of the two layers that touch there.
    ends : tuple of (LayerEnd, Interface)
        Each end with the law between it and the point: `Transparent` (continuous) or `Tunnel`.
    """

    name: str
    ends: tuple[tuple[LayerEnd, ResolvedInterface], ...]


@dataclass(frozen=True)
class Network:
    """Layers, and what their ends meet. Every end occurs in exactly one entry.

    Attributes
    ----------
    layers : tuple
        Resolved layers, wire by wire and left to right.
    layer_names : tuple of str
        Their names; for a nameless one its kind and place, such as ``superconductor 1``.
    written : tuple of int
        Which layer of the description each is, or is a part of: they are cut at the edges of contacts on top.
    terminations : tuple of Termination
    contacts : tuple of Contact
    junctions : tuple of JunctionNode
    """

    layers: tuple[ResolvedLayer, ...]
    layer_names: tuple[str, ...]
    written: tuple[int, ...]
    terminations: tuple[Termination, ...] = ()
    contacts: tuple[Contact, ...] = ()
    junctions: tuple[JunctionNode, ...] = ()

    def has_spectral_terms_of(self, other: Network) -> bool:
        """Whether two networks differ in distributions, given gaps and reservoirs only.

        Geometry, materials and interfaces are the same, and so are the terms of the Usadel equation but for Δ.
        """
        return (
            list(map(_spectral_kind, self.terminations)) == list(map(_spectral_kind, other.terminations))
            and (self.contacts, self.junctions) == (other.contacts, other.junctions)
            and [layer.spectral_terms() for layer in self.layers] == [layer.spectral_terms() for layer in other.layers]
        )

    @property
    def reservoirs(self) -> tuple[ResolvedReservoir, ...]:
        """Behind ends of layers, and behind contacts on top."""
        behind = [t.reservoir for t in self.terminations] + [c.reservoir for _, c in self.coverings()]
        return tuple(reservoir for reservoir in behind if reservoir is not None)

    @property
    def condensates(self) -> tuple[BulkPairing, ...]:
        """Those of reservoirs."""
        return tuple(one.pairing for one in self.reservoirs if one.pairing is not None)

    def coverings(self) -> list[tuple[int, Covering]]:
        """Contacts on top, each with the index of a layer below: one over several parts occurs several times."""
        return [(k, covering) for k, layer in enumerate(self.layers) for covering in layer.on_top]

    @property
    def fixes_phase(self) -> bool:
        """Whether a superconducting reservoir fixes the global phase."""
        return bool(self.condensates)

    @property
    def highest_critical_temperature(self) -> float:
        """Of its superconductors, reservoirs included (Tc); that of the reference without any."""
        layers = [k.pairing.coupling for k in self.layers if k.pairing is not None]
        reservoirs = [condensate.coupling for condensate in self.condensates]
        return max((coupling.critical_temperature for coupling in (*layers, *reservoirs)), default=1.0)

    @property
    def has_unknown_gap(self) -> bool:
        """Whether a gap is solved for."""
        return any(layer.self_consistent for layer in self.layers)

    @property
    def floats(self) -> bool:
        """Whether anything that a terminal is at is to be found."""
        return any(bool(one.floating) for one in self.reservoirs)

    def terminals(self) -> dict[str, list[Termination]]:
        """Ends at reservoirs by the name of the terminal: a node may have several."""
        found: dict[str, list[Termination]] = {}
        for t in self.terminations:
            if t.reservoir is not None:
                found.setdefault(t.name, []).append(t)
        return found

    def on_top(self) -> dict[str, tuple[Covering, tuple[int, ...]]]:
        """Contacts on top by their places, each with the indices of the layers that it covers."""
        found: dict[str, tuple[Covering, tuple[int, ...]]] = {}
        for k, covering in self.coverings():
            _, layers = found.get(covering.interface.place, (covering, ()))
            found[covering.interface.place] = covering, (*layers, k)
        return found

    def all_terminals(self) -> dict[str, list[Termination | Covering]]:
        """The same with contacts on top, which come last."""
        found: dict[str, list[Termination | Covering]] = {name: [*ends] for name, ends in self.terminals().items()}
        found |= {c.name: [c] for c, _ in self.on_top().values() if c.reservoir is not None}
        return found

    @property
    def terminal_reservoirs(self) -> dict[str, ResolvedReservoir]:
        """Reservoirs by the name of the terminal, in that order."""
        found = {name: contacts[0].reservoir for name, contacts in self.all_terminals().items()}
        return {name: reservoir for name, reservoir in found.items() if reservoir is not None}

    def layers_at(self, terminal: str) -> list[int]:
        """Indices of the layers that a terminal is in contact with."""
        tops = [k for k, c in self.coverings() if c.name == terminal]
        return [t.end.layer for t in self.terminations if t.name == terminal] + tops

    def having(self, others: Mapping[str, ResolvedReservoir]) -> Network:
        """The network with other reservoirs at some terminals."""
        ends = tuple(replace(t, reservoir=others.get(t.name, t.reservoir)) for t in self.terminations)
        layers = tuple(
            replace(k, on_top=tuple(replace(c, reservoir=others.get(c.name, c.reservoir)) for c in k.on_top))
            for k in self.layers
        )
        return replace(self, terminations=ends, layers=layers)

    def meetings(self) -> list[tuple[tuple[LayerEnd, ResolvedInterface], ...]]:
        """Ends of layers that meet, at a contact or a junction, each with its law."""
        contacts = [((c.left, c.interface), (c.right, c.interface)) for c in self.contacts]
        return [*contacts, *(junction.ends for junction in self.junctions)]

    def interfaces(self) -> tuple[tuple[str, ResolvedInterface, tuple[LayerEnd, ...]], ...]:
        """Label, law and ends of every interface, from left to right, wire by wire; one on top of layers has no ends.

        A transparent junction is one interface of all its transparent ends; its tunnel ends are interfaces of
        their own.
        """
        found: list[tuple[str, ResolvedInterface, tuple[LayerEnd, ...]]] = []
        found += [(t.interface.label, t.interface, (t.end,)) for t in self.terminations]
        found += [(c.interface.label, c.interface, (c.left, c.right)) for c in self.contacts]
        for junction in self.junctions:
            clear = [(end, law) for end, law in junction.ends if isinstance(law, TransparentLaw)]
            if clear:
                found.append((junction.name, clear[0][1], tuple(end for end, _ in clear)))
            found += [(law.label, law, (end,)) for end, law in junction.ends if not isinstance(law, TransparentLaw)]
        places = [min(map(_order, ends)) for _, _, ends in found]
        for covering, layers in self.on_top().values():
            found.append((covering.interface.label, covering.interface, ()))
            places.append((layers[0], 0.5))
        return tuple(found[k] for k in sorted(range(len(found)), key=places.__getitem__))


def _spectral_kind(t: Termination) -> tuple[LayerEnd, ResolvedInterface, bool, bool]:
    return t.end, t.interface, t.reservoir is not None, t.pairing is not None


def _order(end: LayerEnd) -> tuple[int, float]:
    return end.layer, float(end.side == "right")
