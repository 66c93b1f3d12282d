"""Ends of layers at which the pair potential jumps though ĝ is continuous.

Energies far above the gap see the jump at ever smaller distances. A self-consistent gap then approaches a limit only
like 1/ln of the distance, and the energy density diverges logarithmically: the values in the node itself would depend
on a cutoff.
"""

from __future__ import annotations

from usadel.description.device.resolved import Coupling, LayerEnd, Network, ResolvedInterface, ResolvedLayer, Side

SIDES: tuple[Side, Side] = ("left", "right")
UNCOVERED = 0.05  # of a layer, next to such an end: no error is estimated there


def pairing_jumps(network: Network) -> set[LayerEnd]:
    """Ends in transparent contact with another pair potential: another coupling or none, a given gap, a reservoir."""
    found: set[LayerEnd] = set()
    for t in network.terminations:
        pairing = network.layers[t.end.layer].pairing is not None or t.pairing is not None
        if pairing and t.reservoir is not None and t.interface.kind == "transparent":
            found.add(t.end)
    for junction in network.junctions:
        ends = [end for end, law in junction.ends if law.kind == "transparent"]
        layers = [network.layers[end.layer] for end in ends]
        alike = len({_coupling(k) for k in layers}) == 1 and not any(k.has_given_gap for k in layers)
        if not alike:
            found.update(ends)
    return found


def _coupling(layer: ResolvedLayer) -> Coupling | None:
    return None if layer.pairing is None else layer.pairing.coupling


def leaking_ends(network: Network) -> set[LayerEnd]:
    """Ends through which singlets leak into another pair potential, but for the transparent ones (`pairing_jumps`).

    A given gap has them at magnets, too: where its phase has a slope, the triplets there carry a spin-energy current
    that ends in the same boundary layers.
    """
    found = {t.end for t in network.terminations if t.reservoir is not None and t.interface.kind != "transparent"}
    found.update(end for c in network.contacts for end in (c.left, c.right))
    for junction in network.junctions:
        if any(law.kind != "transparent" for _, law in junction.ends):
            found.update(end for end, _ in junction.ends)
    magnets = [t.end for t in network.terminations if t.interface.magnetic]
    found.update(end for end in magnets if network.layers[end.layer].has_given_gap)
    pairs = any(k.pairing is not None for k in network.layers) or network.fixes_phase
    return found if pairs else set()


def spin_energy_jumps(network: Network) -> set[LayerEnd]:
    """Ends of superconductors at a magnet of second order, where the spin-energy current diverges like ln distance.

    There singlets are turned directly, with a spectral density of spin current ∝ γγ̃ ~ 1/ω² that is weighted with ω;
    to first order only the triplets of a boundary layer are, which are weaker by 1/√ω.
    """
    return {
        end
        for end, interface in sides(network)
        if interface.second_order_transmission and network.layers[end.layer].pairing is not None
    }


def singular_ends(network: Network, layer: int) -> tuple[bool, bool]:
    """Whether the gap of a layer is an unknown and singular at its left and right end; with a cutoff none is."""
    if not network.layers[layer].self_consistent or network.layers[layer].cutoff is not None:
        return False, False
    jumps = pairing_jumps(network)
    return LayerEnd(layer, "left") in jumps, LayerEnd(layer, "right") in jumps


def singular_jumps(network: Network) -> set[LayerEnd]:
    """Ends that take part in a contact at which the density of pairs of a gap that is an unknown is singular."""
    found = {end for end in pairing_jumps(network) if network.layers[end.layer].self_consistent}
    for junction in network.junctions:
        members = [end for end, law in junction.ends if law.kind == "transparent"]
        if any(end in found for end in members):
            found.update(members)
    return found


def conductance_ratio(network: Network, end: LayerEnd) -> float:
    """κL of an end whose interface fixes ∂f = κ(f - f'): the interface's conductance over that of the layer."""
    interface = next(law for other, law in sides(network) if other == end)
    ratio, layer = interface.strength, network.layers[end.layer]
    if interface.reference is not None:
        reference = network.layers[interface.reference]
        ratio *= reference.conductance * layer.length / (layer.conductivity * layer.area)
    return float(ratio)


def sides(network: Network) -> list[tuple[LayerEnd, ResolvedInterface]]:
    """All ends with the laws that hold there."""
    found = [(t.end, t.interface) for t in network.terminations]
    found += [(end, c.interface) for c in network.contacts for end in (c.left, c.right)]
    return found + [pair for junction in network.junctions for pair in junction.ends]
