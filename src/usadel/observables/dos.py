"""Density of states, with spin, at both signs of the energy.

N(E; p) = Re[g_s + g_t·p],  ĝ₁₁ = g_s + g_t·σ,   ĝ₁₁(-E) = -ĝ₂₂(E)*
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.algebra.riccati import normalizations


def both_signs(state: Complex) -> np.ndarray:
    """(2, 4, sites, L): spin average and spin x, y, z parts of N/N0 at E, and at -E, of states (sites, 8, L) at E."""
    n, nt = normalizations(state)
    one = np.eye(2)
    return np.stack([_spin_parts(2 * n - one), _spin_parts((2 * nt - one).conj())])


def _spin_parts(g: Complex) -> np.ndarray:
    return np.stack([0.5 * np.einsum("ij,xlji->xl", sigma, g).real for sigma in SIGMA])
