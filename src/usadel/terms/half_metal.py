"""Strongly polarized magnets: the spins s = ±1 along m diffuse apart from each other, with D(1 + sP)/2.

    ½D(1 + PM) ∂(ĝ∂ĝ) = [S, ĝ],   σA ½(1 + PM) ĝ∂ĝ = n Q[S, ĝ] at an end,   M = m·σ̂,   QX = ½(X + MXM)

Pairs of opposite spins are absent, so that [ĝ, M] = 0: of an interface law only the part QX that commutes with M
acts. For γ (and likewise γ̃) that reads γ' = 2(1 - Pm·σ)/(1 - P²) ½(R + m·σ R m·σ*).

Of the distribution, too, only the modes h0, h4, m·(h1, h2, h3) and m·(h5, h6, h7) live there: energy and charge of both
spins. A factor ½(1 + PM) of a Keldysh matrix acts on energy and spin energy, or charge and spin, as 𝒲 = ½(1 + P𝓂),
𝓂 = (0 mᵀ; m 0).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from usadel.algebra.nambu import SIGMA, Complex, block_diagonal
from usadel.description.device.resolved import HalfMetalSpins


def _m(spins: HalfMetalSpins) -> Complex:
    return np.einsum("i,ijk->jk", np.asarray(spins.magnetization, float), SIGMA[1:])


def _inverse(spins: HalfMetalSpins) -> Complex:
    p = spins.polarization
    return 2.0 / (1.0 - p**2) * (SIGMA[0] - p * _m(spins))


def inverse_diffusion(spins: HalfMetalSpins) -> Complex:
    """2(1 - PM)/(1 - P²) (4, 4), the inverse of ½(1 + PM)."""
    return block_diagonal(_inverse(spins), _inverse(spins).conj())


def spin_filter(spins: HalfMetalSpins) -> Complex:
    """What an interface law's R passes, two 4×4 matrices (32) that act on γ and γ̃ as row-major vectors."""
    m, inverse, one = _m(spins), _inverse(spins), SIGMA[0]
    half = 0.5 * (np.kron(inverse, one) + np.kron(inverse @ m, m))  # X → AXB is A⊗Bᵀ, and (m·σ*)ᵀ = m·σ
    return np.concatenate([half.ravel(), half.conj().ravel()])


def current_weight(spins: HalfMetalSpins) -> Complex:
    """½(1 + P m·σ) (2, 2), with which each spin counts in the currents."""
    return 0.5 * (SIGMA[0] + spins.polarization * _m(spins))


def mode_weight(spins: HalfMetalSpins) -> NDArray[np.float64]:
    """𝒲 (4, 4), what its spins make of the currents of energy and spin energy, and of those of charge and spin."""
    m = np.asarray(spins.magnetization, float)
    return 0.5 * np.block(
        [[np.ones((1, 1)), spins.polarization * m[None]], [spins.polarization * m[:, None], np.eye(3)]]
    )


def mode_filter(spins: HalfMetalSpins) -> NDArray[np.float64]:
    """What happens at an end, (2, 8, 8): 𝒲⁻¹ on the modes that live, the part of a law that acts; 1 on the others.

    To be absorbed by every end, as by the second part, leaves nothing of a mode that nothing feeds.
    """
    passed = np.kron(np.eye(2), np.linalg.inv(mode_weight(spins)))
    return np.array([passed @ living_modes(spins), np.eye(8) - living_modes(spins)])


def living_modes(spins: HalfMetalSpins) -> NDArray[np.float64]:
    """Projection (8, 8) on the modes that live there."""
    m = np.asarray(spins.magnetization, float)
    alive = np.zeros((4, 4))
    alive[0, 0] = 1.0
    alive[1:, 1:] = np.outer(m, m)
    return np.asarray(np.kron(np.eye(2), alive), float)
