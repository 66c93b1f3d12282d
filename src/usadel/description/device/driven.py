"""Which layers are out of equilibrium: those that reservoirs drive, unless a layer says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import isclose

from usadel.description.device.resolved import Distribution, Network, ResolvedLayer, ResolvedReservoir
from usadel.description.elements.materials import Layer
from usadel.errors import InputError

IMPOSING = ("temperature", "voltage", "spin_voltage", "spin_temperature", "spin_axis", "transverse")
"""Keys of a layer that, where they are written, impose a distribution on it."""

NOTHING_SOLVED = (
    "this device has no layer with nonequilibrium = true, and none is driven by reservoirs that differ; "
    "allowed: nonequilibrium = true"
)

ROUNDING = 1e-12  # Δ0 or Tc: below the tightest tolerance, and above what rounding of expressions leaves


def with_driven_layers(network: Network, written: Sequence[Layer]) -> Network:
    """The network with `nonequilibrium` true or false in every layer, as written or by what drives it.

    Where it is not written it is true if a reservoir in reach has another distribution than the layer in equilibrium:
    tanh(E/2T) is then no solution of the kinetic equation. It is one if all of these are equal. A reservoir with
    a value that floats, which is not known before, counts as another one. In reach is what joins, layers and junctions
    lead to; layers with an imposed distribution, which depends on nothing, lead nowhere.

    Parameters
    ----------
    written : the layers of the description, in the order of the network's.
    """
    holds = [_holds(layer) for layer in written]
    layers = []
    for layer, given, held, reservoirs in zip(network.layers, written, holds, _reach(network, holds), strict=True):
        driven = not held and (any(one.floating or _differ(layer, one) for one in reservoirs) or _is_heated(layer))
        solved = driven if given.nonequilibrium is None else given.nonequilibrium
        layers.append(replace(layer, nonequilibrium=solved))
    return replace(network, layers=tuple(layers))


def _is_heated(layer: ResolvedLayer) -> bool:
    """Whether phonons have another temperature than the layer in equilibrium."""
    collisions = layer.collisions
    if collisions is None or collisions.phonons is None:
        return False
    return not isclose(layer.temperature, collisions.phonon_temperature, rel_tol=0, abs_tol=ROUNDING)


def with_followers(network: Network, written: Sequence[Layer]) -> Network:
    """The same with `nonequilibrium` true wherever a reservoir's change is felt: not imposed, and in reach of one.

    Where all reservoirs agree this is the device in equilibrium, ready to be driven out of it.
    """
    holds = [_holds(layer) for layer in written]
    layers = [
        replace(layer, nonequilibrium=layer.nonequilibrium or bool(reservoirs and not held))
        for layer, held, reservoirs in zip(network.layers, holds, _reach(network, holds), strict=True)
    ]
    return replace(network, layers=tuple(layers))


def distribution_text(layer: Layer, solved: bool) -> str:
    """Whether the distribution of a layer is solved for or imposed, and why."""
    word = "solved" if solved else "imposed"
    if layer.nonequilibrium is not None:
        return f"{word} (nonequilibrium = {str(solved).lower()})"
    if solved:
        return f"{word} (driven by reservoirs)"
    return f"{word} ({', '.join(_imposing(layer)) or 'equilibrium'})"


def _imposing(layer: Layer) -> list[str]:
    return [key for key in IMPOSING if key in layer.written()]


def _holds(layer: Layer) -> bool:
    """Whether the distribution of a layer is imposed, whatever its neighbours do."""
    return layer.nonequilibrium is False or (layer.nonequilibrium is None and bool(_imposing(layer)))


def _reach(network: Network, holds: Sequence[bool]) -> list[list[ResolvedReservoir]]:
    """For each layer the reservoirs that current from it can reach."""
    label = list(range(len(network.layers)))  # the same for layers that reach each other
    for ends in network.meetings():  # every law between them conducts
        first, *others = [label[end.layer] for end, _ in ends if not holds[end.layer]] or [-1]
        label = [first if one in others else one for one in label]
    behind = [(t.end.layer, t.reservoir) for t in network.terminations]
    behind += [(k, covering.reservoir) for k, covering in network.coverings()]
    known = [(label[k], reservoir) for k, reservoir in behind if reservoir is not None]
    return [[reservoir for one, reservoir in known if one == own] for own in label]


def _differ(one: Distribution, other: Distribution) -> bool:
    """Whether two distributions differ."""
    return not all(isclose(a, b, rel_tol=0, abs_tol=ROUNDING) for a, b in zip(_state(one), _state(other), strict=True))


def _state(of: Distribution) -> list[float]:
    """What a distribution depends on: T, V, Vs u, Ts u, and whether ±V are applied across."""
    vectors = [size * part for size, part in product((of.spin_voltage, of.spin_temperature), of.spin_axis)]
    across = of.transverse and bool(of.voltage or of.spin_voltage)
    return [of.temperature, of.voltage, *vectors, float(across)]


def has_kinetics(network: Network) -> bool:
    """Whether the distribution is an unknown anywhere."""
    return any(layer.nonequilibrium for layer in network.layers)


def solved_layers(network: Network) -> list[str]:
    """Names of the layers whose distribution is an unknown, each once."""
    named = zip(network.layers, network.layer_names, strict=True)
    return list(dict.fromkeys(name for layer, name in named if layer.nonequilibrium))


def refuse_kinetics(network: Network, what: str, instead: str) -> None:
    """Refuse a device with solved distributions where these are not implemented."""
    if has_kinetics(network):
        raise InputError(
            f"{what} where distributions are solved for ({', '.join(solved_layers(network))}); "
            f"allowed: nonequilibrium = false in these layers, or {instead}"
        )
