"""Pairing: Σ̂ = Δ̂ = antidiag(Δ, -Δ, Δ*, -Δ*) (Eq. S92 of the 2019 supplement).

The gap is an unknown of its own, so its self-energy and its derivatives are set up at every step.
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import Complex, pair_potential, to_blocks


def blocks(gap: Complex) -> Complex:
    """S = -iΔ̂ in block order, (n, 16), of gaps (n,)."""
    return -1j * to_blocks(pair_potential(gap))


def derivatives() -> Complex:
    """∂S/∂Re Δ and ∂S/∂Im Δ, (2, 16)."""
    return np.array([blocks(np.array([1.0 + 0j]))[0], blocks(np.array([1j]))[0]])
