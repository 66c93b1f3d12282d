"""Energy integrals on shifted Matsubara points: currents, accumulations, pair amplitudes.

With constant ĥ the integrals of S54-S60 of the 2019 supplement close in the upper half plane:

    J_i = Re{iπ Σ_s T_s Σₙ Tr[P_s σ_i (ĝ∂ĝ)₁₁]},   q_i = q_i(normal) + Re{iπ Σ_s T_s Σₙ Tr[P_s σ_i (1 - ĝ₁₁)]},

and the same with a factor E for the energy modes; at mirrored points X₁₁(-ε*) = X₂₂(ε)* for X = ĝ∂ĝ, 1 - ĝ₁₁(-ε*) =
(1 + ĝ₂₂(ε))*. Modes: charge (of electrons), spin x, y, z, energy, spin energy x, y, z.
"""

from __future__ import annotations

import numpy as np

from usadel._compile import kernel
from usadel.algebra.lanes import multiply
from usadel.algebra.nambu import ISIGMA2, SIGMA, Complex
from usadel.discretization.contour import Share
from usadel.equations.matrix_current import matrix_current_diagonal, normalizations

MODES = 8
PAIRS = 4


def mode_weights(shares: list[Share], count: int, spins: Complex = SIGMA[0]) -> tuple[Complex, Complex]:
    """Weights (8, 4, points) of X₁₁ and of X₂₂* for the eight modes of a layer, entries row-major.

    spins (2, 2) multiplies X₁₁ (and its conjugate X₂₂) from the left: what each spin of a half-metal counts.
    """
    direct = np.zeros((MODES, 4, count), complex)
    mirrored = np.zeros((MODES, 4, count), complex)
    for share in shares:
        target = mirrored if share.mirrored else direct
        energy = share.energy + 1j * share.omega
        for i in range(4):
            row = (share.projector @ SIGMA[i] @ spins).T.reshape(4)
            target[i, :, share.points] += 0.5j * row[:, None] * share.weight
            target[4 + i, :, share.points] += 0.5j * row[:, None] * share.weight * energy
    return direct, mirrored


def pair_amplitude_weights(shares: list[Share], count: int) -> tuple[Complex, Complex]:
    """Weights (4, 4, points) of 2Nγ and (2Ñγ̃)* in i Σ_s ½ Σₙ 2πT_s Tr[P_s σ_i ĝ₁₂(-iσ2)], singlet and triplets."""
    direct = np.zeros((PAIRS, 4, count), complex)
    mirrored = np.zeros((PAIRS, 4, count), complex)
    for share in shares:
        target = mirrored if share.mirrored else direct
        for i in range(PAIRS):
            row = (-ISIGMA2 @ share.projector @ SIGMA[i]).T.reshape(4)
            target[i, :, share.points] += 0.5j * row[:, None] * share.weight
    return direct, mirrored


@kernel
def contract(out, direct, mirrored, x11, x22):
    """out (modes) += Σ direct (modes, 4, L) x11 + mirrored x22*, over entries and lanes."""
    for mode in range(out.size):
        total = 0.0 + 0.0j
        for e in range(4):
            for l in range(x11.shape[1]):
                total += direct[mode, e, l] * x11[e, l] + mirrored[mode, e, l] * x22[e, l].conjugate()
        out[mode] += total


@kernel
def pack_integrals(state, slope, layer, flow_direct, flow_mirrored, direct, mirrored, pair_direct, pair_mirrored):
    """Sums over one pack of energies.

    Parameters
    ----------
    state, slope : (sites, 8, L), γ, γ̃ and their derivatives d/dx.
    layer : (sites), layer of each site.
    flow_direct, flow_mirrored, direct, mirrored : (layers, 8, 4, L), of currents and of accumulations;
    pair_direct, pair_mirrored : (layers, 4, 4, L).

    Returns
    -------
    current, accumulation (sites, 8), pairs (sites, 4), complex; the physical modes are real parts.
    """
    sites, lanes = state.shape[0], state.shape[2]
    current = np.zeros((sites, MODES), np.complex128)
    accumulation = np.zeros((sites, MODES), np.complex128)
    pairs = np.zeros((sites, PAIRS), np.complex128)
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


def normal_accumulation(layer) -> np.ndarray:
    """Accumulations (8) of the normal state: charge, spin, thermal and spin energy (Δ0 units)."""
    from usadel.discretization.energies import TC

    axis = np.asarray(layer.spin_axis, float)
    out = np.zeros(MODES)
    for s in (1, -1):
        shift = layer.voltage + s * layer.spin_voltage
        temperature = (layer.temperature + s * layer.spin_temperature) * TC
        energy = 0.5 * (np.pi**2 * temperature**2 / 6 + 0.5 * shift**2)
        out[0] -= 0.5 * shift
        out[1:4] -= 0.5 * s * shift * axis
        out[4] += energy * 1.0
        out[5:] += energy * s * axis
    if layer.transverse:
        out[:4] = 0.0
    return out
