"""The equilibrium that a device out of equilibrium is compared with, and what its distributions look like in energy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from usadel.description.device.resolved import (
    BulkPairing,
    Distribution,
    Network,
    ResolvedLayer,
    ResolvedReservoir,
)
from usadel.description.values.profiles import Constant
from usadel.energies.contour import current_scale
from usadel.energies.rules import TC
from usadel.equations.gap import bulk_gap
from usadel.equations.kinetic.distributions import steps

# Widths from a step at which panels begin. Further out e^-24 is left; a tail of e^-8 in a wide panel went unseen.
FLANKS = (-24, -8, -3, 0, 3, 8, 24)
QUIET = 1e4  # 2(1 + x), over the share of the tolerance that may be left


def reference_temperature(network: Network) -> float:
    """T_ref (Tc): the lowest temperature of all reservoirs and imposed distributions."""
    return min(float(element.temperature) for element in sources(network))


def sources(network: Network) -> list[Distribution]:
    """Reservoirs, and layers on which a distribution is imposed."""
    held = [*network.reservoirs, *(layer for layer in network.layers if not layer.nonequilibrium)]
    return held + [Distribution(temperature=t) for t in phonon_temperatures(network)]


def phonon_temperatures(network: Network) -> list[float]:
    """Of layers whose electrons they heat or cool."""
    known = [layer.collisions for layer in network.layers if layer.nonequilibrium and layer.collisions]
    return [each.phonon_temperature for each in known if each.phonons is not None]


def hottest(network: Network) -> Distribution | None:
    """As hot as electrons get that exchange energy, T² + 3V²/4π², V (kBTc) between reservoirs; None if none do."""
    if not any(layer.nonequilibrium and layer.collisions and layer.collisions.electrons for layer in network.layers):
        return None
    known = sources(network)
    spread = 2 * max(abs(one.voltage) + abs(one.spin_voltage) for one in known)
    hot = max(one.temperature + abs(one.spin_temperature) for one in known)
    return Distribution(temperature=float(np.hypot(hot, np.sqrt(3) / (2 * np.pi) * spread / TC)))


def equilibrium(network: Network) -> Network:
    """The network with tanh(E/2T_ref) in every layer whose distribution is an unknown."""
    temperature = reference_temperature(network)
    return replace(network, layers=tuple(_quiet(layer, temperature) for layer in network.layers))


def undriven(network: Network) -> Network:
    """The same with every distribution imposed: its grids and energies resolve what varies next to contacts."""
    return replace(network, layers=tuple(replace(layer, nonequilibrium=False) for layer in network.layers))


def _quiet(layer: ResolvedLayer, temperature: float) -> ResolvedLayer:
    if not layer.nonequilibrium:
        return layer
    pairing = layer.pairing
    if pairing is not None and pairing.gap is None:
        pairing = replace(pairing, gap=Constant(bulk_gap(layer.temperature, layer.inelastic, pairing.coupling)))
    return replace(layer, temperature=temperature, pairing=pairing)


def energy_edges(network: Network, gap: NDArray[Any], tolerance: float) -> NDArray[np.float64]:
    """Panels (Δ0) to start from: edges of gaps, steps of the distributions and their flanks, to where all is quiet.

    Beyond x widths w the largest current, of energy, has 2w²(1 + x)e⁻ˣ σA/L left.
    """
    hot = hottest(network)
    held = sources(network) + ([] if hot is None else [hot])
    found = [(step, width) for element in held for step, width in steps(element)]
    widest = max(width for _, width in found)
    left = tolerance / (QUIET * max(1.0, widest**2) * current_scale(network))
    highest = max(step for step, _ in found) - widest * np.log(left)
    edges = [step + flank * width for step, width in found for flank in FLANKS]
    sizes = np.abs(gap[np.abs(gap) > 0])
    edges += [float(sizes.min()), float(sizes.max())] if sizes.size else []
    edges += [_bulk_gap(one, one.pairing) for one in network.reservoirs if one.pairing]
    inside = np.unique(np.round([e for e in edges if 0 < e < highest], 9))
    return np.concatenate([[0.0], inside, [highest]])


def _bulk_gap(reservoir: ResolvedReservoir, pairing: BulkPairing) -> float:
    if pairing.gap is not None:
        return float(pairing.gap)
    return float(bulk_gap(reservoir.temperature, reservoir.inelastic, pairing.coupling))
