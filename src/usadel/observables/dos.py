"""Density of states, with spin, at both signs of the energy.

N(E; p) = Re[g_s + g_t·p],  ĝ₁₁ = g_s + g_t·σ,   ĝ₁₁(-E) = -ĝ₂₂(E)*
"""

from __future__ import annotations

import numpy as np

from usadel.algebra.nambu import SIGMA, Complex
from usadel.algebra.riccati import normalizations


def spin_resolved(state: Complex, mirrored: np.ndarray) -> np.ndarray:
    """(4, sites, L): spin average and spin x, y, z parts of N/N0 of states (sites, 8, L).

    mirrored (L): whether the value at -E is wanted of a state at E.
    """
    n, nt = normalizations(state)
    one = np.eye(2)
    g = np.where(mirrored[:, None, None], (2 * nt - one).conj(), 2 * n - one)
    return np.stack([0.5 * np.einsum("ij,xlji->xl", sigma, g).real for sigma in SIGMA])


def both_signs(state: Complex) -> np.ndarray:
    """(2, 4, sites, L): the same at E and at -E of states at E."""
    flags = np.zeros(state.shape[2], bool)
    return np.stack([spin_resolved(state, flags), spin_resolved(state, ~flags)])
