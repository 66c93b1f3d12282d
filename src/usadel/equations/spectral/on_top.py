"""Contacts on top of layers of thickness d ≪ ξ: their matrix current is a self-energy Ŝ/(σd) of the layer.

Integrated over the thickness, D∂(ĝ∂ĝ) + (D/d)ĝ∂_yĝ|_top = [Ŝ_layer, ĝ] with σĝ∂_yĝ = -[Ŝ, ĝ] there, so that Ŝ/D of the
layer gains Ŝ/(σd). Of a law of first order, S = S₀ + ½G_T T ĝ_out T, this is a constant, and beside a superconducting
reservoir

    ½G_T T ĝ_out(E) T = [A(E + iΓ) + B]/√((E + iΓ)² - |Δ|²),   A = ½G_T Tτ̂3T,  B = ½G_T TΔ̂T.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import TAU3, Complex, pair_potential, to_blocks
from usadel.description.device.resolved import Covering, Network, ResolvedReservoir
from usadel.equations.gap import bulk_gap
from usadel.equations.interfaces import LAWS
from usadel.equations.numbers import Condensates
from usadel.equations.scattering import Scattering


def scattering(covering: Covering) -> Scattering:
    """The matrices of a contact on top, per σd of its layer."""
    law = covering.interface
    found: Scattering = LAWS[law.kind].scattering(law, 1.0, "left")
    return found.scaled(1 / covering.thickness)


def constant_part(on_top: Iterable[Covering]) -> Complex:
    """Ŝ/σd (4, 4) of some contacts on top of a layer, as far as it does not depend on the energy."""
    found = np.zeros((4, 4), complex)
    for covering in on_top:
        law, outside = scattering(covering), _outside(covering)
        found += law.reflection if covering.pairing is not None else law.first(outside)
    return found


def _outside(covering: Covering) -> Complex | None:
    """ĝ_out of a normal reservoir; None without reservoir."""
    return None if covering.reservoir is None else TAU3


def condensates(network: Network, layer_of: NDArray[np.int64]) -> Condensates:
    """Those of all layers; layer_of (sites)."""
    found = [[c for c in layer.on_top if c.pairing is not None] for layer in network.layers]
    first = np.concatenate([[0], np.cumsum([len(each) for each in found])]).astype(np.int64)
    contacts = [covering for each in found for covering in each]
    parts = np.zeros((len(contacts), 2, 16), complex)
    edges = np.zeros((len(contacts), 2))
    for k, covering in enumerate(contacts):
        law, reservoir = scattering(covering), covering.reservoir
        assert reservoir is not None
        gap = bulk_condensate(reservoir)
        for number, matrix in enumerate((TAU3, pair_potential(np.array([gap]))[0])):
            parts[k, number] = to_blocks(0.5 * law.conductance * law.transmission @ matrix @ law.transmission)
        edges[k] = reservoir.inelastic, abs(gap)
    return Condensates(first[:-1][layer_of], first[1:][layer_of], parts, edges)


def bulk_condensate(reservoir: ResolvedReservoir) -> complex:
    """Δ of a bulk superconductor."""
    assert reservoir.pairing is not None
    gap = reservoir.pairing.gap
    if gap is None:
        gap = bulk_gap(reservoir.temperature, reservoir.inelastic, reservoir.pairing.coupling)
    return complex(gap * np.exp(1j * reservoir.pairing.phase))
