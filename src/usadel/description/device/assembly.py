"""From chains of elements to a network: who is whose neighbour, and which neighbourhoods make sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from usadel.description.device.driven import with_driven_layers
from usadel.description.device.resolved import Contact, JunctionNode, LayerEnd, Network, Side, Termination
from usadel.description.elements.element import Element
from usadel.description.elements.interfaces import Interface, Transparent, Vacuum
from usadel.description.elements.materials import Layer
from usadel.description.elements.reservoirs import Junction, Reservoir
from usadel.errors import InputError

Placed = tuple[str, Any]
"""An element and its place, such as ``("stack.1", element)``."""


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
    names: Mapping[str, float]
    device: Mapping[str, float]
    layers: list[Any] = field(default_factory=list)
    layer_names: list[str] = field(default_factory=list)
    terminations: list[Termination] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    junctions: list[JunctionNode] = field(default_factory=list)
    meeting: dict[str, list[tuple[LayerEnd, Any]]] = field(default_factory=dict)

    def resolve(self, placed: Placed) -> Any:
        place, element = placed
        try:
            resolved = element.resolve(self.names, self.device)
        except InputError as error:
            raise error.under(place) from None
        if isinstance(resolved, Interface):
            resolved._place = place
        return resolved


def assemble(
    chains: Sequence[Chain],
    nodes: Mapping[str, Element],
    names: Mapping[str, float],
    device: Mapping[str, float],
) -> Network:
    """Network of chains that may share nodes.

    Parameters
    ----------
    chains : sequence of Chain
        Raw elements.
    nodes : mapping
        Reservoirs and junctions by name.
    names : mapping
        Values of the parameters.
    device : mapping
        ``temperature`` and ``inelastic`` of the device.

    Raises
    ------
    InputError
        If elements do not fit next to each other, or a value is out of range.
    """
    assembly = _Assembly(nodes, names, device)
    for chain in chains:
        _add_chain(assembly, chain)
    for name, node in nodes.items():
        _close(assembly, name, node)
    _check_half_metals(assembly)
    network = Network(
        tuple(assembly.layers),
        tuple(assembly.layer_names),
        tuple(assembly.terminations),
        tuple(assembly.contacts),
        tuple(assembly.junctions),
    )
    return with_driven_layers(network)


def _add_chain(assembly: _Assembly, chain: Chain) -> None:
    places = [i for i, (_, element) in enumerate(chain.elements) if isinstance(element, Layer)]
    if not places:
        raise InputError("has no layer; at least one is needed: allowed are the kinds of layers", key=chain.place)
    first = len(assembly.layers)
    for i in places:
        assembly.layers.append(assembly.resolve(chain.elements[i]))
        assembly.layer_names.append(label_of(chain.elements[i]))
    last = len(assembly.layers) - 1
    _add_edge(assembly, chain.elements[: places[0]][::-1], LayerEnd(first, "left"), chain.start)
    for n, (i, j) in enumerate(pairwise(places)):
        _add_between(assembly, chain.elements[i + 1 : j], first + n)
    _add_edge(assembly, chain.elements[places[-1] + 1 :], LayerEnd(last, "right"), chain.end)


def _add_edge(assembly: _Assembly, outward: Sequence[Placed], end: LayerEnd, node: str | None) -> None:
    """What follows the outermost layer of a chain, from the layer outwards."""
    rest = list(outward)
    interface = rest.pop(0) if rest and isinstance(rest[0][1], Interface) else None
    reservoir = rest.pop(0) if rest and isinstance(rest[0][1], Reservoir) else None
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
        resolved = assembly.resolve(reservoir)
        assembly.terminations.append(Termination(end, law, resolved, label_of(reservoir)))


def _check_edge(interface: Placed | None, behind: bool) -> None:
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


def _add_between(assembly: _Assembly, between: Sequence[Placed], left: int) -> None:
    for placed in between:
        if not isinstance(placed[1], Interface):
            raise _misplaced(placed)
    if len(between) > 1:
        raise _misplaced(between[1])
    ends = LayerEnd(left, "right"), LayerEnd(left + 1, "left")
    names = "|".join(assembly.layer_names[left : left + 2])
    placed = between[0] if between else ("", Transparent())
    if not placed[1].joins:
        problem = "is allowed only at an end of the device, between a layer and nothing"
        raise InputError(problem, key=placed[0], kind=placed[1].kind)
    law = assembly.resolve(placed)
    if isinstance(law, Transparent):
        law._label = law.name or names
        assembly.junctions.append(JunctionNode(law.label, ((ends[0], law), (ends[1], law))))
    else:
        law._label = law.name or names
        law._reference = _reference(law, placed[0], left, left + 1)
        assembly.contacts.append(Contact(*ends, law))


def _law(assembly: _Assembly, placed: Placed | None, end: LayerEnd, default: Interface) -> Any:
    place, _ = placed = placed or ("", default)
    law = assembly.resolve(placed)
    law._label = law.name or f"{assembly.layer_names[end.layer]} {end.side}"
    neighbours = (None, end.layer) if end.side == "left" else (end.layer, None)
    law._reference = _reference(law, place, *neighbours)
    return law


def _reference(law: Interface, place: str, left: int | None, right: int | None) -> int | None:
    """Index of the layer whose conductance the ratios of an interface refer to."""
    if not law.relative:
        return None
    side: Side | None = getattr(law, "relative_to", None)
    key = f"{place}.relative_to"
    if side is None:
        if left is not None and right is not None:
            problem = 'is required between two layers: "left" or "right", the one whose G_N is meant'
            raise InputError(problem, key=key, kind=law.kind)
        return left if left is not None else right
    chosen = left if side == "left" else right
    if chosen is None:
        other = "right" if side == "left" else "left"
        raise InputError(f'names what is no layer; allowed: "{other}", or leave it out', key=key, kind=law.kind)
    return chosen


def _close(assembly: _Assembly, name: str, node: Element) -> None:
    """Attach the ends that meet at a node."""
    ends = assembly.meeting.pop(name, [])
    resolved = assembly.resolve((f"node.{name}", node))
    needed = 2 if isinstance(node, Junction) else 1
    if len(ends) < needed:
        problem = f"{len(ends)} wire ends meet here, at least {needed} must: name it as start or end of a wire"
        raise InputError(problem, key=f"node.{name}", kind=node.kind)
    if isinstance(node, Junction):
        assembly.junctions.append(JunctionNode(name, tuple(ends)))
    else:
        assembly.terminations += [Termination(end, law, resolved, name) for end, law in ends]


def _check_half_metals(assembly: _Assembly) -> None:
    """Refuse continuity with a metal that has pairs of opposite spins."""
    touching = [pair for junction in assembly.junctions for pair in junction.ends]
    touching += [(t.end, t.interface) for t in assembly.terminations if t.reservoir is not None]
    for end, law in touching:
        if law.kind == "transparent" and assembly.layers[end.layer].kind == "half_metal":
            problem = "a half-metal cannot touch transparently: its neighbour has pairs of opposite spins, it has none"
            raise InputError(
                f"{problem}; allowed between them: tunnel or spin_active", key=assembly.layer_names[end.layer]
            )


def label_of(placed: Placed) -> str:
    """Name of an element; for a nameless one its kind and the numbers of its place."""
    place, element = placed
    numbers = ".".join(part for part in place.split(".") if part.isdigit())
    return element.name or f"{element.kind} {numbers}"
