"""The resolved form of a device: a graph of layers with every value in force.

All expressions are evaluated and all defaults filled in; the objects are those of the description itself
(`Superconductor`, `Tunnel`, ...), holding floats and tuples of floats. Strings remain only where a value
depends on the position: expressions of ``z`` and ``pi`` alone, to be read with ``layer.profile(key,
z)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Side = Literal["left", "right"]
ResolvedLayer: TypeAlias = Any
"""A resolved `materials.Layer`; Any because its fields are then known to be numbers."""
ResolvedInterface: TypeAlias = Any
"""A resolved `interfaces.Interface`, with its `reference` (index of a layer) and `label`."""
ResolvedReservoir: TypeAlias = Any
"""A resolved `reservoirs.Reservoir`."""


WITHOUT_TERMS = frozenset(
    {"temperature", "voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse", "gap", "phase"}
)  # keys of a layer that its Usadel equation at given Δ does not see


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
    terminations : tuple of Termination
    contacts : tuple of Contact
    junctions : tuple of JunctionNode
    """

    layers: tuple[ResolvedLayer, ...]
    layer_names: tuple[str, ...]
    terminations: tuple[Termination, ...] = ()
    contacts: tuple[Contact, ...] = ()
    junctions: tuple[JunctionNode, ...] = ()

    def has_spectral_terms_of(self, other: Network) -> bool:
        """Whether two networks differ in distributions, given gaps and reservoirs only.

        Geometry, materials and interfaces are the same, and so are the terms of the Usadel equation but for Δ.
        """
        terminations = [[(t.end, t.interface, type(t.reservoir)) for t in n.terminations] for n in (self, other)]
        return (
            terminations[0] == terminations[1]
            and (self.contacts, self.junctions) == (other.contacts, other.junctions)
            and list(map(_spectral_terms, self.layers)) == list(map(_spectral_terms, other.layers))
        )

    @property
    def fixes_phase(self) -> bool:
        """Whether a superconducting reservoir fixes the global phase."""
        return any(hasattr(t.reservoir, "phase") for t in self.terminations)

    @property
    def has_unknown_gap(self) -> bool:
        """Whether a gap is solved for."""
        return any(getattr(layer, "self_consistent", False) for layer in self.layers)

    def interfaces(self) -> tuple[tuple[str, ResolvedInterface, tuple[LayerEnd, ...]], ...]:
        """Label, law and ends of every interface, from left to right, wire by wire.

        A transparent junction is one interface of all its transparent ends; its tunnel ends are interfaces of
        their own.
        """
        found = [(t.interface.label, t.interface, (t.end,)) for t in self.terminations]
        found += [(c.interface.label, c.interface, (c.left, c.right)) for c in self.contacts]  # type: ignore[misc]
        for junction in self.junctions:
            clear = [(end, law) for end, law in junction.ends if not law.relative]
            if clear:
                found.append((junction.name, clear[0][1], tuple(end for end, _ in clear)))  # type: ignore[arg-type]
            found += [(law.label, law, (end,)) for end, law in junction.ends if law.relative]
        return tuple(sorted(found, key=lambda entry: min(_order(end) for end in entry[2])))


def _spectral_terms(layer: ResolvedLayer) -> list[Any]:
    return [layer.kind, *(getattr(layer, key) for key in sorted(set(layer.keys()) - WITHOUT_TERMS))]


def _order(end: LayerEnd) -> tuple[int, bool]:
    return end.layer, end.side == "right"
