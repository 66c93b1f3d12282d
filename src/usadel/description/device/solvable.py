"""What cannot be solved although every value in it is allowed: said by `usadel check` and before any solve, alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usadel.description.device.driven import has_kinetics, refuse_kinetics
from usadel.description.device.resolved import Covering, Network
from usadel.description.elements.reservoirs import SuperconductingReservoir
from usadel.errors import InputError

if TYPE_CHECKING:
    from usadel.description.device.device import Device, Stack


def check_solvable(device: Stack | Device) -> None:
    """Refuse a device that has no stationary state, or asks for what is not implemented.

    Raises
    ------
    InputError
        If it is one.
    """
    network = device.network()
    check_stationary(network)
    place = biased_place(device)
    if place is not None:
        refuse_kinetics(network, f"{place}.current: cannot be given", "a given phase")
    if has_kinetics(network):
        check_kinetics(network)
    check_floating(network)


def check_stationary(network: Network) -> None:
    """Refuse a charge mode h4 in a superconductor whose gap is solved for: its phase would turn."""
    for layer, name in zip(network.layers, network.layer_names, strict=True):
        if layer.transverse:
            continue
        charged = layer.voltage != 0 or (layer.spin_voltage != 0 and layer.spin_temperature != 0)
        if charged and layer.self_consistent:
            raise InputError(
                f"{name}: a self-consistent gap has no stationary state under a voltage (or spin voltage and spin "
                "temperature together); allowed: voltage = 0, or self_consistent = false"
            )


def refuse_collisions(network: Network, what: str) -> None:
    """Refuse a device in which electrons collide, where what these relax to is not followed."""
    for layer, name in zip(network.layers, network.layer_names, strict=True):
        if layer.nonequilibrium and layer.collisions is not None:
            raise InputError(f"{name}: {what} where electrons collide; allowed: no tau_ee and no tau_eph")


def check_kinetics(network: Network) -> None:
    """Refuse layers without any way to a reservoir or imposed distribution: theirs would be undetermined."""
    if network.has_unknown_gap:
        refuse_collisions(network, "a gap cannot be solved for in a device")
    reached = {t.end.layer for t in network.terminations if t.reservoir is not None}
    reached |= {k for k, covering in network.coverings() if covering.reservoir is not None}
    reached |= {k for k, layer in enumerate(network.layers) if layer.collisions and layer.collisions.phonons}
    reached |= {k for k, layer in enumerate(network.layers) if not layer.nonequilibrium}
    groups = [[end for end, _ in ends] for ends in network.meetings()]
    while True:
        found = {end.layer for group in groups if any(e.layer in reached for e in group) for end in group} - reached
        if not found:
            break
        reached |= found
    for k, name in enumerate(network.layer_names):
        if k not in reached:
            raise InputError(
                f"{name}: nonequilibrium = true without any contact to a reservoir leaves the distribution "
                "undetermined; allowed: a reservoir, or an imposed distribution"
            )


def check_floating(network: Network) -> None:
    """Refuse what floats with nothing that it depends on, or that holds it."""
    ends = [t for contacts in network.all_terminals().values() for t in contacts]
    for t, k in [(one, at) for one in ends for at in network.layers_at(one.name)]:
        name = network.layer_names[k]
        if t.reservoir is not None and t.reservoir.floating and not network.layers[k].nonequilibrium:
            raise InputError(
                f"{t.name}.floating: the distribution of {name} is imposed and depends on no reservoir; "
                f"allowed: nonequilibrium = true in {name}"
            )
    for covering in (t for t in ends if isinstance(t, Covering) and t.interface.magnetic):
        if covering.reservoir is not None and "spin_voltage" in covering.reservoir.floating:
            raise InputError(
                f"{covering.name}.floating: a spin voltage cannot float behind a magnet on top of a layer; allowed: "
                '"voltage" and "temperature", or a tunnel contact'
            )
    responding = [name for layer, name in zip(network.layers, network.layer_names, strict=True) if layer.zeeman]
    floating = [t.name for t in ends if t.reservoir is not None and t.reservoir.floating]
    if floating and responding:
        raise InputError(f"{responding[0]}.zeeman: cannot be given where {floating[0]} floats; allowed: 0")
    if any(not layer.nonequilibrium for layer in network.layers) or any(t.pairing is not None for t in ends):
        return
    condensates = any(layer.pairing is not None for layer in network.layers)
    for key, held in (("voltage", condensates), ("temperature", False)):
        if ends and not held and all(t.reservoir is not None and key in t.reservoir.floating for t in ends):
            raise InputError(
                f"{ends[0].name}.floating: the {key} of every reservoir floats, and nothing holds any; "
                f'allowed: one without "{key}"'
            )


def biased_place(device: Stack | Device) -> str | None:
    """Place of the reservoir whose current is given; None if there is none.

    Raises
    ------
    InputError
        If there are several, or no other superconductor carries the current.
    """
    elements = device.elements_by_place()
    reservoirs = {place: one for place, one in elements.items() if isinstance(one, SuperconductingReservoir)}
    places = [place for place, reservoir in reservoirs.items() if reservoir.current is not None]
    if not places:
        return None
    if len(places) > 1:
        raise InputError(f"{places[1]}.current: {places[0]} has a given current already; only one reservoir can")
    network = device.network()
    rigid = sum(layer.has_given_gap for layer in network.layers)
    if rigid + sum(t.pairing is not None for t in network.terminations) < 2:
        raise InputError(f"{places[0]}.current: flows nowhere; a second superconducting reservoir is needed")
    return places[0]
