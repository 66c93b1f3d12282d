"""Energy integrals on shifted Matsubara points, of whatever weights: currents, accumulations, pair amplitudes.

With constant ĥ the integrals of S54-S60 of the 2019 supplement close in the upper half plane:

    J_i = Re{iπ Σ_s T_s Σₙ Tr[P_s σ_i (ĝ∂ĝ)₁₁]},   q_i = q_i(normal) + Re{iπ Σ_s T_s Σₙ Tr[P_s σ_i (1 - ĝ₁₁)]},

and the same with a factor E for the energy modes; at mirrored points X₁₁(-ε*) = X₂₂(ε)* for X = ĝ∂ĝ, 1 - ĝ₁₁(-ε*) =
(1 + ĝ₂₂(ε))*. How many numbers there are of each kind is the number of weights, see `observables.columns`.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import multiply
from usadel.equations.matrix_current import matrix_current_diagonal, normalizations


@kernel
def contract(out, direct, mirrored, x11, x22):
    """out (rows) += Σ direct (rows, 4, L) x11 + mirrored x22*, over entries and lanes."""
    for row in range(out.size):
        total = 0.0 + 0.0j
        for e in range(4):
            for l in range(x11.shape[1]):
                total += direct[row, e, l] * x11[e, l] + mirrored[row, e, l] * x22[e, l].conjugate()
        out[row] += total


@kernel
def pack_integrals(state, slope, layer, flow_direct, flow_mirrored, direct, mirrored, pair_direct, pair_mirrored):
    """Sums over one pack of energies.

    Parameters
    ----------
    state, slope : (sites, 8, L), γ, γ̃ and their derivatives d/dx.
    layer : (sites), layer of each site.
    flow_direct, flow_mirrored, direct, mirrored, pair_direct, pair_mirrored : (layers, rows, 4, L), of (ĝ∂ĝ)₁₁, of
        1 - ĝ₁₁ and of ĝ₁₂.

    Returns
    -------
    current, accumulation, pairs : (sites, rows), complex; the physical currents and accumulations are real parts.
    """
    sites, lanes = state.shape[0], state.shape[2]
    current = np.zeros((sites, flow_direct.shape[1]), np.complex128)
    accumulation = np.zeros((sites, direct.shape[1]), np.complex128)
    pairs = np.zeros((sites, pair_direct.shape[1]), np.complex128)
    n = np.empty((4, lanes), np.complex128)
    nt = np.empty((4, lanes), np.complex128)
    w = np.empty((40, lanes), np.complex128)
    for site in range(sites):
        k = layer[site]
        u, du = state[site], slope[site]
        normalizations(n, nt, u, w[0:4])
        matrix_current_diagonal(w[32:36], w[36:40], u, du, n, nt, w[0:32])
        contract(current[site], flow_direct[k], flow_mirrored[k], w[32:36], w[36:40])
        multiply(w[8:12], n, u[0:4])
        multiply(w[12:16], nt, u[4:8])
        for e in range(8):
            for l in range(lanes):
                w[8 + e, l] *= 2.0
        multiply(w[0:4], w[8:12], u[4:8])
        multiply(w[4:8], w[12:16], u[0:4])
        for e in range(8):
            for l in range(lanes):
                w[e, l] = -w[e, l]  # 1 - ĝ₁₁ = -2Nγγ̃, without cancellation at high energy
        contract(accumulation[site], direct[k], mirrored[k], w[0:4], w[4:8])
        contract(pairs[site], pair_direct[k], pair_mirrored[k], w[8:12], w[12:16])
    return current, accumulation, pairs
