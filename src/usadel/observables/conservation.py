"""Currents that a device conserves, and how well its results do.

Charge and energy are conserved where nothing absorbs them, spin where nothing turns it, in layers, through contacts and
at junctions. An imposed distribution conserves less: it need not solve any equation, and jumps where it changes;
charge is lost where the terms of a layer turn the spins of a polarized one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from usadel.algebra.modes import SPIN, Mode
from usadel.description.device.resolved import (
    Distribution,
    LayerEnd,
    Network,
    ResolvedInterface,
    ResolvedLayer,
)
from usadel.observables.on_top import whole
from usadel.observables.profiles import Profiles
from usadel.states.problem import Array, Problem

_SPINS = list(range(SPIN.start, SPIN.stop))


def conservation_error(problem: Problem, profiles: Profiles) -> float:
    """Largest variation of the currents that a device conserves, along layers and where layers meet."""
    return max(layer_violations(problem, profiles))


def layer_violations(problem: Problem, profiles: Profiles) -> list[float]:
    """The same for each layer: along it, and at contacts and junctions that it takes part in."""
    network, layout = problem.network, problem.layout
    worst, entered = [], whole(problem, profiles.on_top)
    for k, layer in enumerate(network.layers):
        current = profiles.current[layout.slice(k)]
        if layer.on_top:
            current = _less_what_entered(current, entered[[at == k for at, _ in network.coverings()]].sum(axis=0))
        worst.append(float(np.max(np.ptp(current[:, _along(layer)], axis=0), initial=0.0)))
    for ends in network.meetings():
        outward = sum(_outward(end) * profiles.current[layout.site(end)] for end, _ in ends)
        missing = float(np.max(np.abs(np.asarray(outward)[_through(network, ends)]), initial=0.0))
        for end, _ in ends:
            worst[end.layer] = max(worst[end.layer], missing)
    return worst


def _less_what_entered(current: Array, entered: Array) -> Array:
    """Currents (2, 8) at both ends of a layer without what has entered it (8) from contacts on top."""
    return np.stack([current[0], current[-1] - entered])


def _along(layer: ResolvedLayer) -> list[int]:
    """Modes whose currents are uniform in a layer, but for what contacts on top let in.

    A given gap absorbs charge, but no energy where distributions are solved for. Imposed charge modes carry energy
    with spectral supercurrents, which pairing does not conserve.
    """
    if not layer.nonequilibrium and layer.spin_temperature and layer.pairing is not None:
        return []  # h1…h3 do not commute with Δ
    turned = _is_polarized(layer) and layer.mixes_spin
    modes = [] if layer.has_given_gap or turned else [int(Mode.CHARGE)]
    if layer.collisions is not None and layer.collisions.phonons is not None:
        return modes if turned or layer.mixes_spin_inside else modes + _SPINS
    if layer.nonequilibrium or (layer.pairing is None and not layer.mixes_spin):
        modes.append(int(Mode.ENERGY))
    return modes if turned or layer.mixes_spin_inside else modes + _SPINS


def _through(network: Network, ends: Sequence[tuple[LayerEnd, ResolvedInterface]]) -> list[int]:
    """Modes whose currents add up to zero where some ends meet: none where imposed distributions jump."""
    layers = [network.layers[end.layer] for end, _ in ends]
    solved = [layer.nonequilibrium for layer in layers]
    if not all(solved) and (any(solved) or any(_imposed(k) != _imposed(layers[0]) for k in layers)):
        return []
    turns = any(law.magnetic for _, law in ends) or any(layer.spins is not None for layer in layers)
    if turns and any(map(_is_polarized, layers)):
        return []
    return [int(Mode.CHARGE), int(Mode.ENERGY), *([] if turns else _SPINS)]


def _is_polarized(layer: ResolvedLayer) -> bool:
    """Whether a distribution with spin modes is imposed on a layer."""
    return not layer.nonequilibrium and bool(layer.spin_voltage or layer.spin_temperature)


def _imposed(layer: ResolvedLayer) -> tuple[object, ...]:
    return tuple(getattr(layer, part.name) for part in fields(Distribution))


def _outward(end: LayerEnd) -> float:
    """Sign of the current that leaves a layer there: currents are positive to the right."""
    return 1.0 if end.side == "right" else -1.0
