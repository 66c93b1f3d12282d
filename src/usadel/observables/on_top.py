"""What flows into layers from contacts on top of them, at the distribution of the layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from usadel.algebra.nambu import Complex, to_blocks
from usadel.algebra.riccati import green
from usadel.description.device.resolved import Covering
from usadel.energies.contour import Contour
from usadel.equations.spectral.numbers import reservoir_state
from usadel.equations.spectral.on_top import scattering
from usadel.equations.spectral.scheme import elements
from usadel.observables.columns import contour_sum, contour_weights
from usadel.quantities import Source, of
from usadel.states.problem import Array, Pack, Problem


def currents_on_top(
    problem: Problem, contour: Contour, packs: Sequence[Pack], states: Sequence[Complex], behind: bool = False
) -> Array:
    """Currents per length from a contact on top into the layer, or what is behind it, (contacts, sites, n).

    They are zero beside the contact; states (sites, 2E, L) are those of the packs. The contacts are those of
    `Network.coverings`, numbers and units those of `Profiles.current`.
    """
    coverings = problem.network.coverings()
    found = np.zeros((len(coverings), problem.layout.sites, sum(len(quantity.rows) for quantity in of(Source.CURRENT))))
    for number, (k, covering) in enumerate(coverings):
        layer, here = problem.network.layers[k], problem.layout.slice(k)
        weights = contour_weights(of(Source.CURRENT), contour.current[k], contour.energies.size)
        if behind and covering.reservoir is None:
            continue
        for pack, state in zip(packs, states, strict=True):
            flowing = _matrix_current(covering, problem.full(state[here]), pack.energy, behind)[..., : pack.count]
            found[number, here] += layer.conductivity * layer.area * contour_sum(weights, flowing, pack.index)
    return found


def _matrix_current(covering: Covering, state: Complex, energy: Complex, behind: bool) -> Complex:
    """[S, ĝ]/σd (sites, 16, L) of the layer, or of the reservoir."""
    law, inside, outside = scattering(covering), green(state), None
    if covering.reservoir is not None:
        outside = np.broadcast_to(green(reservoir_state(covering.reservoir, energy)), inside.shape)
    if behind and outside is not None:
        inside, outside = outside, inside
    return np.moveaxis(to_blocks(law.matrix_current(inside, outside)), -1, -2)


def whole(problem: Problem, densities: Array) -> Array:
    """Integrals (contacts, n) of densities (contacts, sites, n) over the layers below each contact."""
    if not len(densities):
        return np.zeros((0, densities.shape[2]))
    return np.einsum("csm,s->cm", densities, elements(problem.bare_sites))
