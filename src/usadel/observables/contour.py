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
    """out (rows) += Σ direct (rows, E, L) x11 + mirrored x22*, over entries and lanes."""
    for row in range(out.size):
        total = 0.0 + 0.0j
        for e in range(x11.shape[0]):
            for l in range(x11.shape[1]):
                total += direct[row, e, l] * x11[e, l] + mirrored[row, e, l] * x22[e, l].conjugate()
        out[row] += total


@kernel
def pack_integrals(
    state, slope, layer, flow_direct, flow_mirrored, direct, mirrored, pair_direct, pair_mirrored, diagonal=None
):
    """Sums over one pack of energies.

    Parameters
    ----------
    state, slope : (sites, 2E, L), γ, γ̃ (E numbers of a matrix of spin, see `algebra.lanes`) and their derivatives d/dx.
    layer : (sites), layer of each site.
    flow_direct, flow_mirrored, direct, mirrored, pair_direct, pair_mirrored : (layers, rows, E, L), of (ĝ∂ĝ)₁₁, of
        1 - ĝ₁₁ and of ĝ₁₂.

    Returns
    -------
    current, accumulation, pairs : (sites, rows), complex; the physical currents and accumulations are real parts.
    """
    sites, lanes, entries = state.shape[0], state.shape[2], state.shape[1] // 2
    current = np.zeros((sites, flow_direct.shape[1]), np.complex128)
    accumulation = np.zeros((sites, direct.shape[1]), np.complex128)
    pairs = np.zeros((sites, pair_direct.shape[1]), np.complex128)
    n = np.empty((entries, lanes), np.complex128)
    nt = np.empty((entries, lanes), np.complex128)
    x = np.empty((2 * entries, lanes), np.complex128)
    pair = np.empty((2 * entries, lanes), np.complex128)
    w = np.empty((8 * entries, lanes), np.complex128)
    for site in range(sites):
        k = layer[site]
        u, du = state[site], slope[site]
        gamma, tilde = u[0:entries], u[entries : 2 * entries]
        normalizations(n, nt, u, w[0:entries], diagonal)
        matrix_current_diagonal(x[0:entries], x[entries : 2 * entries], u, du, n, nt, w, diagonal)
        contract(current[site], flow_direct[k], flow_mirrored[k], x[0:entries], x[entries : 2 * entries])
        multiply(pair[0:entries], n, gamma, diagonal)
        multiply(pair[entries : 2 * entries], nt, tilde, diagonal)
        for e in range(2 * entries):
            for l in range(lanes):
                pair[e, l] *= 2.0
        multiply(x[0:entries], pair[0:entries], tilde, diagonal)
        multiply(x[entries : 2 * entries], pair[entries : 2 * entries], gamma, diagonal)
        for e in range(2 * entries):
            for l in range(lanes):
                x[e, l] = -x[e, l]  # 1 - ĝ₁₁ = -2Nγγ̃, without cancellation at high energy
        contract(accumulation[site], direct[k], mirrored[k], x[0:entries], x[entries : 2 * entries])
        contract(pairs[site], pair_direct[k], pair_mirrored[k], pair[0:entries], pair[entries : 2 * entries])
    return current, accumulation, pairs
