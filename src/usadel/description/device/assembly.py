"""From chains of elements to a network: who is whose neighbour, and which neighbourhoods make sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from usadel.description.device.covered import Span, cut, on_top_of
from usadel.description.device.driven import with_driven_layers
from usadel.description.device.resolved import (
    Contact,
    Covering,
    JunctionNode,
    LayerEnd,
    Network,
    ResolvedInterface,
    ResolvedLayer,
    Termination,
)
from usadel.description.elements.element import Element
from usadel.description.elements.interfaces import Interface, Transparent, TransparentLaw, Vacuum
from usadel.description.elements.materials import Layer
from usadel.description.elements.measured import Scaled
from usadel.description.elements.on_top import OnTop
from usadel.description.elements.reservoirs import Junction, Reservoir
from usadel.description.values.ranges import MOST_LAYERS
from usadel.errors import InputError

Placed = tuple[str, Element]
"""An element and its place, such as ``("stack.1", element)``."""

E = TypeVar("E", bound=Element)
R_co = TypeVar("R_co", covariant=True)


class Resolvable(Protocol[R_co]):
    """An element that has a form with every value in force."""

    def resolve(self, names: Mapping[str, float], device: Mapping[str, float] | None = None) -> R_co:
        """That form."""
        ...


@dataclass(frozen=True)
class Chain:
    """Elements from left to right, and the nodes at which they begin and end (None: a free end)."""

    elements: tuple[Placed, ...]
    place: str
    start: str | None = None
    end: str | None = None


@dataclass
class _Assembly:
    nodes: Mapping[str, Element]
    scaled: Scaled
    elements: dict[str, Element] = field(default_factory=dict)  # without units
    layers: list[ResolvedLayer] = field(default_factory=list)
    written: list[Layer] = field(default_factory=list)
    layer_names: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)
    terminations: list[Termination] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    junctions: list[JunctionNode] = field(default_factory=list)
    meeting: dict[str, list[tuple[LayerEnd, ResolvedInterface]]] = field(default_factory=dict)

    def resolve(self, place: str, element: Resolvable[R_co], reference: ResolvedLayer | None = None) -> R_co:
        """An element with every value in force; reference: of an interface, the layer that its ratios refer to."""
        try:
            plain: Resolvable[R_co] = self._without_units(place, element, reference)
            return plain.resolve(self.scaled.names, self.scaled.device)
        except InputError as error:
            raise error.under(place) from None

    def _without_units(self, place: str, element: Any, reference: ResolvedLayer | None) -> Any:
        plain = self.scaled.element(element, reference)
        if place:
            self.elements[place] = plain
        return plain


def assemble(
    chains: Sequence[Chain],
    nodes: Mapping[str, Element],
    scaled: Scaled,
) -> tuple[Network, Mapping[str, Element]]:
    """Network of chains that may share nodes, and its elements by place without units.

    Parameters
    ----------
    chains : sequence of Chain
        Raw elements.
    nodes : mapping
        Reservoirs and junctions by name.
    scaled : Scaled
        Parameters, what elements inherit, and the scale.

    Raises
    ------
    InputError
        If elements do not fit next to each other, there are too many, or a value is out of range.
    """
    count = sum(isinstance(element, Layer) for chain in chains for _, element in chain.elements)
    if count > MOST_LAYERS:
        raise InputError(f"the device has {count} layers; allowed: at most {MOST_LAYERS}")
    assembly = _Assembly(nodes, scaled)
    for chain in chains:
        _add_chain(assembly, chain)
    for name, node in nodes.items():
        _close(assembly, name, node)
    _check_half_metals(assembly)
    network = Network(
        tuple(assembly.layers),
        tuple(assembly.layer_names),
        tuple(assembly.owners),
        tuple(assembly.terminations),
        tuple(assembly.contacts),
        tuple(assembly.junctions),
    )
    return with_driven_layers(network, assembly.written), assembly.elements


def _add_chain(assembly: _Assembly, chain: Chain) -> None:
    layers = [(i, place, element) for i, (place, element) in enumerate(chain.elements) if isinstance(element, Layer)]
    if not layers:
        raise InputError("has no layer; at least one is needed: allowed are the kinds of layers", key=chain.place)
    spans, places = [_add_layer(assembly, place, layer) for _, place, layer in layers], [i for i, _, _ in layers]
    _add_edge(assembly, chain.elements[: places[0]][::-1], LayerEnd(spans[0][0], "left"), chain.start)
    for (i, j), (before, after) in zip(pairwise(places), pairwise(spans), strict=True):
        _add_between(assembly, chain.elements[i + 1 : j], before[1], after[0])
    _add_edge(assembly, chain.elements[places[-1] + 1 :], LayerEnd(spans[-1][1], "right"), chain.end)


def _add_layer(assembly: _Assembly, place: str, layer: Layer) -> tuple[int, int]:
    """Index of its first and last part."""
    first, label = len(assembly.layers), label_of((place, layer))
    whole = assembly.resolve(place, layer)
    owner = len(set(assembly.owners))
    for piece in cut(whole, [_covering(assembly, whole, *placed) for placed in on_top_of(place, layer)], place):
        assembly.layers.append(piece)
        assembly.written.append(layer)
        assembly.layer_names.append(label)
        assembly.owners.append(owner)
    last, clear = len(assembly.layers) - 1, TransparentLaw()
    for k in range(first, last):
        ends = (LayerEnd(k, "right"), clear), (LayerEnd(k + 1, "left"), clear)
        assembly.junctions.append(JunctionNode(f"{label}|{label}", ends))
    return first, last


def _covering(assembly: _Assembly, whole: ResolvedLayer, place: str, contact: OnTop) -> tuple[Span, Covering]:
    """A contact on top of a layer with every value in force, and the part of it that it covers."""
    label = contact.name or label_of((place, contact))
    law = replace(assembly.resolve(place, contact, whole), place=place, label=label)
    span = assembly.elements[place].in_force(assembly.scaled.names, assembly.scaled.device)["range"]
    assert whole.thickness is not None
    if contact.reservoir is None:
        return span, Covering(law, whole.thickness)
    at = f"{place}.reservoir"
    return span, Covering(
        law, whole.thickness, assembly.resolve(at, contact.reservoir), label_of((at, contact.reservoir))
    )


def _add_edge(assembly: _Assembly, outward: Sequence[Placed], end: LayerEnd, node: str | None) -> None:
    """What follows the outermost layer of a chain, from the layer outwards."""
    rest = list(outward)
    interface = _taken(rest, Interface)
    reservoir = _taken(rest, Reservoir)
    if rest:
        raise _misplaced(rest[0], outside=reservoir is not None)
    if reservoir and node is not None:
        raise InputError(f"a reservoir cannot follow where the wire ends at node '{node}'", key=reservoir[0])
    behind = reservoir is not None or node is not None
    _check_edge(interface, behind)
    law = _law(assembly, interface, end, Transparent() if behind else Vacuum())
    if node is not None:
        assembly.meeting.setdefault(node, []).append((end, law))
    elif reservoir is None:
        assembly.terminations.append(Termination(end, law))
    else:
        resolved = assembly.resolve(*reservoir)
        assembly.terminations.append(Termination(end, law, resolved, label_of(reservoir)))


def _taken(rest: list[Placed], kind: type[E]) -> tuple[str, E] | None:
    """The first of the elements, taken out, if it is of a kind."""
    if not rest or not isinstance(rest[0][1], kind):
        return None
    place, element = rest[0][0], rest[0][1]
    del rest[0]
    return place, element


def _check_edge(interface: tuple[str, Interface] | None, behind: bool) -> None:
    if interface is None or interface[1].joins == behind:
        return
    place, law = interface
    if behind:
        problem = "ends the device: nothing may follow it outwards, no reservoir and no node"
    else:
        problem = "at an end of the device needs a reservoir behind it; without one allowed: " + (
            "ferromagnetic_insulator, vacuum or no interface"
        )
    raise InputError(problem, key=place, kind=law.kind)


def _misplaced(placed: Placed, outside: bool = False) -> InputError:
    place, element = placed
    if outside and isinstance(element, Interface):
        problem = "lies outside a reservoir; allowed is a place between the reservoir and its layer"
    elif isinstance(element, Interface):
        problem = "two interfaces touch: exactly one, or none (transparent), is allowed between neighbours"
    else:
        problem = "a reservoir is allowed only as the first or the last element, outside everything else"
    return InputError(problem, key=place, kind=element.kind)


def _add_between(assembly: _Assembly, between: Sequence[Placed], left: int, right: int) -> None:
    laws = []
    for place, element in between:
        if not isinstance(element, Interface):
            raise _misplaced((place, element))
        laws.append((place, element))
    if len(laws) > 1:
        raise _misplaced(laws[1])
    ends = LayerEnd(left, "right"), LayerEnd(right, "left")
    place, interface = laws[0] if laws else ("", Transparent())
    if not interface.joins:
        problem = "is allowed only at an end of the device, between a layer and nothing"
        raise InputError(problem, key=place, kind=interface.kind)
    label = interface.name or "|".join(assembly.layer_names[left : right + 1])
    law = _placed_law(assembly, place, interface, label, (left, right))
    if interface.relative:
        assembly.contacts.append(Contact(*ends, law))
    else:
        assembly.junctions.append(JunctionNode(label, ((ends[0], law), (ends[1], law))))


def _law(
    assembly: _Assembly, placed: tuple[str, Interface] | None, end: LayerEnd, default: Interface
) -> ResolvedInterface:
    place, interface = placed or ("", default)
    label = interface.name or f"{assembly.layer_names[end.layer]} {end.side}"
    neighbours = (None, end.layer) if end.side == "left" else (end.layer, None)
    return _placed_law(assembly, place, interface, label, neighbours)


def _placed_law(
    assembly: _Assembly, place: str, interface: Interface, label: str, neighbours: tuple[int | None, int | None]
) -> ResolvedInterface:
    reference = _reference(interface, place, *neighbours)
    law = assembly.resolve(place, interface, None if reference is None else assembly.layers[reference])
    return replace(law, place=place, label=label, reference=reference)


def _reference(interface: Interface, place: str, left: int | None, right: int | None) -> int | None:
    """Index of the layer whose conductance the ratios of an interface refer to."""
    if not interface.relative:
        return None
    side = interface.reference_side
    key = f"{place}.relative_to"
    if side is None:
        if left is not None and right is not None:
            problem = 'is required between two layers: "left" or "right", the one whose G_N is meant'
            raise InputError(problem, key=key, kind=interface.kind)
        return left if left is not None else right
    chosen = left if side == "left" else right
    if chosen is None:
        other = "right" if side == "left" else "left"
        raise InputError(f'names what is no layer; allowed: "{other}", or leave it out', key=key, kind=interface.kind)
    return chosen


def _close(assembly: _Assembly, name: str, node: Element) -> None:
    """Attach the ends that meet at a node."""
    ends = assembly.meeting.pop(name, [])
    needed = 2 if isinstance(node, Junction) else 1
    resolved = assembly.resolve(f"node.{name}", node) if isinstance(node, Reservoir) else None
    if len(ends) < needed:
        problem = f"{len(ends)} wire ends meet here, at least {needed} must: name it as start or end of a wire"
        raise InputError(problem, key=f"node.{name}", kind=node.kind)
    if resolved is None:
        if not any(isinstance(law, TransparentLaw) for _, law in ends):
            problem = "all wires that meet here have an interface before it; allowed: at least one without"
            raise InputError(problem, key=f"node.{name}", kind=node.kind)
        assembly.junctions.append(JunctionNode(name, tuple(ends)))
    else:
        assembly.terminations += [Termination(end, law, resolved, name) for end, law in ends]


def _check_half_metals(assembly: _Assembly) -> None:
    """Refuse continuity of half-metals with metals that have other pairs, or weigh their spins otherwise.

    A normal reservoir has no pairs at all, and its spins across the magnetization are absorbed by the contact.
    """
    for t in assembly.terminations:
        clear = t.pairing is not None and isinstance(t.interface, TransparentLaw)
        if clear and assembly.layers[t.end.layer].spins is not None:
            _refuse_half_metal(assembly, t.end, "a superconducting reservoir has pairs of opposite spins, it has none")
    for junction in assembly.junctions:
        spins = [assembly.layers[end.layer].spins for end, _ in junction.ends]
        clear = all(isinstance(law, TransparentLaw) for _, law in junction.ends)
        alike = clear and all(one == spins[0] for one in spins)
        for (end, law), own in zip(junction.ends, spins, strict=True):
            if isinstance(law, TransparentLaw) and own is not None and not alike:
                others = all(one is not None for one in spins)
                problem = "other half-metals weigh their spins otherwise" if others else _OTHER_PAIRS
                _refuse_half_metal(assembly, end, problem)


_OTHER_PAIRS = "its neighbour has pairs of opposite spins, it has none"


def _refuse_half_metal(assembly: _Assembly, end: LayerEnd, reason: str) -> None:
    """Say why a half-metal cannot touch what is at an end of it."""
    problem = f"a half-metal cannot touch transparently here: {reason}; allowed between them: tunnel or spin_active"
    raise InputError(problem, key=assembly.layer_names[end.layer])


def label_of(placed: Placed) -> str:
    """Name of an element; for a nameless one its kind and the numbers of its place."""
    place, element = placed
    numbers = ".".join(part for part in place.split(".") if part.isdigit())
    return element.name or f"{element.kind} {numbers}"
