"""Changes of pair amplitudes at real energies, by changes of states and distributions."""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.equations.kinetic.coefficients import advanced
from usadel.equations.kinetic.tangent import add_along, parts_of, to_matrix, to_propagator
from usadel.observables.real_axis import add_pairs


@kernel
def pair_changes(state, change, h, changed, energy, weights, powers, sites):
    """Changes (sites, 2 × rows, L), Re and Im, of pair amplitudes at some sites, zero at others.

    Parameters
    ----------
    state, change : (sites, 8, L), γ, γ̃ and their changes; h, changed : (sites, 8, L), modes and theirs.
    energy : (L), real; weights (rows, 2, 2), powers (rows) : as in `Weights`; sites : where they are wanted.
    """
    lanes = state.shape[2]
    out = np.zeros((state.shape[0], 2 * weights.shape[0], lanes))
    w = np.empty((4, lanes), np.complex128)
    large = np.empty((8, 16, lanes), np.complex128)
    parts, along, g, ga, dg, dga, x, dx = (
        large[0], large[1], large[2], large[3], large[4], large[5], large[6], large[7]
    )  # fmt: skip
    for site in sites:
        parts_of(parts, state[site], w)
        along[:] = 0.0
        add_along(along, parts, parts, change[site], w)
        to_propagator(g, parts, 1.0)
        to_propagator(dg, along, 0.0)
        advanced(ga, g)
        advanced(dga, dg)
        to_matrix(x, h[site])
        to_matrix(dx, changed[site])
        both = np.zeros((2, 2 * weights.shape[0], lanes))
        add_pairs(both[0], weights, powers, dg, dga, x, energy)
        add_pairs(both[1], weights, powers, g, ga, dx, energy)
        for row in range(both.shape[1]):
            for l in range(lanes):
                out[site, row, l] = both[0, row, l] + both[1, row, l]
    return out
